"""Houses on lots: where each kind of building stands, as rectangles set back from the street.

Positions on a lot are metres along its front (u) and inward from the street (v).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.frame import facts, spot
from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.lots import Lots, draw_lots
from ballerup_geo.sources.model.streets import Network, build_streets
from ballerup_geo.sources.model.town import Town

__all__ = ["Houses", "campus_middle", "place_houses"]

CLEAR_M = 1.2
"""From a house to the edge of its lot, at least."""
SPILL_M2 = 0.02
"""What a terraced house may reach over its lot's edge through rounding."""
KERB_M = 0.8
"""From a house to a carriageway, at least."""
DAYCARE_SITES = 36
FARM_YARD = ((0.0, 0.0, 16.0, 9.0, "farm"), (-8.0, 22.0, 30.0, 11.0, "barn"), (-26.0, 4.0, 11.0, 24.0, "barn"))
"""A farm: east and north of its position, width, depth in metres, role."""
SCHOOL_WINGS = (
    (0.0, 8.0, 96.0, 13.0, "school"),
    (-36.0, -14.0, 14.0, 28.0, "school"),
    (-6.0, -14.0, 14.0, 28.0, "school"),
    (24.0, -14.0, 14.0, 28.0, "school"),
    (30.0, 32.0, 34.0, 22.0, "hall"),
    (-24.0, 30.0, 30.0, 12.0, "school"),
)
SPORT_HALLS = ((0.0, 0.0, 66.0, 38.0, "hall"), (-62.0, 0.0, 42.0, 26.0, "pool"), (0.0, 44.0, 34.0, 12.0, "club"))


@dataclass(frozen=True, slots=True)
class Houses:
    """Placed buildings: outline, lot and quarter (−1: none), role, middle and direction of the front to the street."""

    shapes: NDArray[Any]
    lot: NDArray[np.int64]
    quarter: NDArray[np.int64]
    role: NDArray[np.str_]
    front: Array
    along: Array


def place_houses(town: Town) -> Houses:
    """Place all buildings; whatever would touch a carriageway, water or another building is left out."""
    lots: Lots = town.part(draw_lots)
    rng = town.rng("buildings: places")
    daycare = _daycare_lots(lots, rng)
    parts = [
        *_villas(lots, rng),
        *_rows(lots, daycare, rng),
        *_units(lots, rng),
        *_flats(lots, daycare, rng),
        *_centre(lots, rng),
        *_business(lots, rng),
        *_allotments(lots, rng),
        _boxed(lots, np.flatnonzero(daycare), "daycare", (11.0, 6.0, None, 21.0), right_m=4.0),
        *_campuses(lots),
        _farms(),
    ]
    houses = Houses(*(np.concatenate([getattr(part, name) for part in parts]) for name in Houses.__dataclass_fields__))
    return _clear_of_streets(houses, town)


def _corners(lots: Lots, rows: NDArray[np.int64], u0: Any, v0: Any, u1: Any, v1: Any) -> Array:
    """Corner points ``[n, 4, 2]`` of rectangles on lots; the first two lie toward the street."""
    origin, along, inward, _ = lots.frame()
    o, e, n = origin[rows], along[rows], inward[rows]
    u0, v0, u1, v1 = (
        np.broadcast_to(np.asarray(value, dtype=np.float64), len(rows))[:, None] for value in (u0, v0, u1, v1)
    )
    return np.stack([o + e * u0 + n * v0, o + e * u1 + n * v0, o + e * u1 + n * v1, o + e * u0 + n * v1], axis=1)


def _made(lots: Lots, rows: NDArray[np.int64], corners: Array, role: str, fits: NDArray[np.bool_]) -> Houses:
    rows, corners = rows[fits], corners[fits]
    along = corners[:, 1] - corners[:, 0]
    return Houses(
        np.asarray(shapely.polygons(corners)),
        rows,
        lots.quarter[rows],
        np.full(len(rows), role, dtype="U10"),
        (corners[:, 0] + corners[:, 1]) / 2,
        along,
    )


