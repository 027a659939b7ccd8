"""The same map in a notebook: one self-contained page."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import folium

from ballerup_geo.project import Project
from ballerup_geo.publish.content import Reader, data_behind, gather
from ballerup_geo.publish.explain import explain
from ballerup_geo.publish.page import map_page
from ballerup_geo.spec.words import Language

__all__ = ["folium_map"]


def folium_map(
    project: Project,
    map_id: str,
    *,
    out: Path | str = ".",
    data: Literal["model", "kept"] | None = None,
    language: Language = "da",
) -> folium.Map:
    """Return a map of a project as a ``folium.Map`` that needs no other file and no network.

    Show it in a notebook, or write it with ``.save("map.html")``. Stock folium elements can be added to it; the
    page's Content-Security-Policy lets them load nothing from elsewhere, and their texts go through folium's
    templates: add none from data you do not trust.

    Parameters
    ----------
    project
        As read by :func:`ballerup_geo.project.read_project`.
    map_id
        The stem of a file in ``maps/``.
    out
        The folder that holds ``results/``.
    data
        ``"model"`` or ``"kept"``; without it, what the results were computed from; where there are none, kept
        data if there are any.

    Raises
    ------
    ProjectError
        There is no such map, or it names something that is not there.
    DataError
        The result is missing (run the analysis first) or cannot be read.
    """
    from ballerup_geo.catalog import Catalog, choose_data
    from ballerup_geo.results import read_result

    folder = Path(out)
    kind = data or data_behind(project, out=folder) or choose_data(project, folder, None)
    catalog = Catalog(project, out=folder, data=kind)
    content = gather(Reader(project, catalog, lambda name: read_result(folder, name)), map_id)
    analysis = content.map.analysis
    explanation = explain(project, analysis) if analysis is not None else None
    return map_page(content, explanation=explanation, mode="embed", language=language)
