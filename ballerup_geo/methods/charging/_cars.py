"""Cars and electric cars of each address: shares of what is counted in its area, and of what a scenario expects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.spec import Text

__all__ = [
    "HIGH",
    "LOW",
    "MAIN",
    "SCENARIOS",
    "SCENARIO_CODES",
    "Cars",
    "Counted",
    "Shares",
    "counted_cars",
    "share_out",
]

Floats = NDArray[np.float64]

LOW, MAIN, HIGH = "low", "main", "high"
SCENARIOS = (LOW, MAIN, HIGH)
SCENARIO_CODES: Mapping[str, Text] = {
    LOW: Text(da="få elbiler", en="few electric cars"),
    MAIN: Text(da="planens forventning", en="what the plan expects"),
    HIGH: Text(da="mange elbiler", en="many electric cars"),
}


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of all cars in a year: battery electric, and plug-in hybrids."""

    bev: float
    phev: float


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """What is counted, put on the addresses: float64[n] each; ``area`` int64[n] is the row of the area, −1 none."""

    year: int
    area: NDArray[np.int64]
    cars: Floats
    bev: Floats
    phev: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Cars:
    """Cars of each address in each year of each scenario.

    What is counted in the base year moves evenly, address by address, to what the scenario expects in the target year;
    the number of cars stays.
    """

    counted: Counted
    target_year: int
    target_bev: Mapping[str, Floats]
    """Scenario → battery electric cars of each address in the target year."""
    target_phev: Mapping[str, Floats]

    @property
    def base_year(self) -> int:
        """The year that was counted."""
        return self.counted.year

    @property
    def years(self) -> range:
        """All years from the base year to the target year."""
        return range(self.base_year, self.target_year + 1)

    @property
    def cars(self) -> Floats:
        """All cars of each address."""
        return self.counted.cars

    def bev(self, scenario: str, year: int) -> Floats:
        """Battery electric cars of each address."""
        return self._between(self.counted.bev, self.target_bev[scenario], year)

    def phev(self, scenario: str, year: int) -> Floats:
        """Plug-in hybrids of each address."""
        return self._between(self.counted.phev, self.target_phev[scenario], year)

    def electric(self, scenario: str, year: int) -> Floats:
        """Battery electric cars and plug-in hybrids together."""
        return self.bev(scenario, year) + self.phev(scenario, year)

    def _between(self, start: Floats, end: Floats, year: int) -> Floats:
        if year not in self.years:
            what = f"is {year}, known are {self.base_year}–{self.target_year}"
            raise MethodError(Fault("charging", "year", what, "ask for a year between"))
        span = self.target_year - self.base_year
        return start if span == 0 else start + (year - self.base_year) / span * (end - start)


def counted_cars(
    addresses: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, weight: Floats, appetite: Floats, unknown: Shares
) -> tuple[Counted, list[Report]]:
    """Share out the cars that are counted in each area over its addresses.

    Parameters
    ----------
    addresses
        ``address_id``, geometry.
    areas
        ``area_id``, ``cars``; ``electric``, ``plug_in``, ``year``. Of an area with several years the last counts.
    weight
        float64[n]: cars that an address would have by its kind; only their relation counts.
    appetite
        float64[n]: how likely a car there is to be electric, in relation to others.
    unknown
        Electric shares of an area that does not tell its own.

    Raises
    ------
    DataError
        An area has more electric cars than cars; areas are counted in different years.
    MethodError
        No area with cars holds a dwelling.
    """
    latest = _latest(areas)
    cars = latest["cars"].to_numpy(np.float64)
    bev = _known(latest, "electric").fillna(unknown.bev * latest["cars"]).to_numpy(np.float64)
    phev = _known(latest, "plug_in").fillna(unknown.phev * latest["cars"]).to_numpy(np.float64)
    _refuse_impossible(latest, cars, bev + phev)
    area, several = _area_of(addresses, latest)
    reports = _reports(addresses, latest, area, several, weight)
    plug_in = bev + phev
    share = np.divide(bev, plug_in, out=np.ones(len(plug_in)), where=plug_in > 0)
    out = np.zeros((3, len(addresses)))
    for row in range(len(latest)):
        here = np.flatnonzero((area == row) & (weight > 0))
        if len(here):
            owned = share_out(cars[row], weight[here], np.full(len(here), np.inf))
            electric = share_out(plug_in[row], owned * appetite[here], owned)
            out[:, here] = owned, electric * share[row], electric * (1 - share[row])
    if not out[0].sum() > 0:
        what = "no area with cars holds an address with dwellings"
        raise MethodError(Fault("layer car_areas", "cars", what, "deliver the areas of this municipality"))
    return Counted(int(latest["year"].max()), area, *out), reports