def _boxed(
    lots: Lots,
    rows: NDArray[np.int64],
    role: str,
    box: Sequence[Any],
    *,
    right_m: float = 0.0,
    clear_m: float = CLEAR_M,
) -> Houses:
    """Place one rectangle a lot where it fits; an open right end reaches to ``right_m`` before the lot's side."""
    u0, v0, u1, v1 = box
    if u1 is None:
        u1 = lots.frame()[3][rows] - right_m
    roomy = _corners(lots, rows, u0 - clear_m, v0 - clear_m, u1 + clear_m, v1 + clear_m)
    shapely.prepare(lots.shapes[rows])
    fits = shapely.covers(lots.shapes[rows], shapely.polygons(roomy)) & (np.asarray(u1 - u0) > 2.0)
    return _made(lots, rows, _corners(lots, rows, u0, v0, u1, v1), role, fits)


def _villas(lots: Lots, rng: np.random.Generator) -> list[Houses]:
    """One house a lot, a garage beside it or a shed behind it."""
    rows = np.flatnonzero(lots.kind == "villa")
    width = lots.frame()[3]
    out, garages = [], []
    for shrink, back in ((1.0, 0.0), (0.88, 3.0), (0.75, 6.0)):
        long = np.minimum(rng.uniform(11.0, 15.5, len(rows)) * shrink, width[rows] - 8.4)
        deep = rng.uniform(8.2, 10.8, len(rows)) * shrink
        setback = rng.uniform(5.5, 9.0, len(rows)) + back
        left = rng.random(len(rows)) < 0.5
        start = np.where(left, 2.4, width[rows] - 2.4 - long)
        placed = _boxed(lots, rows, "villa", (start, setback, start + long, setback + deep), clear_m=0.3)
        chosen = np.isin(rows, placed.lot)
        garage = np.where(left, width[rows] - 5.2, 1.9)
        box = (garage, setback + 2.5, garage + 3.3, setback + 8.7)
        garages.append(_boxed(lots, rows[chosen], "garage", tuple(side[chosen] for side in box), clear_m=0.2))
        out.append(placed)
        rows = rows[~chosen]
    settled = np.concatenate([house.lot for house in out])
    shed = rng.uniform(2.2, 3.6, len(settled))
    back = lots.depth_m()[settled] - 1.5
    sheds = _boxed(lots, settled, "shed", (2.0, back - shed * 0.8, 2.0 + shed, back), clear_m=0.4)
    return [*out, *garages, sheds]


def _rows(lots: Lots, daycare: NDArray[np.bool_], rng: np.random.Generator) -> list[Houses]:
    """One building a row of terraced houses, with a shed house in front."""
    rows = np.flatnonzero((lots.kind == "rows") & ~daycare)
    setback = rng.uniform(6.0, 8.0, len(rows))
    main = _boxed(lots, rows, "row", (2.5, setback, None, setback + rng.uniform(8.2, 9.4, len(rows))), right_m=2.5)
    back = lots.depth_m()[main.lot] - 1.0
    return [main, _boxed(lots, main.lot, "shed", (3.0, back - 2.6, 10.0, back), clear_m=0.4)]


def _units(lots: Lots, rng: np.random.Generator) -> list[Houses]:
    """One terraced house a lot, wall to wall with its neighbours."""
    rows = np.flatnonzero(lots.kind == "unit")
    setback: Array = 6.0 + 1.5 * (rng.random(len(rows)) < 0.4).astype(np.float64)
    corners = _wall_to_wall(lots.quads[rows], setback, setback + 9.2)
    spill = shapely.area(shapely.difference(shapely.polygons(corners), lots.shapes[rows]))
    main = _made(lots, rows, corners, "unit", spill < SPILL_M2)
    back = lots.depth_m()[main.lot] - 0.8
    return [main, _boxed(lots, main.lot, "shed", (0.8, back - 2.6, 3.4, back), clear_m=0.3)]


