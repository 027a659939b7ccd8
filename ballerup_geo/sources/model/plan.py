"""The town plan: main roads and quarters as a planner would sketch them, to 100 m, and what each kind of quarter holds.

Roads of the model have these classes (column ``class`` of layer ``roads``):

========================  =====================================================================================
``motorway``              Motorring 4 and Frederikssundmotorvejen; one row a carriageway, ramps included
``primary``               through roads: Frederikssundsvej, Ring 4, Ballerup Boulevard …
``secondary``             distributor roads: Ballerup Byvej, Hold-an Vej, Måløv Hovedgade, Skovlunde Byvej …
``tertiary``              the main streets of the quarters
``residential``           streets with dwellings or firms along them
``service``               access to parking, farms, allotments and fields
``path``                  cycle and foot paths in a course of their own; they count apart from the 317 km of roads
========================  =====================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.frame import facts, round_corners, spot

__all__ = [
    "CORNER_REACH_M",
    "KINDS",
    "Kind",
    "MainRoad",
    "Quarter",
    "greenways",
    "main_roads",
    "points_of",
    "quarters",
    "ramps",
]

CORNER_REACH_M = 160.0
"""Reach of the rounding of the main roads' corners."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of quarter is laid out: a field of streets with lots along them (metres).

    ``reserve_m`` is the width between facing lots, ``block_m`` the distance between cross streets, ``break_share``
    the share of street stretches cut in two cul-de-sacs.
    """

    lot_m: float
    depth_m: float
    reserve_m: float
    carriageway_m: float
    block_m: float
    break_share: float
    street_class: str = "residential"
    cross_class: str = "residential"
    wiggle_m: float = 0.0
    lane_share: float = 0.0


KINDS: dict[str, Kind] = {
    "villa": Kind(23.0, 37.0, 10.0, 5.5, 215.0, 0.30, wiggle_m=11.0),
    "rows": Kind(47.0, 28.0, 10.0, 5.5, 160.0, 0.25, wiggle_m=5.0),
    "flats": Kind(70.0, 39.0, 14.0, 6.0, 165.0, 0.1, lane_share=0.5),
    "centre": Kind(58.0, 44.0, 15.0, 6.5, 130.0, 0.0),
    "business": Kind(84.0, 70.0, 16.0, 7.0, 300.0, 0.1, lane_share=0.5),
    "allotment": Kind(19.0, 27.0, 6.0, 3.5, 170.0, 0.0, street_class="service", cross_class="service"),
}
"""The kinds that have streets; ``school``, ``sport``, ``park`` and ``forest`` have none of their own."""


@dataclass(frozen=True, slots=True)
class MainRoad:
    """A main road: its course from the facts, corners rounded."""

    name: str
    road_class: str
    line: shapely.LineString
    lanes: int
    width_m: float
    aadt: int
    facility: str
    dual: bool


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter: outline, what it is, when it was built and how its streets lie."""

    name: str
    kind: str
    outline: shapely.Polygon
    years: tuple[int, int]
    bearing_deg: float
    bend_m: float
    owner: str


def points_of(text: str) -> list[tuple[float, float]]:
    """Read ``"7108 61804, 7109 61808"``: positions in hundreds of metres, returned in metres."""
    return [spot([float(part) for part in pair.split()]) for pair in text.split(",")]


@cache
def main_roads() -> tuple[MainRoad, ...]:
    """Return the skeleton of the road network."""
    return tuple(
        MainRoad(
            name=row["name"],
            road_class=row["class"],
            line=_smooth(points_of(row["points"])),
            lanes=row["lanes"],
            width_m=row["width_m"],
            aadt=row["aadt"],
            facility=row["facility"],
            dual=row.get("dual", False),
        )
        for row in facts("main_roads")["road"]
    )


@cache
def ramps() -> tuple[tuple[str, shapely.LineString], ...]:
    """Return name and course of the motorway ramps; their ends lie near the roads they join."""
    return tuple((row["name"], shapely.LineString(points_of(row["points"]))) for row in facts("main_roads")["ramp"])


@cache
def greenways() -> tuple[tuple[str, shapely.LineString], ...]:
    """Return name and course of the green routes: paths through parks, bogs and fields."""
    return tuple((row["name"], _smooth(points_of(row["points"]))) for row in facts("greenways")["path"])


@cache
def quarters() -> tuple[Quarter, ...]:
    """Return the quarters in the order in which they take land."""
    return tuple(
        Quarter(
            name=row["name"],
            kind=row["kind"],
            outline=shapely.make_valid(shapely.Polygon(points_of(row["outline"]))),
            years=(row["years"][0], row["years"][1]),
            bearing_deg=float(row["bearing"]),
            bend_m=float(row.get("bend_m", 0.0)),
            owner=row.get("owner", ""),
        )
        for row in facts("quarters")["quarter"]
    )


def _smooth(points: list[tuple[float, float]]) -> shapely.LineString:
    rounded: NDArray[np.float64] = round_corners(points, reach_m=CORNER_REACH_M)
    return shapely.LineString(rounded)
