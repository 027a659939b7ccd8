"""Geospatial planning for Danish municipalities: from layers to analyses, and from analyses to interactive maps.

The names below are brought when first used, so that ``import ballerup_geo`` takes no time::

    import ballerup_geo as bg

    project = bg.read_project(bg.find_project())
    report = bg.run_project(project, out=Path("."))
    bg.folium_map(project, "rainwater", out=".")  # a folium.Map, in a notebook or in a page
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog, fetch
    from ballerup_geo.errors import BallerupGeoError, DataError, Fault, MethodError, ProjectError, SourceError
    from ballerup_geo.project import Project, find_project, read_project
    from ballerup_geo.publish import build_site, folium_map
    from ballerup_geo.publish.explain import explain
    from ballerup_geo.publish.export import export as export_results
    from ballerup_geo.raster import Raster
    from ballerup_geo.results import Result, read_result
    from ballerup_geo.run import check as check_project
    from ballerup_geo.run import run as run_project

__version__ = "0.1.0"

__all__ = [
    "BallerupGeoError",
    "Catalog",
    "DataError",
    "Fault",
    "MethodError",
    "Project",
    "ProjectError",
    "Raster",
    "Result",
    "SourceError",
    "build_site",
    "check_project",
    "explain",
    "export_results",
    "fetch",
    "find_project",
    "folium_map",
    "read_project",
    "read_result",
    "run_project",
]

_HOMES = {
    "BallerupGeoError": "errors",
    "Catalog": "catalog",
    "DataError": "errors",
    "Fault": "errors",
    "MethodError": "errors",
    "Project": "project",
    "ProjectError": "errors",
    "Raster": "raster",
    "Result": "results",
    "SourceError": "errors",
    "build_site": "publish",
    # not `check` and `run`: a name cannot be both a module of the package and a function
    "check_project": "run:check",
    "explain": "publish",
    "export_results": "publish.export:export",
    "fetch": "catalog",
    "find_project": "project",
    "folium_map": "publish",
    "read_project": "project",
    "read_result": "results",
    "run_project": "run:run",
}


def __getattr__(name: str) -> Any:
    """Bring an exported name from its module when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _HOMES[name].partition(":")
    value = getattr(import_module(f"{__name__}.{module}"), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the exported names beside what is there already."""
    return sorted({*globals(), *__all__})
