"""A few houses, two streets and two chargers, whose charging is computed on paper in ``test_methods_charging.py``.

Coordinates are metres east and north of 700000, 6180000. Nordgade runs along y = 0 from x = 0 to 1000, Sydgade along
y = −200; a motorway lies between them, and only Brogade, far in the east at x = 1000, leads across::

    block o (0,10)    C1 o (200,5)    C2 o (400,5)
    ================ Nordgade ===================+
    -------------- motorway ---------------------|--
    ================ Sydgade ====================+
    villas o (0,-190)
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely import affinity

from ballerup_geo.methods import get_method
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.spec import Given, Outcome

EAST, NORTH = 700_000.0, 6_180_000.0
CRS = "EPSG:25832"
PAPER: Mapping[str, Any] = {
    "cars_per_dwelling_own": 1.0,
    "cars_per_dwelling_shared": 1.0,
    "appetite_today_own": 1.0,
    "appetite_today_shared": 1.0,
    "appetite_target_own": 1.0,
    "appetite_target_shared": 1.0,
    "own_parking_dwellings_max": 50.0,
    "same_parking_pct": 80.0,
    "home_share_own_low_pct": 100.0,
    "home_share_own_main_pct": 100.0,
    "home_share_own_high_pct": 100.0,
    "home_share_shared_low_pct": 0.0,
    "home_share_shared_main_pct": 0.0,
    "home_share_shared_high_pct": 20.0,
    "bev_kwh_per_year_low": 2500.0,
    "bev_kwh_per_year_main": 3000.0,
    "bev_kwh_per_year_high": 4000.0,
    "utilisation_pct": 10.0,
    "utilisation_low_pct": 5.0,
    "utilisation_high_pct": 20.0,
    "for_residents_pct": 50.0,
}
"""Round numbers in place of the shipped ones."""


def frame(rows: list[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    """Rows with shapes in local metres."""
    moved = [affinity.translate(shape, EAST, NORTH) for shape in shapes]
    return gpd.GeoDataFrame(rows, geometry=moved, crs=CRS)


def houses() -> dict[str, gpd.GeoDataFrame]:
    """A block of 50 flats in the north, 50 villas (one door) on 20,000 m² in the south."""
    block, villas = shapely.box(-10, 8, 10, 30), shapely.box(-40, -230, 40, -192)
    doors = [shapely.Point(0, 10), shapely.Point(0, -192)]
    return {
        "addresses": frame(
            [
                {"address_id": "A1", "building_id": "B1", "dwellings": 50, "residents": 90},
                {"address_id": "A2", "building_id": "B2", "dwellings": 50, "residents": 110},
            ],
            doors,
        ),
        "buildings": frame(
            [
                {"building_id": "B1", "use_code": 140, "year_built": 1970, "business_area_m2": 0.0},
                {"building_id": "B2", "use_code": 120, "year_built": 1960, "business_area_m2": 350.0},
            ],
            [block, villas],
        ),
        "parcels": frame(
            [
                {"parcel_id": "M1", "owner_kind": "housing_association", "owner_name": "Lillebo"},
                {"parcel_id": "M2", "owner_kind": "private", "owner_name": None},
            ],
            [shapely.box(-50, 6, 450, 106), shapely.box(-100, -320, 100, -191)],
        ),
    }


def roads() -> gpd.GeoDataFrame:
    """Two streets, the motorway between them, and the one way across."""
    lines = {
        "nordgade": ((0, 0), (1000, 0)),
        "sydgade": ((0, -200), (1000, -200)),
        "motorvej": ((-100, -100), (1100, -100)),
        "brogade": ((1000, 0), (1000, -200)),
    }
    rows = [
        {"road_id": name, "level": 1 if name == "brogade" else 0, "walking_allowed": name != "motorvej"}
        for name in lines
    ]
    return frame(rows, [shapely.LineString(line) for line in lines.values()])


def charger(charger_id: str, x: float, *, plugs: int, access: str | None, power_kw: float = 10.0) -> dict[str, Any]:
    """A charger beside Nordgade, as a row with its place."""
    row = {"charger_id": charger_id, "plugs": plugs, "power_kw": power_kw, "access": access, "operator": None}
    return {**row, "hours": 24.0, "place": shapely.Point(x, 5)}


def chargers(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Chargers as a layer; without any, an empty one."""
    names = ("charger_id", "plugs", "power_kw", "access", "operator", "hours")
    table = pd.DataFrame([{name: row[name] for name in names} for row in rows], columns=list(names))
    shapes = [affinity.translate(row["place"], EAST, NORTH) for row in rows]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def layers() -> dict[str, pd.DataFrame | None]:
    """All inputs of the analysis; optional ones that the paper does not need are unknown."""
    town = shapely.box(-500, -500, 1500, 500)
    return {
        **houses(),
        "municipality": frame([{"name": "Lilleby", "code": "0999"}], [town]),
        "roads": roads(),
        "car_areas": frame([{"area_id": "alle", "cars": 100, "electric": 8, "plug_in": 4, "year": 2025}], [town]),
        "stations": None,
        "chargers": chargers(
            charger("C1", 200, plugs=2, access="public"), charger("C2", 400, plugs=1, access="residents")
        ),
        "parking": None,
        "charging_rules": None,
        "fleet_bases": None,
        "power_areas": None,
        "heat_pumps": None,
    }


@cache
def shipped() -> dict[str, Any]:
    """The shipped assumptions."""
    return {name: each.value for name, each in read_project(shipped_root()).analyses["charging"].assumptions.items()}


def charged(assumptions: Mapping[str, Any] | None = None, **changed: Any) -> Outcome:
    """Run the analysis on the paper's village, with other layers or assumptions where they are given."""
    given = Given(
        inputs={**layers(), **changed},
        assumptions={**shipped(), **PAPER, **(assumptions or {})},
        progress=lambda _label, _share: None,
    )
    return get_method("charging").function(given)
