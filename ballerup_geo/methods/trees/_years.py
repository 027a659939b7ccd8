"""Answer 7: what the chosen trees take up and keep back year by year, as they grow and some of them die."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.trees._goal import goal_of
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["YEARS", "alive_after", "tree_years", "year_words"]

Floats = NDArray[np.float64]
PERCENT, KG_PER_T, MM = 100.0, 1000.0, 1000.0
LEVELS = ("low", "mid", "high")
WORST = {"low": "high", "mid": "mid", "high": "low"}
"""Which mortality goes with which end of the figures."""
HECTARE_M2 = 10_000.0


def alive_after(ages: Floats, *, young_pct: float, grown_pct: float, young_years: float) -> Floats:
    """Return the share of trees alive at the end of so many years, 0–1.

    ``(1 − young)^min(age, young_years) · (1 − grown)^max(age − young_years, 0)``; none is planted again.

    Examples
    --------
    >>> alive_after(np.array([0.0, 1.0, 2.0]), young_pct=10, grown_pct=50, young_years=1).tolist()
    [1.0, 0.9, 0.45]
    """
    young, grown = 1.0 - young_pct / PERCENT, 1.0 - grown_pct / PERCENT
    found: Floats = young ** np.minimum(ages, young_years) * grown ** np.maximum(ages - young_years, 0.0)
    return found


def crown_m2(ages: Floats, radius_m: Floats, *, planted_m: float, grown_years: float) -> Floats:
    """Return the mean crown area of trees at each age: the radius grows evenly from that of planting to full size."""
    if not len(radius_m):
        return np.zeros(len(ages))
    share = np.minimum(ages / grown_years, 1.0)[:, None]
    sizes, times = np.unique(radius_m, return_counts=True)
    start = np.minimum(planted_m, sizes)[None, :]
    area = np.pi * (start + (sizes[None, :] - start) * share) ** 2
    return np.asarray((area * times).sum(axis=1) / len(radius_m))


def tree_years(given: Given, radius_m: Floats) -> pd.DataFrame:
    """Return a row for each year: planted and alive trees, their crowns, and what they take up and keep back.

    The same number is planted in each year from the first to the plan's. A tree counts from the year after planting.

    Parameters
    ----------
    radius_m
        Crown radius when grown of each chosen tree.
    """
    goal = goal_of(given)
    first, last = int(number_of(given, "plant_first_year")), int(number_of(given, "years_last"))
    first = min(first, goal.year)
    years = np.arange(first, max(last, goal.year) + 1)
    planted = np.where(years <= goal.year, len(radius_m) / (goal.year - first + 1), 0.0)
    ages = np.arange(len(years), dtype=np.float64)
    table: dict[str, NDArray[Any]] = {"year": years, "planted": np.cumsum(planted)}
    crown = crown_m2(
        ages,
        radius_m,
        planted_m=number_of(given, "planted_radius_m"),
        grown_years=number_of(given, "grown_years"),
    )
    rain_m = number_of(given, "rain_year_mm") / MM
    for level in LEVELS:
        dying = WORST[level]
        alive = alive_after(
            ages,
            young_pct=number_of(given, f"mortality_young_{dying}_pct"),
            grown_pct=number_of(given, f"mortality_{dying}_pct"),
            young_years=number_of(given, "young_years"),
        )
        growing = np.where(ages > 0, alive, 0.0)
        table[f"alive_{level}"] = _over_cohorts(planted, alive)
        table[f"carbon_{level}_t"] = _over_cohorts(planted, growing) * number_of(given, f"carbon_{level}_kg") / KG_PER_T
        table[f"carbon_sum_{level}_t"] = np.cumsum(table[f"carbon_{level}_t"])
        canopy = _over_cohorts(planted, alive * crown)
        table[f"canopy_{level}_ha"] = canopy / HECTARE_M2
        table[f"runoff_{level}_m3"] = canopy * rain_m * number_of(given, f"interception_{level}_pct") / PERCENT
    return pd.DataFrame(table)


def _over_cohorts(planted: Floats, by_age: Floats) -> Floats:
    """Return the sum over years of planting of trees planted × figure at their age."""
    return np.convolve(planted, by_age)[: len(planted)]


def _years(given: Given, _town: TreeTown, found: Found) -> Found:
    sites = found.tables["sites"]
    rank = found.columns["sites"]["rank"].reindex(sites["site_id"]).to_numpy()
    radius = sites["crown_radius_m"].to_numpy(np.float64)[pd.notna(rank)]
    table = tree_years(given, radius)
    goal = table[table["year"] == goal_of(given).year]
    end = table.iloc[[-1]]
    at_end = {f"carbon_{level}_t": float(end[f"carbon_{level}_t"].iloc[0]) for level in LEVELS}
    return Found(
        tables={"tree_years": table},
        indicators={
            **at_end,
            "carbon_goal_t": float(goal["carbon_mid_t"].iloc[0]),
            "alive_end": float(end["alive_mid"].iloc[0]),
            "runoff_year_m3": float(end["runoff_mid_m3"].iloc[0]),
        },
    )


def _about(value: float | None, language: Language) -> str:
    known = value or 0.0
    return number(known, digits=min(0, known_digits(known, significant=2)), language=language)


def year_words(indicators: Mapping[str, float | None]) -> dict[Language, str]:
    """Return the answer: how little carbon, and what the trees are for."""
    names = ("carbon_low_t", "carbon_high_t", "runoff_year_m3")
    da, en = ([_about(indicators[name], language) for name in names] for language in ("da", "en"))
    return {
        "da": (
            f"Træerne optager omkring {da[0]}–{da[1]} ton CO2 om året, når de er vokset til: næsten intet ved siden af "
            f"kommunens udledning. Gavnen er skygge, køling og natur, og omkring {da[2]} m³ regn om året, der bliver i "
            "kronerne."
        ),
        "en": (
            f"The trees take up about {en[0]}–{en[1]} tonnes of CO2 a year once grown: next to nothing beside the "
            f"municipality's emissions. What they give is shade, cooling and nature, and about {en[2]} m³ of rain a "
            "year that stays in their crowns."
        ),
    }


def _levels(name: str, unit: str, da: str, en: str) -> tuple[OutputColumn, ...]:
    ends = {"low": ("lavt", "low"), "mid": ("bedste skøn", "best guess"), "high": ("højt", "high")}
    return tuple(
        figure(name.format(level), unit, f"{da}, {words[0]}", f"{en}, {words[1]}") for level, words in ends.items()
    )


YEARS: Part[TreeTown] = Part(
    compute=_years,
    assumptions=(
        Assumption("plant_first_year", "år", kind="integer", minimum=2020, maximum=2100),
        Assumption("years_last", "år", kind="integer", minimum=2024, maximum=2150),
        Assumption("planted_radius_m", "m", minimum=0.0, maximum=5.0),
        Assumption("grown_years", "år", minimum=1.0, maximum=200.0),
        Assumption("young_years", "år", minimum=0.0, maximum=20.0),
        *(Assumption(f"mortality_young_{level}_pct", "%", minimum=0.0, maximum=100.0) for level in LEVELS),
        *(Assumption(f"mortality_{level}_pct", "%", minimum=0.0, maximum=100.0) for level in LEVELS),
        *(Assumption(f"carbon_{level}_kg", "kg/år", minimum=0.0, maximum=30.0) for level in LEVELS),
        Assumption("rain_year_mm", "mm", minimum=0.0, maximum=3000.0),
        *(Assumption(f"interception_{level}_pct", "%", minimum=0.0, maximum=100.0) for level in LEVELS),
    ),
    tables=(
        OutputTable(
            "tree_years",
            "table",
            (
                count("year", "år", "year"),
                figure("planted", "1", "plantet i alt", "planted in all"),
                *_levels("alive_{}", "1", "i live", "alive"),
                *_levels("canopy_{}_ha", "ha", "kroner", "crowns"),
                *_levels("carbon_{}_t", "t/år", "CO2-optag i året", "CO2 taken up in the year"),
                *_levels("carbon_sum_{}_t", "t", "CO2-optag i alt", "CO2 taken up in all"),
                *_levels("runoff_{}_m3", "m³/år", "regn i kronerne", "rain kept in crowns"),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "carbon_low_t", "t/år", "CO2-optag af de voksne træer, lavt", "CO2 of grown trees, low", significant=2
        ),
        Indicator("carbon_mid_t", "t/år", "CO2-optag af de voksne træer", "CO2 of grown trees", significant=2),
        Indicator(
            "carbon_high_t", "t/år", "CO2-optag af de voksne træer, højt", "CO2 of grown trees, high", significant=2
        ),
        Indicator("carbon_goal_t", "t/år", "CO2-optag i planens år", "CO2 taken up in the plan's year", significant=2),
        Indicator("alive_end", "1", "Træer i live i sidste år", "Trees alive in the last year", significant=2),
        Indicator("runoff_year_m3", "m³/år", "Regn i kronerne om året", "Rain kept in crowns a year", significant=2),
    ),
    limits=(
        {
            "da": (
                "Optaget er skovens pr. plante ved tæt plantning, også for havetræer; de populære tal pr. træ "
                "følger ikke af nogen måling. Døde træer plantes ikke igen, og jord, transport og sparet energi "
                "er ikke regnet med."
            ),
            "en": (
                "The uptake is a forest's for each plant at close spacing, for garden trees too; the popular "
                "figures a tree follow from no measurement. Dead trees are not planted again; soil, transport "
                "and saved energy are not counted."
            ),
        },
    ),
)
