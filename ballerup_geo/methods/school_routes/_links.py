"""The streets as pupils meet them: stress with its reason, how many ride there, and accidents beside them."""

from __future__ import annotations

from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._fixes import GAINS
from ballerup_geo.methods.school_routes._gates import is_gate
from ballerup_geo.methods.school_routes._practice import PRACTICE, practice_of
from ballerup_geo.methods.school_routes._reports import KINDS, reports_table, told
from ballerup_geo.methods.school_routes._scene import Scene, link_ids
from ballerup_geo.methods.school_routes._streets import CALM, Bounds, numbers
from ballerup_geo.methods.school_routes._words import CONTROLS, FACILITIES, LINK_CLASSES, MISSING, NOTES
from ballerup_geo.network import PRACTICES, RULES
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable

__all__ = ["LINKS"]

CASUALTIES = ("accidents", "accidents_cyclist", "accidents_grave")
GRAVE = ("fatal", "serious")


def _links(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("links", 0.85)
    graph, streets = scene.streets.graph, scene.streets
    edges = graph.edges
    main = streets.stress[scene.journeys.rules]
    cautious = np.stack([_of_edges(scene, streets.stress[rules].high) for rules in RULES])
    table = gpd.GeoDataFrame(
        {
            "link_id": link_ids(scene),
            "road_id": edges["road_id"].astype(str).to_numpy(dtype=object),
            **{name: _column(edges, name) for name in ("name", "class", "facility")},
            "lit": pd.array(_column(edges, "lit").tolist(), dtype="boolean"),
            **{name: pd.array(numbers(edges, name), dtype="Float64").astype("Int64") for name in ("speed_kmh", "aadt")},
            "length_m": np.round(edges["length_m"].to_numpy(), 1),
            "stress": _of_edges(scene, main.high),
            "stress_low": _of_edges(scene, main.low),
            "stress_least": cautious.min(axis=0),
            "stress_most": cautious.max(axis=0),
            "missing": _missing(scene, main),
            "pupils": pupils_on_links(scene, int(cast(int, given.assumptions["flow_rounding"]))),
            **_accidents_beside(given, edges),
            "practice": practice_of(given, edges),
        },
        geometry=edges.geometry.to_numpy(),
        crs=CRS,
    )
    accidents = cast("gpd.GeoDataFrame | None", given.inputs.get("accidents"))
    lacking = [] if accidents is not None else [NOTES["no_accidents"]]
    table = table[~is_gate(edges)].reset_index(drop=True)  # ways onto school grounds are no links of the network
    return Found(
        tables={"links": table, "hard_crossings": _hard_crossings(scene), "reports": reports_table(scene.reports)},
        indicators=_indicators(scene, main, accidents),
        notes=(*lacking, *told(scene.reports, least=int(cast(int, given.assumptions["flow_rounding"])))),
    )


def _of_edges(scene: Scene, levels: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the worse of an edge's directions."""
    worst = np.full(len(scene.streets.graph.edges), CALM, np.int64)
    np.maximum.at(worst, scene.streets.graph.arcs.edge, levels.astype(np.int64))
    return worst


def _column(edges: gpd.GeoDataFrame, name: str) -> NDArray[np.object_]:
    """Return a column's values, None where nothing is known."""
    if name not in edges:
        return np.full(len(edges), None, dtype=object)
    values = edges[name].astype(object)
    return np.asarray(values.where(values.notna(), None).to_numpy(dtype=object), dtype=object)


def _missing(scene: Scene, bounds: Bounds) -> NDArray[np.object_]:
    """Return what is not known of each edge, of either direction: a key of ``MISSING``."""
    out = np.full(len(scene.streets.graph.edges), "nothing", dtype=object)
    open_arcs = np.flatnonzero(bounds.low < bounds.high)
    out[scene.streets.graph.arcs.edge[open_arcs]] = [missing_code(what) for what in bounds.missing[open_arcs]]
    return out


def missing_code(what: str) -> str:
    """Return the key of ``MISSING`` for the attributes that a rule set names.

    Examples
    --------
    >>> missing_code("speed_kmh"), missing_code("speed_kmh, aadt"), missing_code("kerb")
    ('speed_kmh', 'several', 'other')
    """
    if "," in what:
        return "several"
    return what if what in MISSING else "other"


def pupils_on_links(scene: Scene, rounding: int) -> NDArray[np.int64]:
    """Return the pupils who pass each edge on their best route, both ways together, rounded down to whole ``rounding``.

    Rounded, since the difference between two following links would otherwise tell of the home between them.
    """
    flow = scene.journeys.flow(scene.trips.pupils)
    riders = np.bincount(scene.streets.graph.arcs.edge, weights=flow, minlength=len(scene.streets.graph.edges))
    rounded: NDArray[np.int64] = (np.floor((riders + 1e-6) / rounding) * rounding).astype(np.int64)
    return rounded


def _accidents_beside(given: Given, edges: gpd.GeoDataFrame) -> dict[str, Any]:
    """Count the accidents within reach of each link, with their years; one at a junction counts at each link there."""
    accidents = cast("gpd.GeoDataFrame | None", given.inputs.get("accidents"))
    none = np.full(len(edges), None, dtype=object)
    if accidents is None:
        return {**{name: pd.array([pd.NA] * len(edges), dtype="Int64") for name in CASUALTIES}, "accident_years": none}
    reach_m = float(given.assumptions["accident_reach_m"])
    _, link = (
        hit := shapely.STRtree(edges.geometry.to_numpy()).query(accidents.geometry.to_numpy(), "dwithin", reach_m)
    )
    cyclist = accidents["cyclist"].fillna(False).to_numpy(dtype=bool)[hit[0]]
    grave = accidents["severity"].isin(GRAVE).to_numpy(dtype=bool)[hit[0]]
    years = f"{accidents['year'].min()}–{accidents['year'].max()}" if len(accidents) else None
    return {
        "accidents": np.bincount(link, minlength=len(edges)),
        "accidents_cyclist": np.bincount(link[cyclist], minlength=len(edges)),
        "accidents_grave": np.bincount(link[grave], minlength=len(edges)),
        "accident_years": np.full(len(edges), years, dtype=object),
    }


def _hard_crossings(scene: Scene) -> gpd.GeoDataFrame:
    """Return the junctions where a crossing is above level 1, each with its worst turn."""
    streets, graph = scene.streets, scene.streets.graph
    turns_back = graph.arcs.edge[graph.turns.of] == graph.arcs.edge[graph.turns.to]
    hard = np.flatnonzero((streets.crossing.high > CALM) & ~turns_back)
    node = graph.arcs.head[graph.turns.of[hard]]
    edges = graph.edges
    over = streets.crosses[hard]
    aadt = numbers(edges, "aadt")
    order = np.lexsort((hard, -np.nan_to_num(aadt[over]), -streets.crossing.high[hard], node))
    first = order[np.unique(node[order], return_index=True)[1]]
    turn, edge = hard[first], over[first]
    bounds, crossings = streets.crossing, streets.crossings
    return gpd.GeoDataFrame(
        {
            "crossing": np.arange(1, len(turn) + 1),
            "name": _column(edges, "name")[edge],
            "control": _column(crossings, "control")[turn],
            "island_m": numbers(crossings, "island_m")[turn],
            "speed_kmh": pd.array(numbers(edges, "speed_kmh")[edge], dtype="Float64").astype("Int64"),
            "aadt": pd.array(aadt[edge], dtype="Float64").astype("Int64"),
            "stress": bounds.high[turn].astype(np.int64),
            "stress_low": bounds.low[turn].astype(np.int64),
            "missing": [missing_code(what) if what else "nothing" for what in bounds.missing[turn]],
        },
        geometry=shapely.points(graph.nodes_xy[node[first]]) if len(turn) else [],
        crs=CRS,
    )


def _indicators(scene: Scene, main: Bounds, accidents: gpd.GeoDataFrame | None) -> dict[str, float | None]:
    arcs = scene.streets.graph.arcs
    street = ~is_gate(scene.streets.graph.edges)[arcs.edge]
    metres = arcs.length_m[street].sum()
    unknown = arcs.length_m[street & (main.low < main.high)].sum()
    cyclists = None if accidents is None else float(accidents["cyclist"].fillna(False).astype(bool).sum())
    return {"unknown_pct": float(100.0 * unknown / metres), "accidents_cyclist": cyclists}


_STRESS = (
    count("stress", "utryghed 1–4, manglende data tolket forsigtigt", "stress 1–4, missing data taken cautiously"),
    count("stress_low", "utryghed 1–4, manglende data tolket lempeligt", "stress 1–4, missing data taken leniently"),
)
_SPEED, _AADT = (
    OutputColumn("speed_kmh", "integer", "km/h", "fartgrænse", "speed limit"),
    OutputColumn("aadt", "integer", "køretøjer/døgn", "årsdøgntrafik", "vehicles a day"),
)

LINKS: Part[Scene] = Part(
    compute=_links,
    inputs=(Input("accidents", "point", columns=("year", "severity", "cyclist"), required=False),),
    assumptions=(
        Assumption("accident_reach_m", "m", minimum=0.0),
        Assumption("road_practice", "-", "text", choices=PRACTICES),
        Assumption("flow_rounding", "1", "integer", minimum=3, maximum=100),
    ),
    tables=(
        OutputTable(
            "links",
            "line",
            (
                text("link_id", "strækning", "link"),
                text("road_id", "vej-id", "road id"),
                text("name", "vejnavn", "road name"),
                text("class", "vejklasse", "road class", LINK_CLASSES),
                text("facility", "cykelforhold", "cycle facility", FACILITIES),
                OutputColumn("lit", "boolean", None, "belyst", "lit"),
                _SPEED,
                _AADT,
                figure("length_m", "m", "længde", "length"),
                *_STRESS,
                count("stress_least", "mindste utryghed over regelsæt", "least stress over rule sets"),
                count("stress_most", "største utryghed over regelsæt", "most stress over rule sets"),
                text("missing", "det, der mangler at vide", "what is not known", MISSING),
                OutputColumn(
                    "pupils",
                    "integer",
                    None,
                    "elever, hvis bedste rute går her, rundet ned",
                    "pupils whose best route passes, rounded down",
                    behind="pupils",
                ),
                *GAINS,
                count("accidents", "uheld ved strækningen", "accidents beside the link"),
                count("accidents_cyclist", "heraf med cyklist", "of them with a cyclist"),
                count(
                    "accidents_grave",
                    "heraf med dræbte eller alvorligt tilskadekomne",
                    "of them with people killed or seriously injured",
                ),
                text("accident_years", "uheldenes år", "years of the accidents"),
                text(
                    "practice",
                    "en kommunes offentliggjorte praksis for skoleveje",
                    "a municipality's published practice for school roads",
                    PRACTICE,
                ),
            ),
        ),
        OutputTable(
            "hard_crossings",
            "point",
            (
                count("crossing", "krydsning nr.", "crossing no."),
                text("name", "vej, der krydses", "road crossed"),
                text("control", "regulering", "control", CONTROLS),
                figure("island_m", "m", "helleanlæggets dybde", "depth of the island"),
                _SPEED,
                _AADT,
                *_STRESS,
                text("missing", "det, der mangler at vide", "what is not known", MISSING),
            ),
        ),
        OutputTable(
            "reports",
            "table",
            (
                text("kind", "fund", "finding", KINDS),
                text("subject", "vej, skole eller distrikt", "road, school or district"),
                OutputColumn("pupils", "integer", None, "elever", "pupils", behind="pupils"),
                figure("east_m", "m", "øst (EPSG:25832)", "east (EPSG:25832)"),
                figure("north_m", "m", "nord (EPSG:25832)", "north (EPSG:25832)"),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "unknown_pct",
            "%",
            "Veje og stier, hvis utryghed afhænger af ukendte data",
            "Streets and paths whose stress depends on unknown data",
        ),
        Indicator(
            "accidents_cyclist",
            "1",
            "Politiregistrerede uheld med cyklist",
            "Accidents with a cyclist, known to the police",
        ),
    ),
)
