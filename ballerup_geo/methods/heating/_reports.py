"""What was odd in the data of the heating analysis: a row each, a sentence a kind for the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = ["KINDS", "Report", "notes_of", "reports_table"]

Words = Mapping[Language, str]

KINDS: Mapping[str, Text] = {
    "unknown_use": Text(
        da="bygning med ukendt anvendelse, regnes som andet opvarmet",
        en="building of unknown use, reckoned as other heated",
    ),
    "odd_year": Text(
        da="bygning uden brugbart opførelsesår; klassens middel", en="building without a usable year; mean of its class"
    ),
    "no_area": Text(
        da="bygning uden areal; skønnet af grund og etager", en="building without an area; judged by footprint, storeys"
    ),
    "large_area": Text(
        da="bygning med større areal, end grund og etager kan rumme; skønnet af dem",
        en="building with more area than footprint and storeys can hold; judged by them",
    ),
    "unknown_code": Text(da="ukendt kode for varme i BBR", en="unknown heating code in the register"),
    "meter_without_building": Text(da="måler uden bygning, regnes ikke med", en="meter without a building, left out"),
    "odd_meter": Text(
        da="måler, der ikke kan passe til arealet, regnes ikke med", en="meter that cannot fit the area, left out"
    ),
    "customer_without_building": Text(
        da="kunde uden bygning, regnes ikke med", en="customer without a building, left out"
    ),
    "label_without_building": Text(
        da="energimærke uden bygning, vises ikke", en="energy label without a building, not shown"
    ),
    "area_repaired": Text(
        da="varmeplanområde, der krydsede sig selv, er rettet", en="heat-plan area that crossed itself, repaired"
    ),
    "areas_overlap": Text(
        da="bygning i flere varmeplanområder; det længst fremme gælder",
        en="building in several heat-plan areas; the one furthest on counts",
    ),
    "years_backwards": Text(
        da="varmeplanområde, der slutter, før det begynder; årene er ukendte",
        en="heat-plan area that ends before it begins; its years are unknown",
    ),
    "double_building": Text(
        da="bygning, der står to gange; regnes én gang", en="building that stands twice; counted once"
    ),
}
"""What each kind of report means."""


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """One oddity: its kind, the layer and row it lies in."""

    kind: str
    layer: str
    row_id: str


def reports_table(reports: Iterable[Report]) -> pd.DataFrame:
    """Return the reports in the order of kind, layer and row."""
    rows = sorted(set(reports))
    return pd.DataFrame(
        {name: pd.Series([getattr(one, name) for one in rows], dtype=object) for name in ("kind", "layer", "row_id")}
    )


def notes_of(reports: Iterable[Report]) -> tuple[Words, ...]:
    """Return a sentence for each kind that occurs, with its number."""
    kinds = pd.Series([one.kind for one in set(reports)], dtype=object).value_counts().sort_index()
    return tuple(
        {
            "da": f"{number(count)} × {KINDS[str(kind)].da} (tabellen heating_reports).",
            "en": f"{number(count, language='en')} × {KINDS[str(kind)].en} (table heating_reports).",
        }
        for kind, count in kinds.items()
    )
