"""Who goes to which school: pupils by home and class level, each to the nearest site of their district's school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._places import Fragments, fragments_of
from ballerup_geo.methods.school_routes._reports import Report
from ballerup_geo.methods.school_routes._streets import numbers
from ballerup_geo.network import Snapped, StreetGraph, routes, snap
from ballerup_geo.spec import Given

__all__ = [
    "LEVELS",
    "OTHER_SCHOOLS",
    "Level",
    "Trips",
    "classes_taught",
    "own_schools",
    "taken",
    "teaches",
    "touches",
    "trips_of",
]


@dataclass(frozen=True, slots=True)
class Level:
    """A group of classes that the law gives one longest distance to school, and what counts its pupils."""

    name: str
    first: int
    last: int

    @property
    def column(self) -> str:
        """Column of the addresses."""
        return f"pupils_{self.name}"


LEVELS = (Level("0_3", 0, 3), Level("4_6", 4, 6), Level("7_9", 7, 9), Level("10", 10, 10))
"""Class levels of folkeskoleloven § 26."""
OTHER_SCHOOLS = ("private", "special")
"""Kinds of school that no district leads to: who goes there is not known."""
LOST = {"home_far": "home_far", "no_site": "no_site", "unconnected": "unconnected_home"}
"""Why a way to school is not known, and what its pupils are counted under in the reports."""


@dataclass(frozen=True, slots=True, eq=False)
class Trips:
    """Ways to school: one for each home and class level with pupils, ``[k]``, by home and then by level.

    Attributes
    ----------
    homes
        Points with ``address_id``; ``home`` ``int32[k]`` is the row of each way.
    level
        ``int8[k]``: number in `LEVELS`.
    pupils
        ``float64[k]``; whole numbers where a register counted them.
    district
        ``int32[k]``: row of the districts that the home lies in, −1 for none.
    schools, sites
        One row and one place on the graph for each site of the schools; ``site`` ``int32[k]`` is where a way leads,
        −1 where no site is known.
    start
        The homes' places on the graph, one a way.
    by_nearness
        ``bool[k]``: no district names the school, so it is the nearest one.
    why_not
        ``object[k]``: why no site is known (``home_far``, ``no_site``, ``site_far``, ``unconnected``), else empty.
    register
        Whether pupils are counted at the addresses; otherwise they are reckoned from dwellings.
    leads
        ``bool[e]``: edges that homes are put on before all others: they lead to a school.
    """

    homes: gpd.GeoDataFrame
    home: NDArray[np.int32]
    level: NDArray[np.int8]
    pupils: NDArray[np.float64]
    district: NDArray[np.int32]
    schools: gpd.GeoDataFrame
    sites: Snapped
    site: NDArray[np.int32]
    start: Snapped
    by_nearness: NDArray[np.bool_]
    why_not: NDArray[np.object_]
    register: bool
    leads: NDArray[np.bool_]
    reports: tuple[Report, ...]

    @property
    def off_m(self) -> NDArray[np.float64]:
        """Metres from home to street and from street to school together; inf where either is off the network."""
        return np.asarray(self.start.off_m + np.append(self.sites.off_m, np.inf)[self.site])


def trips_of(given: Given, graph: StreetGraph) -> Trips:
    """Find every pupil's school site: of those of the school that teach the class, the one with the shortest way.

    Where there are no districts, or none names a school that is known, the nearest site of any school counts.
    """
    homes, counts, register = _pupils(cast(gpd.GeoDataFrame, given.inputs["addresses"]), given.assumptions)
    schools = cast(gpd.GeoDataFrame, given.inputs["schools"]).reset_index(drop=True)
    districts = cast("gpd.GeoDataFrame | None", given.inputs.get("school_districts"))
    home, level = (axis.astype(np.int32) for axis in np.nonzero(counts > 0.0))
    pupils = counts[home, level]
    fragments = fragments_of(graph, schools.geometry, max_m=float(given.assumptions["site_max_m"]))
    sites, home_max_m = fragments.sites, float(given.assumptions["home_max_m"])
    nearest, passed = fragments.homes(homes.geometry, max_m=home_max_m)
    placed, passed = taken(nearest, home), passed[home]
    district = _district(homes, home, level, districts)
    choice, by_nearness = _choices(level, district, districts, schools)
    site, unconnected = _nearest_site(graph, placed, sites, choice)
    if (lost := (site < 0) & unconnected & (placed.edge >= 0)).any():  # on a part with another school than theirs
        main = taken(snap(graph, homes.geometry, max_m=home_max_m, among=fragments.main), home)
        again, _ = _nearest_site(graph, main, sites, choice & lost[:, None])
        moved = again >= 0
        site, passed = np.where(moved, again, site), passed | moved
        placed = placed.replaced(main, moved)
    why_not = np.full(len(home), "", dtype=object)
    lost = site < 0
    why_not[lost & unconnected] = "unconnected"
    why_not[lost & ~unconnected] = "site_far"
    why_not[~choice.any(axis=1)] = "no_site"
    why_not[placed.edge < 0] = "home_far"
    outside = by_nearness & (district < 0) & (districts is not None)
    taught = np.stack([teaches(schools, classes) for classes in LEVELS])
    partly = (site >= 0) & ~np.pad(taught, ((0, 0), (0, 1)))[level, site]
    told = {kind: float(pupils[why_not == why].sum()) for why, kind in LOST.items()}
    told |= {"fragment_home": float(pupils[passed & (why_not == "")].sum())}
    told |= {"nearest": float(pupils[outside & (why_not == "")].sum()), "partly": float(pupils[partly].sum())}
    reports = _reports(schools, fragments, districts, told)
    return Trips(
        homes, home, level.astype(np.int8), pupils, district, schools, sites, site, placed, by_nearness, why_not,
        register, fragments.leads, tuple(reports),
    )  # fmt: skip


def taken(at: Snapped, rows: NDArray[np.int32]) -> Snapped:
    """Return some places, in an order, some of them perhaps more than once."""
    return Snapped(at.edge[rows], at.along_m[rows], at.off_m[rows])


def _pupils(
    addresses: gpd.GeoDataFrame, assumptions: Mapping[str, bool | int | float | str]
) -> tuple[gpd.GeoDataFrame, NDArray[np.float64], bool]:
    """Return homes, ``float64[homes, levels]`` pupils, and whether a register counted them."""
    addresses = addresses.sort_values("address_id", kind="stable").reset_index(drop=True)
    counted = np.stack([numbers(addresses, level.column) for level in LEVELS], axis=1)
    register = bool(np.isfinite(counted).any())
    if not register:
        rate = np.array([float(assumptions[f"pupils_a_dwelling_{level.name}"]) for level in LEVELS])
        counted = numbers(addresses, "dwellings")[:, None] * rate
    counted = np.maximum(np.nan_to_num(counted, nan=0.0), 0.0)
    return addresses, counted, register


def _district(
    homes: gpd.GeoDataFrame, home: NDArray[np.int32], level: NDArray[np.int32], districts: gpd.GeoDataFrame | None
) -> NDArray[np.int32]:
    """Return the first district that holds the home and is made for the class level, −1 for none."""
    found = np.full(len(home), -1, dtype=np.int32)
    if districts is None or not len(districts):
        return found
    row, area = shapely.STRtree(districts.geometry.to_numpy()).query(homes.geometry.to_numpy(), predicate="intersects")
    order = np.lexsort((area, row))[::-1]
    for number, classes in enumerate(LEVELS):
        of_home = np.full(len(homes), -1, dtype=np.int32)
        for holds in (touches(districts, classes), teaches(districts, classes)):  # the later, better one holds
            kept = order[holds[area[order]]]
            of_home[row[kept]] = area[kept]
        mine = level == number
        found[mine] = of_home[home[mine]]
    return found


def teaches(frame: pd.DataFrame, level: Level) -> NDArray[np.bool_]:
    """Tell which sites or districts are for all classes of a level; unknown classes are all classes."""
    first, last = numbers(frame, "class_from"), numbers(frame, "class_to")
    return np.asarray(~(first > level.first) & ~(last < level.last))


def touches(frame: pd.DataFrame, level: Level) -> NDArray[np.bool_]:
    """Tell which sites or districts are for at least one class of a level."""
    first, last = numbers(frame, "class_from"), numbers(frame, "class_to")
    return np.asarray(~(first > level.last) & ~(last < level.first))


def _choices(
    level: NDArray[np.int32],
    district: NDArray[np.int32],
    districts: gpd.GeoDataFrame | None,
    schools: gpd.GeoDataFrame,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return ``bool[k, sites]``: sites that come into question, and ``bool[k]``: whether no district says which.

    Those that teach all classes of the level go before those that teach some of them.
    """
    whole, some = (
        np.stack(sites)[level] for sites in zip(*(classes_taught(schools, each) for each in LEVELS), strict=True)
    )
    choice = _first_of(whole, some)
    by_nearness = np.ones(len(level), dtype=np.bool_)
    if districts is not None and len(districts):
        own = own_schools(districts, schools)
        mine = own[district] & (district >= 0)[:, None]
        named = _first_of(whole & mine, some & mine)
        by_nearness = np.asarray(~named.any(axis=1))
        choice = np.asarray(np.where(by_nearness[:, None], choice, named))
    return choice, by_nearness


