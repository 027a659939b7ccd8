"""Each home's best route to school, and the reason where there is no low-stress one; stays in ``results/``."""

from __future__ import annotations

from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._climb import climb_m
from ballerup_geo.methods.school_routes._journeys import NO_ROUTE
from ballerup_geo.methods.school_routes._pupils import LEVELS
from ballerup_geo.methods.school_routes._scene import GROUPS, Scene
from ballerup_geo.methods.school_routes._words import LEVEL_WORDS, LIMITS, NOTES, REASONS, RULE_WORDS, Words
from ballerup_geo.network import CROSSING_RULES, RULES
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Assumption, Given, Input, OutputColumn, OutputTable

__all__ = ["WAYS", "entitled_of", "legal_m", "need_column", "reasons_of"]

M_PER_KM = 1000.0


def need_column(rules: str, *, cautious: bool) -> str:
    """Return the column that holds the stress needed by a rule set, e.g. ``furth_2_2_high``."""
    return f"{rules.replace('-', '_').replace('.', '_')}_{'high' if cautious else 'low'}"


def legal_m(given: Given, scene: Scene) -> NDArray[np.float64]:
    """Return ``float64[k]``: the distance beyond which the law gives a pupil transport, by class level."""
    limits = np.array([float(given.assumptions[f"legal_km_{level.name}"]) for level in LEVELS])
    return np.asarray(M_PER_KM * limits[scene.trips.level])


def entitled_of(given: Given, scene: Scene) -> NDArray[np.bool_]:
    """Return ``bool[k]``: the shortest legal way, from door to school, is longer than the law's distance."""
    return np.asarray(scene.routed & (scene.journeys.shortest.cost + scene.trips.off_m > legal_m(given, scene)))


def reasons_of(scene: Scene) -> NDArray[np.object_]:
    """Return why each way has no low-stress route, or that it has one: a key of ``REASONS``."""
    journeys, blocked = scene.journeys, scene.journeys.blocked
    reason = np.where(journeys.main == NO_ROUTE, "unconnected", "low_stress").astype(object)
    reason[journeys.barred] = "link"
    reason[journeys.barred & (blocked.turn >= 0)] = "crossing"
    reason[journeys.barred & np.isfinite(blocked.calm_m)] = "detour"
    told = scene.trips.why_not != ""
    reason[told] = scene.trips.why_not[told]
    return reason


def _ways(given: Given, scene: Scene, _: Found) -> Found:
    given.progress("each home's way to school", 0.6)
    trips, journeys = scene.trips, scene.journeys
    arcs = scene.streets.graph.arcs
    length = journeys.along_best(arcs.length_m)
    terrain = cast("Raster | None", given.inputs.get("terrain"))
    known = np.isfinite(length) & (length > 0.0)
    reason = reasons_of(scene)
    low = reason == "low_stress"
    frame = pd.DataFrame(
        {
            "address_id": trips.homes["address_id"].to_numpy()[trips.home],
            "level": [LEVELS[level].name for level in trips.level],
            "pupils": trips.pupils.round().astype(np.int64),
            "pupils_exact": trips.pupils.round(3),
            "school_id": _of(trips.schools["school_id"], trips.site),
            "distance_m": _metres(journeys.shortest.cost + trips.off_m),
            "entitled": entitled_of(given, scene),
            "stress": pd.array(np.where(journeys.main == NO_ROUTE, 0, journeys.main), dtype="Int64"),
            "low_stress": low,
            "length_m": np.round(length, 1),
            "detour": np.round(_ratio(length, journeys.shortest.cost, known), 3),
            "climb_m": _climb(scene, terrain),
            "unlit_pct": _unlit(scene, length, known),
            "crossings": _whole(journeys.along_best(np.zeros(len(arcs.edge)), scene.streets.crosses >= 0)),
            "reason": reason,
            "unsafe_links": pd.array(np.where(journeys.barred, journeys.blocked.links, 0), dtype="Int64"),
            "first_road": _first_road(scene),
            "by_nearness": trips.by_nearness,
            "rules": journeys.rules,
            "accepted": journeys.accepted.astype(np.int64),
            "detour_max": journeys.detour_max,
            **_needs(scene),
        }
    )
    frame["stress"] = frame["stress"].mask(frame["stress"] == NO_ROUTE)
    frame["unsafe_links"] = frame["unsafe_links"].where(np.isin(reason, ("link", "crossing")))
    table = gpd.GeoDataFrame(frame, geometry=trips.homes.geometry.to_numpy()[trips.home], crs=trips.homes.crs)
    return Found(tables={"trips": table}, notes=tuple(_notes(given, scene)))


