"""Answers 3 and 4: candidate zones along streets, and the pipes that would connect each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.heating._areas import STAGES
from ballerup_geo.methods.heating._choice_columns import ZONE_LEDGERS
from ballerup_geo.methods.heating._columns import of_homes
from ballerup_geo.methods.heating._money import annuity
from ballerup_geo.methods.heating._present import FOSSIL
from ballerup_geo.methods.heating._shares import HANDED, pipe_shares
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.methods.heating._streets import Streets, streets_of
from ballerup_geo.methods.heating._width import WIDTH_COLUMNS
from ballerup_geo.methods.heating._zones import grow_zones
from ballerup_geo.raster import CRS
from ballerup_geo.siting import CostedLayout, Pipes, costed_layout
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text

__all__ = ["ZONES"]

Floats = NDArray[np.float64]

MWH = 1000.0
HOURS = 8760.0
PERCENT = 100.0
SETTLED = ("district", "heat_pump")
"""Who is no candidate: heated by the net or a heat pump already."""
UNKNOWN_STAGE = "unknown"


@dataclass(frozen=True, slots=True)
class Laid:
    """The pipes of a zone: positions of the edges in the street net, and the layout over them."""

    edge: NDArray[np.int64]
    layout: CostedLayout
    trunk_m: float
    reached: bool
    """Whether a pipe that lies today can be reached along streets; else the pipes begin within the zone."""


def _zones(given: Given, stock: Stock, _found: Found) -> Found:
    roads, network = cast(gpd.GeoDataFrame, given.inputs["roads"]), given.inputs["heat_network"]
    pipes_today = None if network is None else gpd.GeoDataFrame(cast(pd.DataFrame, network))
    given.progress("streets", 0.3)
    streets = streets_of(
        roads,
        stock.xy,
        pipes_today,
        snap_m=number_of(given, "street_snap_m"),
        service_m=number_of(given, "service_most_m"),
    )
    candidate = ~np.isin(stock.present, SETTLED) & (streets.node >= 0) & (stock.demand.kwh > 0)
    zone = _zone_of(given, stock, streets, candidate)
    table = pipe_table(given)
    way, before = streets.from_sources()
    rows: list[tuple[object, ...]] = []
    shapes, lines, shares = [], [], []
    least = number_of(given, "zone_least_buildings")
    names = np.unique(zone[zone >= 0])
    for place, name in enumerate(names.tolist()):
        given.progress("pipes", 0.35 + 0.6 * place / len(names))
        who = np.flatnonzero(candidate & (zone[np.maximum(streets.street_of, 0)] == name))
        if who.size < least:
            continue
        laid = _lay(given, stock, streets, np.flatnonzero(zone == name), who, table, way, before)
        number = len(rows) + 1
        rows.append(_row(given, stock, streets, number, who, laid, table))
        used = laid.edge[laid.layout.edge_ids]
        shapes.append(shapely.union_all(shapely.buffer(streets.shape[used], number_of(given, "zone_drawn_m"))))
        lines.append(_lines(streets, number, laid, table))
        shares.append(_shares(given, stock, streets, number, who, laid, table))
    columns = [column.name for column in _ZONE_COLUMNS]
    kinds: dict[str, Any] = {"text": object, "integer": "Int64", "number": np.float64, "boolean": np.bool_}
    frame = pd.DataFrame(rows, columns=columns).astype({each.name: kinds[each.type] for each in _ZONE_COLUMNS})
    zones = gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS)
    pipes = gpd.GeoDataFrame(pd.concat(lines, ignore_index=True), crs=CRS) if lines else _no_pipes()
    return Found(
        tables={"heat_zones": zones, "heat_pipes": pipes},
        indicators={
            "zones": float(len(zones)),
            "zone_buildings": float(zones["buildings"].sum()),
            "zone_km": float(zones["trench_m"].sum()) / MWH,
            "zone_dkk": float(zones["cost_dkk"].sum()),
            "near_net": _near(given, stock, pipes_today),
            "off_streets": float((streets.node < 0).sum()),
        },
        notes=_notes(pipes_today, int((streets.node < 0).sum())),
        columns={HANDED: pd.concat(shares)} if shares else {},
    )


def _notes(pipes: gpd.GeoDataFrame | None, lost: int) -> tuple[Words, ...]:
    notes: list[Words] = []
    if pipes is None:
        notes.append(
            {
                "da": "Fjernvarmenettet er ukendt: zonernes ledninger begynder i zonen selv.",
                "en": "The district-heating net is unknown: the pipes of a zone begin within it.",
            }
        )
    if lost:
        notes.append(
            {
                "da": f"{lost} × bygning uden en vej inden for stikledningens længde; i ingen zone.",
                "en": f"{lost} × building without a street within the length of a service line; in no zone.",
            }
        )
    return tuple(notes)


def _near(given: Given, stock: Stock, pipes: gpd.GeoDataFrame | None) -> float | None:
    """Count the buildings on oil and gas that lie within a service line of a pipe that lies today."""
    if pipes is None:
        return None
    fossil = np.flatnonzero(np.isin(stock.present, FOSSIL))
    tree = shapely.STRtree(pipes.geometry.to_numpy())
    found = tree.query(stock.shape[fossil], predicate="dwithin", distance=number_of(given, "service_most_m"))[0]
    return float(np.unique(found).size)


def _zone_of(given: Given, stock: Stock, streets: Streets, candidate: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Sum candidates by street, and grow zones of streets."""
    on, size = streets.street_of[candidate], len(streets.street_m)
    area = np.full(size, -1, dtype=np.int64)
    areas = np.zeros(len(candidate), dtype=np.int64)
    if stock.areas is not None:
        areas = np.unique(
            np.where(stock.areas.area_id == np.array(None), "", stock.areas.area_id), return_inverse=True
        )[1]
    area[on[::-1]] = areas[candidate][::-1]  # of buildings in several areas along a street the first one counts
    return grow_zones(
        streets.ends,
        heat_mwh=np.bincount(on, stock.demand.kwh[candidate], size) / MWH,
        trench_m=streets.street_m + np.bincount(on, streets.service_m[candidate], size),
        buildings=np.bincount(on, minlength=size),
        area=area,
        least_mwh_m=number_of(given, "zone_least_mwh_m"),
        most_buildings=number_of(given, "zone_most_buildings"),
    )


