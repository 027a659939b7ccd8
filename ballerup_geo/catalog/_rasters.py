"""The cells of a raster layer: warped to EPSG:25832 with north up, cut to the area, held against their range."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.features import geometry_mask
from rasterio.warp import calculate_default_transform as default_grid
from rasterio.warp import reproject

from ballerup_geo.catalog._cell_range import check_range
from ballerup_geo.catalog._findings import Findings
from ballerup_geo.catalog._place import Region, is_ours, misplaced, shown
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.raster import Raster
from ballerup_geo.sources import Bounds
from ballerup_geo.spec import Layer

__all__ = ["cells_within", "check_raster", "corners", "holes_of", "misses", "report_empty", "report_holes"]


def check_raster(raster: Raster, layer: Layer, findings: Findings, *, region: Region | None) -> Raster:
    """Return the raster on a north-up grid in EPSG:25832, float32, NaN where there is nothing.

    A grid in EPSG:25832 keeps its cells as they are, square or not; any other is warped bilinearly. The array is taken
    over: of a large terrain there is one in memory, and strips of rows are worked on.
    """
    wrong = misplaced(corners(raster.transform, raster.shape), CRS.from_user_input(raster.crs))
    if wrong is not None:
        findings.fault("", *wrong)
        return raster
    checked = _at_home(_as_float(raster), findings)
    if region is not None:
        if misses(checked, region, findings):
            return checked
        checked = _cut(checked, region.bounds)
    _check_values(checked, layer, findings)
    if region is not None and not findings.faults:
        _report_holes(checked, region, findings)
    return checked


def _as_float(raster: Raster) -> Raster:
    nodata = raster.nodata
    array = raster.array if raster.array.dtype == np.float32 else np.empty(raster.shape, np.float32)
    for rows, given in raster.strips():
        empty = given.array == nodata if nodata is not None and not np.isnan(nodata) else None
        if array is not raster.array:
            array[rows] = given.array
        if empty is not None:
            array[rows][empty] = np.nan
    return Raster(array, raster.transform, float("nan"), raster.crs)


def corners(grid: Affine, shape: tuple[int, int]) -> Bounds:
    """Return the bounds of a grid, turned or not."""
    rows, cols = shape
    points = [grid @ (col, row) for col, row in ((0, 0), (cols, 0), (0, rows), (cols, rows))]
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _at_home(raster: Raster, findings: Findings) -> Raster:
    grid = raster.transform
    north_up = grid.a > 0 and grid.e < 0 and not grid.b and not grid.d
    crs = CRS.from_user_input(raster.crs)
    if is_ours(crs):
        if north_up:
            return replace(raster, crs=OURS)
        raster = replace(raster, crs=OURS)
    warped = _warp(raster)
    why = f"from {crs.name}" if not is_ours(crs) else "because north was not up"
    cell = "{:.3g} × {:.3g} m".format(*warped.cell_size_m)
    findings.note("", f"warped to {OURS} {why}, bilinear, cells of {cell}")
    return warped


def _warp(raster: Raster) -> Raster:
    rows, cols = raster.shape
    grid = raster.transform
    if raster.crs == OURS:  # turned: keep the size of the cells
        west, south, east, north = corners(grid, raster.shape)
        cell = float(np.sqrt(abs(grid.determinant)))
        width, height = int(np.ceil((east - west) / cell)), int(np.ceil((north - south) / cell))
        target = Affine(cell, 0, west, 0, -cell, north)
    else:
        target, width, height = default_grid(raster.crs, OURS, cols, rows, *corners(grid, raster.shape))
    array = np.full((height, width), np.nan, dtype="float32")
    reproject(
        raster.array,
        array,
        src_transform=grid,
        src_crs=raster.crs,
        src_nodata=np.nan,
        dst_transform=target,
        dst_crs=OURS,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    return Raster(array, target, float("nan"), OURS)


def misses(raster: Raster, region: Region, findings: Findings) -> bool:
    """Report a raster whose extent leaves some of the municipality uncovered."""
    town = region.municipality
    covered = shapely.area(shapely.intersection(town, shapely.box(*raster.bounds))) / shapely.area(town)
    tolerance = raster.cell_area_m2 / shapely.area(town)
    if covered >= 1.0 - tolerance:
        return False
    west, south, east, north = shapely.bounds(town).tolist()
    where = f"the raster covers {shown(raster.bounds)}, the municipality {shown((west, south, east, north))}"
    what = f"leaves {100 * (1 - covered):.1f} % of the municipality uncovered" if covered else "misses the municipality"
    findings.fault("", f"{what}: {where}", "use a raster that covers the whole municipality, or correct its CRS")
    return True


def cells_within(raster: Raster, bounds: Bounds) -> tuple[slice, slice]:
    """Return the rows and columns of the cells that meet the bounds."""
    rows, cols = raster.shape
    top, left = raster.cell_of(bounds[0], bounds[3])
    bottom, right = raster.cell_of(bounds[2], bounds[1])
    first_row, first_col = max(top, 0), max(left, 0)
    return slice(first_row, min(bottom + 1, rows)), slice(first_col, min(right + 1, cols))


def _cut(raster: Raster, bounds: Bounds) -> Raster:
    """Cut to the cells that meet the bounds."""
    rows, cols = cells_within(raster, bounds)
    part = raster.array[rows, cols]
    if part.shape == raster.shape:
        return raster
    grid = raster.transform @ Affine.translation(cols.start, rows.start)
    return replace(raster, array=_moved_together(part, raster.array), transform=grid)


def _moved_together(part: NDArray[np.float32], whole: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a part of an array without gaps between its rows; a large one stays in the memory of the whole."""
    if part.flags.c_contiguous or 2 * part.size < whole.size or not whole.flags.c_contiguous:
        return np.ascontiguousarray(part)
    flat, (rows, cols) = whole.reshape(-1), part.shape
    for row in range(rows):  # no row comes to lie behind where it was, so none is lost
        flat[row * cols : (row + 1) * cols] = part[row]
    return flat[: part.size].reshape(part.shape)


