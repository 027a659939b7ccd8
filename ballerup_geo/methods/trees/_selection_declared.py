"""What the choice of the plan's trees declares: weights, tables, headline figures and what is left out."""

from __future__ import annotations

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Words
from ballerup_geo.spec import Assumption, Indicator, OutputColumn, OutputTable, Text

__all__ = ["AIM_WORDS", "SELECTION_INDICATORS", "SELECTION_LIMITS", "SELECTION_TABLES", "WEIGHTS"]

AIM_WORDS = {
    "as_is": Text(da="vægtene, som de er", en="the weights as they are"),
    "near": Text(da="tre træer ved hver bolig", en="three trees by each home"),
    "cover": Text(da="kronedække i kvarteret", en="canopy of the quarter"),
    "heat": Text(da="sårbare i varme", en="people vulnerable to heat"),
    "runoff": Text(da="regn over kritiske lavninger", en="rain above critical hollows"),
    "shade": Text(da="skygge på veje og skoleveje", en="shade on streets and school routes"),
}
WEIGHTS = (
    *(
        Assumption(f"{name}_weight", "1", minimum=0.0, maximum=1000.0)
        for name in ("near", "cover", "heat", "runoff", "shade")
    ),
    Assumption("bound_rounds", "1", kind="integer", minimum=0, maximum=1000),
)

SELECTION_TABLES = (
    OutputTable(
        "areas",
        "polygon",
        (
            text("area_id", "statistikområde", "statistics area"),
            OutputColumn("residents", "integer", None, "beboere", "residents", behind="residents"),
            count("sites", "pladser til træer", "sites for trees"),
            figure("canopy_before_pct", "%", "kronedække i dag", "canopy today"),
            figure("canopy_after_pct", "%", "kronedække med de valgte træer udvokset", "with the chosen trees grown"),
            OutputColumn(
                "few_trees_before",
                "integer",
                None,
                "beboere uden tre træer ved boligen i dag",
                "residents without three trees near today",
                behind="few_trees_before",
            ),
            OutputColumn(
                "few_trees_after",
                "integer",
                None,
                "beboere uden tre træer ved boligen, når de valgte står der",
                "residents without three trees near, with the chosen ones",
                behind="few_trees_after",
            ),
            figure(
                "green_before_pct", "%", "beboere nær grønt i dag", "residents near green today", behind="residents"
            ),
            figure(
                "green_with_forest_pct",
                "%",
                "beboere nær grønt med al mulig skov",
                "residents near green with all possible forest",
                behind="residents",
            ),
        ),
    ),
    OutputTable(
        "weights",
        "table",
        (
            text("aim", "vægt, der flyttes", "weight that is moved", AIM_WORDS),
            OutputColumn("change_pct", "integer", "%", "ændring", "change"),
            figure("same_pct", "%", "af de valgte træer er de samme", "of the chosen trees are the same"),
            *(
                figure(
                    f"{name}_reached_pct",
                    "%",
                    f"nået af det mulige: {AIM_WORDS[name].da}",
                    f"reached of what is possible: {AIM_WORDS[name].en}",
                )
                for name in ("near", "cover", "heat", "runoff", "shade")
            ),
        ),
    ),
)
SELECTION_INDICATORS = (
    Indicator("chosen", "1", "Valgte pladser", "Chosen sites"),
    Indicator("chosen_missing", "1", "Pladser, der mangler til planens antal", "Sites missing to the plan's number"),
    Indicator(
        "choice_gap_pct",
        "%",
        "Gavn, som et andet valg højst kunne lægge til",
        "Benefit that another choice could at most add",
        significant=2,
    ),
    Indicator("chosen_gardens", "1", "Valgte i private haver", "Chosen in private gardens", significant=3),
    Indicator(
        "chosen_associations",
        "1",
        "Valgte på boligforeningers jord",
        "Chosen on housing associations' land",
        significant=3,
    ),
    Indicator(
        "on_associations_chosen",
        "1",
        "Valgte, hvis planen kun mener boligforeningers jord",
        "Chosen if the plan means associations' land alone",
        significant=3,
    ),
    Indicator(
        "on_associations_benefit_pct",
        "%",
        "Gavn af dem i forhold til valget i begge",
        "Their benefit against the choice in both",
        significant=2,
    ),
    Indicator(
        "near_before_pct", "%", "Beboere med tre træer ved boligen i dag", "Residents with three trees near today"
    ),
    Indicator("near_after_pct", "%", "Beboere med tre træer, når de valgte står der", "With the chosen trees"),
    Indicator(
        "cover_gain_ha", "ha", "Krone, som de valgte træer får", "Crown that the chosen trees get", significant=2
    ),
    Indicator(
        "heat_before_pct", "%", "Kroner om sårbares boliger i dag, af målet", "Crowns by vulnerable homes, of the aim"
    ),
    Indicator("heat_after_pct", "%", "Det samme med de valgte træer udvokset", "The same with the chosen trees grown"),
    Indicator(
        "shade_before_pct", "%", "Skygge på veje og skoleveje i dag, af målet", "Shade on streets today, of the aim"
    ),
    Indicator("shade_after_pct", "%", "Den samme med de valgte træer udvokset", "The same with the chosen trees grown"),
    Indicator(
        "runoff_kept_m3",
        "m³",
        "Regn, som de valgte kroner holder over kritiske lavninger",
        "Rain that chosen crowns keep above critical hollows",
        significant=2,
    ),
    Indicator("green_before_pct", "%", "Beboere nær grønt på mindst 1 ha i dag", "Residents near green of 1 ha today"),
    Indicator("green_with_forest_pct", "%", "Det samme med al mulig skov", "The same with all possible forest"),
)
SELECTION_LIMITS: tuple[Words, ...] = (
    {
        "da": "Tre træer tælles inden for en afstand af boligen; om de kan ses fra vinduet, er ikke regnet ud.",
        "en": "Three trees are counted within a distance of the home; whether a window sees them is not reckoned.",
    },
    {
        "da": (
            "Havetræer ændrer ikke vejen til grønt på 1 ha: den indgår ikke i valget. Vejen er målt ad veje og stier "
            "til det sted, hvor en af dem kommer til kanten; hegn, grøfter og låger er ikke kendt."
        ),
        "en": (
            "Garden trees do not change the way to green of 1 ha: it is no part of the choice. The way is measured "
            "along streets and paths to where one of them comes to the rim; fences, ditches and gates are not known."
        ),
    },
    {
        "da": (
            "Vægtene er et politisk skøn. Tabellen over vægte viser, hvor meget af valget der holder, når hver "
            "af dem flyttes."
        ),
        "en": (
            "The weights are a political judgement. The table of weights shows how much of the choice holds "
            "when each is moved."
        ),
    },
    {
        "da": "Skygge er kroner nær vejen, ikke solens gang; gavnen er den af udvoksede træer.",
        "en": "Shade is crowns near the street, not the course of the sun; benefit is that of grown trees.",
    },
)
