"""Roads and paths: the network with what a road authority knows of it.

Lengths of owners and speed limits are held to the facts: whole quarters share a limit and an authority, and the last
street of a share is the one that fills it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.frame import facts, outline
from ballerup_geo.sources.model.plan import KINDS, main_roads, quarters
from ballerup_geo.sources.model.streets import LANE, MAIN, Network, Streets, build_streets
from ballerup_geo.sources.model.town import Town

__all__ = ["build_roads"]

ONE_SIDED_SHARE = 0.06
"""Share of the stretches with cycle track or lane whose other side has less."""

Texts = NDArray[np.str_]
Numbers = NDArray[np.float64]


def build_roads(town: Town) -> gpd.GeoDataFrame:
    """Return roads and paths, one row between two junctions."""
    network: Network = town.part(build_streets)
    streets = network.streets
    rng = town.rng("roads")
    length = shapely.length(shapely.intersection(streets.lines, outline()))
    frame = gpd.GeoDataFrame(geometry=streets.lines, crs=CRS)
    frame["class"] = streets.classes
    frame["name"] = _names(streets, rng)
    frame["owner"] = _owners(streets, length, rng)
    frame["speed_kmh"] = _speeds(streets, frame["owner"].to_numpy(), length, rng)
    frame["level"] = streets.level
    _traffic(frame, streets, rng)
    _cycling(frame, streets, rng)
    frame.insert(0, "road_id", [f"V{number:05d}" for number in range(1, len(frame) + 1)])
    return frame[[*[column for column in frame.columns if column != "geometry"], "geometry"]]


def _fill(order: NDArray[np.int64], length: Numbers, target_m: float) -> NDArray[np.int64]:
    """Return the first rows of an order that make up a length."""
    run = np.cumsum(length[order])
    return order[run - length[order] / 2 <= target_m]


def _by_quarter(streets: Streets, rows: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    """Order some rows so that whole quarters follow each other, in random order."""
    keys = rng.permutation(len(quarters()) + 1)
    index = np.flatnonzero(rows)
    return index[np.lexsort((streets.street[index], keys[streets.quarter[index] + 1]))]


def _owners(streets: Streets, length: Numbers, rng: np.random.Generator) -> Texts:
    """State, municipality, private common or private, in the proportions of the facts."""
    target = facts("road_lengths")["owner_km"]
    road = streets.classes != "path"
    scale = length[road].sum() / sum(target.values())
    owner = np.full(len(length), "municipality", dtype="U14")
    state = np.concatenate(
        [
            np.flatnonzero(streets.classes == "motorway"),
            np.flatnonzero(_of_main(streets, "Ring 4")),
            np.flatnonzero(_of_main(streets, "Frederikssundsvej")),
        ]
    )
    owner[_fill(state, length, target["state"] * scale)] = "state"
    owner[streets.classes == "motorway"] = "state"
    lanes = _by_quarter(streets, streets.main == LANE, rng)
    tracks = np.flatnonzero((streets.classes == "service") & (streets.main != LANE))
    lanes = np.concatenate([lanes, tracks[np.argsort(streets.quarter[tracks], kind="stable")]])
    owner[_fill(lanes, length, target["private"] * scale)] = "private"
    rest = (streets.main == LANE) & (owner != "private")
    common = np.concatenate([np.flatnonzero(rest), _by_quarter(streets, _common_streets(streets), rng)])
    common = common[owner[common] != "private"]
    owner[_fill(common, length, target["private_common"] * scale)] = "private_common"
    return owner


def _common_streets(streets: Streets) -> NDArray[np.bool_]:
    """Streets that may be private common roads: those of gardens, rows and villas."""
    kinds = np.array([*[quarter.kind for quarter in quarters()], ""])[streets.quarter]
    small = (streets.classes == "residential") | (streets.classes == "service")
    common: NDArray[np.bool_] = small & np.isin(kinds, ("allotment", "rows", "villa")) & (streets.main == MAIN)
    return common


def _of_main(streets: Streets, name: str) -> NDArray[np.bool_]:
    numbers = [index for index, road in enumerate(main_roads()) if road.name == name]
    return np.isin(streets.main, numbers)


def _speeds(streets: Streets, owner: Texts, length: Numbers, rng: np.random.Generator) -> Any:
    """Speed limits in km/h; unknown where the facts' share of unknown length says so."""
    target = {int(limit): km * 1000.0 for limit, km in facts("road_lengths")["speed_km"].items()}
    road = streets.classes != "path"
    scale = length[road].sum() / (1000.0 * facts("road_lengths")["total_km"])
    speed = np.zeros(len(length), dtype=np.int64)
    speed[streets.classes == "motorway"] = 110
    speed[_of_main(streets, "Motorring 4")] = 80
    speed[streets.classes == "primary"] = 70
    fast = np.flatnonzero(streets.classes == "secondary")
    speed[_fill(fast, length, target[60] * scale)] = 60
    private = np.isin(owner, ("private", "private_common"))
    free = road & (speed == 0) & ~private
    local = free & np.isin(streets.classes, ("residential", "service"))
    for limit, rows in (
        (20, local & _in_kind(streets, "centre", "flats")),
        (30, local & _in_kind(streets, "rows", "flats", "villa", "school")),
        (40, local & _in_kind(streets, "villa", "rows", "flats")),
        (50, free),
    ):
        order = _by_quarter(streets, rows & (speed == 0), rng)
        if limit == 50:
            order = order[np.argsort(streets.classes[order] == "residential", kind="stable")]
            order = order[np.argsort(streets.classes[order] == "service", kind="stable")]
        speed[_fill(order, length, target[limit] * scale)] = limit
    return _known(speed)


