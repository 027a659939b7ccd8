"""The coordinate reference system that a file states, or that its content file assumes for it."""

from __future__ import annotations

from typing import Any

from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from ballerup_geo.errors import DataError, ProjectError
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources._request import Bounds, Request
from ballerup_geo.spec import FileSource

__all__ = ["bounds_in", "stated_crs"]


def stated_crs(
    stated: Any, source: FileSource, request: Request, *, name: str, implied: bool = False
) -> tuple[CRS, tuple[str, ...]]:
    """Return the CRS to read a file with, and notes.

    ``stated`` is what the file says, in any form pyproj reads, or None. ``implied`` marks a CRS that the format gives
    to every file (GeoJSON), which an assumption in the content file overrules.

    Raises
    ------
    DataError
        The file states none and the content file assumes none, or there is no way from it to ours.
    ProjectError
        The assumed one does not exist.
    """
    crs, notes = _chosen(stated, source, request, name=name, implied=implied)
    if not _leads_home(crs):
        what = f"{name} is in {crs.name}, from which there is no way to {OURS}"
        todo = "write the file in another coordinate reference system, or state the one it is really in"
        raise DataError(request.fault("source.kept.path", what, todo))
    return crs, notes


def _leads_home(crs: CRS) -> bool:
    """Say whether coordinates on the ground can be brought to EPSG:25832: not from heights or a building site's own."""
    if not (crs.is_projected or crs.is_geographic or crs.is_derived):
        return False
    try:
        Transformer.from_crs(crs, OURS)
    except ProjError:
        return False
    return True


def _chosen(
    stated: Any, source: FileSource, request: Request, *, name: str, implied: bool
) -> tuple[CRS, tuple[str, ...]]:
    assumed = _assumed(source, request)
    if stated is None or (implied and assumed is not None):
        if assumed is None:
            what = f"{name} does not say its coordinate reference system"
            todo = f'find out which it is and add assume_crs = "{OURS}" (or the one it is) under [source.kept]'
            raise DataError(request.fault("source.kept.assume_crs", what, todo))
        return assumed, (f"the file states no coordinate reference system; {source.assume_crs} was assumed",)
    crs = _understood(stated, request, name=name)
    if assumed is not None and not crs.equals(assumed, ignore_axis_order=True):
        return crs, (f"the file states {crs.name}; assume_crs = {source.assume_crs} was not used",)
    return crs, ()


def _understood(stated: Any, request: Request, *, name: str) -> CRS:
    try:
        return CRS.from_user_input(stated)
    except CRSError as error:
        what = f"{name} states a coordinate reference system that cannot be understood ({str(stated)[:60]})"
        raise DataError(
            request.fault("source.kept.path", what, f"state {OURS}, or the one it is, in the file")
        ) from error


def _assumed(source: FileSource, request: Request) -> CRS | None:
    if source.assume_crs is None:
        return None
    try:
        return CRS.from_user_input(source.assume_crs)
    except CRSError as error:
        what = f'"{source.assume_crs}" is no coordinate reference system'
        todo = f'write it as an EPSG code, e.g. "{OURS}"'
        raise ProjectError(request.fault("source.kept.assume_crs", what, todo)) from error


def bounds_in(crs: CRS, bounds: Bounds | None) -> Bounds | None:
    """Return EPSG:25832 bounds in another CRS (x, y order); None where they cannot be given, so that all is read."""
    if bounds is None:
        return None
    try:
        west, south, east, north = Transformer.from_crs(OURS, crs, always_xy=True).transform_bounds(*bounds)
    except ProjError:
        return None
    return (west, south, east, north) if west < east and south < north else None
