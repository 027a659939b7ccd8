"""Before and after by statistics area: the rule of 3 trees, 30 per cent canopy and 300 metres to green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._aims import Aim
from ballerup_geo.methods.trees._benefit import Homes
from ballerup_geo.methods.trees._green_walk import WALK_ASSUMPTIONS, green_walk
from ballerup_geo.methods.trees._town import TreeTown
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given

__all__ = ["GREEN_ASSUMPTIONS", "Greens", "area_table", "green_shares"]

Floats = NDArray[np.float64]
PERCENT, HECTARE_M2 = 100.0, 10_000.0
OPEN_TO_ALL = ("park", "common", "meadow", "forest")

GREEN_ASSUMPTIONS = (*WALK_ASSUMPTIONS, Assumption("green_least_ha", "ha", minimum=0.0, maximum=100.0))


@dataclass(frozen=True, slots=True, eq=False)
class Greens:
    """Which homes have green within the walk: today, and with all proposed forest as well; None: unknown."""

    today: NDArray[np.bool_] | None
    with_forest: NDArray[np.bool_] | None
    notes: tuple[Words, ...] = ()
    """What the walk could not be measured for."""

    def indicators(self, residents: Floats) -> dict[str, float | None]:
        """Return the shares of residents, per cent."""
        whole = float(residents.sum())
        cases = {"green_before_pct": self.today, "green_with_forest_pct": self.with_forest}
        return {
            name: None if near is None or whole <= 0 else PERCENT * float(residents[near].sum()) / whole
            for name, near in cases.items()
        }


def green_shares(given: Given, town: TreeTown, homes: Homes, forest: pd.DataFrame | None) -> Greens:
    """Return which homes have a green of the least area within the walk along streets and paths.

    Garden trees change nothing of it; new forest does.
    """
    least = number_of(given, "green_least_ha") * HECTARE_M2
    if town.greens is None:
        return Greens(None, None)
    walk = green_walk(given, town, homes.xy)
    open_to_all = town.greens[town.greens["kind"].isin(OPEN_TO_ALL)].geometry.to_numpy()
    today, closed = walk.near(_large(open_to_all, least))
    notes = walk.notes(int(closed.sum()))
    if forest is None:
        return Greens(today, None, notes)
    new, _ = walk.near(_large(gpd.GeoDataFrame(forest).geometry.to_numpy(), least))
    return Greens(today, today | new, notes)


def _large(greens: NDArray[np.object_], least_m2: float) -> NDArray[np.object_]:
    return np.asarray(greens[shapely.area(greens) >= least_m2])


def area_table(
    town: TreeTown, homes: Homes, aims: tuple[Aim, ...], received: list[Floats], greens: Greens
) -> gpd.GeoDataFrame:
    """Return a row for each statistics area: canopy, residents with too few trees near, green; before and after."""
    near, cover = aims[0], aims[1]
    if town.areas is None:
        return gpd.GeoDataFrame({"area_id": pd.Series(dtype=object)}, geometry=gpd.GeoSeries([], crs=CRS), crs=CRS)
    count = len(town.areas)
    m2 = shapely.area(town.areas.geometry.to_numpy())

    def people(which: NDArray[np.bool_]) -> Floats:
        return np.bincount(homes.area[which] + 1, homes.residents[which], minlength=count + 1)[1:].astype(np.float64)

    residents = people(np.ones(len(homes.xy), dtype=bool))
    known = town.canopy is not None
    today = cover.have if known else np.full(count, np.nan)
    trees = np.asarray((cover.gains > 0).sum(axis=0)).ravel() if len(cover.target) else np.zeros(count)
    columns = {
        "residents": np.round(residents).astype(np.int64),
        "sites": trees.astype(np.int64),
        "canopy_before_pct": PERCENT * today / m2,
        "canopy_after_pct": PERCENT * (today + received[1]) / m2,
        "few_trees_before": np.round(people(~near.full())).astype(np.int64),
        "few_trees_after": np.round(people(~near.full(received[0]))).astype(np.int64),
        "green_before_pct": _share(people, greens.today, residents),
        "green_with_forest_pct": _share(people, greens.with_forest, residents),
    }
    table = gpd.GeoDataFrame(
        {"area_id": town.areas["area_id"].to_numpy(object), **columns}, geometry=town.areas.geometry.to_numpy(), crs=CRS
    )
    return table.sort_values("area_id", kind="stable", ignore_index=True)


def _share(people: Callable[[NDArray[np.bool_]], Floats], near: NDArray[np.bool_] | None, residents: Floats) -> Floats:
    if near is None:
        return np.full(len(residents), np.nan)
    share: Floats = np.divide(
        PERCENT * people(near), residents, out=np.full(len(residents), np.nan), where=residents > 0
    )
    return share
