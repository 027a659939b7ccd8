"""Shared parking: beside flats, rows, shops and firms, at schools and sports grounds, and at the stations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model._parking_room import Box, beside_street, on_open_ground, roomiest
from ballerup_geo.sources.model.buildings import Stock, settle
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["USE_OF_CODE", "build_parking"]

USE_OF_CODE = {
    140: "flats",
    131: "rows",
    321: "office",
    329: "office",
    322: "retail",
    333: "retail",
    334: "retail",
    221: "industry",
    222: "industry",
    323: "industry",
    160: "public",
    413: "public",
    414: "public",
    433: "public",
    441: "public",
}
"""BBR use of the largest building on a lot → use of its parking."""
ACCESS_OF_USE = {
    "flats": "residents",
    "rows": "residents",
    "office": "employees",
    "industry": "employees",
    "retail": "customers",
}
"""Who may park; everyone on the others."""
LOT_KINDS = ("flats", "rows", "centre", "business")
PRIVATE = ("private", "company")
WORDS = {
    "flats": "Boligparkering",
    "rows": "Boligparkering",
    "office": "Parkering ved kontor",
    "retail": "Butiksparkering",
    "industry": "Parkering ved erhverv",
    "school": "Skoleparkering",
    "sport": "Parkering ved idræt",
    "public": "Parkering ved institution",
}


@dataclass(frozen=True, slots=True)
class _Area:
    name: str
    use: str
    owner_kind: str
    spaces: int
    shape: shapely.Polygon


def build_parking(town: Town) -> gpd.GeoDataFrame:
    """Return the shared parking areas; a few private ones have no counted number of spaces."""
    fact = facts("parking")
    areas = [each for each in (*_on_lots(town), *_on_campuses(town), *_at_stations(town)) if _large(each)]
    rng = town.rng("parking")
    private = np.isin([each.owner_kind for each in areas], PRIVATE)
    uncounted = private & (rng.random(len(areas)) < fact["uncounted_share"])
    spaces = np.array([each.spaces for each in areas], dtype=np.int64)
    return gpd.GeoDataFrame(
        {
            "parking_id": [f"PA-{number:04d}" for number in range(1, len(areas) + 1)],
            "name": [each.name for each in areas],
            "spaces": pd.arrays.IntegerArray(spaces, uncounted),
            "access": [ACCESS_OF_USE.get(each.use, "public") for each in areas],
            "owner_kind": [each.owner_kind for each in areas],
            "building_use": [each.use for each in areas],
        },
        geometry=[each.shape for each in areas],
        crs=CRS,
    )


def _large(area: _Area) -> bool:
    return area.spaces >= int(facts("parking")["smallest_spaces"])


def _on_lots(town: Town) -> Iterator[_Area]:
    """Yield the parking of flats, shops and firms, and of rows that are not owned house by house."""
    lots: Lots = town.part(draw_lots)
    stock = town.part(settle)
    parcels = town.table("parcels")
    floor_m2 = town.table("buildings")["floor_area_m2"].to_numpy()
    space_m2 = float(facts("parking")["space_m2"])
    built = _rows_by_lot(stock)
    _, _, _, width = lots.frame()
    depth = lots.depth_m()
    for row in np.flatnonzero(np.isin(lots.kind, LOT_KINDS)):
        houses = built.get(int(row))
        if houses is None:
            continue
        main = houses[np.argmax(floor_m2[houses])]
        use = USE_OF_CODE.get(int(stock.use_code[main]))
        owner = str(parcels["owner_kind"].iloc[row])
        if use is None or (use == "rows" and owner == "private"):
            continue
        wanted = _wanted(use, int(stock.dwellings[houses].sum()), float(floor_m2[houses].sum()))
        strips = _strips(str(lots.kind[row]), float(width[row]), float(depth[row]))
        shape = roomiest(lots, int(row), strips, stock.houses.shapes[houses], wanted * space_m2)
        if shape is not None:
            name = f"{WORDS[use]}, {quarters()[lots.quarter[row]].name}"
            yield _Area(name, use, owner, min(wanted, int(shape.area / space_m2)), shape)


def _rows_by_lot(stock: Stock) -> dict[int, NDArray[np.int64]]:
    order = np.argsort(stock.houses.lot, kind="stable")
    lots, starts = np.unique(stock.houses.lot[order], return_index=True)
    return {int(lot): rows for lot, rows in zip(lots, np.split(order, starts[1:]), strict=True) if lot >= 0}


def _wanted(use: str, dwellings: int, floor_m2: float) -> int:
    """Spaces that a use asks for."""
    fact = facts("parking")
    if use in fact["per_dwelling"]:
        return math.ceil(dwellings * float(fact["per_dwelling"][use]))
    return math.ceil(floor_m2 / float(fact["floor_m2_per_space"][use]))


def _strips(kind: str, width_m: float, depth_m: float) -> list[Box]:
    """Return where cars stand on a lot of a kind, the first choice first."""
    whole = (1.0, 1.0, width_m - 1.0, depth_m - 1.0)
    return {
        "flats": [(2.0, 24.6, width_m - 2.0, depth_m - 1.0), (25.5, 2.0, 42.0, depth_m - 2.0), whole],
        "rows": [(1.0, 0.4, width_m - 1.0, 5.4), (1.0, depth_m - 5.4, width_m - 1.0, depth_m - 0.4)],
    }.get(kind, [whole])


def _on_campuses(town: Town) -> Iterator[_Area]:
    """Yield the parking of schools and sports grounds."""
    lots: Lots = town.part(draw_lots)
    stock = town.part(settle)
    fact = facts("parking")
    roads = town.table("roads")
    streets = shapely.STRtree(roads.geometry[roads["class"] != "path"].to_numpy())
    for row in np.flatnonzero(np.isin(lots.kind, tuple(fact["campus"]))):
        use = str(lots.kind[row])
        spaces = int(fact["campus"][use])
        houses = stock.houses.shapes[stock.houses.lot == row]
        shape = beside_street(lots.shapes[row], houses, streets, spaces * fact["space_m2"])
        if shape is not None:
            name = f"{WORDS[use]}, {quarters()[lots.quarter[row]].name}"
            yield _Area(name, use, "municipality", int(shape.area / fact["space_m2"] + 0.5), shape)


def _at_stations(town: Town) -> Iterator[_Area]:
    """Yield the car parks of the stations."""
    fact = facts("parking")
    where = {row["name"]: np.array(row["position_m"], dtype=np.float64) for row in facts("stations")["station"]}
    for row in fact["station"]:
        shape = on_open_ground(town, where[row["name"]], row["spaces"] * fact["space_m2"])
        if shape is not None:
            spaces = int(shape.area / fact["space_m2"] + 0.5)
            yield _Area(f"Parkering ved {row['name']} Station", "station", "municipality", spaces, shape)
