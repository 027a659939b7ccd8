"""A small hand-made terrain with two recipients in a chain, and a map that answers questions about it.

The municipality is 1 km², the grid 100 × 100 cells of 10 m. A ridge runs north–south at column 15: west of it rain
leaves over the edge, east of it it runs to recipient ``a`` (north, which leads to ``b``) or ``b`` (south). On the slope
lie two bowls that merge when full, and in the south bumps make many small hollows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from project_maker import NORTH, TEXT, WEST, ProjectMaker, frame, squares

from ballerup_geo.hydrology import Terrain, analyse
from ballerup_geo.raster import Raster
from ballerup_geo.spec import (
    Assumption,
    Given,
    Indicator,
    Input,
    Method,
    Outcome,
    OutputColumn,
    OutputRaster,
    OutputTable,
)

CELL_M = 10.0
LOSS_MM = 2.0
SIZE = 100
RIDGE = 15
LAKE = "#d55e00"
COLOURS = ("#009e73", "#e69f00")
TRANSFORM = Affine(CELL_M, 0, WEST, 0, -CELL_M, NORTH)
NAMES = ["Nordbækken", "Sydåen"]
SHARE_NORTH, SHARE_SOUTH = 0.9, 0.5
WALL_M, RIDGE_M = 26.2, 26.0
"""The two bowls meet over the ridge between them, and spill over the wall around both."""
OUTSIDE_ROWS = 4
"""The southernmost rows are not part of the terrain."""


def heights() -> np.ndarray:
    """Heights in m, multiples of 0.1."""
    z = np.tile(30.0 - 0.1 * np.abs(np.arange(SIZE) - RIDGE), (SIZE, 1))
    z[20:30, 44:62] = WALL_M
    z[21:29, 44:50], z[21:29, 50:52], z[21:29, 52:60] = 25.8, RIDGE_M, 25.7
    bumps = np.random.default_rng(3).integers(0, 6, size=z.shape) / 10
    z[60:90, 30:90] += bumps[60:90, 30:90]
    z[-OUTSIDE_ROWS:] = np.nan
    return np.round(z, 1).astype(np.float32)


def marks() -> np.ndarray:
    found = np.zeros((SIZE, SIZE), dtype=np.int32)
    found[:50, -1] = 1
    found[50 : SIZE - OUTSIDE_ROWS, -1] = 2
    return found


def runoff() -> np.ndarray:
    share = np.full((SIZE, SIZE), SHARE_NORTH)
    share[50:] = SHARE_SOUTH
    return share


def terrain() -> Terrain:
    return analyse(heights(), cell_size_m=CELL_M, recipients=marks())


def click_nodes(found: Terrain, share: np.ndarray) -> pd.DataFrame:
    """The table of nodes as the contract has it."""
    drainage = found.drainage
    runoff_m2 = np.zeros(drainage.whole.size)
    area_m2 = np.zeros(drainage.whole.size)
    np.add.at(area_m2, drainage.labels[drainage.labels > 1], found.cell_area_m2)
    np.add.at(runoff_m2, drainage.labels[drainage.labels > 1], share[drainage.labels > 1] * found.cell_area_m2)
    nodes = {
        "node": np.arange(drainage.whole.size),
        "whole": drainage.rises_in,
        "beyond": drainage.beyond,
        "spill_level_m": drainage.level_m.astype(float),
        "floor_m": drainage.met_m.astype(float),
        "room_m3": found.sizes.own_m * found.cell_area_m2,
        "area_m2": area_m2,
        "runoff_m2": runoff_m2,
    }
    return pd.DataFrame({name: values[2:] for name, values in nodes.items()})


@dataclass
class Names:
    """What the recipients are called, and whether their catchments have colours."""

    names: list[str]


SAID = Names(NAMES)


def flow(given: Given) -> Outcome:
    found = terrain()
    label = found.recipients
    catchments = [
        shapely.union_all(
            [
                shapely.box(WEST + 10 * c, NORTH - 10 * r - 10, WEST + 10 * c + 10, NORTH - 10 * r)
                for r, c in zip(*np.nonzero(label == number), strict=True)
            ]
        )
        for number in (1, 2)
    ]
    recipients = pd.DataFrame(
        {
            "label": [1, 2],
            "recipient_id": ["a", "b"],
            "name": SAID.names,
            "kind": ["reach", "outlet"],
            "downstream_id": ["b", None],
        }
    )
    codes = found.directions.astype(np.uint8)
    rasters: dict[str, Any] = {
        "click_height_m": Raster(found.dtm, TRANSFORM, float("nan")),
        "click_directions": Raster(codes, TRANSFORM, 255),
        "click_basins": Raster(found.drainage.labels, TRANSFORM, -1),
        "click_outlets": Raster(marks().astype(np.uint8), TRANSFORM, None),
    }
    tables = {
        "catchments": gpd.GeoDataFrame(
            {"recipient_id": ["a", "b"], "name": SAID.names}, geometry=catchments, crs="EPSG:25832"
        ),
        "recipients": recipients,
        "click_nodes": click_nodes(found, runoff()),
    }
    return Outcome(tables=tables, rasters=rasters, indicators={"hollows": 1.0}, answer={"da": "Sådan.", "en": "So."})


def _columns(**types: Any) -> tuple[OutputColumn, ...]:
    return tuple(OutputColumn(name, kind) for name, kind in types.items())


METHOD = Method(
    id="flow",
    version="1",
    summary={"da": "Sådan.", "en": "So."},
    function=flow,
    inputs=(Input("lakes", "polygon", columns=("id",)),),
    assumptions=(Assumption("loss_mm", "mm", minimum=0.0),),
    tables=(
        OutputTable("catchments", "polygon", _columns(recipient_id="text", name="text")),
        OutputTable(
            "recipients",
            "table",
            _columns(label="integer", recipient_id="text", name="text", kind="text", downstream_id="text"),
        ),
        OutputTable(
            "click_nodes",
            "table",
            _columns(
                node="integer",
                whole="integer",
                beyond="integer",
                spill_level_m="number",
                floor_m="number",
                room_m3="number",
                area_m2="number",
                runoff_m2="number",
            ),
        ),
    ),
    rasters=tuple(
        OutputRaster(name, "-") for name in ("click_height_m", "click_directions", "click_basins", "click_outlets")
    ),
    indicators=(Indicator("hollows", "1", "Lavninger", "Hollows"),),
)

FLOW = {
    "title": {"da": "Spørg terrænet", "en": "Ask the terrain"},
    "result": "flow",
    "height": "click_height_m",
    "directions": "click_directions",
    "basins": "click_basins",
    "outlets": "click_outlets",
    "nodes": "click_nodes",
    "recipients": "recipients",
    "loss": "loss_mm",
    "most_mm": 250.0,
    "hides": ["lakes"],
}


def add_flow_map(maker: ProjectMaker) -> None:
    """Write the project: a layer of lakes, the analysis, and the map ``flow`` with the catchments under the tool."""
    columns = {"id": {"type": "text", "required": True, "unique": True}}
    maker.layer("lakes", frame(squares(3), id=list("abc")), geometry="polygon", columns=columns)
    loss = {"value": LOSS_MM, "unit": "mm", "source": "chosen for the test", "title": TEXT}
    maker.analysis("flow", method="flow", inputs={"lakes": {"layer": "lakes"}}, assumptions={"loss_mm": loss})
    categories = [
        {"value": value, "colour": colour, "label": TEXT} for value, colour in zip("ab", COLOURS, strict=True)
    ]
    style = {"kind": "categories", "column": "recipient_id", "fill_opacity": 1.0, "categories": categories}
    shown = {"id": "catchments", "title": TEXT, "result": "flow", "table": "catchments", "name": "name", "style": style}
    lakes = {"id": "lakes", "title": {"da": "Søer", "en": "Lakes"}, "layer": "lakes"}
    full = {"kind": "single", "fill": LAKE, "fill_opacity": 1.0}
    maker.map("flow", analysis="flow", layers=[shown, {**lakes, "style": full}], flow=FLOW)
