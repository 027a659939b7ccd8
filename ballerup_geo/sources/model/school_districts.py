"""School districts: the ground between main roads and railway, each piece with the nearest school."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import only_polygons, outline, rail_line
from ballerup_geo.sources.model.plan import main_roads
from ballerup_geo.sources.model.town import Town

__all__ = ["build_school_districts"]

BOUNDING = ("motorway", "primary", "secondary")
"""Classes of road that bound districts."""


def build_school_districts(town: Town) -> gpd.GeoDataFrame:
    """Return one district a school, which together cover the municipality once."""
    sites = town.table("schools")
    names = list(dict.fromkeys(sites["school"]))
    owned: dict[str, list[shapely.Geometry]] = {name: [] for name in names}
    for piece in _pieces():
        for name, part in _shared(piece, sites):
            owned[name].append(part)
    by_school = sites.groupby("school")
    return gpd.GeoDataFrame(
        {
            "school": names,
            "class_from": [int(by_school["class_from"].min()[name]) for name in names],
            "class_to": [int(by_school["class_to"].max()[name]) for name in names],
        },
        geometry=[only_polygons(shapely.union_all(owned[name], grid_size=0.01)) for name in names],
        crs=CRS,
    )


def _pieces() -> list[shapely.Polygon]:
    """Cut the municipality along the weightier roads and the railway."""
    cuts = [road.line for road in main_roads() if road.road_class in BOUNDING]
    lines = shapely.union_all([*cuts, rail_line(), shapely.boundary(outline())], grid_size=0.01)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.contains(outline(), shapely.point_on_surface(faces))
    return list(np.asarray(faces)[inside])


def _shared(piece: shapely.Polygon, sites: gpd.GeoDataFrame) -> list[tuple[str, shapely.Geometry]]:
    """Give a piece to the school that stands in it, else to the nearest one; several schools share it by nearness."""
    within = sites[shapely.contains(piece, sites.geometry.to_numpy())]
    if within["school"].nunique() > 1:
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(list(within.geometry)), extend_to=piece, ordered=True)
        )
        return [
            (str(school), shapely.intersection(cell, piece, grid_size=0.01))
            for school, cell in zip(within["school"], cells, strict=True)
        ]
    if len(within):
        return [(str(within["school"].iloc[0]), piece)]
    away = shapely.distance(sites.geometry.to_numpy(), shapely.point_on_surface(piece))
    return [(str(sites["school"].iloc[int(np.argmin(away))]), piece)]
