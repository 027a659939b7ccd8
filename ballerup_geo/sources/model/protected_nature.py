"""Protected nature: lakes, bogs and streams under section 3, the lines that the law draws around things, a fredning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import bogs, facts, only_polygons, outline, spot
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.streams import trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_protected_nature"]


class _Protected(NamedTuple):
    kind: str
    name: str | None
    shape: shapely.Geometry


def build_protected_nature(town: Town) -> gpd.GeoDataFrame:
    """Return what is protected inside the municipality; the section 3 nature is that of ``ground_conflicts``."""
    found = [*_section3(town), *_lake_lines(town), *_stream_lines(town), *_forest_lines(town), *_named()]
    inside = [each._replace(shape=only_polygons(shapely.intersection(each.shape, outline()))) for each in found]
    kept = [each for each in inside if not each.shape.is_empty]
    return gpd.GeoDataFrame(
        {"kind": [each.kind for each in kept], "name": [each.name for each in kept]},
        geometry=[each.shape for each in kept],
        crs=CRS,
    )


def _section3(town: Town) -> Iterator[_Protected]:
    """Return lakes, bogs without their lakes, and protected streams as surfaces."""
    fact = facts("ground_conflicts")
    lakes = town.table("lakes")
    large = lakes[lakes.area >= fact["smallest_lake_m2"]]
    for name, shape in zip(large["name"], large.geometry, strict=True):
        yield _Protected("section3_lake", name, shape)
    water = shapely.union_all(large.geometry.to_numpy())
    for bog in bogs():
        yield _Protected("section3_bog", bog.name, shapely.difference(bog.outline, water))
    for stream in town.part(trace_streams):
        if stream.protected:
            strip = shapely.buffer(stream.line, fact["stream_half_width_m"])
            yield _Protected("section3_stream", stream.name, strip)


def _lake_lines(town: Town) -> Iterator[_Protected]:
    """Return the ground within the line's distance of each large lake, the lake left out."""
    fact = facts("protected_nature")
    lakes = town.table("lakes")
    large = lakes[lakes.area >= fact["lake_line_from_m2"]]
    for name, shape in zip(large["name"], large.geometry, strict=True):
        yield _Protected("lake_line", name, shapely.difference(shapely.buffer(shape, fact["lake_line_m"]), shape))


def _stream_lines(town: Town) -> Iterator[_Protected]:
    fact = facts("protected_nature")
    for stream in town.part(trace_streams):
        if stream.id in fact["stream_lines"]:
            yield _Protected("stream_line", stream.name, shapely.buffer(stream.line, fact["stream_line_m"]))


def _forest_lines(town: Town) -> Iterator[_Protected]:
    """Return the ground around each connected wood that is large enough, the wood left out."""
    fact = facts("protected_nature")
    woods = shapely.union_all([plot.shape for plot in town.part(divide_land) if plot.use == "forest"])
    for wood in shapely.get_parts(woods):
        if wood.area >= fact["forest_line_from_m2"]:
            around = shapely.difference(shapely.buffer(wood, fact["forest_line_m"]), woods)
            yield _Protected("forest_line", None, around)


def _named() -> Iterator[_Protected]:
    """Return the rings around ancient monuments, and the fredninger of ``ground_conflicts``."""
    fact = facts("protected_nature")
    for row in fact["monument"]:
        ring = shapely.buffer(shapely.Point(spot(row["at"])), fact["monument_line_m"])
        yield _Protected("monument_line", row["name"], ring)
    outlines = {quarter.name: quarter.outline for quarter in quarters()}
    for row in facts("ground_conflicts")["fredning"]:
        yield _Protected("fredning", row["name"], outlines[row["quarter"]])
