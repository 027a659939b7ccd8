"""Addresses: one a house, one a stairwell, one a firm; who lives there, and the pupils among them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.buildings import SECONDARY, Stock, settle
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_addresses"]

FLATS_A_STAIR = 8
DOOR_M = 0.4
"""An address lies this far inside the front of its building."""
WITHOUT = ("barn", "store")
"""Roles without an address of their own, besides secondary buildings."""
EXTRA_RESIDENTS = {"villa": 1.55, "farm": 1.5, "unit": 1.3, "row": 1.1, "flats": 0.9, "centre": 0.7}
"""Residents of a dwelling beyond the first, before the total is held to the facts."""


def build_addresses(town: Town) -> gpd.GeoDataFrame:
    """Return the addresses, on the street side of their buildings."""
    stock = town.part(settle)
    rng = town.rng("addresses")
    building, place, dwellings = _doors(stock)
    role = stock.houses.role[building]
    residents = dwellings + _extra(dwellings, role, rng)
    pupils = _pupils(residents - dwellings, rng)
    return gpd.GeoDataFrame(
        {
            "address_id": [f"A{number:06d}" for number in range(1, len(building) + 1)],
            "building_id": np.array(stock.ids)[building],
            "dwellings": dwellings,
            "residents": residents,
            **pupils,
        },
        geometry=shapely.points(place),
        crs=CRS,
    )


def _doors(stock: Stock) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Building, place and dwellings of each address: doors are spread evenly along the front."""
    role = stock.houses.role
    doors = np.ones(len(role), dtype=np.int64)
    doors[np.isin(role, SECONDARY + WITHOUT)] = 0
    row = (role == "row") | (stock.use_code == 132)
    doors[row] = stock.dwellings[row]
    flats = stock.use_code == 140
    doors[flats] = np.maximum(1, np.round(stock.dwellings[flats] / FLATS_A_STAIR)).astype(np.int64)
    building = np.repeat(np.arange(len(role)), doors)
    turn = np.arange(len(building)) - np.repeat(np.cumsum(doors) - doors, doors)
    count = doors[building]
    low, rest = np.divmod(stock.dwellings[building], count)
    along = stock.houses.along[building]
    inward = np.stack([-along[:, 1], along[:, 0]], axis=-1) / np.hypot(*along.T)[:, None]
    middle = shapely.get_coordinates(shapely.centroid(stock.houses.shapes))[building]
    front = stock.houses.front[building]
    inward *= np.sign(((middle - front) * inward).sum(axis=1))[:, None]
    place = front + along * ((turn + 0.5) / count - 0.5)[:, None] + DOOR_M * inward
    return building, place, low + (turn < rest)


def _extra(dwellings: NDArray[np.int64], role: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Residents beyond one a dwelling; with them the total is the facts' total."""
    weight = dwellings * np.array([EXTRA_RESIDENTS.get(str(each), 0.0) for each in role])
    total = facts("town")["residents"] - int(dwellings.sum())
    return np.asarray(rng.multinomial(total, weight / weight.sum()), dtype=np.int64)


def _pupils(extra: NDArray[np.int64], rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """Draw the pupils among the residents beyond the first of each dwelling."""
    people = rng.permutation(np.repeat(np.arange(len(extra)), extra))
    pupils, start = {}, 0
    for level, count in facts("town")["pupils"].items():
        pupils[level] = np.bincount(people[start : start + count], minlength=len(extra)).astype(np.int64)
        start += count
    return pupils
