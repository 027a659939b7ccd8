"""The rasters of an outcome against what their method declared, those too that are made when they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ballerup_geo.raster import CRS, Raster
from ballerup_geo.results import row_of_raster
from ballerup_geo.spec import Method, Outcome

__all__ = ["checked_rasters", "raster_problems"]

_WRITTEN = {"bool", "uint8", "uint16", "int16", "uint32", "int32", "float32", "float64"}
"""Numbers that a GeoTIFF holds and every reader knows."""

Maker = Callable[[], Raster]


def raster_problems(rasters: Mapping[str, Raster | Maker]) -> Iterator[str]:
    """Say what is wrong with those rasters that are there already."""
    for name, raster in rasters.items():
        if isinstance(raster, Raster):
            yield from _problems(name, raster)


def checked_rasters(method: Method, outcome: Outcome, names: Sequence[str]) -> dict[str, Raster | Maker]:
    """Return the rasters in this order; those still to be made are checked once they are.

    Making one raises RuntimeError where it is something else than declared, or where the rasters of one table do not
    lie on one grid: a bug of the method, not of the data.
    """
    grids: dict[str, Any] = {}

    def checked(name: str, maker: Maker) -> Maker:
        def make() -> Raster:
            raster = maker()
            problems = list(_problems(name, raster))
            if not problems and row_of_raster(method, name) is not None:
                kind = name.rpartition("-")[0]
                grid = (raster.shape, raster.transform, raster.array.dtype)
                if grids.setdefault(kind, grid) != grid:
                    problems.append(f"raster {name} lies on another grid than {kind}-1, or holds other numbers")
            if problems:
                raise RuntimeError(f"method {method.id} breaks its declaration: {'; '.join(problems)}")
            return raster

        return make

    given = {name: outcome.rasters[name] for name in names}
    return {name: one if isinstance(one, Raster) else checked(name, one) for name, one in given.items()}


def _problems(name: str, raster: Raster) -> Iterator[str]:
    if not isinstance(raster, Raster):
        yield f"raster {name} is a {type(raster).__name__}"
        return
    array, grid = raster.array, raster.transform
    if raster.crs != CRS:
        yield f"raster {name} is in {raster.crs}"
    if array.ndim != 2 or not array.size:
        yield f"raster {name} has the shape {array.shape}"
    if array.dtype.name not in _WRITTEN:
        yield f"raster {name} holds {array.dtype}"
    elif not _can_hold(array.dtype, raster.nodata):
        yield f"raster {name} holds {array.dtype}, which knows no {raster.nodata:g}"
    if grid.a <= 0 or grid.e >= 0 or grid.b or grid.d:
        yield f"raster {name} has not north up"


def _can_hold(dtype: np.dtype[Any], nodata: float | None) -> bool:
    if nodata is None or dtype.kind == "f":
        return True
    limits = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return float(nodata).is_integer() and limits[0] <= nodata <= limits[1]