def _wall_to_wall(quads: Array, v0: Array, v1: Array) -> Array:
    left, right = quads[:, 3] - quads[:, 0], quads[:, 2] - quads[:, 1]
    left, right = left / np.hypot(*left.T)[:, None], right / np.hypot(*right.T)[:, None]
    near, far = v0[:, None], v1[:, None]
    sides = [quads[:, 0] + left * near, quads[:, 1] + right * near, quads[:, 1] + right * far, quads[:, 0] + left * far]
    return np.stack(sides, axis=1)


def _flats(lots: Lots, daycare: NDArray[np.bool_], rng: np.random.Generator) -> list[Houses]:
    """Slabs along the street, or two across it; the way is the quarter's."""
    rows = np.flatnonzero((lots.kind == "flats") & ~daycare)
    depth = lots.depth_m()[rows]
    across = (rng.random(int(lots.quarter.max()) + 1) < 0.4)[lots.quarter[rows]]
    slabs = [_boxed(lots, rows[~across], "flats", (11.0, 10.0, None, 22.4), right_m=3.0)]
    for start in (13.0, 43.0):
        slabs.append(_boxed(lots, rows[across], "flats", (start, 5.0, start + 11.5, depth[across] - 4.5)))
    back = depth[~across] - 1.5
    sheds = _boxed(lots, rows[~across], "garages", (14.0, back - 5.5, 40.0, back), clear_m=0.5)
    return [*slabs, sheds]


def _centre(lots: Lots, rng: np.random.Generator) -> list[Houses]:
    """Houses close to the street with shops below, back buildings behind some."""
    rows = np.flatnonzero(lots.kind == "centre")
    deep = rng.uniform(12.0, 15.0, len(rows))
    front = [_boxed(lots, rows, "centre", (9.0, 2.5, None, 2.5 + deep), right_m=2.0, clear_m=0.8)]
    some = rows[rng.random(len(rows)) < 0.5]
    return [*front, _boxed(lots, some, "shop", (15.0, 25.0, None, 38.0), right_m=10.0)]


def _business(lots: Lots, rng: np.random.Generator) -> list[Houses]:
    """Large boxes, smaller ones where a lot is cut; some with a second one behind."""
    rows = np.flatnonzero(lots.kind == "business")
    width, depth = lots.frame()[3], lots.depth_m()
    out = []
    for shrink, aside in ((1.0, 0.0), (0.7, 0.0), (0.55, 0.4), (0.4, 0.0), (0.3, 0.5)):
        room = width[rows] - 15.0
        long = room * rng.uniform(0.65, 1.0, len(rows)) * shrink
        deep = (depth[rows] - 16.0) * rng.uniform(0.45, 0.95, len(rows)) * max(shrink, 0.5)
        setback = rng.uniform(9.0, 12.0, len(rows))
        start = 10.0 + aside * room
        main = _boxed(lots, rows, "business", (start, setback, start + long, setback + deep), clear_m=2.0)
        out.append(main)
        chosen = np.isin(rows, main.lot)
        behind = depth[rows] - setback - deep
        second = chosen & (behind > 24.0)
        box = (start, setback + deep + 7.0, start + 0.6 * long, setback + deep + 17.0)
        out.append(_boxed(lots, rows[second], "store", tuple(side[second] for side in box), clear_m=1.5))
        rows = rows[~chosen]
    return out


def _allotments(lots: Lots, rng: np.random.Generator) -> list[Houses]:
    rows = np.flatnonzero(lots.kind == "allotment")
    size = rng.uniform(4.5, 7.0, len(rows))
    return [_boxed(lots, rows, "hut", (2.0, 10.0, 2.0 + size, 10.0 + size * 0.85), clear_m=0.6)]


