"""The raster layers of a map: which files they are made of, in which classes, and how much each class covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ballerup_geo import methods
from ballerup_geo.errors import DataError, Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.classing import CellClasses, cell_classes
from ballerup_geo.publish.kept import Kept
from ballerup_geo.publish.tiles import areas_m2
from ballerup_geo.spec import MapLayer, OutputRaster, Slider
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import sha256_json

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["RasterContent", "RasterStep", "output_raster", "raster_content"]

_FORMAT = 1
"""Raised whenever the same raster in the same classes becomes other pictures."""


@dataclass(frozen=True, slots=True)
class RasterStep:
    """One raster of a result: its file, the hash of what its pictures follow from, and m² of each class."""

    path: Path
    key: str
    areas_m2: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RasterContent:
    """A raster layer of a map: one raster, or one for each step of the slider."""

    shown: MapLayer
    classes: CellClasses
    steps: tuple[RasterStep, ...]
    follows: bool
    """True: a raster a step."""
    note: str | None
    """Words that stand in every picture: that its data are modelled."""


def output_raster(project: Project, shown: MapLayer, *, where: str) -> OutputRaster:
    """Return the declaration of the raster that a map layer shows.

    Raises
    ------
    ProjectError
        The project has no such analysis, or its method no such raster.
    """
    if shown.result is None or shown.result not in project.analyses:
        todo = nearest(str(shown.result), project.analyses)
        raise ProjectError(Fault(where, "result", f"there is no analysis {shown.result!r}", todo))
    known = {raster.name: raster for raster in methods.get_method(project.analyses[shown.result].method).rasters}
    if shown.raster not in known:
        what = f"{shown.result} has no raster {shown.raster!r}"
        raise ProjectError(Fault(where, "raster", what, nearest(str(shown.raster), known)))
    return known[str(shown.raster)]


def raster_content(
    project: Project,
    shown: MapLayer,
    *,
    results: Mapping[str, Result],
    slider: Slider | None,
    steps: int,
    where: str,
    kept: Kept,
) -> RasterContent:
    """Read what a raster layer shows; ``steps`` is how many rows the slider's table has.

    Raises
    ------
    ProjectError
        The layer names something that is not there, or a raster made for each row of a table that is not the slider's.
    DataError
        The result lacks a raster, or holds a value without a colour.
    """
    declared = output_raster(project, shown, where=where)
    result = results[str(shown.result)]
    if declared.each is None:
        names = [declared.name]
    elif slider is not None and (slider.result, slider.table) == (shown.result, declared.each):
        names = [f"{declared.name}-{number}" for number in range(1, steps + 1)]
    else:
        what = f"there is a raster {declared.name!r} for each row of {declared.each!r}, and the slider has other rows"
        todo = f'give the map [slider] with result = "{shown.result}" and table = "{declared.each}"'
        raise ProjectError(Fault(where, "raster", what, todo))
    classes = cell_classes(shown.style, where=where)
    note = f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}" if result.modelled else None
    made = tuple(_step(result, name, classes, note, kept) for name in names)
    return RasterContent(shown, classes, made, declared.each is not None, note)


def _step(result: Result, name: str, classes: CellClasses, note: str | None, kept: Kept) -> RasterStep:
    file = f"{name}.tif"
    if name not in result.run["rasters"] or file not in result.run["files"]:
        todo = f"run the analysis again: ballerup-geo run {result.analysis}"
        raise DataError(Fault(f"results/{result.analysis}", file, "is missing", todo))
    path = result.folder / file
    key = sha256_json([_FORMAT, result.run["files"][file], classes.recipe, note])[:12]
    return RasterStep(path, key, kept.areas(key, lambda: areas_m2(path, classes)))
