"""Web Mercator as tile maps divide it: where a tile lies, and how fine a raster's cells need it to be."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from affine import Affine
from rasterio.warp import transform_bounds

from ballerup_geo.raster import CRS

__all__ = ["MERCATOR", "TILE_PX", "TileRange", "corners_of", "fit", "frame_of", "last_zoom", "pixel_m", "tile_range"]

MERCATOR = "EPSG:3857"
TILE_PX = 256
_RADIUS_M = 6_378_137.0
_HALF_M = math.pi * _RADIUS_M
"""Half the world's width in web Mercator, metres."""
_FINEST = 17
"""A screen pixel of 0.67 m at 56° N: a screening says nothing about less."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north."""


@dataclass(frozen=True, slots=True)
class TileRange:
    """The tiles of a zoom that a box touches; the last ones included."""

    zoom: int
    west: int
    north: int
    east: int
    south: int

    def blocks(self, size: int) -> Iterator[TileRange]:
        """Cut the range into ranges of at most ``size`` × ``size`` tiles, row by row from the north-west."""
        for y in range(self.north, self.south + 1, size):
            for x in range(self.west, self.east + 1, size):
                east, south = min(x + size - 1, self.east), min(y + size - 1, self.south)
                yield TileRange(self.zoom, x, y, east, south)

    @property
    def columns(self) -> int:
        """Tiles from west to east."""
        return self.east - self.west + 1

    @property
    def rows(self) -> int:
        """Tiles from north to south."""
        return self.south - self.north + 1

    @property
    def transform(self) -> Affine:
        """Where the pixels of the range's tiles lie, in web Mercator metres."""
        size = pixel_m(self.zoom)
        side = TILE_PX * size
        return Affine(size, 0.0, self.west * side - _HALF_M, 0.0, -size, _HALF_M - self.north * side)


def pixel_m(zoom: int) -> float:
    """Return the side of a pixel in web Mercator metres; on the ground it is shorter by the cosine of the latitude."""
    return 2 * _HALF_M / (TILE_PX * float(1 << zoom))


def frame_of(bounds: Bounds) -> Bounds:
    """Return the box in web Mercator around a box of EPSG:25832."""
    west, south, east, north = transform_bounds(CRS, MERCATOR, *bounds, densify_pts=21)
    return float(west), float(south), float(east), float(north)


def stretch(frame: Bounds) -> float:
    """Return how many web Mercator metres a metre on the ground has, in the middle of a box in web Mercator."""
    return math.cosh((frame[1] + frame[3]) / 2 / _RADIUS_M)


def last_zoom(cell_m: float, frame: Bounds) -> int:
    """Return the first zoom whose pixels are no larger than a raster's cells, or the finest that pages have."""
    wanted = math.log2(2 * _HALF_M / (TILE_PX * cell_m * stretch(frame)))
    return min(math.ceil(wanted), _FINEST)


def tile_range(frame: Bounds, zoom: int) -> TileRange:
    """Return the tiles of a zoom that a box in web Mercator touches."""
    side = TILE_PX * pixel_m(zoom)
    west, south, east, north = frame
    return TileRange(
        zoom,
        math.floor((west + _HALF_M) / side),
        math.floor((_HALF_M - north) / side),
        math.ceil((east + _HALF_M) / side) - 1,
        math.ceil((_HALF_M - south) / side) - 1,
    )


def fit(frame: Bounds, *, cell_m: float, most_px: int) -> tuple[Affine, int, int]:
    """Return transform, columns and rows of one picture of a box: no finer than the cells, no larger than allowed."""
    west, south, east, north = frame
    size = max(cell_m * stretch(frame), (east - west) / most_px, (north - south) / most_px)
    columns, rows = math.ceil((east - west) / size - 1e-9), math.ceil((north - south) / size - 1e-9)
    return Affine(size, 0.0, west, 0.0, -size, north), max(columns, 1), max(rows, 1)


def corners_of(transform: Affine, columns: int, rows: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the south-west and north-east corner of a picture in web Mercator, latitude and longitude in degrees."""
    west, north = transform.c, transform.f
    east, south = west + columns * transform.a, north + rows * transform.e
    return (_latitude(south), _longitude(west)), (_latitude(north), _longitude(east))


def _latitude(y: float) -> float:
    return round(math.degrees(math.atan(math.sinh(y / _RADIUS_M))), 8)


def _longitude(x: float) -> float:
    return round(math.degrees(x / _RADIUS_M), 8)
