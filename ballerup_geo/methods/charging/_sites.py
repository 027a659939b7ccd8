"""Answer 4: where the next chargers go, proved; plugs, kroner and years of each, and what equity costs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.charging._demand import square_ids, squares
from ballerup_geo.methods.charging._plan import PHASES, Plan, plan_of
from ballerup_geo.methods.charging._queue import queue_of, with_guests
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._sites_declared import (
    ALL,
    ASSUMPTIONS,
    CURVE,
    EQUITY,
    INDICATORS,
    LIMITS,
    NEW,
    PHASE_TABLE,
)
from ballerup_geo.siting import fewest_sites
from ballerup_geo.spec import Given
from ballerup_geo.spec.words import number

__all__ = ["SITES"]

Floats = NDArray[np.float64]
PERCENT = 100.0
HOURS_A_YEAR = 8760.0
HALF = 0.5


def _sites(given: Given, scene: Scene, _found: Found) -> Found:
    plan = plan_of(given, scene)
    given.progress("plugs and kroner of the new sites", 0.8)
    new = _new_sites(given, scene, plan)
    curve = _curve(given, scene, plan)
    phases = _phases(given, scene, plan)
    goal, note = (None, (_NO_CHARGERS,)) if scene.chargers is None else _fewest(given, plan)
    last = phases.iloc[-1]
    fair = plan.fair
    return Found(
        tables={
            "new_sites": new,
            "candidate_sites": _candidates(scene, plan),
            "site_curve": curve,
            "site_phases": phases,
            "site_equity": _equity(given, scene, plan),
        },
        indicators={
            "new_sites": float(len(plan.order)),
            "new_sites_pct": None if scene.chargers is None else float(last["covered_pct"]),
            "new_sites_plugs": float(new["plugs"].sum()),
            "new_sites_dkk": float(new["cost_dkk"].sum()),
            "sites_for_goal": goal,
            "equity_price_cars": None if fair is None else fair.price,
        },
        notes=(*note, *_few(given, plan), *_crowded(new)),
        columns={"demand_cells": _covered_from(given, scene, plan)},
    )


def _stood(
    given: Given, scene: Scene, plan: Plan, columns: NDArray[np.int32]
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Return cars, dwellings and plugs of each column when all of them stand and each car takes the nearest."""
    place = plan.nearest(columns)
    here = place >= 0
    size = len(columns)
    cars = np.bincount(place[here], plan.free[here], size).astype(np.float64)
    homes = scene.doors["dwellings"].to_numpy(np.float64)
    dwellings = np.bincount(place[here], homes[here], size).astype(np.float64)
    power = np.full(size, number_of(given, "new_plug_kw"))
    needed = queue_of(given, with_guests(given, scene.away_kwh(cars)), power).needed
    least = int(number_of(given, "site_plugs_min"))
    return cars, dwellings, np.where(cars > 0, np.maximum(needed, least), 0).astype(np.int64)


def _cost(given: Given, sites: int, plugs: int) -> float:
    return sites * number_of(given, "new_site_dkk") + plugs * number_of(given, "new_plug_dkk")


def _new_sites(given: Given, scene: Scene, plan: Plan) -> gpd.GeoDataFrame:
    cars, dwellings, plugs = _stood(given, scene, plan, plan.order)
    chosen = plan.candidates.iloc[plan.order].reset_index(drop=True)
    power = np.full(len(chosen), number_of(given, "new_plug_kw"))
    kwh = scene.away_kwh(cars)
    given_out = with_guests(given, kwh)
    queue = queue_of(given, given_out, power)
    room = np.maximum(plugs, 1)
    spaces = chosen["spaces"].to_numpy(np.int64)
    return gpd.GeoDataFrame(
        {
            "site_id": chosen["site_id"].astype(object),
            "site_kind": chosen["kind"].astype(object),
            "name": chosen["name"].astype(object),
            "order": np.arange(1, len(chosen) + 1, dtype=np.int64),
            "phase_year": np.array(plan.years, dtype=np.int64)[plan.phase],
            "dwellings": dwellings.astype(np.int64),
            "gain_cars": plan.gain,
            "cars": cars,
            "kwh": kwh,
            "plugs": plugs,
            "wait_pct": queue.waiting_pct(room),
            "busy_pct": PERCENT * np.minimum(1.0, queue.load / room),
            "used_pct": PERCENT * given_out / (room * power * HOURS_A_YEAR),
            "room": np.select([spaces < 0, spaces < plugs], ["unknown", "too_few"], "enough").astype(object),
            "spaces": pd.Series(spaces, dtype="Int64").mask(spaces < 0),
            "cost_dkk": np.array([_cost(given, 1, int(each)) for each in plugs], dtype=np.float64),
        },
        geometry=chosen.geometry.to_numpy(),
        crs=scene.doors.crs,
    )