def _daycare_lots(lots: Lots, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Choose lots of flats and rows for day care, spread over the quarters."""
    rows = rng.permutation(np.flatnonzero(np.isin(lots.kind, ("rows", "flats"))))
    quarter = lots.quarter[rows]
    turn = np.zeros(len(rows), dtype=np.int64)
    for number in np.unique(quarter):
        turn[quarter == number] = np.arange((quarter == number).sum())
    chosen = np.zeros(len(lots.shapes), dtype=bool)
    chosen[rows[np.argsort(turn, kind="stable")][:DAYCARE_SITES]] = True
    return chosen


def _campuses(lots: Lots) -> list[Houses]:
    """Schools as wings on a spine, sports grounds as halls, around the middle of their lot."""
    wings = {"school": SCHOOL_WINGS, "sport": SPORT_HALLS}
    out = []
    for row in np.flatnonzero(np.isin(lots.kind, tuple(wings))):
        rows = np.array([row])
        one = Lots(lots.shapes[rows], lots.quads[rows], lots.quarter[rows], lots.kind[rows])
        middle = campus_middle(lots, int(row))
        origin, along, inward, _ = one.frame()
        u, v = float((middle - origin[0]) @ along[0]), float((middle - origin[0]) @ inward[0])
        for du, dv, wide, deep, role in wings[str(lots.kind[row])]:
            box = (u + du - wide / 2, v + dv - deep / 2, u + du + wide / 2, v + dv + deep / 2)
            part = _boxed(one, np.array([0]), role, box)
            out.append(
                Houses(part.shapes, np.full(len(part.lot), row), part.quarter, part.role, part.front, part.along)
            )
    return out


def campus_middle(lots: Lots, row: int) -> Array:
    """Return where a campus stands: at the school's known position if there is one, else in the middle of its lot."""
    shape = lots.shapes[row]
    for site in facts("schools")["site"]:
        known = shapely.Point(site["position_m"]) if "position_m" in site else None
        if known is not None and shapely.contains(shape, known):
            shape = known
    middle: Array = np.round(shapely.get_coordinates(shapely.point_on_surface(shape))[0])
    return middle


def _farms() -> Houses:
    """Farmhouse and barns around a yard, at the places of the facts."""
    places = [spot(farm["at"]) for farm in facts("farms")["farm"]]
    boxes = [
        (
            shapely.box(x + dx - w / 2, y + dy - d / 2, x + dx + w / 2, y + dy + d / 2),
            (x + dx, y + dy - d / 2),
            (w, 0.0),
            role,
        )
        for x, y in places
        for dx, dy, w, d, role in FARM_YARD
    ]
    shapes, fronts, along, roles = zip(*boxes, strict=True)
    none = np.full(len(shapes), -1, dtype=np.int64)
    return Houses(
        np.array(shapes, dtype=object), none, none, np.array(roles, dtype="U10"), np.array(fronts), np.array(along)
    )


def _clear_of_streets(houses: Houses, town: Town) -> Houses:
    """Leave out what stands too near a carriageway or a path, in water, or on another building."""
    roads = town.table("roads")
    network: Network = town.part(build_streets)
    tree = shapely.STRtree(houses.shapes)
    reach = roads["carriageway_m"].to_numpy() / 2 + KERB_M + 2.0 * (roads["facility"] == "track").to_numpy()
    bad = np.zeros(len(houses.shapes), dtype=bool)
    bad[tree.query(roads.geometry.to_numpy(), predicate="dwithin", distance=reach)[1]] = True
    lakes = np.asarray(shapely.get_parts(network.ground.water))
    streams = town.table("streams").geometry.to_numpy()
    for waters, metres in ((lakes, 3.0), (streams, 4.0)):
        bad[tree.query(waters, predicate="dwithin", distance=metres)[1]] = True
    one, other = tree.query(houses.shapes, predicate="intersects")
    pairs = (one < other) & (
        shapely.area(shapely.intersection(houses.shapes[one], houses.shapes[other])) > 2 * SPILL_M2
    )
    bad[other[pairs]] = True
    return Houses(*(getattr(houses, name)[~bad] for name in Houses.__dataclass_fields__))