def share_out(total: float, weight: Floats, most: Floats) -> Floats:
    """Share a total out by weights, to none more than its most; what one cannot take the others get.

    Raises
    ------
    MethodError
        All that have a weight together cannot take the total.

    Examples
    --------
    >>> share_out(6.0, np.array([1.0, 1.0, 2.0]), np.array([9.0, 1.0, 9.0])).round(3).tolist()
    [1.667, 1.0, 3.333]
    """
    open_ = weight > 0
    room = float(most[open_].sum())
    if total > room * (1 + 1e-9):
        what = f"{total:g} cars are to be shared out where there is room for {room:g}"
        todo = "lower the share of electric cars, or let no appetite be 0"
        raise MethodError(Fault("charging", "cars", what, todo))
    out = np.zeros(len(weight))
    while open_.any():
        left = total - out[~open_].sum()
        out[open_] = left * weight[open_] / weight[open_].sum()
        over = open_ & (out > most)
        if not over.any():
            break
        out[over] = most[over]
        open_ &= ~over
    return out


def _known(frame: pd.DataFrame, column: str) -> pd.Series[float]:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return frame[column].astype("Float64").astype(np.float64)


def _latest(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the last count of each area; all must be of one year."""
    if "year" not in areas or areas["year"].isna().any():
        what = "the year of the count is missing"
        raise DataError(Fault("layer car_areas", "year", what, "say of which 1 January the cars are counted"))
    ordered = areas.sort_values(["area_id", "year"], kind="stable")
    latest = gpd.GeoDataFrame(ordered.drop_duplicates("area_id", keep="last").reset_index(drop=True))
    years = sorted({int(year) for year in latest["year"]})
    if len(years) > 1:
        what = f"the areas are counted in different years ({', '.join(map(str, years))})"
        raise DataError(Fault("layer car_areas", "year", what, "deliver one year for all areas"))
    return latest


def _refuse_impossible(areas: gpd.GeoDataFrame, cars: Floats, plug_in: Floats) -> None:
    wrong = areas.loc[plug_in > cars, "area_id"]
    if len(wrong):
        what = f"more electric cars than cars in {', '.join(map(str, wrong[:5]))}"
        raise DataError(Fault("layer car_areas", "electric", what, "correct the counts of these areas"))


def _area_of(addresses: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the row of each address' area (−1: none; the first of several), and whether it lies in several."""
    point, shape = shapely.STRtree(areas.geometry.to_numpy()).query(addresses.geometry.to_numpy(), "intersects")
    area = np.full(len(addresses), len(areas), dtype=np.int64)
    np.minimum.at(area, point, shape)
    several = np.bincount(point, minlength=len(addresses)) > 1
    return np.where(area == len(areas), -1, area), several


def _reports(
    addresses: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    area: NDArray[np.int64],
    several: NDArray[np.bool_],
    weight: Floats,
) -> list[Report]:
    reports = [
        Report(kind, "addresses", str(row), point.x, point.y)
        for kind, rows in (("no_area", (area < 0) & (weight > 0)), ("shared_area", several))
        for row, point in zip(addresses["address_id"][rows], addresses.geometry[rows], strict=True)
    ]
    homes = np.bincount(area[area >= 0], weight[area >= 0], len(areas))
    for row in np.flatnonzero((homes == 0) & (areas["cars"].to_numpy(np.float64) > 0)):
        middle = areas.geometry.iloc[row].representative_point()
        reports.append(Report("area_without_homes", "car_areas", str(areas["area_id"].iloc[row]), middle.x, middle.y))
    return reports