def _candidates(scene: Scene, plan: Plan) -> gpd.GeoDataFrame:
    frame = plan.candidates
    ways = plan.ways
    order = np.zeros(len(frame), dtype=np.int64)
    order[plan.order] = np.arange(1, len(plan.order) + 1)
    each = np.diff(ways.indptr)
    homes = np.repeat(scene.doors["dwellings"].to_numpy(np.float64), each)
    return gpd.GeoDataFrame(
        {
            "site_id": frame["site_id"].astype(object),
            "site_kind": frame["kind"].astype(object),
            "name": frame["name"].astype(object),
            "dwellings": np.bincount(ways.indices, homes, len(frame)).astype(np.int64),
            "cars": np.bincount(ways.indices, np.repeat(plan.free, each), len(frame)).astype(np.float64),
            "order": order,
        },
        geometry=frame.geometry.to_numpy(),
        crs=frame.crs,
    )


def _share(part: float, whole: float) -> float:
    return PERCENT * part / whole if whole > 0 else PERCENT


def _curve(given: Given, scene: Scene, plan: Plan) -> pd.DataFrame:
    """A row for each number of new sites: the proved best of so many, and the plan's first so many."""
    total = float(plan.cars.sum())
    asked = int(given.assumptions[f"phase_{PHASES[-1]}_sites"])
    planned = np.concatenate(([0.0], np.cumsum(plan.gain)))
    rows = []
    for p in plan.curve.count.tolist():
        columns = plan.order[:p]
        plugs = int(_stood(given, scene, plan, columns)[2].sum()) if p else 0
        there = plan.served + float(planned[min(p, len(plan.order))])
        best = plan.served + float(plan.curve.covered[p])
        rows.append(
            {
                "sites": p,
                "best_cars": best,
                "best_pct": _share(best, total),
                "gain_cars": float(plan.curve.gain[p]),
                "bound_cars": plan.served + float(plan.curve.bound[p]),
                "proved": "yes" if plan.curve.proved[p] else "no",
                "plan_cars": there,
                "plan_pct": _share(there, total),
                "plan_loss_cars": max(0.0, best - there) if p <= asked else np.nan,
                "plugs": plugs,
                "cost_dkk": _cost(given, min(p, len(plan.order)), plugs),
            }
        )
    return pd.DataFrame(rows, columns=[column.name for column in CURVE.columns])


def _phases(given: Given, scene: Scene, plan: Plan) -> pd.DataFrame:
    rows = []
    before = 0.0
    for k, year in enumerate(plan.years):
        columns = plan.order[plan.phase <= k]
        plugs = int(_stood(given, scene, plan, columns)[2].sum())
        cost = _cost(given, len(columns), plugs)
        covered = plan.phase_served[k] + float(plan.phases.covered[k])
        rows.append(
            {
                "year": year,
                "sites": len(columns),
                "covered_cars": covered,
                "covered_pct": _share(covered, plan.phase_cars[k]),
                "loss_cars": float(plan.phases.loss[k]),
                "plugs": plugs,
                "cost_dkk": cost - before,
            }
        )
        before = cost
    return pd.DataFrame(rows, columns=[column.name for column in PHASE_TABLE.columns])


def _equity(given: Given, scene: Scene, plan: Plan) -> pd.DataFrame:
    """A row for each area that cars are counted in and that has cars left without a charger."""
    fair = plan.fair
    columns = [column.name for column in EQUITY.columns]
    if fair is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in columns})
    areas = gpd.GeoDataFrame(given.inputs["car_areas"]).sort_values("area_id", kind="stable")
    names = areas.drop_duplicates("area_id", keep="last")["area_id"].astype(str).to_numpy(object)
    area = scene.cars.counted.area
    inside = area >= 0
    within = inside & (np.diff(plan.ways.indptr) > 0)
    left = np.bincount(area[inside], plan.free[inside], len(names))
    reached = np.bincount(area[within], plan.free[within], len(names))
    homes = np.bincount(area[inside], scene.doors["dwellings"].to_numpy(np.float64)[inside], len(names))
    table = pd.DataFrame(
        {
            "area_id": names,
            "dwellings": homes.astype(np.int64),
            "cars": left,
            "reached_pct": [*map(_share, reached, left)],
        }
    )
    shares = pd.DataFrame({"free_pct": PERCENT * fair.free_share, "fair_pct": PERCENT * fair.share})
    table = table.join(shares.set_index(fair.districts.astype(np.int64)))
    return table[table["cars"] > 0].reset_index(drop=True)[columns]


