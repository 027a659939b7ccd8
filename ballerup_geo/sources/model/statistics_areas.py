"""Statistics areas: some quarters together with the open land nearest to them, and who lives there."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts, only_polygons, outline
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_statistics_areas"]

STEP_M = 60.0
"""Distance of the points on quarters' outlines that open land is measured to."""
GRID_M = 0.01
SPREAD = 0.04
"""Standard deviation of the shares around those of the facts."""


def build_statistics_areas(town: Town) -> gpd.GeoDataFrame:
    """Return the areas, which together cover the municipality once."""
    rows = facts("statistics_areas")["area"]
    shapes = _shapes()
    people = _people(town, shapes)
    rng = town.rng("statistics_areas")

    def part(of: NDArray[np.int64], name: str) -> NDArray[np.int64]:
        share = np.array([row[name] for row in rows]) * np.exp(rng.normal(0.0, SPREAD, len(rows)))
        counts: NDArray[np.int64] = np.round(of * share).astype(np.int64)
        return counts

    income = np.array([row["income_dkk"] for row in rows]) * np.exp(rng.normal(0.0, SPREAD, len(rows)))
    return gpd.GeoDataFrame(
        {
            "area_id": [row["area_id"] for row in rows],
            "residents": people["residents"],
            "residents_over_75": part(people["residents"], "over_75"),
            "residents_under_5": part(people["residents"], "under_5"),
            "income_dkk": np.round(income, -3),
            "households": people["dwellings"],
            "households_without_car": part(people["dwellings"], "without_car"),
        },
        geometry=list(shapes),
        crs=CRS,
    )


def _shapes() -> NDArray[np.object_]:
    """Return the ground of each area: its quarters (earlier ones win, as in the plan) and the land nearest to them."""
    rows = facts("statistics_areas")["area"]
    area_of = {name: number for number, row in enumerate(rows) for name in row["quarters"]}
    left: shapely.Geometry = outline()
    parts: list[list[shapely.Geometry]] = [[] for _ in rows]
    points, owners = [], []
    for quarter in quarters():
        ground = only_polygons(quarter.outline)
        own = only_polygons(shapely.intersection(left, ground, grid_size=GRID_M))
        left = only_polygons(shapely.difference(left, ground, grid_size=GRID_M))
        parts[area_of[quarter.name]].append(own)
        rim = shapely.boundary(ground)
        steps = np.arange(0.0, rim.length, STEP_M)
        points += list(shapely.line_interpolate_point(rim, steps))
        owners += [area_of[quarter.name]] * len(steps)
    for number, land in enumerate(_nearest_land(left, points, owners, len(rows))):
        parts[number].append(land)
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [only_polygons(shapely.union_all(own, grid_size=GRID_M)) for own in parts]
    return shapes


def _nearest_land(
    land: shapely.Geometry, points: list[shapely.Point], owners: list[int], count: int
) -> list[shapely.Geometry]:
    """Share land out by the nearest of some points."""
    places, first = np.unique(np.round(shapely.get_coordinates(points), 2), axis=0, return_index=True)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(places), extend_to=land))
    held, cell = shapely.STRtree(cells).query(shapely.points(places), predicate="intersects")
    owner = np.full(len(cells), -1)
    owner[cell] = np.array(owners)[first][held]
    out, left = [], land
    for number in range(count):
        mine = shapely.union_all(cells[owner == number], grid_size=GRID_M)
        out.append(only_polygons(shapely.intersection(left, mine, grid_size=GRID_M)))
        left = only_polygons(shapely.difference(left, mine, grid_size=GRID_M))
    return out


def _people(town: Town, shapes: NDArray[np.object_]) -> dict[str, NDArray[np.int64]]:
    """Count residents and dwellings by the place of their address; the nearest area has those on the rim."""
    addresses = town.table("addresses")
    row, area = shapely.STRtree(shapes).query_nearest(addresses.geometry.to_numpy(), all_matches=False)
    return {
        name: np.bincount(area, weights=addresses[name].to_numpy()[row], minlength=len(shapes)).astype(np.int64)
        for name in ("residents", "dwellings")
    }
