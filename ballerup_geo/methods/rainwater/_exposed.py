"""What water can reach — buildings, roads, critical functions — and how deep it stands there in each rain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.rainwater._cells import CellLists, along_outlines, around_points, greatest, to_millimetre
from ballerup_geo.methods.rainwater._damage import DamageRates, building_damage
from ballerup_geo.methods.rainwater._inputs import table_or_empty
from ballerup_geo.methods.rainwater._roads import RoadPieces, drivable, place_roads
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._touched import standing, use_class
from ballerup_geo.spec import Given

__all__ = ["CLASSES", "Depths", "Exposed", "damage_in", "depths_in", "exposed_of", "rates_of"]

CLASSES = ("dwelling", "business", "public", "other")
"""Classes of use; each has an assumption ``damage_<class>_dkk_m2``."""
_READ: Mapping[str, tuple[str, ...]] = {
    "buildings": ("building_id", "use_code", "status"),
    "roads": ("road_id", "class"),
    "critical_functions": ("function_id", "kind"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Exposed:
    """Frames (empty where a layer is unknown) and where their rows lie on the terrain."""

    buildings: gpd.GeoDataFrame
    """Those that stand, with a façade in the municipality."""
    facades: CellLists
    roads: gpd.GeoDataFrame
    """Those for vehicles that lie on the ground."""
    placed: RoadPieces
    critical: gpd.GeoDataFrame
    """Those in the municipality."""
    around: CellLists
    """Cells of a critical function: the façade of the building it lies in, else those around it."""
    unplaced: Mapping[str, int]
    """By layer: rows that have no place on the terrain (no shape, outside the raster), and so no answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Depths:
    """Depth in m, a column a rain: float64[buildings, events], [road pieces, events], [critical functions, events].

    NaN where the terrain has no height.
    """

    buildings: NDArray[np.float64]
    roads: NDArray[np.float64]
    critical: NDArray[np.float64]


def exposed_of(given: Given, scene: Scene) -> Exposed:
    """Find the place of buildings, roads and critical functions on the terrain."""
    houses, roads, critical = (table_or_empty(given, name, _READ[name], crs=scene.grid.crs) for name in _READ)
    houses = houses[standing(houses["status"])]
    facades = along_outlines(houses.geometry, grid=scene.grid)
    inside = np.flatnonzero(_any_inside(facades, scene.town))
    roads = roads[drivable(roads)]
    points = around_points(critical.geometry, grid=scene.grid, reach=0)
    near = np.flatnonzero(_any_inside(points, scene.town))
    chosen = critical.iloc[near]
    return Exposed(
        buildings=houses.iloc[inside],
        facades=facades.take(inside),
        roads=roads,
        placed=place_roads(roads, within=scene.town, grid=scene.grid),
        critical=chosen,
        around=_around(chosen, houses, facades, scene, float(given.assumptions["critical_reach_m"])),
        unplaced={
            "buildings": int((facades.counts == 0).sum()),
            "critical_functions": int((points.counts == 0).sum()),
        },
    )


def _any_inside(lists: CellLists, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    hits = np.bincount(lists.feature[mask.reshape(-1)[lists.cells]], minlength=len(lists))
    return np.asarray(hits > 0, dtype=bool)


def _around(
    critical: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, facades: CellLists, scene: Scene, reach_m: float
) -> CellLists:
    """Return the cells of critical functions: inside a house the terrain is not that of its door."""
    reach = int(np.ceil(reach_m / max(scene.grid.cell_size_m)))
    free = around_points(critical.geometry, grid=scene.grid, reach=reach)
    points = shapely.point_on_surface(critical.geometry.to_numpy())
    point, house = shapely.STRtree(houses.geometry.to_numpy()).query(points, predicate="intersects")
    point, first = np.unique(point, return_index=True)
    house = house[first]
    housed = facades.counts[house] > 0
    place = np.full(len(critical), -1)
    place[point[housed]] = house[housed]
    both = CellLists(
        np.concatenate((free.cells, facades.cells)), np.concatenate((free.start, free.start[-1] + facades.start[1:]))
    )
    return both.take(np.where(place >= 0, len(free) + place, np.arange(len(critical))))


def depths_in(storms: Storms, exposed: Exposed) -> Depths:
    """Let all rains fall, and read the depth at everything that is exposed.

    Only the cells that are asked about are worked out, so no raster is made.
    """
    columns: list[tuple[NDArray[np.float64], ...]] = []
    for rain in storms.rains or ():
        water = storms.water(rain)
        columns.append(
            (
                greatest(exposed.facades, water.depth_at(exposed.facades.cells)),
                to_millimetre(water.depth_at(exposed.placed.cell)),
                greatest(exposed.around, water.depth_at(exposed.around.cells)),
            )
        )
    sizes = (len(exposed.facades), exposed.placed.cell.size, len(exposed.around))
    return Depths(*(_matrix([column[part] for column in columns], size) for part, size in enumerate(sizes)))


def _matrix(columns: Iterable[NDArray[np.float64]], rows: int) -> NDArray[np.float64]:
    return np.stack([np.empty(rows), *columns], axis=1)[:, 1:]


def rates_of(given: Given) -> DamageRates:
    """Read what a touched building costs from the assumptions."""
    values = given.assumptions
    return DamageRates(
        ground_dkk_m2={kind: float(values[f"damage_{kind}_dkk_m2"]) for kind in CLASSES},
        basement_dkk_m2=float(values["damage_basement_dkk_m2"]),
        shallow_share=float(values["damage_shallow_share"]),
        touched_m=float(values["touched_depth_m"]),
        full_m=float(values["damage_full_depth_m"]),
    )


def damage_in(exposed: Exposed, depths_m: NDArray[np.float64], rates: DamageRates) -> NDArray[np.float64]:
    """Return the damage of each exposed building in each rain, DKK; NaN where its use has no rate."""
    houses = exposed.buildings
    below = houses["basement_area_m2"].astype("float64") if "basement_area_m2" in houses else None
    ground_m2 = shapely.area(houses.geometry.to_numpy())
    return building_damage(depths_m, use_class(houses["use_code"]), ground_m2, below, rates=rates)
