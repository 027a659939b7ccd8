"""Critical functions: the stations where they are, the others at the front of a modelled building."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.frame import facts, outline, spot
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_critical_functions"]


class _Function(NamedTuple):
    kind: str
    name: str
    place: shapely.Point


def build_critical_functions(town: Town) -> gpd.GeoDataFrame:
    """Return the critical functions inside the municipality, each where people or vehicles enter it."""
    stock = town.part(settle)
    found = [each for each in (*_stations(), *_named(stock), *_of_use(stock)) if outline().contains(each.place)]
    return gpd.GeoDataFrame(
        {
            "function_id": [f"KF-{number:02d}" for number in range(1, len(found) + 1)],
            "kind": [each.kind for each in found],
            "name": [each.name for each in found],
        },
        geometry=[each.place for each in found],
        crs=CRS,
    )


def _stations() -> Iterator[_Function]:
    for row in facts("stations")["station"]:
        yield _Function("station", f"{row['name']} Station", shapely.Point(row["position_m"]))


def _named(stock: Stock) -> Iterator[_Function]:
    """Return the functions of the facts, each in the nearest building that no other one has taken."""
    fact = facts("critical_functions")
    free = np.isin(stock.use_code, fact["house_uses"])
    for row in fact["function"]:
        away = np.hypot(*(stock.houses.front - spot(row["at"])).T)
        house = int(np.argmin(np.where(free, away, np.inf)))
        free[house] = False
        yield _Function(row["kind"], row["name"], shapely.Point(stock.houses.front[house]))


def _of_use(stock: Stock) -> Iterator[_Function]:
    """Return the care homes and health centres: buildings of that use, named after their quarter."""
    fact = facts("critical_functions")
    for kind, word, use in (
        ("health_centre", "Sundhedshus", fact["health_centre_use"]),
        ("care_home", "Plejehjem", fact["care_home_use"]),
    ):
        for house in np.flatnonzero(stock.use_code == use):
            quarter = quarters()[stock.houses.quarter[house]].name
            yield _Function(kind, f"{word}, {quarter}", shapely.Point(stock.houses.front[house]))
