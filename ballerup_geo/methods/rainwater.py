"""Rainwater: where rain runs, who receives it, where it stands, and what a measure changes.

The analysis is the sum of its parts (`_rainwater_part`); this file puts them together and says the answer.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from ballerup_geo.methods._rainwater_ground import scene_of
from ballerup_geo.methods._rainwater_part import Found, Part, merged_inputs
from ballerup_geo.methods._rainwater_rain import rains_of
from ballerup_geo.methods._rainwater_runs import RUNS
from ballerup_geo.methods._rainwater_storms import Storms
from ballerup_geo.methods._rainwater_words import NOWHERE_ID, SUMMARY
from ballerup_geo.spec import Given, Method, Outcome, OutputTable
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = ["METHOD", "rainwater"]

PARTS: tuple[Part, ...] = (RUNS,)
"""In the order in which they are computed: a part may use what those before it found."""

_LEAST_SHARE_NAMED_PCT = 0.5  # less is 0 % as written


def rainwater(given: Given) -> Outcome:
    """Follow the rain over the terrain.

    Depressions are filled to their pour points (priority-flood result), each cell drains to its steepest neighbour
    (D8), and following the directions tells which recipient the water reaches first. Rain events fill the nested
    depressions, spill and merge.

    Raises
    ------
    MethodError, DataError
        The inputs allow no answer (see `scene_of` and `rains_of`).
    """
    given.progress("reading the ground", 0.02)
    setting = scene_of(given)
    storms = Storms.of(given, setting.scene, rains_of(given))
    found = Found(notes=setting.notes)
    for part in PARTS:
        found = found.and_then(part.compute(given, storms, found))
    given.progress("done", 1.0)
    tables = {table.name: _completed(table, found) for part in PARTS for table in part.tables}
    return Outcome(
        tables=tables,
        rasters=found.rasters,
        indicators=found.indicators,
        answer={language: _answer(language, tables) for language in ("da", "en")},
        notes=found.notes,
    )


def _completed(table: OutputTable, found: Found) -> pd.DataFrame:
    """Return a table with the columns that other parts deliver; a declared column that no part delivers is empty."""
    frame = found.tables[table.name]
    more = found.columns.get(table.name)
    if more is not None:
        frame = frame.merge(more, how="left", left_on=list(frame.columns[: more.index.nlevels]), right_index=True)
    empty = [column.name for column in table.columns if column.name not in frame]
    return frame.assign(**{name: pd.Series(None, index=frame.index, dtype=object) for name in empty})


def _answer(language: Language, tables: dict[str, pd.DataFrame]) -> str:
    """Return where the rain goes, in one sentence: every recipient of at least half a percent of the area."""
    catchments = gpd.GeoDataFrame(tables["catchments"])
    shown = catchments[(catchments["share_pct"] >= _LEAST_SHARE_NAMED_PCT) | (catchments.index == 0)]
    parts = [
        f"{number(share, language=language)} % {_where(recipient_id, name, language)}"
        for recipient_id, name, share in zip(shown["recipient_id"], shown["name"], shown["share_pct"], strict=True)
    ]
    where = enumeration(parts, language=language)
    if language == "da":
        ways = "Regnen løber flere veje: af" if len(parts) > 1 else "Regnen løber én vej: af"
        return f"{ways} kommunens areal afvander {where}."
    ways = "The rain runs several ways" if len(parts) > 1 else "The rain runs one way"
    return f"{ways}: of the municipality's area, {where}."


def _where(recipient_id: str, name: str, language: Language) -> str:
    if recipient_id == NOWHERE_ID:
        return "ud over kortets kant" if language == "da" else "drains beyond the map's edge"
    return f"først til {name}" if language == "da" else f"drains first to {name}"


METHOD = Method(
    id="rainwater",
    version="3",
    function=rainwater,
    summary=SUMMARY,
    inputs=merged_inputs(PARTS),
    assumptions=tuple(assumption for part in PARTS for assumption in part.assumptions),
    tables=tuple(table for part in PARTS for table in part.tables),
    rasters=tuple(raster for part in PARTS for raster in part.rasters),
    indicators=tuple(indicator for part in PARTS for indicator in part.indicators),
    limits=tuple(words for part in PARTS for words in part.limits),
)
