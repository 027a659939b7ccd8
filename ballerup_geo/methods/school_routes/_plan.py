"""Which works, budget by budget, give most pupils a low-stress route, and how far from the best that can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._plan_steps import Programme, Step, budgets_of, programme_of
from ballerup_geo.methods.school_routes._plan_task import task_of
from ballerup_geo.methods.school_routes._plan_works import WORK_WORDS, Works, works_of
from ballerup_geo.methods.school_routes._scene import Scene, link_ids
from ballerup_geo.methods.school_routes._told import share_told, told_up, told_whole
from ballerup_geo.methods.school_routes._words import NOTES, Words
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable
from ballerup_geo.spec.words import Language, number

__all__ = ["PLAN", "plan_answer"]

MILLION = 1e6


def _plan(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("which works within a budget", 0.92)
    value = given.assumptions
    works = works_of(given, scene, dark=bool(value["plan_dark"]))
    task = task_of(scene, works)
    budgets = budgets_of(float(value["plan_budget_dkk"]), int(cast(int, value["plan_steps"])))
    programme = programme_of(task, budgets)
    everybody = float(scene.trips.pupils[np.isfinite(scene.journeys.limit_m)].sum())
    last = programme.steps[-1]
    least = int(cast(int, value["flow_rounding"]))
    shown = _Shown(works, programme, least * np.floor((task.passing(programme.step > 0) + 1e-6) / least))
    table = _steps(programme, task.served_today, everybody, least)
    now, end = table.iloc[0], table.iloc[-1]
    hidden = (programme.step > 0) & (shown.passing <= 0.0)
    return Found(
        tables={
            "plan_steps": table,
            "plan_links": _links(scene, shown),
            "plan_crossings": _crossings(scene, shown),
        },
        indicators={
            "plan_before_pct": _known_share(now["share_pct"]),
            "plan_pct": _known_share(end["share_pct"]),
            "plan_gain": float(end["gain"]),
            "plan_gap": float(end["gain_most"] - end["gain"]),
            "plan_cost_dkk": last.cost_dkk,
            "plan_hidden_dkk": float(works.cost_dkk[hidden].sum()),
        },
        notes=_light_notes(scene, dark=bool(value["plan_dark"])),
    )


def _light_notes(scene: Scene, *, dark: bool) -> tuple[Words, ...]:
    """Say what a plan for dark mornings does not know of light."""
    known = np.isfinite(scene.streets.lit)
    if not dark or known.all():
        return ()
    return (NOTES["plan_some_light" if known.any() else "plan_no_light"],)


def plan_answer(language: Language, indicators: Mapping[str, float | None]) -> str:
    """Say what the largest budget would give, and how much better any other plan could be."""
    before, after, cost, gap = (
        indicators[name] for name in ("plan_before_pct", "plan_pct", "plan_cost_dkk", "plan_gap")
    )
    hidden = number((indicators.get("plan_hidden_dkk") or 0.0) / MILLION, language=language)
    if before is None or after is None or cost is None or gap is None:
        if language == "da":
            return "Ingen elever kan følges til skole, så der er intet at planlægge efter."
        return "No pupil can be followed to school, so there is nothing to plan by."
    share, now = (number(value, language=language) for value in (after, before))
    money = number(cost / MILLION, language=language)
    more = number(np.ceil(gap), language=language)
    if language == "da":
        return (
            f"Med tiltag for {money} mio. kr. kan {share} % af eleverne få en lavstress-rute mod {now} % i dag; "
            f"ingen anden plan til budgettet kan give mere end {more} elever flere en. "
            f"{hidden} mio. kr. deraf går til steder, som så få elever ville passere, at de ikke vises. "
            "Priserne er overslag."
        )
    return (
        f"With works for {money} million kroner {share} % of the pupils can have a low-stress route, against {now} % "
        f"today; no other plan of that budget can give one to more than {more} pupils more. "
        f"{hidden} million kroner of it are for places that so few pupils would pass that they are not shown. "
        "Prices are estimates."
    )


def _known_share(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _steps(programme: Programme, today: float, everybody: float, least: int) -> pd.DataFrame:
    """Return the curve: pupils with a low-stress route against kroner, with what no plan could exceed; first today.

    Who gains is told in whole ``least``, rounded down, what is most rounded up; shares are those of the same numbers,
    since the difference of two exact shares would tell how few a step adds.
    """
    steps = (Step(0.0, 0.0, today, today), *programme.steps)
    gain = np.array([least * np.floor((each.pupils - today + 1e-6) / least) for each in steps])
    most = told_up([each.at_most - today for each in steps], least)
    before = min(float(told_whole(today, least)), everybody)
    share = [share_told(np.minimum(before + each, everybody), everybody, least) for each in (gain, most)]
    return pd.DataFrame(
        {
            "step": np.arange(len(steps)),
            "budget_mdkk": np.round([each.budget_dkk / MILLION for each in steps], 2),
            "cost_mdkk": np.round([each.cost_dkk / MILLION for each in steps], 2),
            "gain": gain.astype(np.int64),
            "gain_most": most.astype(np.int64),
            "share_pct": share[0],
            "share_most_pct": share[1],
        }
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """What the tables of works are made of; ``passing`` float64[u] are the pupils who pass each, rounded down."""

    works: Works
    programme: Programme
    passing: NDArray[np.float64]


def _rows(shown: _Shown, at: NDArray[np.int64]) -> pd.DataFrame:
    """Return the works of a plan at links or junctions: those of one place and step together, by step and place.

    A work that hardly anybody passes is left out: that it stood there would tell of a home.
    """
    works, step = shown.works, shown.programme.step
    used = np.flatnonzero((step > 0) & (at >= 0) & (shown.passing > 0.0))
    table = pd.DataFrame(
        {
            "step": step[used],
            "at": at[used],
            "work": works.kind[used],
            "pupils": shown.passing[used].astype(np.int64),
            "cost_dkk": works.cost_dkk[used],
        }
    )
    light = (table["work"] == "lighting").to_numpy()
    same = ["step", "at"]
    kept = [
        part.groupby(same, sort=True, as_index=False).agg(
            work=("work", "last"), pupils=("pupils", "max"), cost_dkk=("cost_dkk", "sum")
        )
        for part in (table[~light], table[light])
    ]
    return pd.concat(kept, ignore_index=True).sort_values(same, kind="stable").reset_index(drop=True)


def _links(scene: Scene, shown: _Shown) -> gpd.GeoDataFrame:
    edges = scene.streets.graph.edges
    rows = _rows(shown, shown.works.edge)
    at = rows["at"].to_numpy(np.int64)
    return gpd.GeoDataFrame(
        {
            "step": rows["step"],
            "corridor": _corridors(scene, at),
            "work": rows["work"],
            "link_id": np.array(link_ids(scene), dtype=object)[at],
            "name": _known(edges, "name")[at],
            "length_m": np.round(edges["length_m"].to_numpy()[at], 1),
            "pupils": rows["pupils"],
            "cost_dkk": rows["cost_dkk"].round(-3),
            "budget_mdkk": _budget(shown.programme, rows["step"]),
        },
        geometry=edges.geometry.to_numpy()[at],
        crs=CRS,
    )


def _crossings(scene: Scene, shown: _Shown) -> gpd.GeoDataFrame:
    streets, graph = scene.streets, scene.streets.graph
    rows = _rows(shown, shown.works.node)
    at = rows["at"].to_numpy(np.int64)
    node = graph.arcs.head[graph.turns.of]
    order = np.lexsort((np.arange(len(node)), -streets.crossing.high, node))
    first = order[np.searchsorted(node[order], at)]
    return gpd.GeoDataFrame(
        {
            "step": rows["step"],
            "work": rows["work"],
            "name": _known(graph.edges, "name")[streets.crosses[first]],
            "pupils": rows["pupils"],
            "cost_dkk": rows["cost_dkk"].round(-3),
            "budget_mdkk": _budget(shown.programme, rows["step"]),
        },
        geometry=shapely.points(graph.nodes_xy[at]) if len(at) else [],
        crs=CRS,
    )


def _budget(programme: Programme, step: pd.Series[int]) -> NDArray[np.float64]:
    """Return the budget, in millions, from which on a work of a step is in the plan."""
    budgets = np.array([each.budget_dkk for each in programme.steps]) / MILLION
    return np.round(budgets[step.to_numpy(np.int64) - 1], 2)


def _corridors(scene: Scene, edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number the links that hang together in the whole plan, the longest corridor first."""
    edges = scene.streets.graph.edges
    ends = edges[["from_node", "to_node"]].to_numpy()[edge]
    count = len(scene.streets.graph.nodes_xy)
    joined = coo_array((np.ones(len(edge)), (ends[:, 0], ends[:, 1])), shape=(count, count))
    label = connected_components(joined, directed=False)[1][ends[:, 0]]
    kinds, each = np.unique(label, return_inverse=True)
    own = np.unique(np.stack([edge, each]), axis=1)  # a link with works at two steps counts once
    metres = np.bincount(own[1], edges["length_m"].to_numpy()[own[0]], minlength=len(kinds))
    rank = np.empty(len(kinds), np.int64)
    rank[np.argsort(-metres, kind="stable")] = np.arange(1, len(kinds) + 1)
    return np.asarray(rank[each], dtype=np.int64)