def _of(values: pd.Series[Any], row: NDArray[np.int32]) -> NDArray[np.object_]:
    known = np.full(len(values) + 1, None, dtype=object)
    known[:-1] = values.to_numpy(dtype=object)
    return np.asarray(known[row], dtype=object)


def _metres(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.round(np.where(np.isfinite(values), values, np.nan), 1), dtype=np.float64)


def _ratio(part: NDArray[np.float64], of: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(np.divide(part, of, where=known, out=np.full(len(part), np.nan)), dtype=np.float64)


def _whole(values: NDArray[np.float64]) -> pd.Series[Any]:
    return pd.Series(np.round(values)).astype("Int64")


def _climb(scene: Scene, terrain: Raster | None) -> NDArray[np.float64]:
    if terrain is None:
        return np.full(len(scene.trips.site), np.nan)
    return np.round(scene.journeys.along_best(climb_m(scene.streets.graph, terrain)), 1)


def _unlit(scene: Scene, length: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of each best route, in percent, that is not lit; NaN where light is unknown along it."""
    dark = (1.0 - scene.streets.lit) * scene.streets.graph.arcs.length_m
    unlit = scene.journeys.along_best(dark)
    return np.round(100.0 * _ratio(unlit, length, known), 1)


def _first_road(scene: Scene) -> NDArray[np.object_]:
    """Return the id of the road that bars a way first: the unsafe link, or the road crossed."""
    blocked, graph = scene.journeys.blocked, scene.streets.graph
    link = np.where(blocked.arc >= 0, graph.arcs.edge[blocked.arc], -1)
    edge = np.where(blocked.turn >= 0, scene.streets.crosses[blocked.turn], link)
    return _of(graph.edges["road_id"].astype(str), np.where(scene.journeys.barred, edge, -1).astype(np.int32))


def _needs(scene: Scene) -> dict[str, NDArray[np.int64]]:
    return {
        need_column(rules, cautious=cautious): need.astype(np.int64)
        for (rules, cautious), need in scene.journeys.need.items()
    }


def _notes(given: Given, scene: Scene) -> list[Words]:
    inputs = given.inputs
    missing = {
        "reckoned": not scene.trips.register,
        "no_districts": inputs.get("school_districts") is None,
        "no_crossings": inputs.get("crossings") is None,
        "no_terrain": inputs.get("terrain") is None,
        "no_light": not np.isfinite(scene.streets.lit).any(),
    }
    return [NOTES[name] for name, holds in missing.items() if holds]


def _about_home(column: OutputColumn) -> OutputColumn:
    return OutputColumn(column.name, column.type, column.unit, column.da, column.en, column.codes, "pupils")


_HOME_COLUMNS = (
    text("level", "klassetrin", "class level", LEVEL_WORDS),
    count("pupils", "elever", "pupils"),
    figure("pupils_exact", "1", "elever, i brøker hvor de er regnet ud fra boliger", "pupils, in parts where reckoned"),
    text("school_id", "skole", "school"),
    OutputColumn("distance_m", "number", "m", "korteste lovlige vej", "shortest legal way"),
    OutputColumn("entitled", "boolean", None, "længere end lovens afstand", "longer than the law's distance"),
    OutputColumn("stress", "integer", None, "mindste utryghed, der giver en rute", "least stress that gives a route"),
    OutputColumn("low_stress", "boolean", None, "har en lavstress-rute", "has a low-stress route"),
    OutputColumn("length_m", "number", "m", "bedste rutes længde", "length of the best route"),
    OutputColumn("detour", "number", "1", "omvej i forhold til den korteste", "detour against the shortest"),
    OutputColumn("climb_m", "number", "m", "stigning i alt", "climb in all"),
    OutputColumn("unlit_pct", "number", "%", "ubelyst andel", "unlit share"),
    count("crossings", "veje, der krydses", "roads crossed"),
    text("reason", "hvorfor", "why", REASONS),
    count("unsafe_links", "utrygge steder på vejen med færrest", "stressful places on the way with the fewest"),
    text("first_road", "vej, der først spærrer", "road that bars the way first"),
    OutputColumn("by_nearness", "boolean", None, "nærmeste skole, intet distrikt", "nearest school, no district"),
    text("rules", "regelsæt", "rule set", RULE_WORDS),
    count("accepted", "utryghed, som klassetrinnet regnes for at tåle", "stress that the class is taken to accept"),
    OutputColumn("detour_max", "number", "1", "længste omvej", "longest detour"),
    *(
        count(
            need_column(rules, cautious=cautious),
            f"utryghed efter {rules}, {'forsigtigt' if cautious else 'lempeligt'} (0: ingen rute)",
            f"stress by {rules}, {'cautious' if cautious else 'lenient'} (0: no route)",
        )
        for rules in RULES
        for cautious in (True, False)
    ),
)

WAYS: Part[Scene] = Part(
    compute=_ways,
    inputs=(
        Input(
            "roads",
            "line",
            columns=("road_id", "class"),
            optional_columns=(
                *("name", "speed_kmh", "lanes_per_direction", "one_way", "centreline", "aadt", "facility"),
                *("facility_forward", "facility_backward", "lane_width_m", "reach_m", "carriageway_m", "parking_sides"),
                *("lit", "level", "cycling_allowed"),
            ),
        ),
        Input(
            "schools",
            "point",
            columns=("school_id", "school", "site"),
            optional_columns=("class_from", "class_to", "kind"),
        ),
        Input(
            "addresses",
            "point",
            columns=("address_id",),
            optional_columns=("dwellings", *(level.column for level in LEVELS)),
        ),
        Input("school_districts", "polygon", columns=("school", "class_from", "class_to"), required=False),
        Input("crossings", "point", columns=("crossing_id", "control"), optional_columns=("island_m",), required=False),
        Input("terrain", "raster", required=False),
    ),
    assumptions=(
        Assumption("rules", "-", "text", choices=RULES),
        Assumption("crossing_rules", "-", "text", choices=tuple(CROSSING_RULES)),
        *(Assumption(f"accepted_stress_{name}", "1", "integer", minimum=1, maximum=4) for name in GROUPS),
        Assumption("detour_max", "1", minimum=1.0),
        *(Assumption(f"legal_km_{level.name}", "km", minimum=0.0) for level in LEVELS),
        Assumption("snap_m", "m", minimum=0.0),
        Assumption("home_max_m", "m", minimum=0.0),
        Assumption("site_max_m", "m", minimum=0.0),
        Assumption("gate_apart_deg", "°", minimum=1.0, maximum=360.0),
        Assumption("crossing_snap_m", "m", minimum=0.0),
        Assumption("unlisted_crossing", "-", "text", choices=("none", "unknown")),
        Assumption("speed_step_kmh", "km/h", minimum=1.0),
        Assumption("unsigned_street_kmh", "km/h", minimum=5.0, maximum=130.0),
        Assumption("unsigned_road_kmh", "km/h", minimum=5.0, maximum=130.0),
        *(Assumption(f"pupils_a_dwelling_{level.name}", "1", minimum=0.0) for level in LEVELS),
    ),
    tables=(
        OutputTable(
            "trips",
            "point",
            (text("address_id", "adresse", "address"), *map(_about_home, _HOME_COLUMNS)),
            homes=True,
        ),
    ),
    limits=LIMITS,
)
