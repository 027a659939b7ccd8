"""The surface raster: the terrain with roofs and tree crowns laid on it, in the terrain's own memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.compiled import kernel
from ballerup_geo.raster import Raster
from ballerup_geo.sources.model._tree_room import stands_free
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import NORTH, WEST, facts
from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.terrain import build_terrain
from ballerup_geo.sources.model.town import Town

__all__ = ["build_surface"]

Numbers = NDArray[np.float64]
CROWN_SHOULDER = 0.55
"""At its rim a crown stands this share of the tree's height above the ground."""


@dataclass(frozen=True, slots=True)
class _Crowns:
    """Round crowns: middles ``[n, 2]`` metres, radius and height above the ground in metres."""

    places: Array
    radius_m: Numbers
    height_m: Numbers


def build_surface(town: Town) -> Raster:
    """Return the heights of the surface on the terrain's grid, m DVR90, float32, nowhere below the terrain.

    A second raster is never held: what stands on the ground is looked up before it is laid. A cell is covered where
    its middle is. Bridges, hedges and the scrub of bogs are not modelled.
    """
    surface = build_terrain(town)
    roofs, eaves_m, pitch, rise_m = _roofs(town)
    single, wood = _single_trees(town), town.part(_wood_crowns)
    house_ground = _ground_at(surface, roofs.mean(axis=1))
    tree_ground = [_ground_at(surface, crowns.places) for crowns in (single, wood)]
    lay_roofs(surface.array, WEST, NORTH, town.cell_m, roofs, house_ground + eaves_m, pitch, rise_m)
    for crowns, ground in zip((single, wood), tree_ground, strict=True):
        lay_crowns(surface.array, WEST, NORTH, town.cell_m, crowns.places, ground, crowns.radius_m, crowns.height_m)
    return surface


def _ground_at(terrain: Raster, places: Array) -> Numbers:
    """Return the height of the cell that each place lies in, metres."""
    dx, dy = terrain.cell_size_m
    rows, columns = terrain.shape
    row = np.clip(np.floor((NORTH - places[:, 1]) / dy).astype(np.int64), 0, rows - 1)
    column = np.clip(np.floor((places[:, 0] - WEST) / dx).astype(np.int64), 0, columns - 1)
    return np.asarray(terrain.array[row, column], dtype=np.float64)


def _roofs(town: Town) -> tuple[Array, Numbers, Numbers, Numbers]:
    """Return each house's four corners in turn ``[n, 4, 2]``, its eaves above the ground, its pitch and its rise."""
    fact = facts("surface")
    stock: Stock = town.part(settle)
    shapes, role = np.asarray(stock.houses.shapes), stock.houses.role
    corners = shapely.get_coordinates(shapely.get_exterior_ring(shapely.normalize(shapes))).reshape(-1, 5, 2)[:, :4]
    storeys = town.table("buildings")["storeys"].to_numpy(np.float64)
    storey_m = np.where(np.isin(role, fact["large_roles"]), fact["large_storey_m"], fact["storey_m"])
    eaves_m = np.where(np.isin(role, fact["secondary_roles"]), fact["secondary_m"], storeys * storey_m)
    rise_m = np.where(np.isin(role, fact["pitched_roles"]), fact["rise_m"], fact["flat_rise_m"])
    return np.ascontiguousarray(corners), eaves_m, np.full(len(shapes), fact["pitch"]), rise_m


def _single_trees(town: Town) -> _Crowns:
    trees = town.table("trees")
    places = shapely.get_coordinates(trees.geometry.to_numpy())
    return _Crowns(places, trees["crown_m"].to_numpy(np.float64) / 2, trees["height_m"].to_numpy(np.float64))


