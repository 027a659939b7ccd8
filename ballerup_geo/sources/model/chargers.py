"""Chargers that are known today: on parking areas of several uses, and at the bases of the municipality's fleet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_chargers"]

FLEET_KW = 11.0
ALWAYS_H = 24.0
PUBLIC_OPERATORS = ("Operatør A", "Operatør B", "Operatør C")


class _Site(NamedTuple):
    plugs: int
    power_kw: float
    access: str
    operator: str
    hours: float
    place: shapely.Point


def build_chargers(town: Town) -> gpd.GeoDataFrame:
    """Return one point a site: its plugs, and the power of one of them."""
    rng = town.rng("chargers")
    parking = town.table("parking")
    taken = np.zeros(len(parking), dtype=bool)
    sites = [site for group in facts("chargers")["group"] for site in _drawn(parking, group, taken, rng)]
    sites += _at_bases(town)
    return gpd.GeoDataFrame(
        {
            "charger_id": [f"LA-{number:03d}" for number in range(1, len(sites) + 1)],
            "plugs": np.array([site.plugs for site in sites], dtype=np.int64),
            "power_kw": [site.power_kw for site in sites],
            "access": [site.access for site in sites],
            "operator": [site.operator for site in sites],
            "hours": [site.hours for site in sites],
        },
        geometry=[site.place for site in sites],
        crs=CRS,
    )


def _drawn(
    parking: gpd.GeoDataFrame, group: Mapping[str, Any], taken: np.ndarray[Any, Any], rng: np.random.Generator
) -> Iterator[_Site]:
    """Draw parking areas of a use until the plugs of the group stand; a larger area is likelier."""
    rows = np.flatnonzero(parking["building_use"].isin(group["use"]).to_numpy() & ~taken)
    weight = parking.area.to_numpy()[rows]
    order = rows[np.argsort(-(rng.random(len(rows)) ** (weight.mean() / weight)), kind="stable")]
    left = int(group["plugs"])
    low, high = group["plugs_a_site"]
    for row in order:
        if left <= 0:
            return
        plugs = min(left, 2 * int(rng.integers(low, high + 1) // 2))
        left -= plugs
        taken[row] = True
        yield _Site(
            plugs,
            float(rng.choice(group["kw"])),
            str(group["access"]),
            str(rng.choice(PUBLIC_OPERATORS)),
            float(group["hours"]),
            shapely.Point(np.round(shapely.get_coordinates(parking.geometry.iloc[row].representative_point())[0], 1)),
        )


def _at_bases(town: Town) -> Iterator[_Site]:
    """Yield the municipality's own chargers, at the door of each base."""
    bases = town.table("fleet_bases").set_index("base_id").geometry
    for row in facts("fleet_bases")["base"]:
        if row["chargers"]:
            place = bases[row["base_id"]]
            yield _Site(row["chargers"], FLEET_KW, "fleet", "Ballerup Kommune", ALWAYS_H, place)