def _fewest(given: Given, plan: Plan) -> tuple[float | None, tuple[Words, ...]]:
    """Return the proved fewest new sites that cover the goal (None: unknown), and why where it cannot be reached."""
    total = float(plan.cars.sum())
    goal = number_of(given, "cover_goal_pct")
    left = float(plan.free.sum())
    wanted = goal / PERCENT * total - plan.served
    if left <= 0 or wanted <= 0:
        return 0.0, ()
    reached = np.diff(plan.ways.indptr) > 0
    most = plan.served + float(plan.free[reached].sum())
    if plan.served + float(plan.free[reached].sum()) < goal / PERCENT * total - 1e-9 * total:
        return None, (_unreachable(goal, _share(most, total)),)
    siting = fewest_sites(plan.ways, plan.free, share=min(1.0, wanted / left))
    return float(len(siting.added)) if siting.proved else None, ()


def _unreachable(goal: float, most: float) -> Words:
    return {
        "da": (
            f"{number(goal)} % af elbilerne uden ladning hjemme kan ikke nås: alle kandidater tilsammen når "
            f"{number(most, digits=1)} %."
        ),
        "en": (
            f"{number(goal, language='en')} % of the electric cars without charging at home cannot be reached: all "
            f"candidates together reach {number(most, digits=1, language='en')} %."
        ),
    }


def _few(given: Given, plan: Plan) -> tuple[Words, ...]:
    asked, there = int(given.assumptions[f"phase_{PHASES[-1]}_sites"]), plan.ways.shape[1]
    if asked <= there:
        return ()
    return (
        {
            "da": f"Der spørges om {number(asked)} nye steder; antallet af kandidater er kun {number(there)}.",
            "en": f"{number(asked, language='en')} new sites are asked for; the number of candidates is only {there}.",
        },
    )


def _crowded(new: gpd.GeoDataFrame) -> tuple[Words, ...]:
    sites = int((new["room"] == "too_few").sum())
    if not sites:
        return ()
    return (
        {
            "da": (
                f"Nye steder, der skal have flere ladeudtag, end der er pladser: {number(sites)}. Del dem med et "
                "nabosted."
            ),
            "en": (
                f"New sites that need more plugs than there are spaces: {number(sites, language='en')}. Share them "
                "with others."
            ),
        },
    )


def _covered_from(given: Given, scene: Scene, plan: Plan) -> pd.DataFrame:
    """The number of new sites from which half of a square's cars without a charger reach one; missing: never."""
    corners, cell = squares(scene, number_of(given, "demand_cell_m"))
    whole = np.bincount(cell, plan.free, len(corners))
    first = np.full(len(plan.free), np.inf)
    ways = plan.ways[:, plan.order].tocoo()
    np.minimum.at(first, ways.row, ways.col + 1.0)
    rank = np.lexsort((first, cell))
    reached = np.cumsum(plan.free[rank])
    start = np.searchsorted(cell[rank], np.arange(len(corners)))
    base = np.concatenate(([0.0], reached))[start]
    enough = reached >= base[cell[rank]] + HALF * whole[cell[rank]] - 1e-9
    place = np.minimum.reduceat(np.where(enough, first[rank], np.inf), start) if len(corners) else np.zeros(0)
    place = np.where(whole > 0, place, np.inf)
    values = pd.array([None if not np.isfinite(each) else int(each) for each in place], dtype="Int64")
    return pd.DataFrame({"covered_from": values}, index=pd.Index(square_ids(corners), name="cell_id"))


_NO_CHARGERS: Words = {
    "da": "Nye steder er valgt, som om der ingen ladestandere er: de er ukendte, og noget kan være dækket i forvejen.",
    "en": "New sites were chosen as if there were no chargers: they are unknown, and some may be covered already.",
}

SITES: Part[Scene] = Part(
    compute=_sites,
    assumptions=ASSUMPTIONS,
    tables=(NEW, ALL, CURVE, PHASE_TABLE, EQUITY),
    indicators=INDICATORS,
    limits=LIMITS,
)
"""New sites."""
