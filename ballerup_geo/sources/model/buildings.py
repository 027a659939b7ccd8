"""Buildings with what the building register (BBR) holds: use, year, areas, storeys, heating, dwellings."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.heating import heat
from ballerup_geo.sources.model.houses import Houses, place_houses
from ballerup_geo.sources.model.plan import quarters
from ballerup_geo.sources.model.town import Town

__all__ = ["Stock", "build_buildings", "settle"]

BUILT = 6
"""BBR status: built and standing."""
SECONDARY = ("garage", "garages", "shed")
UNITS_A_ROW = 6
USE_CODES: dict[str, tuple[tuple[int, float], ...]] = {
    "villa": ((120, 0.985), (132, 0.015)),
    "unit": ((131, 1.0),),
    "row": ((131, 1.0),),
    "flats": ((140, 1.0),),
    "centre": ((140, 0.8), (322, 0.1), (321, 0.1)),
    "shop": ((322, 0.55), (333, 0.15), (334, 0.2), (433, 0.03), (414, 0.04), (413, 0.03)),
    "business": ((321, 0.34), (323, 0.22), (222, 0.2), (322, 0.08), (221, 0.08), (329, 0.05), (334, 0.03)),
    "store": ((323, 0.7), (222, 0.3)),
    "hut": ((540, 1.0),),
    "school": ((421, 1.0),),
    "daycare": ((441, 1.0),),
    "hall": ((533, 1.0),),
    "pool": ((532, 1.0),),
    "club": ((531, 1.0),),
    "farm": ((110, 1.0),),
    "barn": ((217, 0.4), (216, 0.35), (212, 0.25)),
    "garage": ((910, 0.62), (920, 0.38)),
    "garages": ((910, 1.0),),
    "shed": ((930, 0.8), (940, 0.1), (950, 0.1)),
}
"""Role → BBR uses and their shares."""
OFFICE_QUARTERS = ("Lautrup", "Lautrupgård", "Kildedal")
OFFICE_SHARE = 0.7
NURSING_HOMES = 5
MUNICIPAL_USES = (160, 413, 421, 433, 441, 532, 533)
UNKNOWN_YEAR_SHARE = 0.004
FLAT_STOREYS = (4, 4, 4, 5, 4, 4)


class Stock:
    """The buildings that stand, with what the register leaves out: role, lot, quarter, front."""

    def __init__(self, houses: Houses, dwellings: NDArray[np.int64], use_code: NDArray[np.int64]) -> None:
        self.houses = houses
        self.dwellings = dwellings
        self.use_code = use_code
        self.ids = [f"B{number:05d}" for number in range(1, len(houses.shapes) + 1)]


def settle(town: Town) -> Stock:
    """Choose what stands: all main buildings, and secondary ones up to the count of the facts; then the dwellings."""
    rng = town.rng("buildings")
    houses: Houses = town.part(place_houses)
    secondary = np.flatnonzero(np.isin(houses.role, SECONDARY))
    main = np.flatnonzero(~np.isin(houses.role, SECONDARY))
    rank = rng.random(len(secondary)) + np.where(houses.role[secondary] == "shed", 0.45, 0.0)
    wanted = max(0, facts("town")["buildings"] - len(main))
    kept = np.sort(np.concatenate([main, secondary[np.argsort(rank, kind="stable")][:wanted]]))
    houses = Houses(*(getattr(houses, name)[kept] for name in Houses.__dataclass_fields__))
    use = _uses(houses, rng)
    return Stock(houses, _dwellings(houses, use), use)


def build_buildings(town: Town) -> gpd.GeoDataFrame:
    """Return the buildings."""
    stock = town.part(settle)
    houses, use = stock.houses, stock.use_code
    rng = town.rng("buildings: particulars")
    year = _years(houses, use, rng)
    storeys = _storeys(houses, use)
    floor_m2 = np.round(shapely.area(houses.shapes) * storeys)
    secondary = np.isin(houses.role, SECONDARY)
    dwelling_m2 = np.where(stock.dwellings > 0, floor_m2, 0.0)
    mixed = (houses.role == "centre") & (stock.dwellings > 0)
    dwelling_m2[mixed] = np.round(floor_m2[mixed] * (1 - 1 / storeys[mixed]))
    business_m2 = np.where(secondary | (houses.role == "hut"), 0.0, floor_m2 - dwelling_m2)
    heating = heat(houses.role, houses.quarter, year, rng)
    unknown = rng.random(len(use)) < UNKNOWN_YEAR_SHARE
    return gpd.GeoDataFrame(
        {
            "building_id": stock.ids,
            "use_code": use,
            "status": np.full(len(use), BUILT, dtype=np.int64),
            "year_built": _masked(year, unknown),
            "floor_area_m2": floor_m2,
            "dwelling_area_m2": dwelling_m2,
            "business_area_m2": business_m2,
            "storeys": storeys,
            "heating_installation": _masked(heating.installation, heating.installation == 0),
            "heating_fuel": _masked(heating.fuel, heating.fuel == 0),
            "heating_supplement": _masked(heating.supplement, secondary),
            "dwellings": stock.dwellings,
            "municipal": np.isin(use, MUNICIPAL_USES),
        },
        geometry=houses.shapes,
        crs=CRS,
    )


def _masked(values: NDArray[np.int64], unknown: NDArray[np.bool_]) -> Any:
    return pd.arrays.IntegerArray(values.astype(np.int64), unknown)


def _uses(houses: Houses, rng: np.random.Generator) -> NDArray[np.int64]:
    use = np.zeros(len(houses.role), dtype=np.int64)
    for role, shares in USE_CODES.items():
        rows = np.flatnonzero(houses.role == role)
        codes, weights = zip(*shares, strict=True)
        use[rows] = rng.choice(codes, len(rows), p=np.array(weights) / sum(weights))
    names = np.array([*[quarter.name for quarter in quarters()], ""])[houses.quarter]
    offices = (houses.role == "business") & np.isin(names, OFFICE_QUARTERS) & (rng.random(len(use)) < OFFICE_SHARE)
    use[offices] = 321
    use[rng.choice(np.flatnonzero(houses.role == "flats"), NURSING_HOMES, replace=False)] = 160
    return use


def _dwellings(houses: Houses, use: NDArray[np.int64]) -> NDArray[np.int64]:
    """Dwellings: houses by their use, flats by floor area so that the total is the facts' total."""
    dwellings = np.zeros(len(use), dtype=np.int64)
    dwellings[np.isin(use, (110, 120, 131))] = 1
    dwellings[use == 132] = 2
    dwellings[houses.role == "row"] = UNITS_A_ROW
    flats = np.flatnonzero(use == 140)
    storeys = _storeys(houses, use)[flats] - (houses.role[flats] == "centre")
    weight = shapely.area(houses.shapes[flats]) * storeys
    share = (facts("town")["dwellings"] - dwellings.sum()) * np.cumsum(weight) / weight.sum()
    dwellings[flats] = np.diff(np.round(share), prepend=0.0).astype(np.int64)
    return dwellings


