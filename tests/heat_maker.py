"""A few houses whose heat is computed on paper in ``test_methods_heating.py``.

Squares of 10 m × 10 m on one storey, 100 m apart in a row from the west. Coordinates are metres east and north of
700000, 6180000.
"""

from __future__ import annotations

from collections.abc import Mapping
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
HOUSE: Mapping[str, Any] = {
    "use_code": 120,
    "status": 6,
    "year_built": 1970,
    "dwelling_area_m2": 100.0,
    "business_area_m2": 0.0,
    "floor_area_m2": 100.0,
    "storeys": 1,
    "heating_installation": 2,
    "heating_fuel": 7,
    "heating_supplement": 90,
    "dwellings": 1,
    "municipal": False,
}


def placed(rows: list[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    """Rows with shapes in local metres."""
    return gpd.GeoDataFrame(rows, geometry=[affinity.translate(shape, EAST, NORTH) for shape in shapes], crs=CRS)


def houses(*changes: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Houses H1, H2 … in a row, each as ``HOUSE`` but for what is told."""
    rows = [{"building_id": f"H{number}", **HOUSE, **change} for number, change in enumerate(changes, 1)]
    table = placed(rows, [shapely.box(100 * place, 0, 100 * place + 10, 10) for place in range(len(rows))])
    whole = ("use_code", "status", "year_built", "storeys", "heating_installation", "heating_fuel", "dwellings")
    return table.astype(dict.fromkeys((*whole, "heating_supplement"), "Int64"))


def area(heat_area_id: str, stage: str, west: float, east: float, **more: Any) -> dict[str, Any]:
    """A heat-plan area between two places on the row of houses."""
    kind = "individual" if stage == "individual" else "district_heating"
    years = {"start_year": None, "end_year": None, "obligation": None, "supplier": None}
    shape = shapely.box(west - 20, -20, east + 20, 30)
    return {"heat_area_id": heat_area_id, "kind": kind, "stage": stage, **years, "shape": shape, **more}


def areas(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Heat-plan areas as a layer."""
    bare = [{name: value for name, value in row.items() if name != "shape"} for row in rows]
    return placed(bare, [row["shape"] for row in rows]).astype({"start_year": "Int64", "end_year": "Int64"})


def street(*corners: tuple[float, float], name: str = "V") -> dict[str, Any]:
    """A street through places in local metres."""
    return {"road_id": name, "class": "residential", "level": 0, "shape": shapely.LineString(corners)}


def streets(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Streets as a layer."""
    bare = [{name: value for name, value in row.items() if name != "shape"} for row in rows]
    return placed(bare, [row["shape"] for row in rows])


PIPES = pd.DataFrame(
    [(20, 30.0, 1000.0, 10.0), (50, 300.0, 2000.0, 20.0), (100, 3000.0, 4000.0, 30.0)],
    columns=["dn_mm", "capacity_kw", "cost_dkk_m", "loss_w_m"],
).assign(source="papir")
RATES = pd.DataFrame(
    [
        ("house", 1700, 1962, 150.0, 100.0, 200.0, None),
        ("house", 1963, 2100, 100.0, 80.0, 140.0, None),
        ("flat", 1700, 2100, 120.0, 90.0, 150.0, None),
        ("public", 1700, 2100, 90.0, 60.0, 120.0, 2700.0),
        ("other", 1700, 2100, 50.0, 10.0, 90.0, None),
    ],
    columns=["heat_class", "from_year", "to_year", "kwh_m2", "low_kwh_m2", "high_kwh_m2", "degree_days"],
).assign(source="papir")


def heated(buildings: gpd.GeoDataFrame, *, assumptions: Mapping[str, Any] | None = None, **layers: Any) -> Outcome:
    """The analysis with its shipped assumptions, changed as told."""
    return get_method("heating").function(given_of(buildings, assumptions=assumptions, **layers))


def given_of(buildings: gpd.GeoDataFrame, *, assumptions: Mapping[str, Any] | None = None, **layers: Any) -> Given:
    """What the analysis is given."""
    method = get_method("heating")
    shipped = read_project(shipped_root()).analyses["heating"].assumptions
    town = placed([{"name": "Lilleby", "code": "0151"}], [shapely.box(-500, -500, 5000, 500)])
    inputs: dict[str, Any] = {each.name: None for each in method.inputs}
    far = streets(street((0, -300), (10, -300)))
    inputs |= {"municipality": town, "buildings": buildings, "heat_rates": RATES, "roads": far, "pipe_sizes": PIPES}
    inputs |= layers
    values = {name: value.value for name, value in shipped.items()} | dict(assumptions or {})
    return Given(inputs, values, lambda _label, _share: None)