@dataclass(frozen=True, slots=True)
class PipeTable:
    """The pipes that can be bought, from the smallest, with what a metre loses (W)."""

    dn_mm: NDArray[np.int64]
    pipes: Pipes
    loss_w_m: Floats


def pipe_table(given: Given) -> PipeTable:
    """Read the pipes; the price of a metre holds the present value of the heat that it loses.

    Raises
    ------
    DataError
        No pipe is known, or a larger one carries or costs less.
    """
    rows = cast(pd.DataFrame, given.inputs["pipe_sizes"]).sort_values("dn_mm", kind="stable")
    size, cost = rows["capacity_kw"].to_numpy(np.float64), rows["cost_dkk_m"].to_numpy(np.float64)
    loss = rows["loss_w_m"].to_numpy(np.float64)
    rate, years = number_of(given, "discount_rate_pct") / PERCENT, number_of(given, "net_years")
    lost = loss * HOURS / 1e6 * number_of(given, "lost_heat_dkk_mwh") / annuity(rate, years)
    if not len(rows) or (np.diff(size) <= 0).any() or (np.diff(cost + lost) < 0).any():
        what = "there is no pipe, or a wider one carries or costs less"
        raise DataError(Fault("layer pipe_sizes", "capacity_kw", what, "list each width once, with rising values"))
    return PipeTable(rows["dn_mm"].to_numpy(np.int64), Pipes(size, cost + lost), loss)


