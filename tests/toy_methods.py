"""Two small methods for tests: ``areas`` measures lakes, ``doubled`` doubles what ``areas`` found."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from affine import Affine
from project_maker import NORTH, TEXT, WEST, ProjectMaker, frame, points, squares

from ballerup_geo.errors import Fault, ProjectError
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

CALLS: list[str] = []
"""Which methods ran, in order."""

AREA = (OutputColumn("id", "text"), OutputColumn("area_m2", "number", "m²"))
ANSWER = {"da": "Sådan.", "en": "So."}


def areas(given: Given) -> Outcome:
    CALLS.append("areas")
    given.progress("measuring", 0.5)
    lakes = gpd.GeoDataFrame(given.inputs["lakes"])
    table = lakes[["id", "geometry"]].assign(area_m2=lakes.area * float(given.assumptions["factor"]))
    grid = Raster(np.ones((50, 50), "float32"), Affine(20, 0, WEST, 0, -20, NORTH), float("nan"))
    total = {"total_m2": float(table["area_m2"].sum())}
    return Outcome(tables={"areas": table}, rasters={"wet": grid}, indicators=total, answer=ANSWER)


def doubled(given: Given) -> Outcome:
    CALLS.append("doubled")
    rows = gpd.GeoDataFrame(given.inputs["areas"])
    known = None if given.inputs["places"] is None else float(len(given.inputs["places"]))
    table = rows.drop(columns="geometry").assign(area_m2=rows["area_m2"] * 2)
    return Outcome(tables={"twice": table}, rasters={}, indicators={"places": known}, answer=ANSWER)


METHODS = {
    "areas": Method(
        id="areas",
        version="1",
        summary=ANSWER,
        function=areas,
        inputs=(Input("lakes", "polygon", columns=("id",)),),
        assumptions=(
            Assumption("factor", "1", minimum=0.0, maximum=10.0),
            Assumption("mode", "-", kind="text", choices=("plain", "fancy")),
            Assumption("rounds", "1", kind="integer"),
        ),
        tables=(OutputTable("areas", "polygon", AREA),),
        rasters=(OutputRaster("wet", "-"),),
        indicators=(Indicator("total_m2", "m²", "Areal", "Area"),),
    ),
    "doubled": Method(
        id="doubled",
        version="1",
        summary=ANSWER,
        function=doubled,
        inputs=(
            Input("areas", "polygon", columns=("area_m2",)),
            Input("places", "point", columns=("name",), required=False),
        ),
        tables=(OutputTable("twice", "table", AREA),),
        indicators=(Indicator("places", "1", "Steder", "Places"),),
    ),
}


def get_method(name: str) -> Method:
    if name not in METHODS:
        raise ProjectError(Fault("method", name, "there is no such method", 'did you mean "areas"?'))
    return METHODS[name]


def assumption(value: Any, unit: str = "1", **fields: Any) -> dict[str, Any]:
    return {"value": value, "unit": unit, "source": "chosen for the test", "title": TEXT, **fields}


ASSUMPTIONS = {"factor": assumption(1.0), "mode": assumption("plain", "-"), "rounds": assumption(3)}


def add_layers(maker: ProjectMaker) -> None:
    """Add a layer of three lakes, and a layer of places whose file is not there."""
    columns = {"id": {"type": "text", "required": True, "unique": True}}
    maker.layer("lakes", frame(squares(3), id=list("abc")), geometry="polygon", columns=columns)
    places = {"name": {"type": "text"}}
    maker.layer("places", geometry="point", columns=places, kept={"path": "data/places.gpkg"}, may_be_empty=True)


def add_analyses(
    maker: ProjectMaker, *, areas: dict[str, Any] | None = None, doubled: dict[str, Any] | None = None
) -> None:
    """Write the two analysis files; the arguments replace parts of them."""
    first = {"method": "areas", "inputs": {"lakes": {"layer": "lakes"}}, "assumptions": ASSUMPTIONS}
    maker.analysis("areas", **{**first, **(areas or {})})
    reads = {"areas": {"result": "areas", "table": "areas"}, "places": {"layer": "places"}}
    maker.analysis("doubled", **{**{"method": "doubled", "inputs": reads}, **(doubled or {})})


def add_places(maker: ProjectMaker, number: int = 2) -> None:
    frame(points(number), name=[f"sted {i}" for i in range(number)]).to_file(maker.root / "data" / "places.gpkg")
