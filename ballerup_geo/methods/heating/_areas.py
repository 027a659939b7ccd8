"""Heat-plan areas: which one each building lies in, and how far its case has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.heating._reports import Report
from ballerup_geo.spec import Text

__all__ = ["STAGES", "HeatAreas", "areas_of"]

Names = NDArray[np.object_]

STAGES: Mapping[str, Text] = {
    "supplied": Text(da="forsynet", en="supplied"),
    "approved": Text(da="projekt godkendt", en="project approved"),
    "planned": Text(da="i varmeplanen", en="in the heat plan"),
    "paused": Text(da="sat på pause", en="paused"),
    "individual": Text(da="individuel varme", en="individual heating"),
    "outside": Text(da="uden for varmeplanens områder", en="outside the heat plan's areas"),
}
"""How far an area has come, the furthest first; ``outside``: in none."""


@dataclass(frozen=True, slots=True)
class HeatAreas:
    """The area of each building: its id (None outside), stage, years (−1: unknown) and obligation (None: none)."""

    area_id: Names
    stage: Names
    start_year: NDArray[np.int64]
    end_year: NDArray[np.int64]
    obligation: Names

    def of(self, kept: NDArray[np.bool_]) -> HeatAreas:
        """Return the areas of some of the buildings."""
        return HeatAreas(
            self.area_id[kept], self.stage[kept], self.start_year[kept], self.end_year[kept], self.obligation[kept]
        )


def areas_of(
    layer: gpd.GeoDataFrame,
    spots: NDArray[np.float64],
    building_id: Sequence[str] | pd.Series[str],
    reports: list[Report],
) -> HeatAreas:
    """Find the area of each building; of overlapping ones the furthest on counts, then the first by id.

    Shapes that cross themselves are repaired, years that run backwards forgotten; both are reported.
    """
    rank = {name: place for place, name in enumerate(STAGES)}
    areas = layer.assign(rank=layer["stage"].map(rank).fillna(len(rank)))
    areas = gpd.GeoDataFrame(areas).sort_values(["rank", "heat_area_id"], kind="stable").reset_index(drop=True)
    ids = areas["heat_area_id"].astype(str).to_numpy(object)
    shapes = areas.geometry.to_numpy()
    crossed = ~shapely.is_valid(shapes)
    reports.extend(Report("area_repaired", "heat_areas", str(name)) for name in ids[crossed])
    tree = shapely.STRtree(np.where(crossed, shapely.make_valid(shapes), shapes))
    point, area = tree.query(shapely.points(spots), predicate="intersects")
    hit = np.full(len(spots), len(areas), dtype=np.int64)
    np.minimum.at(hit, point, area)
    several = np.bincount(point, minlength=len(spots)) > 1
    names = np.asarray(building_id, dtype=object)
    reports.extend(Report("areas_overlap", "buildings", str(name)) for name in names[several])
    start, end = _years(areas, "start_year"), _years(areas, "end_year")
    backwards = (start > end) & (end >= 0)
    reports.extend(Report("years_backwards", "heat_areas", str(name)) for name in ids[backwards])
    start[backwards], end[backwards] = -1, -1
    inside, nobody = hit < len(areas), np.full(len(spots), None, dtype=object)
    owner = np.minimum(hit, max(len(areas) - 1, 0))
    if not len(areas):
        unknown = np.full(len(spots), -1, dtype=np.int64)
        return HeatAreas(nobody, np.full(len(spots), "outside", dtype=object), unknown, unknown, nobody)
    pledge = areas["obligation"].to_numpy(object) if "obligation" in areas else np.full(len(areas), None, dtype=object)
    pledge = pledge.copy()
    pledge[pd.isna(pledge) | (pledge == "none")] = None
    stage = areas["stage"].to_numpy(object)[owner]
    stage[~inside] = "outside"
    area_id, pledge = ids[owner], pledge[owner]
    area_id[~inside] = pledge[~inside] = None
    return HeatAreas(area_id, stage, np.where(inside, start[owner], -1), np.where(inside, end[owner], -1), pledge)


def _years(areas: pd.DataFrame, name: str) -> NDArray[np.int64]:
    if name not in areas:
        return np.full(len(areas), -1, dtype=np.int64)
    return np.array(areas[name].astype("Int64").fillna(-1), dtype=np.int64)