def _wood_crowns(town: Town) -> _Crowns:
    """Return the crowns of the woods: a shaken grid, each wood plot of a height of its own."""
    fact = facts("trees")["wood"]
    rng = town.rng("surface: woods")
    woods = np.array([plot.shape for plot in town.part(divide_land) if plot.use == "forest"], dtype=object)
    low_m, high_m = fact["height_m"]
    usual = rng.uniform(low_m, high_m, len(woods))
    step = fact["spacing_m"]
    west, south, east, north = shapely.total_bounds(woods)
    x, y = np.meshgrid(np.arange(west, east, step), np.arange(south, north, step))
    places = np.stack([x.ravel(), y.ravel()], axis=1) + rng.uniform(-0.35, 0.35, (x.size, 2)) * step
    tree, wood = shapely.STRtree(woods).query(shapely.points(places), predicate="within")
    height = usual[wood] + rng.normal(0.0, fact["height_spread_m"], len(tree))
    least_m, most_m = fact["crown_radius_m"]
    radius = rng.uniform(least_m, most_m, len(tree))
    free = stands_free(town, places[tree])
    return _Crowns(places[tree][free], radius[free], np.maximum(height[free], 3.0))


@kernel
def lay_roofs(
    heights: NDArray[np.float32],
    west_m: float,
    north_m: float,
    cell_m: float,
    corners: NDArray[np.float64],
    eaves_m: NDArray[np.float64],
    pitch: NDArray[np.float64],
    rise_m: NDArray[np.float64],
) -> None:
    """Raise the ground inside convex quadrangles to hipped roofs: from the eaves' level by ``pitch`` to ``rise_m``."""
    rows, columns = heights.shape
    for n in range(corners.shape[0]):
        quad = corners[n]
        area = 0.0
        for k in range(4):
            m = (k + 1) % 4
            area += quad[k, 0] * quad[m, 1] - quad[m, 0] * quad[k, 1]
        turn = 1.0 if area > 0 else -1.0
        top = max(int((north_m - quad[:, 1].max()) / cell_m), 0)
        bottom = min(int((north_m - quad[:, 1].min()) / cell_m) + 1, rows)
        left = max(int((quad[:, 0].min() - west_m) / cell_m), 0)
        right = min(int((quad[:, 0].max() - west_m) / cell_m) + 1, columns)
        for i in range(top, bottom):
            y = north_m - (i + 0.5) * cell_m
            for j in range(left, right):
                x = west_m + (j + 0.5) * cell_m
                inside = 1e9
                for k in range(4):
                    m = (k + 1) % 4
                    dx, dy = quad[m, 0] - quad[k, 0], quad[m, 1] - quad[k, 1]
                    away = turn * (dx * (y - quad[k, 1]) - dy * (x - quad[k, 0])) / np.sqrt(dx * dx + dy * dy)
                    inside = min(inside, away)
                if inside >= 0.0:
                    z = np.float32(eaves_m[n] + min(pitch[n] * inside, rise_m[n]))
                    heights[i, j] = max(heights[i, j], z)


@kernel
def lay_crowns(
    heights: NDArray[np.float32],
    west_m: float,
    north_m: float,
    cell_m: float,
    places: NDArray[np.float64],
    ground_m: NDArray[np.float64],
    radius_m: NDArray[np.float64],
    height_m: NDArray[np.float64],
) -> None:
    """Raise the surface to crowns: half ellipsoids over a rim at ``CROWN_SHOULDER`` of the tree's height."""
    rows, columns = heights.shape
    for n in range(places.shape[0]):
        x0, y0, r = places[n, 0], places[n, 1], radius_m[n]
        top = max(int((north_m - y0 - r) / cell_m), 0)
        bottom = min(int((north_m - y0 + r) / cell_m) + 1, rows)
        left = max(int((x0 - r - west_m) / cell_m), 0)
        right = min(int((x0 + r - west_m) / cell_m) + 1, columns)
        for i in range(top, bottom):
            dy = north_m - (i + 0.5) * cell_m - y0
            for j in range(left, right):
                dx = west_m + (j + 0.5) * cell_m - x0
                away = (dx * dx + dy * dy) / (r * r)
                if away <= 1.0:
                    share = CROWN_SHOULDER + (1.0 - CROWN_SHOULDER) * np.sqrt(1.0 - away)
                    z = np.float32(ground_m[n] + height_m[n] * share)
                    heights[i, j] = max(heights[i, j], z)
