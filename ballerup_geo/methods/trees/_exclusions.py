"""What takes ground from trees: each thing with the distance that it asks for, and the rule that asks."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.trees._forest_closed import closing
from ballerup_geo.methods.trees._sight import sight_triangles
from ballerup_geo.methods.trees._sizes import Size
from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Input, Text

__all__ = [
    "EXCLUSION_ASSUMPTIONS",
    "EXCLUSION_INPUTS",
    "REASONS",
    "UTILITY_KINDS",
    "by_size",
    "carriageways",
    "common",
    "kinds_of",
    "utility_distances",
    "utility_lines",
]

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
HALF = 2.0

UTILITY_KINDS = ("sewer", "water", "district_heating", "gas", "power", "telecom")
REASONS = {
    "overlap": Text(da="hører til en anden matrikel", en="belongs to another parcel"),
    "road_land": Text(da="vejareal", en="road land"),
    "open_land": Text(da="mark og skov", en="field and wood"),
    "wet": Text(da="sø, vandløb eller vådområde", en="lake, stream or wetland"),
    "pitch": Text(da="idrætsanlæg", en="sports ground"),
    "paved": Text(da="vej og belægning", en="road and paving"),
    "building": Text(da="afstand til bygning", en="distance to building"),
    "boundary": Text(da="afstand til skel", en="distance to boundary"),
    "road": Text(da="vejens profil", en="the road's profile"),
    "sight": Text(da="oversigt ved vejkryds", en="sight at junctions"),
    "sewer": Text(da="kloak", en="sewer"),
    "water": Text(da="vandledning", en="water pipe"),
    "district_heating": Text(da="fjernvarme", en="district heating"),
    "gas": Text(da="gas", en="gas"),
    "power": Text(da="elkabel", en="power cable"),
    "telecom": Text(da="tele og data", en="telecom"),
    "utility_unknown": Text(da="ledning uden slags", en="utility line without a kind"),
    "heat_planned": Text(da="fjernvarme, der er foreslået", en="district heating that is proposed"),
    "protected": Text(da="beskyttet natur og landskab", en="protected nature and landscape"),
    "canopy": Text(da="kroner, der står der", en="crowns that stand there"),
    "deed": Text(da="tinglyst byrde", en="registered easement"),
    "solar": Text(da="solceller", en="solar panels"),
}
"""Why ground is not for trees, in the order in which they take it: what two take goes to the first."""
OPEN_COVER, WET_COVER, HARD_COVER = ("field", "forest"), ("water", "wetland"), ("road", "paved", "gravel")
PITCHES = ("sport",)
NARROW = ("path",)

EXCLUSION_INPUTS = (
    Input("lakes", "polygon", columns=("lake_id",), required=False),
    Input("streams", "line", columns=("stream_id",), optional_columns=("culverted",), required=False),
    Input("heat_pipes", "line", required=False),
    Input("deeds", "polygon", columns=("deed_id",), required=False),
    Input("local_plans", "polygon", columns=("plan_id", "status"), required=False),
    Input("solar_roofs", "polygon", columns=("roof_id",), required=False),
    Input("dug_lines", "line", columns=("line_id",), optional_columns=("kind",), required=False),
)
EXCLUSION_ASSUMPTIONS = (
    *(Assumption(f"{kind}_m", "m", minimum=0.0, maximum=20.0) for kind in UTILITY_KINDS),
    Assumption("road_edge_m", "m", minimum=0.0, maximum=20.0),
    Assumption("path_edge_m", "m", minimum=0.0, maximum=20.0),
    Assumption("carriageway_unknown_m", "m", minimum=1.0, maximum=30.0),
    Assumption("path_unknown_m", "m", minimum=0.5, maximum=10.0),
    Assumption("sight_waiting_m", "m", minimum=0.0, maximum=50.0),
    Assumption("sight_seconds", "s", minimum=0.0, maximum=10.0),
    Assumption("speed_unknown_kmh", "km/h", minimum=10.0, maximum=130.0),
    Assumption("junction_snap_m", "m", minimum=0.0, maximum=5.0),
    Assumption("water_edge_m", "m", minimum=0.0, maximum=50.0),
    Assumption("stream_edge_m", "m", minimum=0.0, maximum=50.0),
    Assumption("protected_closed", "-", kind="text"),
    Assumption("crown_gap_m", "m", minimum=-10.0, maximum=20.0),
    Assumption("solar_m", "m", minimum=0.0, maximum=50.0),
)

Rows = tuple[Shapes, "Floats | float", str]


def common(given: Given, town: TreeTown) -> gpd.GeoDataFrame:
    """Return what keeps trees of any size away: ``geometry, distance_m, reason``, in the order of `REASONS`."""
    rows = [*_ground(given, town), *_traffic(given, town), *_utilities(given, town), *_ties(given, town)]
    return _frame(rows)


def by_size(given: Given, town: TreeTown, size: Size) -> gpd.GeoDataFrame:
    """Return what keeps trees of one size away, as `common`; boundaries apart (see `ground_of`)."""
    rows: list[Rows] = [(town.buildings.geometry.to_numpy(), size.building_m, "building")]
    reach = max(0.0, size.crown_m + number_of(given, "crown_gap_m"))
    if town.canopy is not None:
        rows.append((town.canopy.geometry.to_numpy(), reach, "canopy"))
    if town.trees is not None:
        crown = np.nan_to_num(town.trees["crown_m"].to_numpy(np.float64)) / HALF
        rows.append((town.trees.geometry.to_numpy(), crown + reach, "canopy"))
    return _frame(rows)


def _frame(rows: list[Rows]) -> gpd.GeoDataFrame:
    """Return exclusions in the order of reasons."""
    order = {reason: place for place, reason in enumerate(REASONS)}
    rows = sorted((row for row in rows if len(row[0])), key=lambda row: order[row[2]])
    if not rows:
        return gpd.GeoDataFrame({"distance_m": [], "reason": []}, geometry=[], crs=CRS)
    return gpd.GeoDataFrame(
        {
            "distance_m": np.concatenate([np.broadcast_to(distance, len(shapes)) for shapes, distance, _ in rows]),
            "reason": np.concatenate([np.full(len(shapes), reason, dtype=object) for shapes, _, reason in rows]),
        },
        geometry=np.concatenate([shapes for shapes, _, _ in rows]),
        crs=CRS,
    )


def _ground(given: Given, town: TreeTown) -> Iterator[Rows]:
    """Give ground that is something else than a place for garden trees."""
    roads = (town.parcels["owner_kind"] == "road").to_numpy(bool)
    yield town.parcels.geometry.to_numpy()[roads], 0.0, "road_land"
    if town.cover is not None:
        shapes, kind = town.cover.geometry.to_numpy(), town.cover["cover"]
        yield shapes[kind.isin(OPEN_COVER).to_numpy(bool)], 0.0, "open_land"
        yield shapes[kind.isin(WET_COVER).to_numpy(bool)], number_of(given, "water_edge_m"), "wet"
        yield shapes[kind.isin(HARD_COVER).to_numpy(bool)], 0.0, "paved"
    lakes, streams = layer_of(given, "lakes"), layer_of(given, "streams")
    if lakes is not None:
        yield lakes.geometry.to_numpy(), number_of(given, "water_edge_m"), "wet"
    if streams is not None:
        open_air = np.ones(len(streams), dtype=bool)
        if "culverted" in streams:
            open_air = ~streams["culverted"].fillna(False).to_numpy(bool)
        yield streams.geometry.to_numpy()[open_air], number_of(given, "stream_edge_m"), "wet"
    if town.greens is not None:
        pitch = town.greens["kind"].isin(PITCHES).to_numpy(bool)
        yield town.greens.geometry.to_numpy()[pitch], 0.0, "pitch"
    if town.protected is not None:
        closed = closing(town.protected["kind"], str(given.assumptions["protected_closed"]))
        yield town.protected.geometry.to_numpy()[closed], 0.0, "protected"


def _traffic(given: Given, town: TreeTown) -> Iterator[Rows]:
    """Give the roads' profiles, and the triangles to be seen across at junctions."""
    shapes, half_m, path = carriageways(given, town.roads)
    edge = np.where(path, number_of(given, "path_edge_m"), number_of(given, "road_edge_m"))
    yield shapes, half_m + edge, "road"
    triangles = sight_triangles(
        town.roads,
        waiting_m=number_of(given, "sight_waiting_m"),
        seconds=number_of(given, "sight_seconds"),
        speed_unknown_kmh=number_of(given, "speed_unknown_kmh"),
        snap_m=number_of(given, "junction_snap_m"),
    )
    yield triangles, 0.0, "sight"


