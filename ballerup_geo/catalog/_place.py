"""Where data lie: the area a layer is clipped to, and the usual mistakes with coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources import Bounds

__all__ = ["Region", "in_ours", "is_ours", "misplaced", "shown"]

_DOMAIN = (-500_000.0, 3_000_000.0, 1_500_000.0, 9_500_000.0)
"""Where EPSG:25832 is used at all, generously: west, south, east, north in metres."""


@dataclass(frozen=True, slots=True)
class Region:
    """The municipality, and how far around it a layer reaches."""

    municipality: Any
    """shapely polygon in EPSG:25832."""
    margin_m: float

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of the municipality with its margin."""
        west, south, east, north = shapely.bounds(self.municipality).tolist()
        return west - self.margin_m, south - self.margin_m, east + self.margin_m, north + self.margin_m

    def selects(self, geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Say which geometries touch the municipality or lie within the margin of it."""
        shapely.prepare(self.municipality)
        chosen: NDArray[np.bool_] = shapely.dwithin(self.municipality, geometries, self.margin_m)
        return chosen


def is_ours(crs: CRS) -> bool:
    """Say whether a CRS is EPSG:25832, under whatever name, with or without heights."""
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    return bool(flat.to_epsg(min_confidence=70) == int(OURS.removeprefix("EPSG:")))


def in_ours(bounds: Bounds, crs: CRS) -> Bounds:
    """Bring bounds (x, y order) to EPSG:25832; infinite where that cannot be done."""
    return Transformer.from_crs(crs, OURS, always_xy=True).transform_bounds(*bounds)


def misplaced(bounds: Bounds, crs: CRS) -> tuple[str, str] | None:
    """Recognise coordinates that cannot be in the CRS that is stated: what is wrong, and what to do.

    ``bounds`` are of most of the data, in that CRS, x before y.
    """
    degrees = max(abs(bounds[0]), abs(bounds[2])) <= 180 and max(abs(bounds[1]), abs(bounds[3])) <= 90
    if crs.is_projected and degrees:
        what = f"the coordinates look like degrees ({shown(bounds)}), but the CRS stated is {crs.name} in metres"
        return what, "state the right CRS in the file (often EPSG:4326)"
    if crs.is_geographic and not degrees:
        what = f"the coordinates are no degrees ({shown(bounds)}), but the CRS stated is {crs.name}"
        return what, f"state the right CRS in the file (often {OURS})"
    if _plausible(bounds, crs):
        return None
    if _plausible((bounds[1], bounds[0], bounds[3], bounds[2]), crs):
        what = f"x and y are swapped ({shown(bounds)} in {crs.name})"
        return what, "write x (east) before y (north)"
    what = f"the coordinates ({shown(bounds)} in {crs.name}) lie outside the area where {OURS} holds"
    return what, "check the CRS that the file states"


def _plausible(bounds: Bounds, crs: CRS) -> bool:
    west, south, east, north = in_ours(bounds, crs)
    inside = west >= _DOMAIN[0] and south >= _DOMAIN[1] and east <= _DOMAIN[2] and north <= _DOMAIN[3]
    return bool(np.isfinite([west, south, east, north]).all()) and inside


def shown(bounds: Bounds) -> str:
    """Write bounds for a message."""
    west, south, east, north = bounds
    digits = 0 if max(abs(west), abs(north)) > 1000 else 4
    return f"x {west:.{digits}f}–{east:.{digits}f}, y {south:.{digits}f}–{north:.{digits}f}"
