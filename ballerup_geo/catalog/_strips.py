"""A large raster checked and kept strip by strip; what comes of it is the same as at once, byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from ballerup_geo.catalog._cell_range import RangeTally
from ballerup_geo.catalog._findings import Findings
from ballerup_geo.catalog._kept import KeptLayer, data_path, metadata_of
from ballerup_geo.catalog._place import Region, is_ours, misplaced
from ballerup_geo.catalog._provenance import Provenance
from ballerup_geo.catalog._rasters import cells_within, corners, holes_of, misses, report_empty, report_holes
from ballerup_geo.raster import CRS as OURS
from ballerup_geo.raster import Raster
from ballerup_geo.sources import RasterStrips
from ballerup_geo.spec import Layer
from ballerup_geo.storage import sha256_file, write_cog_strips

__all__ = ["StripsCheck", "is_in_place", "keep_in_strips"]

_FEW_CELLS = 1 << 20
"""Worked on at a time: what is made of them on the way is small beside a strip."""


def is_in_place(strips: RasterStrips) -> bool:
    """Say whether a raster needs no warping: only then strips stay strips."""
    return is_ours(CRS.from_user_input(strips.crs))


@dataclass(slots=True)
class StripsCheck:
    """Holds a raster against its layer while its strips pass by."""

    layer_id: str
    layer: Layer
    region: Region | None
    strips: RasterStrips
    findings: Findings = field(init=False)
    rows: slice = field(init=False)
    cols: slice = field(init=False)

    def __post_init__(self) -> None:
        """Look at where it lies, before any cell is read.

        Raises
        ------
        DataError
            It is misplaced, or leaves some of the municipality uncovered.
        """
        told = self.strips.delivery
        self.findings = Findings(self.layer_id, told.origin, notes=list(told.notes))
        whole = self._whole
        wrong = misplaced(corners(whole.transform, whole.shape), CRS.from_user_input(self.strips.crs))
        if wrong is not None:
            self.findings.fault("", *wrong)
        self.rows, self.cols = slice(0, whole.shape[0]), slice(0, whole.shape[1])
        if self.region is not None and wrong is None and not misses(whole, self.region, self.findings):
            self.rows, self.cols = cells_within(whole, self.region.bounds)
        self.findings.stop()

    @property
    def _whole(self) -> Raster:
        """The raster without its cells."""
        array = np.broadcast_to(np.float32(0), self.strips.shape)
        return Raster(array, self.strips.transform, float("nan"), OURS)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns that are kept."""
        return self.rows.stop - self.rows.start, self.cols.stop - self.cols.start

    @property
    def transform(self) -> Affine:
        """Where they lie."""
        return self.strips.transform @ Affine.translation(self.cols.start, self.rows.start)

    def checked(self) -> Iterator[NDArray[np.float32]]:
        """Yield the strips as they are kept.

        Raises
        ------
        DataError
            After the last one: the raster breaks the layer's contract.
        """
        ranges = None if self.layer.cell is None else RangeTally(self.layer.cell)
        holes = cells = valued = top = 0
        for given in self.strips:
            first, last = max(self.rows.start - top, 0), min(self.rows.stop - top, len(given))
            top += len(given)
            if first >= last:
                continue
            array = np.ascontiguousarray(given[first:last, self.cols])
            begin = top - len(given) + first - self.rows.start
            strip = Raster(array, self.transform @ Affine.translation(0, begin), float("nan"), OURS)
            for _, part in strip.strips(cells=_FEW_CELLS):
                valued += int(np.count_nonzero(~np.isnan(part.array)))
                if ranges is not None:
                    ranges.add(part)
                if self.region is not None:
                    empty, number = holes_of(part, self.region)
                    holes, cells = holes + empty, cells + number
            yield array
            del given, array, strip, part  # they go before the next strip comes
        if not valued:
            report_empty(self.findings)
        elif ranges is not None:
            ranges.report(self.shape[0] * self.shape[1], self.findings)
        if not self.findings.faults:
            report_holes(holes, cells, self.findings)
        self.findings.stop()


def keep_in_strips(
    folder: Path, checking: StripsCheck, provenance: Callable[[int, Findings], Provenance], *, state: Mapping[str, str]
) -> KeptLayer:
    """Check a raster's strips and keep them with their record; the former copy stands where a check fails.

    Raises
    ------
    DataError
        The data break the layer's contract; all faults at once.
    """
    rows, cols = checking.shape
    path = data_path(folder, checking.layer_id, raster=True)
    write_cog_strips(
        path,
        checking.checked(),
        shape=(rows, cols),
        transform=checking.transform,
        crs=OURS,
        nodata=float("nan"),
        metadata=metadata_of(provenance(rows * cols, checking.findings)),
    )
    told = replace(provenance(rows * cols, checking.findings), sha256=sha256_file(path))
    kept = KeptLayer(folder, checking.layer_id, provenance=told, **state)
    kept.write()
    return kept