def carriageways(given: Given, roads: gpd.GeoDataFrame) -> tuple[Shapes, Floats, NDArray[np.bool_]]:
    """Return the centre lines above ground, half the width of each, and which are paths."""
    above = _level(roads) >= 0
    path = roads["class"].isin(NARROW).to_numpy(bool)
    wide = np.where(path, number_of(given, "path_unknown_m"), number_of(given, "carriageway_unknown_m"))
    if "carriageway_m" in roads:
        known = roads["carriageway_m"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        wide = np.where(known > 0, known, wide)
    return roads.geometry.to_numpy()[above], wide[above] / HALF, path[above]


def _level(roads: gpd.GeoDataFrame) -> NDArray[np.int64]:
    if "level" not in roads:
        return np.zeros(len(roads), dtype=np.int64)
    return np.array(roads["level"].astype("Int64").fillna(0), dtype=np.int64)


def utility_distances(given: Given) -> dict[str, float]:
    """Return the distance to each kind of line; that of an unknown kind is the widest."""
    known = {kind: number_of(given, f"{kind}_m") for kind in UTILITY_KINDS}
    return {**known, "utility_unknown": max(known.values())}


def utility_lines(given: Given, town: TreeTown) -> tuple[Shapes, NDArray[np.object_]]:
    """Return all lines in the ground, and the kind of each (``utility_unknown`` where nobody knows it)."""
    layers = [layer for layer in (town.utilities, layer_of(given, "dug_lines")) if layer is not None]
    shapes = [layer.geometry.to_numpy() for layer in layers]
    told = [kinds_of(layer) for layer in layers]
    return np.concatenate([np.empty(0, object), *shapes]), np.concatenate([np.empty(0, object), *told])


def kinds_of(lines: pd.DataFrame) -> NDArray[np.object_]:
    """Return the kind of each line, ``utility_unknown`` where nobody knows it."""
    kind = lines["kind"] if "kind" in lines else pd.Series(None, index=lines.index, dtype=object)
    return np.asarray(kind.where(kind.isin(UTILITY_KINDS), "utility_unknown").to_numpy(object))


def _utilities(given: Given, town: TreeTown) -> Iterator[Rows]:
    shapes, kind = utility_lines(given, town)
    for name, distance in utility_distances(given).items():
        yield shapes[kind == name], distance, name
    planned = layer_of(given, "heat_pipes")
    if planned is not None:
        yield planned.geometry.to_numpy(), number_of(given, "district_heating_m"), "heat_planned"


def _ties(given: Given, _town: TreeTown) -> Iterator[Rows]:
    """Give what stands in registers, where a layer brings it."""
    for name, reason, distance in (
        ("deeds", "deed", 0.0),
        ("solar_roofs", "solar", number_of(given, "solar_m")),
    ):
        layer = layer_of(given, name)
        if layer is not None:
            yield layer.geometry.to_numpy(), distance, reason
