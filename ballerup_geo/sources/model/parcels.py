"""Parcels (matrikler): the lots, the common ground between them, road land, and the open land around."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.fields import Plot, divide_land
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import Quarter, quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["build_parcels"]

MUNICIPALITY = "Ballerup Kommune"
STATE = "Naturstyrelsen"
COOPERATIVES = ("Egebjerg Midt", "Søndergård", "Søndergård Nord")
"""Quarters whose dwellings belong to cooperatives (andelsboligforeninger), in part."""
COOPERATIVE_SHARE = 0.35
PUBLIC_KINDS = ("school", "sport", "park", "allotment")
PRIVATE_FOREST_SHARE = 0.3


def build_parcels(town: Town) -> gpd.GeoDataFrame:
    """Return the parcels; only associations and public owners are named."""
    lots: Lots = town.part(draw_lots)
    rng = town.rng("parcels")
    plots = town.part(divide_land)
    shapes: list[Any] = [*lots.shapes]
    owners = _lot_owners(lots, rng)
    for plot in plots:
        shapes.append(plot.shape)
        owners.append(_plot_owner(plot, rng))
    kinds, names = zip(*owners, strict=True)
    return gpd.GeoDataFrame(
        {
            "parcel_id": [f"M{number:05d}" for number in range(1, len(shapes) + 1)],
            "owner_kind": list(kinds),
            "owner_name": list(names),
        },
        geometry=np.array(shapes, dtype=object),
        crs=CRS,
    )


def _lot_owners(lots: Lots, rng: np.random.Generator) -> list[tuple[str, str | None]]:
    """Owner kind and name of each lot, by its quarter."""
    chance: NDArray[np.float64] = rng.random(len(lots.shapes))
    all_quarters = quarters()
    return [_lot_owner(all_quarters[q], float(chance[index])) for index, q in enumerate(lots.quarter)]


def _lot_owner(quarter: Quarter, chance: float) -> tuple[str, str | None]:
    if quarter.kind in PUBLIC_KINDS:
        return "municipality", MUNICIPALITY
    if quarter.owner:
        return "housing_association", quarter.owner
    if quarter.name in COOPERATIVES and chance < COOPERATIVE_SHARE:
        return "cooperative", f"Andelsboligforeningen {quarter.name}"
    if quarter.kind == "business" or (quarter.kind == "centre" and chance < 0.7):
        return "company", None
    return "private", None


def _plot_owner(plot: Plot, rng: np.random.Generator) -> tuple[str, str | None]:
    """Owner of ground that is no lot: roads, greens, woods, fields."""
    if plot.use == "road":
        return "road", None
    if plot.quarter is not None:
        quarter = quarters()[plot.quarter]
        if quarter.kind == "forest":
            return "state", STATE
        if quarter.owner:
            return "housing_association", quarter.owner
        return "municipality", MUNICIPALITY
    if plot.use in ("wetland", "water", "green"):
        return "municipality", MUNICIPALITY
    if plot.use == "forest" and rng.random() >= PRIVATE_FOREST_SHARE:
        return "state", STATE
    if plot.use == "rail":
        return "state", "Banedanmark"
    return "private", None
