"""District heating as it is planned and built: areas of the heat plan, pipes, stations, customers and meters."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts, only_polygons, outline, spot
from ballerup_geo.sources.model.heating import DISTRICT
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = [
    "build_heat_areas",
    "build_heat_customers",
    "build_heat_meters",
    "build_heat_network",
    "build_heat_plants",
    "build_heat_rates",
    "build_pipe_sizes",
]

LEAST_PIPE_M = 20.0
KWH_M2 = 110.0
"""What a metered building uses about, before the spread."""


def build_heat_areas(_town: Town) -> gpd.GeoDataFrame:
    """Return the areas of the heat plan, which do not overlap."""
    fact = facts("heat")
    rows = fact["area"]
    left = outline()
    ground = {}
    for quarter in quarters():
        ground[quarter.name] = only_polygons(shapely.intersection(left, quarter.outline))
        left = shapely.difference(left, quarter.outline)
    individual = np.array([row["stage"] == "individual" for row in rows])
    return gpd.GeoDataFrame(
        {
            "heat_area_id": [row["heat_area_id"] for row in rows],
            "kind": np.where(individual, "individual", "district_heating"),
            "stage": [row["stage"] for row in rows],
            "start_year": pd.array([row.get("start_year") for row in rows], dtype="Int64"),
            "end_year": pd.array([row.get("end_year") for row in rows], dtype="Int64"),
            "supplier": [None if alone else fact["supplier"] for alone in individual],
            "obligation": [row.get("obligation") for row in rows],
        },
        geometry=[shapely.union_all([ground[name] for name in row["quarters"]]) for row in rows],
        crs=CRS,
    )


def build_heat_network(town: Town) -> gpd.GeoDataFrame:
    """Return the pipes: along the streets of supplied areas."""
    widths = facts("heat")["network"]["dn_mm"]
    areas = town.table("heat_areas")
    supplied = areas[areas["stage"] == "supplied"]
    roads = town.table("roads")
    streets = roads[roads["class"].isin(list(widths))]
    lines, owner, year = [], [], []
    for shape, end in zip(supplied.geometry, supplied["end_year"], strict=True):
        inside = shapely.intersection(streets.geometry.to_numpy(), shape)
        parts, row = shapely.get_parts(inside, return_index=True)
        kept = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) >= LEAST_PIPE_M)
        lines += list(parts[kept])
        owner += streets["class"].to_numpy()[row[kept]].tolist()
        year += [int(end)] * int(kept.sum())
    return gpd.GeoDataFrame(
        {
            "pipe_id": [f"FJV-{number:04d}" for number in range(1, len(lines) + 1)],
            "dn_mm": np.array([widths[each] for each in owner], dtype=np.int64),
            "year_built": np.array(year, dtype=np.int64),
        },
        geometry=lines,
        crs=CRS,
    )


def build_heat_plants(_town: Town) -> gpd.GeoDataFrame:
    """Return the stations where the transmission line hands over heat."""
    rows = facts("heat")["plant"]
    names = ("plant_id", "name", "capacity_mw")
    shapes = [shapely.Point(spot(row["at"])) for row in rows]
    return gpd.GeoDataFrame({name: [row[name] for row in rows] for name in names}, geometry=shapes, crs=CRS)


def build_heat_rates(_town: Town) -> pd.DataFrame:
    """Return heat demand a square metre, as the facts give it."""
    return pd.DataFrame(facts("heat_rates")["rate"])


def build_pipe_sizes(_town: Town) -> pd.DataFrame:
    """Return the pipes that can be bought, as the facts give them."""
    return pd.DataFrame(facts("pipe_sizes")["pipe"])


def build_heat_customers(town: Town) -> pd.DataFrame:
    """Return the supplier's customers: buildings with district heating in supplied areas."""
    return pd.DataFrame({"building_id": _customers(town)["building_id"].to_numpy()})


def build_heat_meters(town: Town) -> pd.DataFrame:
    """Return meters that were read: most of the municipality's buildings, a few others."""
    fact = facts("heat")["meters"]
    rng = town.rng("heat_meters")
    customers = _customers(town)
    own = customers["municipal"].fillna(False).to_numpy(bool)
    read = rng.random(len(customers)) < np.where(own, fact["municipal_share"], fact["other_share"])
    spread = np.exp(rng.normal(0.0, fact["spread_pct"] / 100.0, len(customers)))
    area = customers["dwelling_area_m2"].fillna(0) + customers["business_area_m2"].fillna(0)
    kwh = np.round(area.to_numpy(np.float64) * KWH_M2 * spread, -2)
    read &= kwh > 0
    return pd.DataFrame(
        {
            "building_id": customers["building_id"].to_numpy()[read],
            "kwh": kwh[read],
            "year": np.full(int(read.sum()), fact["year"], dtype=np.int64),
            "degree_days": np.full(int(read.sum()), fact["degree_days"]),
            "dwellings": customers["dwellings"].fillna(0).to_numpy(np.int64)[read],
        }
    )


def _customers(town: Town) -> gpd.GeoDataFrame:
    buildings = town.table("buildings")
    areas = town.table("heat_areas")
    supplied = shapely.union_all(areas.loc[areas["stage"] == "supplied"].geometry.to_numpy())
    shapely.prepare(supplied)
    inside = shapely.intersects(supplied, shapely.centroid(buildings.geometry.to_numpy()))
    heated = (buildings["heating_installation"] == DISTRICT).to_numpy(bool)
    return gpd.GeoDataFrame(buildings[inside & heated])