def _known(values: NDArray[np.int64]) -> Any:
    """Turn 0 into unknown."""
    return pd.array([value if value else pd.NA for value in values.tolist()], dtype="Int64")


def _in_kind(streets: Streets, *kinds: str) -> NDArray[np.bool_]:
    own = np.array([*[quarter.kind for quarter in quarters()], ""])[streets.quarter]
    return np.isin(own, kinds)


def _names(streets: Streets, rng: np.random.Generator) -> list[str | None]:
    """Main roads keep their names; each other street gets one that no other has; lanes and small paths have none."""
    words = facts("street_names")
    unused = {
        kind: [str(name) for name in rng.permutation([first + last for last in ends for first in words["first"]])]
        for kind, ends in words["last"].items()
    }
    own_kind = [*[quarter.kind for quarter in quarters()], ""]
    named: dict[int, str | None] = {}
    out: list[str | None] = []
    used: set[str] = set()
    for index in range(len(streets.lines)):
        main = int(streets.main[index])
        if main >= 0:
            out.append(main_roads()[main].name)
            continue
        kind = own_kind[streets.quarter[index]]
        if main == LANE or kind not in unused or streets.classes[index] == "path":
            out.append(None)
            continue
        street = int(streets.street[index])
        if street not in named:
            named[street] = next((name for name in _drawn(unused[kind]) if name not in used), None)
            used.add(named[street] or "")
        out.append(named[street])
    return out


def _drawn(names: list[str]) -> Iterator[str]:
    while names:
        yield names.pop()


def _traffic(frame: gpd.GeoDataFrame, streets: Streets, rng: np.random.Generator) -> None:
    """Lanes, direction, carriageway, traffic, light, surface."""
    mains = main_roads()
    on_main = streets.main >= 0
    pick = np.clip(streets.main, 0, None)
    kinds = np.array([*[quarter.kind for quarter in quarters()], "none"])[streets.quarter]
    width = np.select(
        [on_main, streets.classes == "path", streets.classes == "motorway", streets.main == LANE],
        [np.array([road.width_m for road in mains])[pick], 3.0, 5.0, 4.0],
        default=np.array([KINDS[kind].carriageway_m if kind in KINDS else 5.5 for kind in kinds]),
    )
    usual = np.select(
        [on_main, streets.classes == "motorway", streets.main == LANE, kinds == "business", kinds == "allotment"],
        [np.array([road.aadt for road in mains])[pick], 6000, 90, 1400, 60],
        default=320,
    )
    motorway = streets.classes == "motorway"
    spread = np.where(on_main, 0.12, 0.45)
    aadt = np.round(usual * np.exp(rng.normal(0.0, 1.0, len(frame)) * spread) / np.where(motorway & on_main, 2, 1), -1)
    path = streets.classes == "path"
    frame["lanes_per_direction"] = _known(
        np.where(path, 0, np.where(on_main, np.array([road.lanes for road in mains])[pick], 1))
    )
    frame["one_way"] = motorway
    frame["centreline"] = np.isin(streets.classes, ("primary", "secondary", "tertiary"))
    frame["aadt"] = _known(np.where(path, 0, np.maximum(aadt, 10)).astype(np.int64))
    frame["carriageway_m"] = width
    frame["parking_sides"] = np.where(
        (streets.classes == "residential") & np.isin(kinds, ("villa", "rows", "flats", "centre")),
        np.where(kinds == "centre", 2, 1),
        0,
    ).astype(np.int64)
    rural = (streets.quarter < 0) & (path | (streets.classes == "service"))
    frame["lit"] = ~(rural | (kinds == "allotment"))
    frame["surface"] = np.where(rural | (kinds == "allotment"), "gravel", "asphalt")


def _cycling(frame: gpd.GeoDataFrame, streets: Streets, rng: np.random.Generator) -> None:
    """Cycle facilities: as the plan has them on main roads, mixed traffic elsewhere; a few roads differ by side."""
    mains = np.array([road.facility for road in main_roads()])
    facility = np.select(
        [streets.classes == "path", streets.classes == "motorway", streets.main >= 0],
        ["path", "", mains[np.clip(streets.main, 0, None)]],
        default="mixed",
    )
    one_side = np.isin(facility, ("lane", "track")) & (rng.random(len(frame)) < ONE_SIDED_SHARE)
    frame["facility"] = _or_none(facility)
    frame["facility_forward"] = _or_none(facility)
    frame["facility_backward"] = _or_none(np.where(one_side, np.where(facility == "track", "lane", "mixed"), facility))
    lane = np.isin(facility, ("lane", "lane_beside_parking"))
    frame["lane_width_m"] = np.where(lane, 1.6, np.where(facility == "track", 2.2, np.nan))
    beside = facility == "lane_beside_parking"
    frame["reach_m"] = np.where(beside, 3.8, np.where(lane, 1.6, np.nan))
    frame.loc[beside, "parking_sides"] = 2
    motorway = streets.classes == "motorway"
    frame["cycling_allowed"] = ~motorway
    frame["walking_allowed"] = ~motorway


def _or_none(texts: NDArray[Any]) -> list[str | None]:
    return [str(text) or None for text in texts]