def _lay(
    given: Given,
    stock: Stock,
    streets: Streets,
    members: NDArray[np.int64],
    who: NDArray[np.int64],
    table: PipeTable,
    way: Floats,
    before: NDArray[np.int32],
) -> Laid:
    """Lay the pipes of one zone: its streets, its service lines, and the way to the nearest pipe that lies today."""
    inside = np.isin(streets.street, members)
    buildings = np.isin(streets.edges[:, 1], streets.node[who]) & (streets.street < 0)
    nodes = np.unique(streets.edges[inside])
    start = int(nodes[np.argmin(way[nodes])])
    reached = bool(np.isfinite(way[start]))
    trunk = _trunk(streets, start, before) if reached else np.empty(0, dtype=np.int64)
    edge = np.union1d(np.flatnonzero(inside | buildings), trunk)
    used, number = np.unique(streets.edges[edge], return_inverse=True)
    ends = number.reshape(-1, 2).astype(np.int32)
    sources = np.flatnonzero(streets.source[used])
    if not reached:
        sources = np.searchsorted(used, [start])
    layout = costed_layout(
        ends,
        streets.length_m[edge],
        trench_dkk_per_m=np.where(
            streets.street[edge] >= 0, number_of(given, "trench_street_dkk_m"), number_of(given, "trench_service_dkk_m")
        ),
        sources=sources.astype(np.int32),
        consumers=np.searchsorted(used, streets.node[who]).astype(np.int32),
        demand_kw=stock.demand.kwh[who] / number_of(given, "full_load_h"),
        prize_dkk=np.full(who.size, np.inf),
        pipes=table.pipes,
        diversity=number_of(given, "diversity"),
    )
    return Laid(edge, layout, float(way[start]) if reached else 0.0, reached)


