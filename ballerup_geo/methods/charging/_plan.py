"""Which new sites, in which order: the proved curve, the plan in phases, and what serving every area costs."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.charging._candidates import Wanted, candidate_sites
from ballerup_geo.methods.charging._queue import served_today
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.siting import CoverageCurve, FairSiting, Phases, coverage_curve, fair_cover, nested_phases
from ballerup_geo.spec import Given

__all__ = ["PHASES", "Plan", "plan_of"]

Floats = NDArray[np.float64]
PHASES = (1, 2, 3)
STREETS = ("residential", "tertiary", "secondary")
"""Classes of road where a charger may stand at the edge: not motorways, main roads, private ways and paths."""
PERCENT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """New sites among the candidates (rows of their frame), for the cars that today's chargers have no room for."""

    candidates: gpd.GeoDataFrame
    """See ``candidate_sites``; a row a column of ``ways``."""
    ways: csr_array
    """``[doors, candidates]`` metres on foot; what is not stored lies beyond the walk to a new site."""
    cars: Floats
    """float64[n] cars without charging at home in the target year, by door."""
    free: Floats
    """Those of them that no public charger of today has room for."""
    years: tuple[int, ...]
    phase_cars: tuple[float, ...]
    """All cars without charging at home, by phase."""
    phase_served: tuple[float, ...]
    """Those that today's chargers serve."""
    phases: Phases
    order: NDArray[np.int32]
    """Columns in the order of building."""
    phase: NDArray[np.int64]
    """Phase (0 …) of each of ``order``."""
    gain: Floats
    """Cars of the target year that each of ``order`` adds to those before it."""
    curve: CoverageCurve
    fair: FairSiting | None
    """Among the cars that a candidate reaches; None: there are none, or no site is planned."""

    @property
    def served(self) -> float:
        """Cars of the target year that today's chargers serve."""
        return float(self.cars.sum() - self.free.sum())

    def nearest(self, columns: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return for each door the place (0 …) among ``columns`` of the nearest one within the walk, −1 for none."""
        ways = self.ways[:, columns].tocoo()
        order = np.lexsort((ways.col, ways.data, ways.row))
        row = ways.row[order]
        first = np.concatenate(([True], row[1:] != row[:-1])) if len(row) else np.zeros(0, dtype=np.bool_)
        place = np.full(self.ways.shape[0], -1, dtype=np.int64)
        place[row[first]] = ways.col[order][first]
        return place


def plan_of(given: Given, scene: Scene) -> Plan:
    """Choose the sites; counts that exceed the candidates are cut down to them.

    Raises
    ------
    MethodError
        The phases' years or numbers of sites fall.
    """
    asked = [int(given.assumptions[f"phase_{k}_sites"]) for k in PHASES]
    years = [int(given.assumptions[f"phase_{k}_year"]) for k in PHASES]
    _refuse_falling(asked, "sites")
    _refuse_falling(years, "year")
    cars = scene.without_home("main", scene.cars.target_year)
    free = cars - served_today(given, scene, cars)[0]
    candidates, ways = _candidates(given, scene, free)
    cover = _cover(ways)
    there = cover.shape[1]
    by_year = [
        scene.without_home("main", min(max(year, scene.cars.base_year), scene.cars.target_year)) for year in years
    ]
    served = [served_today(given, scene, each)[0] for each in by_year]
    weights = np.array([each - taken for each, taken in zip(by_year, served, strict=True)])
    given.progress("choosing sites in phases", 0.66)
    counts = [min(count, there) for count in asked]
    phases = nested_phases(cover, weights, sites=counts) if there else _nothing()
    order, phase, gain = _ordered(ways, free, phases)
    given.progress("the curve of coverage", 0.7)
    most = min(int(number_of(given, "curve_sites")), there)
    return Plan(
        candidates=candidates,
        ways=ways,
        cars=cars,
        free=free,
        years=tuple(years),
        phase_cars=tuple(float(each.sum()) for each in by_year),
        phase_served=tuple(float(each.sum()) for each in served),
        phases=phases,
        order=order,
        phase=phase,
        gain=gain,
        curve=coverage_curve(cover, free, most=most) if there else _flat(),
        fair=_fair(given, scene, cover, free, counts[-1]),
    )


def _candidates(given: Given, scene: Scene, cars: Floats) -> tuple[gpd.GeoDataFrame, csr_array]:
    """Return the candidates that enough of the cars (still without a charger) can walk to, and the ways."""
    sites = candidate_sites(
        scene,
        Wanted(
            spaces_min=int(number_of(given, "candidate_min_spaces")),
            street_classes=STREETS,
            roadside_step_m=number_of(given, "roadside_step_m"),
            roadside_reach_m=number_of(given, "roadside_reach_m"),
        ),
    )
    if not len(sites):
        return sites, csr_array((len(cars), 0))
    ways = scene.walk.to_sites(gpd.GeoSeries(sites.geometry), limit_m=number_of(given, "new_site_walk_m"))
    reached = np.bincount(ways.indices, np.repeat(cars, np.diff(ways.indptr)), len(sites))
    kept = np.flatnonzero(reached >= number_of(given, "candidate_min_cars"))
    kept = kept[_beside_no_parking(sites.iloc[kept], csr_array(ways[:, kept]), number_of(given, "roadside_apart_m"))]
    return gpd.GeoDataFrame(sites.iloc[kept].reset_index(drop=True)), csr_array(ways[:, kept])


def _beside_no_parking(sites: gpd.GeoDataFrame, ways: csr_array, apart_m: float) -> NDArray[np.bool_]:
    """Tell which candidates stay: those at the edge of a street only where no other one is so near and serves the same.

    Two serve the same where somebody can walk to both: a car park beyond a motorway stands for nothing on this side.
    """
    shapes = sites.geometry.to_numpy()
    roadside = (sites["kind"] == "roadside").to_numpy(bool)
    stays = np.ones(len(sites), dtype=np.bool_)
    street, parking = np.flatnonzero(roadside), np.flatnonzero(~roadside)
    if not len(street) or not len(parking):
        return stays
    near = shapely.STRtree(shapes[parking]).query(shapes[street], predicate="dwithin", distance=apart_m)
    walked = csr_array((np.ones(ways.nnz, dtype=np.int32), ways.indices, ways.indptr), shape=ways.shape)
    shared = (walked[:, street].T @ walked[:, parking]).toarray()  # doors, of each pair
    both = shared[near[0], near[1]] > 0
    stays[street[near[0][both]]] = False
    return stays


def _cover(ways: csr_array) -> csr_array:
    return csr_array((np.ones(ways.nnz, dtype=np.bool_), ways.indices, ways.indptr), shape=ways.shape)


def _refuse_falling(values: list[int], what: str) -> None:
    if values != sorted(values):
        raise MethodError(
            Fault("charging", f"phase_1_{what} …", f"{values} falls from one phase to the next", "let it rise")
        )


def _nothing() -> Phases:
    none = np.zeros(0, dtype=np.int32)
    return Phases(added=(none,) * len(PHASES), covered=np.zeros(3), free=(), loss=np.zeros(3), anchor=0)


def _flat() -> CoverageCurve:
    zero = np.zeros(1)
    return CoverageCurve(
        np.zeros(1, dtype=np.int32), zero, zero, zero, np.ones(1, dtype=np.bool_), (np.zeros(0, dtype=np.int32),)
    )


def _ordered(ways: csr_array, cars: Floats, phases: Phases) -> tuple[NDArray[np.int32], NDArray[np.int64], Floats]:
    """Return the planned columns in the order of building, within a phase the one that adds most first."""
    by_site = ways.tocsc()
    left = cars.copy()
    order: list[int] = []
    phase: list[int] = []
    gain: list[float] = []
    for number, added in enumerate(phases.added):
        waiting = [int(site) for site in added if int(site) not in order]
        while waiting:
            adds = [float(left[by_site.indices[by_site.indptr[j] : by_site.indptr[j + 1]]].sum()) for j in waiting]
            best = int(np.argmax(adds))
            site = waiting.pop(best)
            left[by_site.indices[by_site.indptr[site] : by_site.indptr[site + 1]]] = 0.0
            order.append(site)
            phase.append(number)
            gain.append(adds[best])
    return np.array(order, dtype=np.int32), np.array(phase, dtype=np.int64), np.array(gain, dtype=np.float64)


def _fair(given: Given, scene: Scene, cover: csr_array, free: Floats, count: int) -> FairSiting | None:
    area = scene.cars.counted.area
    known = np.where((area >= 0) & (np.diff(cover.indptr) > 0), free, 0.0)
    if count == 0 or not known.any():
        return None
    return fair_cover(
        cover,
        known,
        area,
        sites=count,
        give_up=number_of(given, "equity_give_up_pct") / PERCENT,
        levels=int(number_of(given, "equity_areas")),
    )