def _known(edges: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    if name not in edges:
        return np.full(len(edges), None, dtype=object)
    values = edges[name].astype(object)
    return np.asarray(values.where(values.notna(), None).to_numpy(dtype=object), dtype=object)


_STEP = count("step", "trin", "step")
_WORK = text("work", "tiltag", "work", WORK_WORDS)
_PASSING = OutputColumn(
    "pupils",
    "integer",
    None,
    "elever, hvis nye lavstress-rute går her, rundet ned",
    "pupils whose new low-stress route passes, rounded down",
    behind="pupils",
)
_COST = figure("cost_dkk", "kr", "anlægsudgift", "cost of building")
_FROM = figure("budget_mdkk", "mio. kr.", "med i planen fra et budget på", "in the plan from a budget of")

PLAN: Part[Scene] = Part(
    compute=_plan,
    assumptions=(
        Assumption("plan_budget_dkk", "kr", minimum=0.0),
        Assumption("plan_steps", "1", "integer", minimum=1, maximum=40),
        Assumption("plan_dark", "-", "boolean"),
        Assumption("calm_speed_kmh", "km/h", minimum=5.0),
        Assumption("calm_speed_from_max_kmh", "km/h", minimum=5.0),
        Assumption("new_lane_m", "m", minimum=0.0),
        Assumption("new_island_m", "m", minimum=0.0),
        *(Assumption(f"cost_{name}_dkk_m", "kr/m", minimum=0.0) for name in ("speed", "lane", "track", "lighting")),
        *(Assumption(f"cost_{name}_dkk", "kr", minimum=0.0) for name in ("island", "signal")),
    ),
    tables=(
        OutputTable(
            "plan_steps",
            "table",
            (
                _STEP,
                figure("budget_mdkk", "mio. kr.", "budget", "budget"),
                figure("cost_mdkk", "mio. kr.", "anlægsudgift", "cost of building"),
                OutputColumn(
                    "gain",
                    "integer",
                    None,
                    "elever, der får en lavstress-rute, rundet ned",
                    "pupils who gain a low-stress route, rounded down",
                    behind="gain",
                ),
                count(
                    "gain_most",
                    "flest, nogen plan kan give det, rundet op",
                    "most that any plan could give one, rounded up",
                ),
                figure("share_pct", "%", "elever med lavstress-rute", "pupils with a low-stress route"),
                figure("share_most_pct", "%", "flest, nogen plan kan nå", "most that any plan can reach"),
            ),
        ),
        OutputTable(
            "plan_links",
            "line",
            (
                _STEP,
                count("corridor", "sammenhængende strækning nr.", "corridor no."),
                _WORK,
                text("link_id", "strækning", "link"),
                text("name", "vejnavn", "road name"),
                figure("length_m", "m", "længde", "length"),
                _PASSING,
                _COST,
                _FROM,
            ),
        ),
        OutputTable(
            "plan_crossings",
            "point",
            (_STEP, _WORK, text("name", "vej, der krydses", "road crossed"), _PASSING, _COST, _FROM),
        ),
    ),
    indicators=(
        Indicator(
            "plan_before_pct",
            "%",
            "Elever med lavstress-rute før planen",
            "Pupils with a low-stress route before the plan",
        ),
        Indicator(
            "plan_pct",
            "%",
            "Elever med lavstress-rute, når planen er bygget",
            "Pupils with a low-stress route once built",
        ),
        Indicator("plan_gain", "1", "Elever, som planen giver en lavstress-rute", "Pupils given a low-stress route"),
        Indicator(
            "plan_gap",
            "1",
            "Så mange flere kan ingen plan til samme udgift give",
            "No plan of that budget gives more than",
        ),
        Indicator("plan_cost_dkk", "kr", "Planens anlægsudgift", "Cost of the plan", significant=3),
        Indicator(
            "plan_hidden_dkk",
            "kr",
            "Heraf til steder, som få elever ville passere, og som ikke vises",
            "Of it for places that few pupils would pass, which are not shown",
            significant=3,
        ),
    ),
    limits=(
        {
            "da": (
                "Planen er et første bud: priser pr. meter og pr. kryds er overslag, pladsen ved vejen er ikke "
                "undersøgt, og at en lavere fart også gør det lettere at krydse vejen, er ikke regnet med. Grænsen "
                "for, hvor meget bedre en anden plan kan være, er bevist for de samme priser og for ruter, der ikke "
                "passerer samme strækning to gange. Tiltag, som kun få elever ville passere, står ikke på kortet, men "
                "er med i udgiften."
            ),
            "en": (
                "The plan is a first proposal: prices a metre and a junction are estimates, the room beside the road "
                "has not been looked into, and that a lower speed also makes the road easier to cross is not counted. "
                "How much better another plan can be is proved for the same prices and for routes that pass no link "
                "twice. Works that only few pupils would pass are not on the map, but in the cost."
            ),
        },
    ),
)