def _storeys(houses: Houses, use: NDArray[np.int64]) -> NDArray[np.int64]:
    """Storeys follow the quarter for flats, chance tied to the place for houses."""
    chance = (np.floor(houses.front.sum(axis=1)).astype(np.int64) * 7919) % 100
    quarter = houses.quarter % len(FLAT_STOREYS)
    flats = np.array(FLAT_STOREYS)[quarter]
    role = houses.role
    office = np.isin(use, (321, 329))
    storeys: NDArray[np.int64] = np.select(
        [role == "flats", role == "centre", role == "villa", np.isin(role, ("unit", "row")), office, role == "school"],
        [flats, 3 + chance % 3, 1 + (chance < 22), 1 + (chance % 100 < 62), 2 + chance % 4, 1 + (chance < 50)],
        default=1,
    ).astype(np.int64)
    return storeys


def _years(houses: Houses, use: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Year built: within the quarter's years; estates at one stroke; one house in twelve is a later rebuild."""
    span = np.array([*[quarter.years for quarter in quarters()], (1880, 1930)])[houses.quarter]
    draw = rng.beta(2.0, 2.0, len(use))
    start = rng.random(len(span) + 1)[houses.quarter]
    estate = np.isin(houses.role, ("flats", "row", "school"))
    draw = np.where(estate, 0.75 * start + 0.25 * draw, draw)
    year: NDArray[np.int64] = np.round(span[:, 0] + draw * (span[:, 1] - span[:, 0])).astype(np.int64)
    rebuilt = np.isin(houses.role, ("villa", "hut", "shop")) & (rng.random(len(use)) < 1 / 12)
    year[rebuilt] = rng.integers(2000, 2025, int(rebuilt.sum()))
    daycare = np.isin(use, (441, 160))
    year[daycare] = rng.integers(1970, 2018, int(daycare.sum()))
    return year
