"""Kortbilag of a plan area: the site's maps on paper, at the largest round scale on which the area fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import shapely

from ballerup_geo.catalog import Catalog
from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.content import Reader, gather
from ballerup_geo.publish.figure import draw_kortbilag, read_backdrop
from ballerup_geo.publish.figure._kortbilag import frame_mm
from ballerup_geo.publish.site import ready_maps
from ballerup_geo.results import Result
from ballerup_geo.spec.faults import nearest

__all__ = ["draw_sheets"]

_SCALES = (500, 1000, 1500, 2000, 2500, 4000, 5000, 7500, 10_000)
_PAPERS: tuple[tuple[Literal["A4", "A3"], Literal["portrait", "landscape"]], ...] = (
    ("A4", "portrait"),
    ("A4", "landscape"),
    ("A3", "portrait"),
    ("A3", "landscape"),
)


def draw_sheets(
    project: Project,
    maps: Sequence[str],
    *,
    catalog: Catalog,
    result: Callable[[str], Result],
    has_result: Callable[[str], bool],
    shape: shapely.Geometry,
    name: str,
) -> dict[str, bytes]:
    """Return a PDF for each map asked for: file name → content.

    Parameters
    ----------
    shape
        The plan area, EPSG:25832.
    name
        The plan's name, which stands on the sheets.

    Raises
    ------
    ProjectError
        There is no such map, its analyses have not been run, or the area fits on no paper.
    """
    reader = Reader(project, catalog, result)
    ready = ready_maps(reader, has_result)
    strange = [each for each in maps if each not in ready]
    if strange:
        todo = nearest(strange[0], ready) if ready else "run the analyses first: ballerup-geo run"
        raise ProjectError(Fault("--kortbilag", each, "there is no such map with results", todo) for each in strange)
    scale, paper, orientation = _choice(shape)
    backdrop = read_backdrop(reader)
    return {
        f"{each}-{scale}-{paper.lower()}.pdf": draw_kortbilag(
            gather(reader, each),
            backdrop=backdrop,
            scale=scale,
            area=shape.bounds,
            paper=paper,
            orientation=orientation,
            edition=name,
        )
        for each in maps
    }


def _choice(shape: shapely.Geometry) -> tuple[int, Literal["A4", "A3"], Literal["portrait", "landscape"]]:
    west, south, east, north = shape.bounds
    for scale in _SCALES:
        for paper, orientation in _PAPERS:
            frame = frame_mm(paper, orientation)
            if (east - west) * 1000 <= frame.width * scale and (north - south) * 1000 <= frame.height * scale:
                return scale, paper, orientation
    what = f"the area, {east - west:.0f} × {north - south:.0f} m, fits on no paper at 1:{_SCALES[-1]}"
    raise ProjectError(Fault("--kortbilag", "", what, "leave the option out, or draw sheets of parts of the area"))