def own_schools(districts: gpd.GeoDataFrame, schools: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which sites each district names, ``bool[districts, sites]``.

    A school is known by its name, and a neighbouring municipality may have a namesake: where sites of that name lie in
    a district of it, and others in none, the latter are another school's.
    """
    named = np.asarray(districts["school"].to_numpy(dtype=object)[:, None] == schools["school"].to_numpy(dtype=object))
    within = shapely.intersects(districts.geometry.to_numpy()[:, None], schools.geometry.to_numpy()[None, :])
    at_home = (named & within).any(axis=0)
    return np.asarray(named & (at_home | ~(named & at_home).any(axis=1, keepdims=True)))


def classes_taught(schools: gpd.GeoDataFrame, classes: Level) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which sites of schools with districts teach all classes of a level, and which at least one of them."""
    kind = schools["kind"] if "kind" in schools else pd.Series(None, index=schools.index, dtype=object)
    public = ~kind.isin(OTHER_SCHOOLS).to_numpy(dtype=bool)
    return teaches(schools, classes) & public, touches(schools, classes) & public


def _first_of(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return row by row the first choice where it has any, else the other."""
    return np.asarray(np.where(one.any(axis=1, keepdims=True), one, other))


def _nearest_site(
    graph: StreetGraph, start: Snapped, sites: Snapped, choice: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the site with the shortest way (−1: none), and whether a site is on the network but cannot be reached."""
    way, target = np.nonzero(choice & (start.edge >= 0)[:, None])
    found = routes(graph, taken(start, way.astype(np.int32)), sites, target_of=target.astype(np.int32))
    metres = np.full((len(choice), choice.shape[1] + 1), np.inf)  # the last column: no site at all
    metres[way, target] = found.cost + sites.off_m[target]
    best = np.argmin(metres, axis=1)
    reached = np.isfinite(metres[np.arange(len(best)), best])
    site = np.where(reached, best, -1).astype(np.int32)
    return site, np.asarray((choice & (sites.edge >= 0)).any(axis=1))


def _reports(
    schools: gpd.GeoDataFrame,
    fragments: Fragments,
    districts: gpd.GeoDataFrame | None,
    counts: Mapping[str, float],
) -> list[Report]:
    found = [
        Report(
            kind,
            str(schools["school_id"].iloc[row]),
            float(schools.geometry.iloc[row].x),
            float(schools.geometry.iloc[row].y),
        )
        for kind, which in (("site_far", fragments.sites.edge < 0), ("fragment_site", fragments.passed_sites))
        for row in np.flatnonzero(which).tolist()
    ]
    if districts is not None:
        for school, shape in zip(districts["school"], districts.geometry, strict=True):
            if school not in set(schools["school"]):
                at = shape.representative_point()
                found.append(Report("district_without_school", str(school), float(at.x), float(at.y)))
    return [*found, *(Report(kind, "", pupils=number) for kind, number in counts.items() if number > 0.0)]
