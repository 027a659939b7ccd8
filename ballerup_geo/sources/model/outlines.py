"""The municipality, its neighbours, its stations and place names: facts as layers."""

from __future__ import annotations

import geopandas as gpd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts, frame_box, only_polygons, outline, spot
from ballerup_geo.sources.model.town import Town

__all__ = ["build_municipality", "build_neighbours", "build_places", "build_stations"]


def build_municipality(_town: Town) -> gpd.GeoDataFrame:
    """Return the municipality: name, code, outline."""
    fact = facts("municipality")
    return gpd.GeoDataFrame({"name": [fact["name"]], "code": [fact["code"]]}, geometry=[outline()], crs=CRS)


def build_neighbours(_town: Town) -> gpd.GeoDataFrame:
    """Return the municipalities around: with Ballerup they cover the frame exactly once."""
    rows = facts("neighbours")["neighbour"]
    left = shapely.difference(frame_box(), outline())
    shapes = []
    for row in rows:
        reach = shapely.Polygon([spot(corner) for corner in row["reach"]])
        shapes.append(only_polygons(shapely.intersection(left, reach)))
        left = shapely.difference(left, reach)
    names = {"name": [row["name"] for row in rows], "code": [row["code"] for row in rows]}
    return gpd.GeoDataFrame(names, geometry=shapes, crs=CRS)


def build_stations(_town: Town) -> gpd.GeoDataFrame:
    """Return the S-train stations at their true positions; ``station_id`` is the UIC number."""
    rows = facts("stations")["station"]
    return gpd.GeoDataFrame(
        {
            "station_id": [row["station_id"] for row in rows],
            "name": [row["name"] for row in rows],
            "kind": "s_train",
        },
        geometry=[shapely.Point(row["position_m"]) for row in rows],
        crs=CRS,
    )


def build_places(_town: Town) -> gpd.GeoDataFrame:
    """Return the place names."""
    rows = facts("places")["places"]
    return gpd.GeoDataFrame(
        {"name": [row["name"] for row in rows], "kind": [row["kind"] for row in rows]},
        geometry=[shapely.Point(spot(row["at"])) for row in rows],
        crs=CRS,
    )
