"""From a report to what it stands on: the site's maps at the area, and who delivered the data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from ballerup_geo.project import Project
from ballerup_geo.publish.report._report import MapLink
from ballerup_geo.publish.report._words import REPORT_WORDS
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Text

__all__ = ["credits_of_inputs", "site_maps"]

MARGIN_M = 60.0
_DIGITS = 5


def site_maps(project: Project, *, site: Path, target: Path, shape: shapely.Geometry) -> tuple[MapLink, ...]:
    """Return the maps that a site has, opened at an area; the addresses are relative to the report's folder."""
    box = shapely.box(*shape.bounds).buffer(MARGIN_M)
    west, south, east, north = gpd.GeoSeries([box], crs=CRS).to_crs("EPSG:4326").total_bounds
    extent = ",".join(f"{value:.{_DIGITS}f}" for value in (west, south, east, north))
    links = []
    for name, shown in project.maps.items():
        folder = site / name
        if not (folder / "index.html").is_file() or not (folder / "embed.html").is_file():
            continue
        way = Path(os.path.relpath(folder.absolute(), target.absolute())).as_posix()
        links.append(MapLink(shown.title, f"{way}/index.html#omr={extent}", f"{way}/embed.html?omr={extent}"))
    return tuple(links)


def credits_of_inputs(project: Project, used: Mapping[str, Mapping[str, Any] | None]) -> tuple[Text, ...]:
    """Return a line for each layer: who delivered it, and for each analysis: when it was run; unknown ones say so."""
    lines = {_credit(project, name, said) for name, said in used.items()}
    return tuple(sorted(lines, key=lambda line: line.da))


def _credit(project: Project, name: str, said: Mapping[str, Any] | None) -> Text:
    if said is None:
        layer = project.layers.get(name)
        title = Text(da=name, en=name) if layer is None else layer.title
        return Text(da=f"{title.da}: ukendt", en=f"{title.en}: unknown")
    if "result" in said:
        analysis = project.analyses[str(said["result"])].title
        day = str(said["time"])[:10]
        words = REPORT_WORDS["computed"]
        return Text(da=f"{analysis.da}: {words.da} {day}", en=f"{analysis.en}: {words.en} {day}")
    title = project.layers[str(said["layer"])].title
    attribution, date = said["attribution"], said.get("date")
    when = f", {date}" if date else ""
    return Text(
        da=f"{title.da}: {attribution['da']}{when} ({said['licence']})",
        en=f"{title.en}: {attribution['en']}{when} ({said['licence']})",
    )
