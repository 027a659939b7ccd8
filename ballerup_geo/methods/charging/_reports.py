"""What was odd in the data of the charging analysis: a row each with its place, a sentence a kind for the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = ["KINDS", "Report", "notes_of", "reports_table"]

Words = Mapping[Language, str]

KINDS: Mapping[str, Text] = {
    "no_power": Text(
        da="ladested uden effekt eller udtag, regnes ikke med", en="site without power or plugs, left out"
    ),
    "duplicate_charger": Text(
        da="ladested, der står to gange, regnes én gang", en="site that stands twice, counted once"
    ),
    "duplicate_parking": Text(
        da="parkeringsareal, der ligger i et andet, regnes én gang",
        en="parking area that lies in another, counted once",
    ),
    "unknown_access": Text(
        da="ladested, hvor adgangen er ukendt, regnes ikke som offentligt",
        en="site of unknown access, not counted as public",
    ),
    "no_hours": Text(
        da="ladested uden åbningstid, regnes som altid åbent", en="site without hours, counted as always open"
    ),
    "outside": Text(da="ligger ikke i kommunen, regnes ikke med", en="lies outside the municipality, left out"),
    "swapped": Text(da="nord og øst er byttet om, regnes ikke med", en="north and east are swapped, left out"),
    "estimated_spaces": Text(da="pladser anslået af arealet", en="spaces estimated from the area"),
    "no_area": Text(
        da="adresse uden for områderne med biler, regnes uden bil",
        en="address outside the areas with cars, counted without a car",
    ),
    "area_without_homes": Text(
        da="område med biler, men uden boliger, regnes ikke med", en="area with cars but without dwellings, left out"
    ),
    "no_parcel": Text(
        da="adresse uden jordstykke; parkering skønnet af bygningens anvendelse",
        en="address without a parcel; parking judged by the building's use",
    ),
    "off_network": Text(
        da="for langt fra gangnettet; ingen gangafstand", en="too far from the walking network; no walking distance"
    ),
    "no_building": Text(da="adresse uden bygning i laget", en="address whose building is not in the layer"),
    "base_without_km": Text(
        da="base uden kørsel; regnes med antagelsen", en="base without mileage; reckoned with the assumption"
    ),
    "shared_area": Text(
        da="adresse i flere områder med biler; regnes i det første",
        en="address in several areas with cars; counted in the first",
    ),
}
"""What each kind of report means."""


@dataclass(frozen=True, slots=True)
class Report:
    """One oddity: its kind, the layer and row it lies in, and its place (metres, NaN: none)."""

    kind: str
    layer: str
    row_id: str
    x_m: float = float("nan")
    y_m: float = float("nan")


def reports_table(reports: Iterable[Report]) -> pd.DataFrame:
    """Return the reports in the order of kind, layer and row."""
    rows = sorted(reports, key=lambda one: (one.kind, one.layer, one.row_id))
    return pd.DataFrame(
        {
            "kind": pd.Series([one.kind for one in rows], dtype=object),
            "layer": pd.Series([one.layer for one in rows], dtype=object),
            "row_id": pd.Series([one.row_id for one in rows], dtype=object),
            "x_m": np.array([one.x_m for one in rows], dtype=np.float64),
            "y_m": np.array([one.y_m for one in rows], dtype=np.float64),
        }
    )


def notes_of(reports: Iterable[Report]) -> tuple[Words, ...]:
    """Return a sentence for each kind that occurs, with its number."""
    counts: dict[str, int] = {}
    for one in reports:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    return tuple(
        {
            "da": f"{number(count)} × {KINDS[kind].da} (tabellen reports).",
            "en": f"{number(count, language='en')} × {KINDS[kind].en} (table reports).",
        }
        for kind, count in sorted(counts.items())
    )