def _check_values(raster: Raster, layer: Layer, findings: Findings) -> None:
    """Report a raster without any value, else hold its cells against the layer's range."""
    if _is_empty(raster):
        report_empty(findings)
    elif layer.cell is not None:
        check_range(raster, layer.cell, findings)


def report_empty(findings: Findings) -> None:
    """Report a raster without any value."""
    findings.fault("cell", "no cell has a value: all are nodata", "use a raster with data here")


def _is_empty(raster: Raster) -> bool:
    return all(np.isnan(strip.array).all() for _, strip in raster.strips())


def _report_holes(raster: Raster, region: Region, findings: Findings) -> None:
    """Note the municipality's cells without a value."""
    if not any(np.isnan(strip.array).any() for _, strip in raster.strips()):
        return
    holes = cells = 0
    for _, strip in raster.strips():
        empty, number = holes_of(strip, region)
        holes, cells = holes + empty, cells + number
    report_holes(holes, cells, findings)


def holes_of(strip: Raster, region: Region) -> tuple[int, int]:
    """Count the municipality's cells without a value in a strip, and all of them."""
    town = geometry_mask([region.municipality], strip.shape, strip.transform, invert=True)
    return int(np.count_nonzero(town & np.isnan(strip.array))), int(np.count_nonzero(town))


def report_holes(holes: int, cells: int, findings: Findings) -> None:
    """Note the municipality's cells without a value, of all of them."""
    if holes and holes == cells:
        findings.fault("cell", "no cell of the municipality has a value", "use a raster with data here")
    elif holes:
        findings.note(
            "cell", f"{holes} of {cells} cells of the municipality ({100 * holes / cells:.1f} %) have no value"
        )
