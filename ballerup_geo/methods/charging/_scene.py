"""The scene of the charging analysis: doors with their cars, who can charge at home, what there is, and the ways there.

How other parts use it (``scene`` below; all arrays follow the rows of ``scene.doors``, the demand points)::

    scene.doors                                   # GeoDataFrame: address_id, building_id, dwellings, home, parcel row
    scene.cars.electric("main", 2030)             # float64[n]: electric cars of each door
    scene.without_home("main", 2030)              # float64[n]: of them those that cannot charge at home
    scene.away_kwh(scene.without_home(...))       # float64[n]: what these charge away from home in a year
    scene.walk.to_sites(points, limit_m=500)      # sparse [n, sites] metres on foot
    scene.chargers, scene.parking                 # cleaned; None: the layer is unknown
    scene.stations, scene.roads, scene.buildings  # as delivered, clipped to the municipality by the catalog

Doors at the same place with the same ways have equal rows in the sparse matrix; merging them is the siting library's
work and changes no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.charging._cars import MAIN, Cars
from ballerup_geo.methods.charging._homes import HOMES
from ballerup_geo.methods.charging._reports import Report
from ballerup_geo.methods.charging._walk import Walk

__all__ = ["Energy", "Scene"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Energy:
    """What an electric car uses in a year, and where: low, main and high value of what is not known well."""

    bev_kwh: dict[str, float]
    """Per battery electric car and year."""
    phev_share: float
    """What a plug-in hybrid charges, in relation to a battery electric car."""
    home_share: dict[str, dict[str, float]]
    """Bound → kind of home → share of the cars that can charge at home; bound *low* is the fewest."""
    away_home: float
    """Share of its energy that a car with a charger at home takes elsewhere."""
    away_no_home: float
    """Share of its energy that a car without one takes at public and shared chargers; the rest at work or on trips."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """All that the parts work on."""

    town: Any
    """shapely polygon of the municipality."""
    town_name: str
    doors: gpd.GeoDataFrame
    """Addresses with dwellings: ``address_id``, ``building_id``, ``dwellings`` (int64), ``residents`` (int64, −1
    unknown), ``home`` (own, tight or shared), ``owner_kind`` and ``parcel`` (row of ``parcels``, −1 none)."""
    cars: Cars
    energy: Energy
    walk: Walk
    chargers: gpd.GeoDataFrame | None
    """See ``counted_chargers``; None: the layer is unknown, which is not the same as none."""
    parking: gpd.GeoDataFrame | None
    """See ``counted_parking``, with ``plugs`` (int64; −1 where chargers are unknown)."""
    buildings: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame | None
    roads: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame | None
    reports: tuple[Report, ...]

    def home_share(self, bound: str = MAIN) -> Floats:
        """Return the share of each door's cars that can charge at home; bound ``low`` gives the fewest."""
        shares = self.energy.home_share[bound]
        kind = self.doors["home"].to_numpy(object)
        return np.select([kind == each for each in HOMES], [shares[each] for each in HOMES], 0.0)

    def without_home(self, scenario: str, year: int, bound: str = MAIN) -> Floats:
        """Return each door's electric cars that cannot charge at home; bound ``low`` gives most of them."""
        return self.cars.electric(scenario, year) * (1.0 - self.home_share(bound))

    def kwh(self, scenario: str, year: int, bound: str = MAIN) -> Floats:
        """Return what the electric cars of each door use in a year."""
        equivalent = self.cars.bev(scenario, year) + self.energy.phev_share * self.cars.phev(scenario, year)
        return equivalent * self.energy.bev_kwh[bound]

    def away_kwh(self, cars: Floats, *, at_home: bool = False, bound: str = MAIN) -> Floats:
        """Return what battery electric cars take at public and shared chargers in a year.

        Parameters
        ----------
        cars
            float64[n] cars.
        at_home
            Whether these cars can charge at home.
        """
        share = self.energy.away_home if at_home else self.energy.away_no_home
        return cars * (self.energy.bev_kwh[bound] * share)
