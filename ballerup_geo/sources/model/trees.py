"""Trees that stand alone: along streets, in gardens, in parks and on commons; each of a species and an age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._tree_room import kerb_m, spaced, stands_free
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.fields import divide_land
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town
from ballerup_geo.sources.model.tree_species import build_tree_species

__all__ = ["build_trees"]

HA_M2 = 10_000.0
LOT_RIM = 0.06
"""Share of a lot's width and depth that stays free along its edges."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where trees of one setting may stand: ``[n, 2]`` metres, and the year before which none was planted."""

    setting: str
    places: Array
    since: NDArray[np.int64]


def build_trees(town: Town) -> gpd.GeoDataFrame:
    """Return the trees, those of the streets first."""
    drawn = [_street(town), _garden(town), _park(town)]
    places = np.concatenate([each.places for each in drawn])
    since = np.concatenate([each.since for each in drawn])
    setting = np.repeat([each.setting for each in drawn], [len(each.places) for each in drawn])
    free = stands_free(town, places)
    places, since, setting = places[free], since[free], setting[free]
    stays = spaced(places, facts("trees")["clear_m"]["tree"])
    return _grown(town, places[stays], since[stays], setting[stays])


def _street(town: Town) -> _Places:
    """Return places along both sides of the streets that have trees, in turn."""
    fact = facts("trees")["street"]
    rng = town.rng("trees: streets")
    roads = town.table("roads")
    share = roads["class"].map(fact["share"]).fillna(0.0).to_numpy(np.float64)
    length = shapely.length(roads.geometry.to_numpy()) - 2 * fact["from_junction_m"]
    chosen = (rng.random(len(roads)) < share) & (length > 0) & (roads["level"] == 0).to_numpy(bool)
    streets, length = roads[chosen], length[chosen]
    count = (length // fact["spacing_m"]).astype(np.int64) + 1
    row = np.repeat(np.arange(len(streets)), count)
    turn = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    at = fact["from_junction_m"] + turn * fact["spacing_m"]
    lines = streets.geometry.to_numpy()[row]
    before, after = (shapely.get_coordinates(shapely.line_interpolate_point(lines, at + step)) for step in (-0.5, 0.5))
    ahead = (after - before) / np.hypot(*(after - before).T)[:, None]
    aside = (kerb_m(streets)[row] + fact["beyond_m"]) * np.where(turn % 2, 1.0, -1.0)
    places = (before + after) / 2 + np.stack([-ahead[:, 1], ahead[:, 0]], axis=1) * aside[:, None]
    oldest = facts("trees")["as_of_year"] - 60
    return _Places("street", places, np.full(len(places), oldest, dtype=np.int64))


def _garden(town: Town) -> _Places:
    """Return places on the lots that are built on, anywhere in the lot as drawn."""
    mean = facts("trees")["garden"]["mean"]
    rng = town.rng("trees: gardens")
    lots: Lots = town.part(draw_lots)
    stock: Stock = town.part(settle)
    built = np.zeros(len(lots.shapes), dtype=np.bool_)
    built[stock.houses.lot[stock.houses.lot >= 0]] = True
    count = rng.poisson(np.where(built, [mean[str(kind)] for kind in lots.kind], 0.0))
    lot = np.repeat(np.arange(len(count)), count)
    u, v = rng.uniform(LOT_RIM, 1.0 - LOT_RIM, (2, len(lot), 1))
    a, b, c, d = lots.quads[lot].transpose(1, 0, 2)
    places = (1 - v) * ((1 - u) * a + u * b) + v * ((1 - u) * d + u * c)
    inside = shapely.contains(lots.shapes[lot], shapely.points(places))
    since = np.array([quarter.years[0] for quarter in quarters()], dtype=np.int64)[lots.quarter[lot]]
    return _Places("garden", places[inside], since[inside])


def _park(town: Town) -> _Places:
    """Return places on parks, commons and meadows, so many a hectare."""
    fact = facts("trees")
    rng = town.rng("trees: parks")
    per_ha = fact["park"]["per_ha"]
    plots = [plot for plot in town.part(divide_land) if plot.use in ("green", "meadow")]
    shapes: NDArray[Any] = np.array([plot.shape for plot in plots], dtype=object)
    parks = [plot.quarter is not None and quarters()[plot.quarter].kind == "park" for plot in plots]
    density = [per_ha["park" if park else plot.use] for park, plot in zip(parks, plots, strict=True)]
    west, south, east, north = shapely.bounds(shapes).T
    count = rng.poisson((east - west) * (north - south) / HA_M2 * np.array(density))
    plot_of = np.repeat(np.arange(len(plots)), count)
    share = rng.random((2, len(plot_of)))
    low, size = np.stack([west, south])[:, plot_of], np.stack([east - west, north - south])[:, plot_of]
    places = (low + share * size).T
    inside = shapely.contains(shapes[plot_of], shapely.points(places))
    oldest = fact["as_of_year"] - fact["oldest_y"]
    return _Places("park", places[inside], np.full(int(inside.sum()), oldest, dtype=np.int64))


def _grown(town: Town, places: Array, since: NDArray[np.int64], setting: NDArray[np.str_]) -> gpd.GeoDataFrame:
    """Give each place a species, a year and the size that follows: ``grown · (1 − exp(−age / growth))``."""
    fact = facts("trees")
    rng = town.rng("trees")
    species = np.empty(len(places), dtype=object)
    known = np.empty(len(places))
    for name in ("street", "garden", "park"):
        rows = np.flatnonzero(setting == name)
        weight = fact[name]["species"]
        chance = np.array(list(weight.values()), dtype=np.float64)
        species[rows] = rng.choice(np.array(list(weight), dtype=object), len(rows), p=chance / chance.sum())
        known[rows] = fact[name]["year_known"]
    first = np.maximum(since, fact["as_of_year"] - fact["oldest_y"])
    last = fact["as_of_year"] - 2
    year = np.round(first + rng.beta(1.4, 1.6, len(places)) * np.maximum(last - first, 0)).astype(np.int64)
    size = 1.0 - np.exp(-(fact["as_of_year"] - year) / fact["growth_y"])
    table = build_tree_species(town).set_index("species").loc[species.tolist()]
    spread = np.exp(rng.normal(0.0, fact["size_spread"], (2, len(places))))
    height = table["height_m"].to_numpy() * fact["open_height_share"] * size * spread[0]
    crown = 2.0 * table["crown_radius_m"].to_numpy() * size * spread[1]
    return gpd.GeoDataFrame(
        {
            "tree_id": [f"T{number:05d}" for number in range(1, len(places) + 1)],
            "species": species,
            "crown_m": np.round(np.maximum(crown, 0.5), 1),
            "height_m": np.round(np.maximum(height, 1.5), 1),
            "planted_year": pd.arrays.IntegerArray(year, rng.random(len(places)) >= known),
        },
        geometry=shapely.points(np.round(places, 2)),
        crs=CRS,
    )
