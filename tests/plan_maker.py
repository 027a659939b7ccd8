"""A town of one square kilometre whose every answer about the plan area is on paper; see `PAPER` in the tests.

Metres east and north of 700000, 6180000. The plan area is the hectare x 100–200, y 100–200.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from ballerup_geo.methods.lokalplan import METHOD, Ground
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given

EAST, NORTH = 700_000.0, 6_180_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def line(*corners: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(EAST + x, NORTH + y) for x, y in corners])


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(EAST + x, NORTH + y)


def layer(shapes: list[shapely.Geometry], **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS, index=range(len(shapes)))


AREA = box(100, 100, 200, 200)
TOWN = box(0, 0, 1000, 1000)
B1, B2 = box(110, 110, 120, 120), box(130, 110, 140, 120)


def proposal(**changes: list[Any]) -> gpd.GeoDataFrame:
    """A building field of 50 × 50 m, a road of 6 × 50 m and a basin of 20 × 20 m, with all their figures."""
    columns: dict[str, list[Any]] = {
        "kind": ["byggefelt", "vej", "bassin"],
        "use": ["etageboliger", None, None],
        "floor_area_m2": [3000.0, None, None],
        "dwellings": [30.0, None, None],
        "parking_spaces": [25.0, None, None],
        "sealed_share": [0.8, 1.0, 0.0],
        "storeys": [3.0, None, None],
        "volume_m3": [None, None, 100.0],
    }
    return layer([box(150, 150, 200, 200), box(150, 100, 156, 150), box(160, 110, 180, 130)], **(columns | changes))


def inputs() -> dict[str, Any]:
    paved = box(100, 100, 150, 200).difference(B1).difference(B2)
    return {
        "municipality": layer([TOWN], name=["Firkant"], code=["9999"]),
        "land_cover": layer(
            [B1, B2, paved, TOWN.difference(box(100, 100, 150, 200))], cover=["roof", "roof", "paved", "grass"]
        ),
        "buildings": layer([B1, B2], building_id=["b1", "b2"], use_code=[140, 140]),
        "addresses": layer(
            [point(125, 130), point(135, 105)],
            address_id=["a1", "a2"],
            building_id=["b1", "b2"],
            dwellings=[5, 5],
            residents=[10, 10],
        ),
        "rain_events": pd.DataFrame(
            {
                "event_id": ["T5", "T10", "T100", "T100 × 1.4"],
                "return_period_y": [5.0, 10.0, 100.0, 100.0],
                "duration_min": [10.0] * 4,
                "rain_mm": [10.6, 18.2, 20.0, 20.0],
                "climate_factor": [1.0, 1.0, 1.0, 1.4],
            }
        ),
        "heat_areas": layer(
            [box(140, 0, 1000, 1000), box(0, 0, 140, 1000)],
            heat_area_id=["f", "i"],
            kind=["district_heating", "individual"],
            stage=["approved", "individual"],
            end_year=[2027, None],
        ),
        "heat_network": layer([line((145, 0), (145, 1000))], pipe_id=["p"]),
        "charging_rules": pd.DataFrame(
            {
                "rule_id": ["r1", "r2"],
                "title": ["Boligregel", "Erhvervsregel"],
                "from_date": pd.to_datetime(["2020-03-10", "2020-03-10"]),
                "applies_to": ["residential", "non_residential"],
                "building_state": ["new", "new"],
                "spaces_over": [10, 10],
                "chargers_min": [2, 50],
                "chargers_per_spaces": pd.array([10, None], dtype="Int64"),
                "standing": ["in_force", "in_force"],
            }
        ),
        "trees": layer(
            [point(120, 150), point(130, 150), point(140, 150), point(160, 160)],
            tree_id=["t1", "t2", "t3", "t4"],
            crown_m=[4.0] * 4,
        ),
        "green_areas": layer([box(400, 100, 500, 200)], area_id=["g"], public=[True]),
        "protected_nature": layer([box(0, 0, 110, 1000), box(0, 0, 105, 1000)], kind=["section3_bog", "lake_line"]),
        "lokalplaner": layer(
            [AREA, box(500, 500, 600, 600), box(2000, 0, 2100, 100)],
            plan_id=["P-1", "P-2", "P-3"],
            name=["Hjørnet", "Engen", "Udenfor"],
            status=["forslag", "vedtaget", "vedtaget"],
        ),
        "catchments": layer(
            [box(0, 0, 150, 1000), box(150, 0, 1000, 1000)], recipient_id=["w", "e"], name=["Vest", "Øst"]
        ),
        "bluespots": layer(
            [box(150, 100, 170, 150), box(300, 100, 320, 120)],
            bluespot_id=["1", "2"],
            volume_m3=[300.0, 50.0],
            max_depth_m=[0.5, 0.2],
            buildings=[0, 7],
        ),
        "drainage_lines": layer([line((50, 120), (250, 120))], upstream_ha=[12.0]),
        "touched_buildings": layer([B1], building_id=["b1"], touched_from_mm=[18.2], depth_m=[0.3]),
        "directions": Raster(np.ones((100, 100), np.uint8), Affine(10, 0, EAST, 0, -10, NORTH + 1000), 255.0),
        "heat_buildings": layer([B1, B2], building_id=["b1", "b2"], heat_mwh=[20.0, 30.0], buildings=[5, 5]),
        "phase_out": pd.DataFrame(
            {"building_id": ["b1", "b2"], "present": ["gas", "oil"], "co2_t": [4.0, 6.0], "buildings": [5, 5]}
        ),
        "demand": layer(
            [point(125, 130), point(135, 105)],
            address_id=["a1", "a2"],
            cars=[4.0, 6.0],
            ev_no_home=[1.0, 3.0],
            covered_target_pct=[100.0, 20.0],
        ),
        "trips": layer(
            [point(125, 130), point(135, 105)],
            address_id=["a1", "a2"],
            pupils_exact=[6.0, 4.0],
            low_stress=[True, False],
            school_id=["s", "s"],
        ),
        "ways_from": layer(
            [line((150, 50), (250, 50)), line((250, 50), (450, 50))],
            way_id=[1, 2],
            next_way=pd.array([2, None], dtype="Int64"),
            stress=[1, 3],
            from_0_3=["Skolen", None],
        ),
        "hard_crossings": layer([point(300, 55), point(300, 500)], crossing=["k1", "k2"], stress=[3, 3]),
    }


def given(**changes: Any) -> Given:
    """What the method is given: the town, and the values of the shipped analysis file."""
    known = inputs() | changes
    values = read_project(shipped_root()).analyses["lokalplan"].assumptions
    return Given(
        {wanted.name: known.get(wanted.name) for wanted in METHOD.inputs},
        {name: value.value for name, value in values.items()},
        lambda _label, _share: None,
    )


def ground(**changes: Any) -> Ground:
    return Ground(given(**changes))
