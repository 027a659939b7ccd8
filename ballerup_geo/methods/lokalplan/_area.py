"""The area that is asked about: one shape of polygons, valid and inside the municipality, or a clear refusal."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = ["Area", "area_of", "only_polygons", "repair_pct"]

GRID_M = 0.001
"""Coordinates are kept to the millimetre."""
NO_AREA_M2 = 0.001
"""An area up to this (a millimetre along a metre) counts as none."""
MANY_CORNERS = 5000
FINE_M = 0.05
"""Outlines with very many corners are drawn with fewer, never farther than this from the true line."""
PERCENT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """An area as it is assessed, and what was done to it."""

    shape: shapely.Geometry
    notes: tuple[Text, ...]


def area_of(frame: gpd.GeoDataFrame, ground: Ground, *, where: str) -> Area:
    """Return the features of a layer as one area.

    Several features are one area of several parts. The order of corners and of parts changes nothing.

    Parameters
    ----------
    frame
        EPSG:25832.
    where
        What messages call the layer, for example its file's name.

    Raises
    ------
    DataError
        There is no polygon, or no area; the outline crosses itself so that nobody knows what is meant; the area lies
        outside the municipality.
    """
    if frame.crs is None or frame.crs.to_epsg() != 25832:
        raise DataError(Fault(where, "", f"is not in {CRS}", "reproject it first"))
    shapes = _polygons(frame, where)
    whole, repaired = _valid(shapes, ground, where)
    _has_area(whole, ground, where)
    inside, cut = _clipped(whole, ground, where)
    return Area(inside, (*repaired, *cut))


def _polygons(frame: gpd.GeoDataFrame, where: str) -> NDArray[np.object_]:
    shapes = np.array([shape for shape in frame.geometry if shape is not None and not shape.is_empty], dtype=object)
    if not len(shapes):
        raise DataError(Fault(where, "", "has no features", "draw the area as a polygon and save it again"))
    kinds = sorted({str(shape.geom_type) for shape in shapes} - {"Polygon", "MultiPolygon"})
    if kinds:
        what = f"holds {', '.join(kinds)}, and an area is a polygon"
        raise DataError(Fault(where, "geometry", what, "close the outline to a polygon, or save polygons alone"))
    if not np.isfinite(shapely.get_coordinates(shapes)).all():
        raise DataError(Fault(where, "geometry", "has corners that are no numbers", "draw the area again"))
    return np.asarray(shapely.force_2d(shapes), dtype=object)


def _valid(shapes: NDArray[np.object_], ground: Ground, where: str) -> tuple[shapely.Geometry, list[Text]]:
    """Return one valid shape; a repair that changes the area by more than a small share is refused."""
    most_pct = ground.number("repair_max_pct")
    broken = ~shapely.is_valid(shapes)
    mended = shapely.make_valid(shapes, method="structure", keep_collapsed=False)
    whole = only_polygons(shapely.union_all(shapely.set_precision(mended, GRID_M)))
    if not broken.any():
        return _fewer_corners(whole)
    change_pct = repair_pct(shapes[broken])
    if change_pct > most_pct:
        reason = shapely.is_valid_reason(shapes[broken][0])
        what = f"crosses itself ({reason}); what is meant may be {change_pct:.0f} % larger or smaller"
        raise DataError(Fault(where, "geometry", what, "mend the outline where it crosses, and save it again"))
    fewer, notes = _fewer_corners(whole)
    return fewer, [
        Text(
            da=f"Omridset krydsede sig selv og er rettet; det ændrer arealet under {_said(most_pct, 'da')} %.",
            en=f"The outline crossed itself and was mended; the area changes by less than {_said(most_pct, 'en')} %.",
        ),
        *notes,
    ]


def repair_pct(broken: NDArray[np.object_]) -> float:
    """Return how much two ways of mending shapes that cross themselves differ from the stated area at most, %."""
    linework = float(shapely.area(shapely.make_valid(broken, method="linework")).sum())
    meant = float(shapely.area(shapely.make_valid(broken, method="structure", keep_collapsed=False)).sum())
    stated = float(np.abs(shapely.area(broken)).sum())
    return PERCENT * max(abs(linework - stated), abs(meant - stated)) / max(meant, linework, NO_AREA_M2)


def _fewer_corners(whole: shapely.Geometry) -> tuple[shapely.Geometry, list[Text]]:
    corners = int(shapely.get_num_coordinates(whole) - shapely.get_rings(whole).size)
    if corners <= MANY_CORNERS:
        return shapely.normalize(whole), []
    fewer = shapely.normalize(only_polygons(shapely.simplify(whole, FINE_M, preserve_topology=True)))
    return fewer, [
        Text(
            da=f"Omridset har {_said(corners, 'da')} hjørner; det er tegnet med færre, højst 5 cm ved siden af.",
            en=f"The outline has {_said(corners, 'en')} corners; it is drawn with fewer, at most 5 cm beside it.",
        )
    ]


def _has_area(whole: shapely.Geometry, ground: Ground, where: str) -> None:
    least_m2 = ground.number("least_area_m2")
    if whole.area < least_m2:
        what = f"covers {whole.area:.1f} m², and an assessment needs at least {least_m2:g} m²"
        raise DataError(Fault(where, "geometry", what, "draw the whole plan area, and check that its unit is metres"))


def _clipped(whole: shapely.Geometry, ground: Ground, where: str) -> tuple[shapely.Geometry, list[Text]]:
    inside = only_polygons(shapely.intersection(whole, ground.municipality))
    if inside.area < ground.number("least_area_m2"):
        what = "lies outside the municipality"
        todo = "check the coordinates and their reference system (EPSG:25832), or the --project"
        raise DataError(Fault(where, "geometry", f"{what} ({_middle(whole)})", todo))
    outside_pct = PERCENT * (1.0 - inside.area / whole.area)
    if outside_pct < ground.number("outside_told_pct"):
        return shapely.normalize(inside), []
    digits = 0 if outside_pct >= 10 else 1
    return shapely.normalize(inside), [
        Text(
            da=f"{_said(outside_pct, 'da', digits)} % af området ligger uden for kommunen og er skåret fra.",
            en=f"{_said(outside_pct, 'en', digits)} % of the area lies outside the municipality and was cut off.",
        )
    ]


def _middle(shape: shapely.Geometry) -> str:
    point = shapely.centroid(shape)
    return f"its middle is {point.x:.0f}, {point.y:.0f}"


def _said(value: float, language: Language, digits: int = 0) -> str:
    return number(value, digits=digits if value != int(value) else 0, language=language)


def only_polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape as one; lines and points that a cut leaves are dropped."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    nested = [part for each in shapely.get_parts(shape) if each.geom_type == "MultiPolygon" for part in each.geoms]
    return shapely.union_all([*parts, *nested])
