"""Open land where wood could grow: field and grass outside what is closed, and the habitats that it could join."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.trees._forest_closed import closing
from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.spec import Assumption, Given

__all__ = ["OPEN_ASSUMPTIONS", "Habitats", "closed_ground", "habitats_of", "open_parts"]

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
POLYGON = 3
OPEN_COVER = ("field", "grass")
HABITAT_COVER = ("forest", "wetland")
OPEN_OWNERS = ("municipality", "state", "company", "private")
HECTARE_M2 = 10_000.0

OPEN_ASSUMPTIONS = (
    Assumption("wood_building_m", "m", minimum=0.0, maximum=200.0),
    Assumption("wood_road_m", "m", minimum=0.0, maximum=100.0),
    Assumption("wood_utility_m", "m", minimum=0.0, maximum=50.0),
    Assumption("wood_closed", "-", kind="text"),
    Assumption("wood_greens_closed", "-", kind="text"),
    Assumption("habitat_reach_m", "m", minimum=1.0, maximum=5000.0),
)


@dataclass(frozen=True, slots=True)
class Habitats:
    """Forest and wetland of today, in groups whose members lie within reach of each other."""

    shapes: Shapes
    tree: shapely.STRtree
    group: NDArray[np.int32]
    """Group of each habitat."""
    area_ha: Floats
    """Of each group."""
    reach_m: float

    def joined(self, shapes: Shapes) -> tuple[Floats, Floats, Floats]:
        """Return for each shape the distance to the nearest habitat, the habitat within reach and what becomes joined.

        Returns
        -------
        nearest_m : float64[n]
            Metres; NaN where nothing is known.
        linked_ha : float64[n]
            Hectares of the groups within reach.
        joined_ha : float64[n]
            Those but the largest: hectares that were apart from it and no longer are.
        """
        linked, joined = np.zeros(len(shapes)), np.zeros(len(shapes))
        nearest = np.full(len(shapes), np.nan)
        if not len(self.shapes) or not len(shapes):
            return nearest, linked, joined
        (own, _), near = self.tree.query_nearest(shapes, all_matches=False, return_distance=True)
        nearest[own] = near
        one, habitat = self.tree.query(shapes, predicate="dwithin", distance=self.reach_m)
        pairs = np.unique(np.stack([one, self.group[habitat]]), axis=1)
        area = self.area_ha[pairs[1]]
        largest = np.zeros(len(shapes))
        np.add.at(linked, pairs[0], area)
        np.maximum.at(largest, pairs[0], area)
        return nearest, linked, linked - largest


def habitats_of(given: Given, cover: gpd.GeoDataFrame) -> Habitats:
    """Return forest and wetland of the land cover, grouped by who is within reach of whom."""
    reach = number_of(given, "habitat_reach_m")
    shapes = _polygons(cover, HABITAT_COVER)
    tree = shapely.STRtree(shapes)
    if not len(shapes):
        return Habitats(shapes, tree, np.zeros(0, dtype=np.int32), np.zeros(0), reach)
    one, other = tree.query(shapes, predicate="dwithin", distance=reach)
    links = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(shapes), len(shapes)))
    groups, label = connected_components(links, directed=False)
    area = np.bincount(label, shapely.area(shapes), minlength=groups) / HECTARE_M2
    return Habitats(shapes, tree, label.astype(np.int32), area, reach)


def _polygons(cover: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> Shapes:
    return np.asarray(cover.geometry.to_numpy()[cover["cover"].isin(kinds).to_numpy(bool)])


def closed_ground(given: Given, town: TreeTown) -> Shapes:
    """Return what new wood keeps clear of, each widened by its distance."""
    found = [shapely.buffer(town.buildings.geometry.to_numpy(), number_of(given, "wood_building_m"), quad_segs=2)]
    found.append(shapely.buffer(town.roads.geometry.to_numpy(), number_of(given, "wood_road_m"), quad_segs=2))
    found += [
        shapely.buffer(layer.geometry.to_numpy(), number_of(given, "wood_utility_m"), quad_segs=2)
        for layer in (town.utilities, layer_of(given, "dug_lines"))
        if layer is not None
    ]
    deeds = layer_of(given, "deeds")
    if deeds is not None:
        found.append(deeds.geometry.to_numpy())
    streams, lakes = layer_of(given, "streams"), layer_of(given, "lakes")
    found += [
        shapely.buffer(layer.geometry.to_numpy(), number_of(given, "water_edge_m"), quad_segs=2)
        for layer in (streams, lakes)
        if layer is not None
    ]
    if town.protected is not None:
        closed = closing(town.protected["kind"], str(given.assumptions["wood_closed"]))
        found.append(town.protected.geometry.to_numpy()[closed])
    if town.greens is not None:
        kinds = str(given.assumptions["wood_greens_closed"]).split()
        found.append(town.greens.geometry.to_numpy()[town.greens["kind"].isin(kinds).to_numpy(bool)])
    shapes = np.concatenate(found)
    return np.asarray(shapes[~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)])


def open_parts(
    town: TreeTown, cover: gpd.GeoDataFrame, closed: Shapes, *, least_m2: float, width_m: float
) -> tuple[NDArray[np.int64], Shapes]:
    """Return the free parts of each parcel's open land: at least so large, and nowhere narrower than ``width_m``.

    Returns
    -------
    parcel : int64[n]
        Row in the town's parcels.
    shapes : Polygon[n]
        In the order of parcels.
    """
    rows = np.flatnonzero(
        ((town.parcels["place"] == "other") & town.parcels["owner_kind"].isin(OPEN_OWNERS)).to_numpy(bool)
        & (shapely.area(town.parcels.geometry.to_numpy()) >= least_m2)
    )
    grounds = town.parcels.geometry.to_numpy()[rows]
    ground = _polygons(cover, OPEN_COVER)
    piece, own = shapely.STRtree(ground).query(grounds, predicate="intersects")[::-1]
    inside = shapely.buffer(shapely.intersection(grounds[own], ground[piece]), 0.0)  # without lines where they touch
    whole = _by_row(own, inside, len(rows))
    free = shapely.buffer(_without(whole, closed), 0.0)
    opened = shapely.buffer(shapely.buffer(free, -width_m / 2.0, quad_segs=2), width_m / 2.0, quad_segs=2)
    opened = shapely.set_precision(shapely.intersection(opened, free), 0.01)
    parts, at = shapely.get_parts(opened, return_index=True)
    kept = (shapely.get_type_id(parts) == POLYGON) & (shapely.area(parts) >= least_m2)
    return rows[at[kept]], np.asarray(parts[kept])


def _by_row(own: NDArray[np.int64], shapes: Shapes, rows: int) -> Shapes:
    """Return the union of the shapes of each row; an empty polygon where there is none."""
    found = np.full(rows, shapely.Polygon(), dtype=object)
    order = np.argsort(own, kind="stable")
    own, shapes = own[order], shapes[order]
    starts = np.flatnonzero(np.diff(own, prepend=-1))
    for start, end in zip(starts, [*starts[1:], len(own)], strict=True):
        found[own[start]] = shapely.union_all(shapes[start:end])
    return found


def _without(shapes: Shapes, closed: Shapes) -> Shapes:
    """Return the shapes without what is closed."""
    if not len(closed):
        return shapes
    own, hit = shapely.STRtree(closed).query(shapes, predicate="intersects")
    left = shapes.copy()
    taken = _by_row(own, closed[hit], len(shapes))
    some = np.unique(own)
    left[some] = shapely.difference(shapes[some], taken[some])
    return left
