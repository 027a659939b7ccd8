"""A village of ten streets whose school routes can be worked out on paper.

Metres east and north of 700000, 6180000; every home with pupils lies on its street::

    Stien  (300,0)-(300,300)-(600,300)-(600,0): a path of 900 m around Boliggade
    Skolegade 0-300 | Boliggade 300-600 | Hovedgade 600-900 | Landevej 900-1300    all on y = 0
    Sydstien from (0,-300) up to (0,0), across Ringvejen on y = -150
    Øen 2000-2100, joined with nothing

Stress (Furth 2.2): Skolegade 1, Boliggade 2, Hovedgade 3, Landevej 4, paths and Ringvejen (cycle track) 1. Crossing
Ringvejen, 70 km/h and 20,000 vehicles a day on two lanes a direction, without island or signal: 4.

Schools: Landsbyskolen Vest at (0, 20), classes 0-9, and Øst at (1320, 0), classes 7-9, each 20 m from its street.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine

from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Given

EAST, NORTH = 700_000.0, 6_180_000.0

ROADS: dict[str, tuple[list[tuple[float, float]], dict[str, Any]]] = {
    "skolegade": ([(0, 0), (300, 0)], {"class": "residential", "speed_kmh": 30, "aadt": 300}),
    "boliggade": ([(300, 0), (600, 0)], {"class": "residential", "speed_kmh": 50, "aadt": 400}),
    "hovedgade": ([(600, 0), (900, 0)], {"class": "tertiary", "speed_kmh": 50, "aadt": 3000, "centreline": True}),
    "landevej": ([(900, 0), (1300, 0)], {"class": "secondary", "speed_kmh": 80, "aadt": 8000, "centreline": True}),
    "stien": ([(300, 0), (300, 300), (600, 300), (600, 0)], {"class": "path", "facility": "path"}),
    "sydstien": ([(0, -300), (0, 0)], {"class": "path", "facility": "path", "lit": False}),
    "ringvejen": (
        [(-300, -150), (300, -150)],
        {
            "class": "primary",
            "speed_kmh": 70,
            "aadt": 20000,
            "lanes_per_direction": 2,
            "centreline": True,
            "facility": "track",
        },
    ),
    "oeen": ([(2000, 0), (2100, 0)], {"class": "residential", "speed_kmh": 30, "aadt": 50}),
}
USUAL = {
    **{"name": None, "speed_kmh": None, "aadt": None, "lanes_per_direction": 1, "one_way": False, "centreline": False},
    **{"facility": "mixed", "lit": True, "level": 0, "carriageway_m": 6.0, "parking_sides": 0},
}
HOMES: dict[str, tuple[tuple[float, float], dict[str, int]]] = {
    "h1": ((150, 0), {"pupils_0_3": 4, "pupils_10": 1}),
    "h2": ((450, 0), {"pupils_0_3": 3, "pupils_4_6": 2}),
    "h3": ((750, 0), {"pupils_0_3": 1, "pupils_4_6": 5, "pupils_7_9": 2}),
    "h4": ((600, 150), {"pupils_0_3": 2, "pupils_7_9": 3}),
    "h5": ((1050, 0), {"pupils_4_6": 2}),
    "h6": ((150, 400), {"pupils_0_3": 1}),
    "h7": ((2050, 0), {"pupils_0_3": 1}),
    "h8": ((0, -250), {"pupils_0_3": 6, "pupils_4_6": 4}),
}
LEVELS = ("0_3", "4_6", "7_9", "10")
ASSUMPTIONS: dict[str, bool | int | float | str] = {
    **{"rules": "furth-2.2", "crossing_rules": "furth-practice", "detour_max": 1.25, "unlisted_crossing": "none"},
    **{
        "accepted_stress_0_3": 1,
        "accepted_stress_4_10": 2,
        "speed_step_kmh": 10.0,
        "unsigned_road_kmh": 80.0,
        "unsigned_street_kmh": 80.0,
        "flow_rounding": 5,
    },
    **{"legal_km_0_3": 0.5, "legal_km_4_6": 6.0, "legal_km_7_9": 7.0, "legal_km_10": 9.0, "income_groups": 2},
    **{
        "snap_m": 1.0,
        "home_max_m": 100.0,
        "site_max_m": 100.0,
        "gate_apart_deg": 45.0,
        "crossing_snap_m": 10.0,
        "accident_reach_m": 15.0,
        "road_practice": "odder",
    },
    **{
        "plan_budget_dkk": 8e6,
        "plan_steps": 4,
        "plan_dark": False,
        "calm_speed_kmh": 30.0,
        "calm_speed_from_max_kmh": 60.0,
    },
    **{"new_lane_m": 1.5, "new_island_m": 2.0, "cost_island_dkk": 400_000.0, "cost_signal_dkk": 1_800_000.0},
    **{"cost_speed_dkk_m": 600.0, "cost_lane_dkk_m": 2000.0, "cost_track_dkk_m": 9000.0, "cost_lighting_dkk_m": 1500.0},
    **{f"pupils_a_dwelling_{level}": rate for level, rate in zip(LEVELS, (0.5, 0.25, 0.25, 0.0), strict=True)},
}


def at(x: float, y: float) -> shapely.Point:
    """A place in the village."""
    return shapely.Point(EAST + x, NORTH + y)


def frame(rows: list[dict[str, Any]], shapes: list[Any]) -> gpd.GeoDataFrame:
    """Features in the package's coordinates."""
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=CRS)


