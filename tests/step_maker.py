"""A small method whose answer has steps: three rains, water that rises in a square, roads that are cut, volumes.

In the middle of the municipality stands water in two squares of 200 m: the western one from the second rain on, 0.2 m
deep and then 0.6 m; the eastern one in the last rain alone, 1.5 m deep. Cells measure 5 m.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from affine import Affine
from project_maker import NORTH, TEXT, WEST, ProjectMaker, frame, squares

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.raster import Raster
from ballerup_geo.results import Made, Result, write_result
from ballerup_geo.spec import Given, Method, Outcome, OutputColumn, OutputRaster, OutputTable

CELL_M = 5.0
WEST_SQUARE = (WEST + 200.0, NORTH - 600.0, WEST + 400.0, NORTH - 400.0)
EAST_SQUARE = (WEST + 600.0, NORTH - 600.0, WEST + 800.0, NORTH - 400.0)
RAINS_MM = (20.0, 40.0, 80.0)
NAMES = ("dagsregn", "skybrud", "stort skybrud")
LIGHT, MIDDLE, DARK = "#9ecae1", "#3182bd", "#08306b"

EVENT = (
    OutputColumn("event_id", "text", da="hændelse", en="event"),
    OutputColumn("name", "text", da="navn", en="name"),
    OutputColumn("rain_mm", "number", "mm", "regn", "rain"),
)
ROAD = (
    OutputColumn("road_id", "text", da="vej", en="road"),
    OutputColumn("cut_from_mm", "number", "mm", "fra", "from"),
)
VOLUME = (
    OutputColumn("event_id", "text", da="hændelse", en="event"),
    OutputColumn("name", "text", da="nabokommune", en="neighbour"),
    OutputColumn("volume_m3", "number", "m³", "vand", "water"),
)


def never(given: Given) -> Outcome:
    raise NotImplementedError("these tests write the outcome themselves")


STORMS = Method(
    id="storms",
    version="1",
    summary=TEXT,
    function=never,
    inputs=(),
    tables=(
        OutputTable("events", "table", EVENT),
        OutputTable("roads", "line", ROAD),
        OutputTable("volumes", "table", VOLUME),
        OutputTable("homes", "table", VOLUME, homes=True),
    ),
    rasters=(
        OutputRaster("depth", "m", each="events"),
        OutputRaster("ground", "-"),
    ),
)


def get_method(name: str) -> Method:
    if name != "storms":
        raise ProjectError(Fault("method", name, "there is no such method", 'did you mean "storms"?'))
    return STORMS


def grid(fill: Sequence[tuple[tuple[float, float, float, float], float]], dtype: str = "float32") -> Raster:
    """A raster over the municipality with rectangles of a value; elsewhere no data."""
    side = int(1000 / CELL_M)
    array = np.full((side, side), np.nan if dtype == "float32" else 0, dtype)
    for (west, south, east, north), value in fill:
        rows = slice(int((NORTH - north) / CELL_M), int((NORTH - south) / CELL_M))
        array[rows, int((west - WEST) / CELL_M) : int((east - WEST) / CELL_M)] = value
    return Raster(array, Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH), float("nan") if dtype == "float32" else 0.0)


def outcome(names: Sequence[str] = NAMES) -> Outcome:
    ids = [f"t{number}" for number in range(1, 4)]
    events = pd.DataFrame({"event_id": ids, "name": list(names), "rain_mm": RAINS_MM})
    lines = [shapely.LineString([(WEST + 100, y), (WEST + 900, y)]) for y in (NORTH - 200, NORTH - 800, NORTH - 900)]
    roads = frame(lines, road_id=["nord", "syd", "aldrig"], cut_from_mm=[40.0, 80.0, np.nan])
    volumes = pd.DataFrame(
        {
            "event_id": np.repeat(ids, 2),
            "name": ["Herlev", "Egedal"] * 3,
            "volume_m3": [0.0, 100.0, 2000.0, 1000.0, 30000.0, 40000.0],
        }
    )
    depths = [
        grid([(WEST_SQUARE, 0.05)]),
        grid([(WEST_SQUARE, 0.2)]),
        grid([(WEST_SQUARE, 0.6), (EAST_SQUARE, 1.5)]),
    ]
    ground = grid([(WEST_SQUARE, 1), (EAST_SQUARE, 7)], "uint8")
    return Outcome(
        tables={"events": events, "roads": roads, "volumes": volumes, "homes": volumes},
        rasters={**{f"depth-{number}": raster for number, raster in enumerate(depths, start=1)}, "ground": ground},
        indicators={},
        answer=TEXT,
    )


DEPTH = {
    "id": "depth",
    "title": {"da": "Vanddybde", "en": "Depth of water"},
    "result": "storms",
    "raster": "depth",
    "style": {
        "kind": "classes",
        "column": "value",
        "fill_opacity": 1.0,
        "classes": [
            {"minimum": 0.1, "colour": LIGHT, "label": {"da": "0,1–0,5 m", "en": "0.1–0.5 m"}},
            {"minimum": 0.5, "colour": MIDDLE, "label": {"da": "0,5–1 m", "en": "0.5–1 m"}},
            {"minimum": 1.0, "colour": DARK, "label": {"da": "1 m eller mere", "en": "1 m or more"}},
        ],
    },
}
GROUND = {
    "id": "ground",
    "title": TEXT,
    "layer": "municipality",
    "role": "ground",
    "style": {"kind": "single", "fill": "#ffffff", "fill_opacity": 1.0, "line": "#8f979c"},
}
ROADS = {
    "id": "roads",
    "title": {"da": "Afskårne veje", "en": "Cut roads"},
    "result": "storms",
    "table": "roads",
    "from_step": "cut_from_mm",
    "name": "road_id",
    "style": {"kind": "single", "line": "#d55e00", "line_width_px": 4.0},
}
SLIDER = {
    "title": {"da": "Regnhændelse", "en": "Rain event"},
    "result": "storms",
    "table": "events",
    "value": "rain_mm",
    "label": [{"column": "name"}, {"column": "rain_mm", "digits": 0}],
    "start": 2,
}
TABLES = [
    {
        "result": "storms",
        "table": "volumes",
        "step_column": "event_id",
        "caption": {"da": "Vand til nabokommuner", "en": "Water to neighbours"},
        "sort": "volume_m3",
        "fields": [{"column": "name"}, {"column": "volume_m3", "digits": 0}],
    },
    {"map_layer": "roads", "caption": {"da": "Veje", "en": "Roads"}, "fields": [{"column": "road_id"}]},
]


def storm_map(**change: Any) -> dict[str, Any]:
    """The fields of a map of the storms; keyword arguments replace them, None leaves one out."""
    fields = {"layers": [GROUND, DEPTH, ROADS], "slider": SLIDER, "tables": TABLES, "analysis": "storms"}
    return {key: value for key, value in {**fields, **change}.items() if value is not None}


def write_storms(maker: ProjectMaker, made: Outcome | None = None, key: str = "0") -> Result:
    """Write the result as a run would."""
    project = maker.project()
    return write_result(
        maker.out,
        "storms",
        analysis=project.analyses["storms"],
        method=STORMS,
        outcome=made or outcome(),
        made=Made(inputs={}, data="kept", key=key * 64),
        maps=project.maps,
    )


def add_storms(maker: ProjectMaker, made: Outcome | None = None, **change: Any) -> Catalog:
    """Add analysis, result and map."""
    maker.analysis("storms", method="storms", inputs={})
    maker.map("storms", **storm_map(**change))
    write_storms(maker, made)
    return maker.catalog()


__all__ = ["add_storms", "get_method", "grid", "outcome", "squares", "storm_map", "write_storms"]
