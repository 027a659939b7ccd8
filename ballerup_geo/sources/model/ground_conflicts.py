"""Ground conflicts: contaminated plots, well protection, protected nature, a conservation order, high groundwater."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import bogs, facts, only_polygons, outline, spot
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_ground_conflicts"]


class _Conflict(NamedTuple):
    kind: str
    note: str
    shape: shapely.Geometry


def build_ground_conflicts(town: Town) -> gpd.GeoDataFrame:
    """Return the conflicts inside the municipality, by kind."""
    found = [*_contaminated(town), *_wells(), *_nature(town), *_conserved(), *_wet_ground()]
    inside = [each._replace(shape=only_polygons(shapely.intersection(each.shape, outline()))) for each in found]
    kept = [each for each in inside if not each.shape.is_empty]
    return gpd.GeoDataFrame(
        {"kind": [each.kind for each in kept], "note": [each.note for each in kept]},
        geometry=[each.shape for each in kept],
        crs=CRS,
    )


def _contaminated(town: Town) -> Iterator[_Conflict]:
    """Return plots of the business quarters, drawn by chance."""
    fact = facts("ground_conflicts")
    lots: Lots = town.part(draw_lots)
    plots = np.flatnonzero(lots.kind == "business")
    rng = town.rng("ground_conflicts")
    drawn = rng.choice(plots, fact["v1_plots"] + fact["v2_plots"], replace=False)
    for number, plot in enumerate(drawn):
        kind = "v1" if number < fact["v1_plots"] else "v2"
        yield _Conflict(kind, f"Erhvervsgrund, {quarters()[lots.quarter[plot]].name}", lots.shapes[plot])


def _wells() -> Iterator[_Conflict]:
    for row in facts("ground_conflicts")["well"]:
        yield _Conflict("bnbo", row["name"], shapely.buffer(shapely.Point(spot(row["at"])), row["radius_m"]))


def _nature(town: Town) -> Iterator[_Conflict]:
    """Return bogs, lakes and protected streams: nature under section 3."""
    fact = facts("ground_conflicts")
    for bog in bogs():
        yield _Conflict("section3", f"Mose, {bog.name}", bog.outline)
    lakes = town.table("lakes")
    for name, shape in zip(lakes["name"], lakes.geometry, strict=True):
        if shape.area >= fact["smallest_lake_m2"]:
            yield _Conflict("section3", f"Sø, {name}" if name else "Sø", shape)
    for stream in town.part(trace_streams):
        if stream.protected:
            strip = shapely.buffer(stream.line, fact["stream_half_width_m"])
            yield _Conflict("section3", f"Vandløb, {stream.name}", strip)


def _conserved() -> Iterator[_Conflict]:
    outlines = {quarter.name: quarter.outline for quarter in quarters()}
    for row in facts("ground_conflicts")["fredning"]:
        yield _Conflict("fredning", row["name"], outlines[row["quarter"]])


def _wet_ground() -> Iterator[_Conflict]:
    rim_m = facts("ground_conflicts")["wet_rim_m"]
    for bog in bogs():
        yield _Conflict("groundwater", f"Omkring {bog.name}", shapely.buffer(bog.outline, rim_m))
