"""What stands around a map on paper: who says so, what date the data describe, which step of the slider is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.credits import Credit, credits_of
from ballerup_geo.publish.figure._view import Metres
from ballerup_geo.publish.figure._words import word
from ballerup_geo.publish.text import say
from ballerup_geo.raster import CRS
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.spec.words import Language

__all__ = ["about", "bounds_of", "chosen_step", "date_line", "latitude_of", "notice", "source_line", "step_line"]


def source_line(credits: Sequence[Credit], language: Language) -> str:
    """Return whom to name, each with licence and date."""
    parts = []
    for credit in credits:
        terms = ", ".join(part for part in (credit.licence, credit.date) if part)
        said = f"{say(credit.attribution, language)} ({terms})"
        if said not in parts:
            parts.append(said)
    return f"{word('sources', language)}: {'; '.join(parts) or word('date_unknown', language)}"


def date_line(credits: Iterable[Credit], language: Language) -> str:
    """Return what date the data describe, first and last where they differ; never the day of drawing."""
    dates = sorted({credit.date for credit in credits if credit.date})
    if not dates:
        return word("date_unknown", language)
    return dates[0] if len(dates) == 1 else f"{dates[0]} – {dates[-1]}"


def chosen_step(content: MapContent, step: int | None) -> int:
    """Return which step of the slider is drawn: the given one, or the one that the page opens with.

    Raises
    ------
    ProjectError
        The map has no such step.
    """
    slider = content.slider
    if slider is None:
        return 1
    chosen = slider.start if step is None else step
    if not 1 <= chosen <= len(slider.names):
        what = f"is {chosen}, and the slider has {len(slider.names)} steps"
        raise ProjectError(Fault(f"maps/{content.id}.toml", "step", what, f"use 1 to {len(slider.names)}"))
    return chosen


def step_line(content: MapContent, step: int, language: Language) -> str | None:
    """Return what the slider's step is called; None where there is no slider."""
    if content.slider is None:
        return None
    return f"{say(content.slider.slider.title, language)}: {say(content.slider.names[step - 1], language)}"


def notice(content: MapContent, language: Language) -> str | None:
    """Return the words that stand in every picture of modelled data."""
    return say(MODEL_NOTICE, language) if content.modelled else None


def about(content: MapContent, language: Language) -> str:
    """Return what a file says of itself: the map's sentence, its caution, the notice, whom to name."""
    caution = content.map.caution
    parts = [
        say(content.map.lead, language),
        None if caution is None else f"{say(caution, language)}.",
        notice(content, language),
        source_line(credits_of(content), language),
    ]
    return " ".join(part for part in parts if part)


def latitude_of(content: MapContent) -> float:
    """Return the latitude of the municipality's middle."""
    return (content.bounds[0][0] + content.bounds[1][0]) / 2


def bounds_of(content: MapContent) -> Metres:
    """Return the municipality's box in metres: of its layer on the map, or around its corners in degrees."""
    for layer in content.layers:
        if layer.shown.layer == "municipality":
            return _box(layer.frame)
    (south, west), (north, east) = content.bounds
    corners = shapely.points([(west, south), (west, north), (east, south), (east, north)])
    return _box(gpd.GeoDataFrame(geometry=corners, crs="EPSG:4326").to_crs(CRS))


def _box(frame: gpd.GeoDataFrame) -> Metres:
    west, south, east, north = (float(value) for value in np.asarray(frame.total_bounds))
    return west, south, east, north
