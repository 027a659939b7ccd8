"""Land cover: lots and plots, less roofs and roads, by what lies on them; pieces neither overlap nor leave gaps."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import settle
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import outline
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.town import Town

__all__ = ["build_land_cover"]

COVER_OF_LOT = {
    "villa": "garden",
    "unit": "garden",
    "rows": "garden",
    "allotment": "garden",
    "flats": "grass",
    "school": "grass",
    "sport": "grass",
    "centre": "paved",
    "business": "grass",
}
COVER_OF_PLOT = {
    "road": "grass",
    "rail": "gravel",
    "green": "grass",
    "forest": "forest",
    "wetland": "wetland",
    "water": "water",
    "field": "field",
    "meadow": "grass",
}
YARDS = {"flats": (1.0, 1.0, 0.35), "business": (0.96, 3.0, 0.88), "school": (0.35, 20.0, 0.35)}
"""Paved yard of a lot: share of its width, metres from the street, share of its depth where it ends."""
TRACK_M = 2.2
"""Width of a cycle track, one on each side."""
CRUMB_M2 = 0.05

Shapes = NDArray[Any]


def build_land_cover(town: Town) -> gpd.GeoDataFrame:
    """Return what lies on the ground, over the whole municipality."""
    lots: Lots = town.part(draw_lots)
    plots = town.part(divide_land)
    stock = town.part(settle)
    shapes = np.concatenate([lots.shapes, np.array([plot.shape for plot in plots], dtype=object)])
    built = np.zeros(len(lots.shapes), dtype=bool)
    built[stock.houses.lot[stock.houses.lot >= 0]] = True
    on_lots = np.where(built, [COVER_OF_LOT[str(kind)] for kind in lots.kind], "grass")
    cover = np.concatenate([on_lots, [COVER_OF_PLOT[plot.use] for plot in plots]])
    yards = _yards(lots, built)
    roofs = np.asarray(stock.houses.shapes)
    roads = _carriageways(town, shapes[cover == "water"])
    grounds = _less(_less(shapes, roofs), roads)
    paved, _ = _parts(shapely.intersection(grounds[yards[0]], yards[1]), yards[0])
    grounds[yards[0]] = shapely.difference(grounds[yards[0]], yards[1])
    rest, owner = _parts(grounds, np.arange(len(grounds)))
    covers = [cover[owner], np.full(len(paved), "paved"), np.full(len(roofs), "roof"), np.full(len(roads), "road")]
    return gpd.GeoDataFrame(
        {"cover": np.concatenate(covers)},
        geometry=np.concatenate([rest, paved, roofs, roads]),
        crs=CRS,
    )


def _carriageways(town: Town, lakes: Shapes) -> Shapes:
    """Return carriageways with cycle tracks, each piece of ground once, inside the municipality."""
    roads = town.table("roads")
    half = roads["carriageway_m"].to_numpy() / 2 + TRACK_M * (roads["facility"] == "track").to_numpy()
    strips = shapely.buffer(roads.geometry.to_numpy(), half, quad_segs=2)
    own = shapely.intersection(strips, outline())
    own = own[shapely.area(own) > CRUMB_M2]
    tree = shapely.STRtree(own)
    later, earlier = tree.query(own, predicate="intersects")
    below = earlier < later
    own = _less_pairs(own.copy(), later[below], own[earlier[below]])
    return _parts(_less(own, lakes), np.arange(len(own)))[0]


def _yards(lots: Lots, built: NDArray[np.bool_]) -> tuple[NDArray[np.int64], Shapes]:
    """Return which of the built lots have a paved yard, and the yards."""
    rows = np.flatnonzero(np.isin(lots.kind, tuple(YARDS)) & built)
    share, near, far = np.array([YARDS[str(kind)] for kind in lots.kind[rows]]).T[:, :, None]
    a, b, c, d = lots.quads[rows].transpose(1, 0, 2)
    left, right = a + (b - a) * (0.5 - share / 2), a + (b - a) * (0.5 + share / 2)
    deep_left, deep_right = left + (d - a) * far, right + (c - b) * far
    inset = near / np.hypot(*(d - a).T)[:, None]
    corners = np.stack([left + (d - a) * inset, right + (c - b) * inset, deep_right, deep_left], axis=1)
    return rows, np.asarray(shapely.polygons(corners))


def _less(shapes: Shapes, cutters: Shapes) -> Shapes:
    """Take the cutters out of the shapes."""
    row, cutter = shapely.STRtree(cutters).query(shapes, predicate="intersects")
    return _less_pairs(shapes.copy(), row, cutters[cutter])


def _less_pairs(shapes: Shapes, row: NDArray[np.int64], cutters: Shapes) -> Shapes:
    """Take cutters out of shapes, one cutter a shape and round; shapes with many cutters get them joined first."""
    order = np.argsort(row, kind="stable")
    row, cutters = row[order], cutters[order]
    starts = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.empty(0, dtype=np.int64)
    counts = np.diff(np.append(starts, len(row)))
    single = counts == 1
    shapes[row[starts[single]]] = shapely.difference(shapes[row[starts[single]]], cutters[starts[single]])
    many = [shapely.union_all(cutters[a : a + n]) for a, n in zip(starts[~single], counts[~single], strict=True)]
    if many:
        rows = row[starts[~single]]
        shapes[rows] = shapely.difference(shapes[rows], np.array(many, dtype=object))
    return shapes


def _parts(shapes: Shapes, owner: NDArray[np.int64]) -> tuple[Shapes, NDArray[np.int64]]:
    """Return the polygons of shapes, crumbs left out, and whose they are."""
    parts, index = shapely.get_parts(shapes, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & (shapely.area(parts) > CRUMB_M2)
    return np.asarray(parts)[keep], owner[index[keep]]
