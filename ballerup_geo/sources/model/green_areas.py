"""Green areas: parks, sports grounds and woods of the plan by name, common greens and meadows of the land between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import settle
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import Quarter, quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_green_areas"]

NAMED_KINDS = ("park", "sport", "forest")
"""Quarters that are green areas as a whole."""
SMALLEST_M2 = 10_000.0
"""Smaller pieces without a name of their own are left out."""
WALL_CLEAR_M = 5.0
"""Around the halls of a sports ground."""


@dataclass(frozen=True, slots=True)
class _Green:
    kind: str
    name: str | None
    public: bool
    shape: shapely.Geometry


def build_green_areas(town: Town) -> gpd.GeoDataFrame:
    """Return the green areas: those with a name first, then by kind."""
    greens = [*_named(town), *_commons(town), *_meadows(town)]
    return gpd.GeoDataFrame(
        {
            "area_id": [f"GR-{number:03d}" for number in range(1, len(greens) + 1)],
            "name": [green.name for green in greens],
            "public": [green.public for green in greens],
            "kind": [green.kind for green in greens],
        },
        geometry=[green.shape for green in greens],
        crs=CRS,
    )


def _named(town: Town) -> Iterator[_Green]:
    """Return the parks, sports grounds and woods of the plan, halls left out."""
    lots: Lots = town.part(draw_lots)
    stock = town.part(settle)
    pieces: dict[int, list[shapely.Geometry]] = {}
    for plot in town.part(divide_land):
        if plot.quarter is not None and plot.use in ("green", "forest"):
            pieces.setdefault(plot.quarter, []).append(plot.shape)
    for row in np.flatnonzero(lots.kind == "sport"):
        halls = shapely.union_all(stock.houses.shapes[stock.houses.lot == row])
        ground = shapely.difference(lots.shapes[row], shapely.buffer(halls, WALL_CLEAR_M))
        pieces.setdefault(int(lots.quarter[row]), []).append(ground)
    for kind in NAMED_KINDS:
        for index, quarter in enumerate(quarters()):
            if quarter.kind == kind and index in pieces:
                yield _Green(kind, quarter.name, True, shapely.union_all(pieces[index]))


def _commons(town: Town) -> Iterator[_Green]:
    """Return the common greens between houses and around the towns."""
    plan = quarters()
    for plot in town.part(divide_land):
        quarter = None if plot.quarter is None else plan[plot.quarter]
        if plot.use != "green" or plot.shape.area < SMALLEST_M2 or (quarter and quarter.kind in NAMED_KINDS):
            continue
        name = None if quarter is None else f"Fællesareal, {quarter.name}"
        yield _Green("common", name, _is_public(quarter), plot.shape)


def _is_public(quarter: Quarter | None) -> bool:
    """Say whether common ground is the municipality's (as ``parcels`` has it): all but a housing association's."""
    return quarter is None or not quarter.owner


def _meadows(town: Town) -> Iterator[_Green]:
    for plot in town.part(divide_land):
        if plot.use == "meadow" and plot.shape.area >= SMALLEST_M2:
            yield _Green("meadow", None, False, plot.shape)
