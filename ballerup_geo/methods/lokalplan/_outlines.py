"""The outlines of a proposal: which cannot be, and how the rest is made valid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import Fault
from ballerup_geo.methods.lokalplan._area import NO_AREA_M2, repair_pct
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.spec import Text

__all__ = ["outline_faults", "outlines"]


def outline_faults(frame: gpd.GeoDataFrame, ground: Ground, where: str) -> list[Fault]:
    """Return a fault for each row that is no polygon with an area, or that crosses itself so that nobody knows."""
    faults = []
    for row, shape in enumerate(frame.geometry, start=1):
        wrong = _wrong(shape, ground.number("repair_max_pct"))
        if wrong is not None:
            faults.append(Fault(where, f"geometry (row {row})", *wrong))
    return faults


def _wrong(shape: shapely.Geometry | None, most_pct: float) -> tuple[str, str] | None:
    """Return what is wrong with a shape and what to do, or nothing."""
    if shape is None or shape.is_empty:
        return "has no shape", "draw it as a polygon, or remove the row"
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return f"is a {shape.geom_type}, no polygon", "draw it as a polygon, or remove the row"
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return "has corners that are no numbers", "draw it again"
    one = np.array([shapely.force_2d(shape)], dtype=object)
    if not shapely.is_valid(one)[0] and repair_pct(one) > most_pct:
        return f"crosses itself ({shapely.is_valid_reason(one[0])})", "mend the outline where it crosses"
    if shapely.area(_valid(one))[0] <= NO_AREA_M2:
        return "has no area", "draw it as a polygon, or remove the row"
    return None


def outlines(frame: gpd.GeoDataFrame) -> tuple[NDArray[np.object_], list[Text]]:
    """Return the shapes of a frame without faults, each valid, and say which rows were mended."""
    flat = np.asarray(shapely.force_2d(frame.geometry.to_numpy()), dtype=object)
    broken = [str(row + 1) for row in np.flatnonzero(~shapely.is_valid(flat))]
    if not broken:
        return _valid(flat), []
    rows = ", ".join(broken)
    return _valid(flat), [
        Text(
            da=f"Omrids i forslaget krydsede sig selv og er rettet (række {rows}).",
            en=f"Outlines of the proposal crossed themselves and were mended (row {rows}).",
        )
    ]


def _valid(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.asarray(shapely.make_valid(shapes, method="structure", keep_collapsed=False), dtype=object)
