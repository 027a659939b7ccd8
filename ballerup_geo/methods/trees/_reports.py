"""What was odd in the data of the trees analysis: a row each, a sentence a kind for the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = ["KINDS", "Report", "notes_of", "reports_of", "reports_table"]

Words = Mapping[Language, str]

KINDS: Mapping[str, Text] = {
    "parcel_repaired": Text(da="matrikel, der krydsede sig selv, er rettet", en="parcel that crossed itself, repaired"),
    "parcel_without_area": Text(da="matrikel uden areal, regnes ikke med", en="parcel without an area, left out"),
    "parcels_overlap": Text(
        da="matrikel, der overlapper en anden; det fælles stykke hører til den første efter nummer",
        en="parcel that overlaps another; the shared piece belongs to the first by number",
    ),
    "all_building": Text(da="matrikel, der er bygning det hele", en="parcel that is all building"),
    "utility_unknown": Text(
        da="ledning uden slags; den bredeste afstand holdes", en="utility line without a kind; the widest distance kept"
    ),
    "tree_without_crown": Text(
        da="træ uden kronemål; der holdes afstand til stammen", en="tree without a crown; its stem is kept clear of"
    ),
    "road_without_width": Text(
        da="vej uden bredde; forudsætningens bredde bruges", en="road without a width; the assumed width is used"
    ),
}
"""What each kind of report means."""


@dataclass(frozen=True, slots=True, order=True)
class Report:
    """One oddity: its kind, the layer and row it lies in."""

    kind: str
    layer: str
    row_id: str


def reports_of(kind: str, layer: str, rows: Iterable[object]) -> tuple[Report, ...]:
    """Return a report for each row."""
    return tuple(Report(kind, layer, str(row)) for row in rows)


def reports_table(reports: Iterable[Report]) -> pd.DataFrame:
    """Return the reports in the order of kind, layer and row."""
    rows = sorted(set(reports))
    return pd.DataFrame(
        {name: pd.Series([getattr(one, name) for one in rows], dtype=object) for name in ("kind", "layer", "row_id")}
    )


def notes_of(reports: Iterable[Report]) -> tuple[Words, ...]:
    """Return a sentence for each kind that occurs, with its number; the table has the rows."""
    kinds = pd.Series([one.kind for one in set(reports)], dtype=object).value_counts().sort_index()
    return tuple(
        {
            "da": f"{number(count)} × {KINDS[str(kind)].da} (tabellen tree_reports).",
            "en": f"{number(count, language='en')} × {KINDS[str(kind)].en} (table tree_reports).",
        }
        for kind, count in kinds.items()
    )