def roads(**changed: dict[str, Any]) -> gpd.GeoDataFrame:
    """The streets; ``changed`` gives some of them other values, e.g. ``roads(skolegade={"speed_kmh": None})``."""
    rows = [
        {"road_id": road_id, **USUAL, **values, **changed.get(road_id, {})} for road_id, (_, values) in ROADS.items()
    ]
    table = frame(
        rows, [shapely.LineString([(EAST + x, NORTH + y) for x, y in course]) for course, _ in ROADS.values()]
    )
    whole = dict.fromkeys(("speed_kmh", "aadt", "lanes_per_direction", "level", "parking_sides"), "Int64")
    return table.astype(whole)


def addresses(homes: dict[str, tuple[tuple[float, float], dict[str, int]]] = HOMES) -> gpd.GeoDataFrame:
    """The homes with their pupils."""
    rows = [
        {
            "address_id": home,
            "dwellings": 1,
            **{f"pupils_{level}": pupils.get(f"pupils_{level}", 0) for level in LEVELS},
        }
        for home, (_, pupils) in homes.items()
    ]
    return frame(rows, [at(*place) for place, _ in homes.values()])


def schools() -> gpd.GeoDataFrame:
    """Both sites of the school."""
    rows = [
        {"school_id": "S1", "school": "Landsbyskolen", "site": "Vest", "class_from": 0, "class_to": 9},
        {"school_id": "S2", "school": "Landsbyskolen", "site": "Øst", "class_from": 7, "class_to": 9},
    ]
    return frame(rows, [at(0, 20), at(1320, 0)])


def box(west: float, east: float) -> shapely.Polygon:
    """A stretch of the village, from far south to far north."""
    return shapely.box(EAST + west, NORTH - 1000, EAST + east, NORTH + 1000)


def districts() -> gpd.GeoDataFrame:
    """The village's district, and one around the island whose school no layer knows."""
    rows = [
        {"school": "Landsbyskolen", "class_from": 0, "class_to": 9},
        {"school": "Spøgelsesskolen", "class_from": 0, "class_to": 9},
    ]
    return frame(rows, [box(-500, 1500), box(1900, 2200)])


def crossing(control: str, island_m: float | None = None) -> gpd.GeoDataFrame:
    """How Sydstien crosses Ringvejen."""
    return frame([{"crossing_id": "K1", "control": control, "island_m": island_m}], [at(0, -150)])


def accidents() -> gpd.GeoDataFrame:
    """Two accidents on Boliggade, one of them with a cyclist."""
    rows = [
        {"accident_id": "U1", "year": 2021, "severity": "serious", "cyclist": True},
        {"accident_id": "U2", "year": 2023, "severity": "material", "cyclist": False},
    ]
    return frame(rows, [at(450, 5), at(460, -5)])


def areas() -> gpd.GeoDataFrame:
    """A poorer west and a richer east, with as many residents."""
    rows = [
        {"area_id": "vest", "residents": 100, "income_dkk": 300_000.0},
        {"area_id": "oest", "residents": 100, "income_dkk": 600_000.0},
    ]
    return frame(rows, [box(-500, 500), box(500, 1500)])


def slope() -> Raster:
    """Ground that rises 1 m in 100 m to the east."""
    columns = np.arange(260, dtype=np.float32) * 0.1 - 5.0
    heights = np.repeat(columns[None, :], 200, axis=0)
    return Raster(heights, Affine(10.0, 0.0, EAST - 505.0, 0.0, -10.0, NORTH + 1005.0), float("nan"))


def village(assumptions: dict[str, Any] | None = None, **inputs: Any) -> Given:
    """The village; inputs by name replace those that it has, None leaves one out."""
    usual = {
        **{"roads": roads(), "addresses": addresses(), "schools": schools(), "school_districts": districts()},
        **{"crossings": crossing("none"), "accidents": accidents(), "statistics_areas": areas(), "terrain": slope()},
    }
    return Given(
        inputs={**usual, **inputs},
        assumptions={**ASSUMPTIONS, **(assumptions or {})},
        progress=lambda label, share: None,
    )
