"""The report's own words."""

from __future__ import annotations

from collections.abc import Mapping

from ballerup_geo.spec import Text

__all__ = ["FURTHER", "LABEL_LETTERS", "NAME_LETTERS", "REPORT_WORDS", "shortened"]

NAME_LETTERS, LABEL_LETTERS = 120, 40
"""So much of a plan's and of a proposal's name stands in titles; `assessment.json` has them whole."""
FURTHER = Text(da="og {} til", en="and {} more")
"""At the end of a list of which the summary shows the first."""

REPORT_WORDS: Mapping[str, Text] = {
    key: Text(da=da, en=en)
    for key, da, en in (
        ("title", "Klimavurdering", "Climate check"),
        ("summary", "Kort fortalt", "In short"),
        ("look", "Det bør undersøges", "To be looked into"),
        (
            "nothing",
            "Intet af det, der er kendt, peger på noget, der bør undersøges.",
            "Nothing known asks for a look.",
        ),
        ("unknown", "Det er ukendt", "What is unknown"),
        ("all_known", "Alt, der bliver spurgt om, er kendt.", "Everything asked about is known."),
        ("answer", "Svar", "Answer"),
        ("today", "I dag", "Today"),
        ("proposed", "Med forslaget", "With the proposal"),
        ("rule", "Regel", "Rule"),
        ("standing", "Status", "Status"),
        ("assumed", "antaget", "assumed"),
        ("target", "mål", "target"),
        ("leaves_out", "Det er ikke med", "What is left out"),
        ("notes", "Om området og forslaget", "About the area and the proposal"),
        ("how", "Hvordan er det beregnet?", "How was this computed?"),
        ("method", "Metode, forudsætninger og kilder", "Method, assumptions and sources"),
        ("assumption", "Forudsætning", "Assumption"),
        ("assumptions", "Forudsætninger", "Assumptions"),
        (
            "further_unknown",
            "{} svar til er ukendte; hvorfor, står ved emnerne.",
            "{} more answers are unknown; the themes say why.",
        ),
        ("value", "Værdi", "Value"),
        ("source", "Kilde", "Source"),
        ("sources", "Data bag", "Data behind it"),
        ("maps", "Kort i stor størrelse", "Maps in full size"),
        (
            "use",
            "Vurderingen er en screening til redegørelsen, aldrig til bestemmelserne. Den afgør ingen sag.",
            "The check is a screening for the explanatory statement, never for the provisions. It decides no case.",
        ),
        ("computed", "resultat af kørslen den", "result of the run of"),
        ("open_map", "Åbn kortet ved området", "Open the map at the area"),
        ("themes", "Emner", "Themes"),
        ("whole", "Læs hele vurderingen", "Read the whole check"),
    )
}


def shortened(name: str, most: int) -> str:
    """Return a name on one line of at most so many letters, the last of them "…" where it was longer.

    Examples
    --------
    >>> shortened("Ny\\nEng", 20), shortened("Vestbuens Rækkehuse", 10)
    ('Ny Eng', 'Vestbuens…')
    """
    line = " ".join(name.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"