def _trunk(streets: Streets, node: int, before: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the edges on the way from a node to the nearest source."""
    path = [node]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    if len(path) < 2:
        return np.empty(0, dtype=np.int64)
    steps = np.sort(np.stack([path[:-1], path[1:]], axis=1), axis=1)
    near = np.flatnonzero(np.isin(streets.edges, path).all(axis=1) & (streets.street >= 0))
    ends = np.sort(streets.edges[near], axis=1)
    size = len(streets.source)
    return near[
        np.isin(ends[:, 0].astype(np.int64) * size + ends[:, 1], steps[:, 0].astype(np.int64) * size + steps[:, 1])
    ]


def _row(
    given: Given, stock: Stock, streets: Streets, number: int, who: NDArray[np.int64], laid: Laid, table: PipeTable
) -> tuple[object, ...]:
    layout, demand = laid.layout, stock.demand
    used = laid.edge[layout.edge_ids]
    length = streets.length_m[used]
    service = streets.street[used] < 0
    heat = float(demand.kwh[who].sum()) / MWH
    lost = float((length * table.loss_w_m[layout.pipe]).sum()) * HOURS / 1e6
    rate, years = number_of(given, "discount_rate_pct") / PERCENT, number_of(given, "net_years")
    stage, end = UNKNOWN_STAGE, None
    if stock.areas is not None:
        stage, last = str(stock.areas.stage[who[0]]), int(stock.areas.end_year[who[0]])
        end = None if last < 0 else last
    return (
        f"Z{number:03d}",
        stage,
        end,
        int(who.size),
        int(stock.dwellings[who].sum()),
        heat,
        float(demand.low[who].sum()) / MWH,
        float(demand.high[who].sum()) / MWH,
        int(np.isin(stock.present[who], FOSSIL).sum()),
        float(length.sum()),
        float(length[service].sum()),
        laid.trunk_m,
        laid.reached,
        heat / max(float(length.sum()), 1.0),
        layout.objective_dkk,
        layout.bound_dkk,
        PERCENT * layout.gap,
        lost,
        PERCENT * lost / max(heat + lost, 1e-9),
        layout.objective_dkk * annuity(rate, years) / max(heat, 1e-9),
    )


def _shares(
    given: Given, stock: Stock, streets: Streets, number: int, who: NDArray[np.int64], laid: Laid, table: PipeTable
) -> pd.DataFrame:
    """Return what a zone's trench and pipes cost each of its buildings, lost heat left out."""
    used = laid.edge[laid.layout.edge_ids]
    rate, years = number_of(given, "discount_rate_pct") / PERCENT, number_of(given, "net_years")
    lost_mwh = streets.length_m[used] * table.loss_w_m[laid.layout.pipe] * HOURS / 1e6
    return pipe_shares(
        f"Z{number:03d}",
        stock.building_id[who],
        heat_mwh=stock.demand.kwh[who] / MWH,
        node=streets.node[who],
        edge_node=streets.edges[used, 1],
        is_service=streets.street[used] < 0,
        cost_dkk=laid.layout.cost_dkk - lost_mwh * number_of(given, "lost_heat_dkk_mwh") / annuity(rate, years),
    )


def _lines(streets: Streets, number: int, laid: Laid, table: PipeTable) -> gpd.GeoDataFrame:
    """Return the street pipes of a zone; service lines, which lead to single homes, are in the sums alone."""
    used = laid.edge[laid.layout.edge_ids]
    street = streets.street[used] >= 0
    street &= streets.length_m[used] > 0
    return gpd.GeoDataFrame(
        {
            "zone_id": np.full(int(street.sum()), f"Z{number:03d}", dtype=object),
            "dn_mm": table.dn_mm[laid.layout.pipe[street]],
            "consumers": laid.layout.consumers[street].astype(np.int64),
            "load_kw": laid.layout.load_kw[street],
            "length_m": streets.length_m[used][street],
        },
        geometry=streets.shape[used][street],
        crs=CRS,
    )


def _no_pipes() -> gpd.GeoDataFrame:
    kinds: Mapping[str, type] = {"zone_id": object, "dn_mm": np.int64, "consumers": np.int64}
    numbers: Mapping[str, type] = {"load_kw": np.float64, "length_m": np.float64}
    empty: dict[str, NDArray[np.generic]] = {
        name: np.empty(0, dtype=kind) for name, kind in {**kinds, **numbers}.items()
    }
    return gpd.GeoDataFrame(empty, geometry=np.empty(0, dtype=object), crs=CRS)


_ZONE_COLUMNS = (
    text("zone_id", "zone", "zone"),
    text("stage", "områdets status", "stage of the area", {**STAGES, UNKNOWN_STAGE: Text(da="ukendt", en="unknown")}),
    count("end_year", "omstilling til", "conversion until"),
    count("buildings", "bygninger", "buildings"),
    count("dwellings", "boliger", "dwellings"),
    of_homes("heat_mwh", "MWh", "varmebehov", "heat demand"),
    of_homes("heat_mwh_low", "MWh", "varmebehov, mindst", "heat demand, at least"),
    of_homes("heat_mwh_high", "MWh", "varmebehov, højst", "heat demand, at most"),
    OutputColumn(
        "fossil_buildings", "integer", None, "bygninger på olie og gas", "buildings on oil and gas", behind="buildings"
    ),
    figure("trench_m", "m", "tracé i alt", "trench in all"),
    figure("service_m", "m", "heraf stikledninger", "of it service lines"),
    figure("trunk_m", "m", "heraf hen til zonen", "of it to reach the zone"),
    OutputColumn("reached", "boolean", None, "kan nås fra nettet i dag", "can be reached from today's net"),
    of_homes("mwh_m", "MWh/m", "varme pr. meter tracé", "heat a metre of trench"),
    figure("cost_dkk", "kr.", "tracé, rør og tabt varme, nutidsværdi", "trench, pipes and lost heat, present value"),
    figure("bound_dkk", "kr.", "billigst muligt, mindst", "cheapest possible, at least"),
    figure("gap_pct", "%", "højst over det billigste", "above the cheapest, at most"),
    figure("loss_mwh", "MWh", "varmetab", "heat lost"),
    figure("loss_pct", "%", "varmetab af leveret", "share of the heat that is lost"),
    of_homes("net_dkk_mwh", "kr./MWh", "nettets pris pr. MWh", "cost of the net a MWh"),
)

ZONES: Part[Stock] = Part(
    compute=_zones,
    inputs=(
        Input("roads", "line", columns=("road_id",), optional_columns=("class", "level", "walking_allowed")),
        Input("heat_network", "line", columns=("pipe_id",), required=False),
        Input("pipe_sizes", "table", columns=("dn_mm", "capacity_kw", "cost_dkk_m", "loss_w_m", "source")),
    ),
    assumptions=(
        Assumption("street_snap_m", "m", minimum=0.0),
        Assumption("service_most_m", "m", minimum=1.0),
        Assumption("zone_least_mwh_m", "MWh/m", minimum=0.01),
        Assumption("zone_least_buildings", "1", minimum=1.0),
        Assumption("zone_most_buildings", "1", minimum=1.0),
        Assumption("zone_drawn_m", "m", minimum=1.0),
        Assumption("full_load_h", "h", minimum=100.0, maximum=8760.0),
        Assumption("diversity", "1", minimum=0.01, maximum=1.0),
        Assumption("trench_street_dkk_m", "kr./m", minimum=0.0),
        Assumption("trench_service_dkk_m", "kr./m", minimum=0.0),
        Assumption("lost_heat_dkk_mwh", "kr./MWh", minimum=0.0),
        Assumption("discount_rate_pct", "%", minimum=0.0, maximum=30.0),
        Assumption("net_years", "år", minimum=1.0, maximum=200.0),
    ),
    tables=(
        OutputTable("heat_zones", "polygon", (*_ZONE_COLUMNS, *WIDTH_COLUMNS, *ZONE_LEDGERS)),
        OutputTable(
            "heat_pipes",
            "line",
            (
                text("zone_id", "zone", "zone"),
                count("dn_mm", "nominel bredde, mm", "nominal width, mm"),
                count("consumers", "bygninger bag røret", "buildings beyond the pipe"),
                OutputColumn(
                    "load_kw", "number", "kW", "effekt efter samtidighed", "load after diversity", behind="consumers"
                ),
                figure("length_m", "m", "længde", "length"),
            ),
        ),
    ),
    indicators=(
        Indicator("zones", "1", "Mulige fjernvarmezoner", "Candidate zones for district heating"),
        Indicator("zone_buildings", "1", "Bygninger i zonerne", "Buildings in the zones", significant=3),
        Indicator(
            "zone_km",
            "km",
            "Tracé i zonerne, stik medregnet",
            "Trench in the zones, service lines included",
            significant=2,
        ),
        Indicator(
            "zone_dkk",
            "kr.",
            "Tracé, rør og tabt varme i zonerne",
            "Trench, pipes and lost heat in the zones",
            significant=2,
        ),
        Indicator(
            "near_net",
            "1",
            "Bygninger på olie og gas inden for en stikledning af nettet i dag",
            "Buildings on oil and gas within a service line of today's net",
            significant=2,
        ),
        Indicator("off_streets", "1", "Bygninger uden en vej i nærheden", "Buildings without a street near by"),
    ),
    limits=(
        {
            "da": (
                "Zonerne viser, hvor varmen ligger tæt langs vejene, ikke hvad der skal bygges: alle i en zone regnes "
                "med, og der er ikke set på tryk, jernbaner, ejendomsret eller andre ledninger i jorden."
            ),
            "en": (
                "Zones show where heat lies densely along streets, not what is to be built: everyone in a zone is "
                "reckoned with, and pressure, railways, rights and other pipes in the ground are not looked at."
            ),
        },
        {
            "da": "Priser på rør og tracé er ikke efterprøvet: de viser forskelle mellem zoner, ikke et budget.",
            "en": "Prices of pipes and trench are unverified: they show differences between zones, not a budget.",
        },
    ),
)
"""Candidate zones and their pipes."""
