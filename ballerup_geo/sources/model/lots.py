"""The lots: the drawn rows of every quarter, cut to its ground and kept clear of the streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.model.lattice import Array
from ballerup_geo.sources.model.plan import KINDS, Kind, Quarter
from ballerup_geo.sources.model.streets import LANE, Network, Streets, build_streets
from ballerup_geo.sources.model.town import Town

__all__ = ["Lots", "corridors", "draw_lots"]

UNITS_A_ROW = 6
"""Terraced houses in a row; a row that no association owns has one lot a house."""
SMALLEST_SHARE = {"business": 0.35, "flats": 0.4}
SMALLEST_SHARE_ELSE = 0.55
"""A lot cut to less than this share of its drawn area is left as common ground."""
STREET_REACH_M = 24.0
"""From the middle of a lot's front to its street's middle, at most, beyond half the street's reserve."""
CAMPUSES = ("school", "sport")
"""Kinds of quarter that are one lot each."""


@dataclass(frozen=True, slots=True)
class Lots:
    """Lots that are built on.

    ``shapes`` are polygons; ``quads`` ``[n, 4, 2]`` the drawn corners (front left, front right, back right, back
    left); ``quarter`` the index into the plan; ``kind`` that of the quarter, ``unit`` for one terraced house's lot.
    """

    shapes: NDArray[Any]
    quads: Array
    quarter: NDArray[np.int64]
    kind: NDArray[np.str_]

    def frame(self) -> tuple[Array, Array, Array, Array]:
        """Return front left corner, unit vectors along the front and inward, width of the front in metres."""
        along = self.quads[:, 1] - self.quads[:, 0]
        width = np.hypot(*along.T)
        along = along / width[:, None]
        inward = np.stack([-along[:, 1], along[:, 0]], axis=-1)
        inward *= np.sign(((self.quads[:, 3] - self.quads[:, 0]) * inward).sum(axis=1))[:, None]
        return self.quads[:, 0], along, inward, width

    def depth_m(self) -> NDArray[np.float64]:
        """Return the depth of each lot as drawn: the shorter of its two sides."""
        left, right = self.quads[:, 3] - self.quads[:, 0], self.quads[:, 2] - self.quads[:, 1]
        return np.asarray(np.minimum(np.hypot(*left.T), np.hypot(*right.T)))

    def lean(self) -> NDArray[np.float64]:
        """Return how far a lot drifts along its front for each metre inward: lots on curves are skewed."""
        _, along, inward, _ = self.frame()
        side = (self.quads[:, 3] - self.quads[:, 0] + self.quads[:, 2] - self.quads[:, 1]) / 2
        return np.asarray((side * along).sum(axis=1) / (side * inward).sum(axis=1))


def draw_lots(town: Town) -> Lots:
    """Cut the lots of all quarters, then add the campuses."""
    network: Network = town.part(build_streets)
    strips = corridors(network)
    parts = []
    for index, site in enumerate(network.ground.sites):
        kind = KINDS.get(site.quarter.kind)
        if kind is None:
            if site.quarter.kind in CAMPUSES:
                parts += _campus(index, site.quarter.kind, site.lots)
        elif len(network.lots[index]):
            quads, name = _subdivided(network.lots[index], site.quarter)
            parts.append(_cut_lots(index, kind, quads, name, site.lots, network.streets, strips))
    return Lots(*(np.concatenate([getattr(part, name) for part in parts]) for name in Lots.__dataclass_fields__))


def corridors(network: Network) -> shapely.STRtree:
    """Return the strips of the quarters' own streets, links included."""
    streets = network.streets
    own = (streets.quarter >= 0) & (streets.main != LANE) & (streets.main < 0)
    kinds = [site.quarter.kind for site in network.ground.sites]
    half = np.array([KINDS[kinds[q]].reserve_m / 2 - 0.02 for q in streets.quarter[own]])
    half[streets.classes[own] == "path"] = 2.0
    return shapely.STRtree(shapely.buffer(streets.lines[own], half, cap_style="flat", quad_segs=2))


def _subdivided(quads: Array, quarter: Quarter) -> tuple[Array, str]:
    """Give every terraced house its own lot where no association owns the row; every row leaves a passage."""
    if quarter.kind != "rows" or quarter.owner:
        return quads, quarter.kind
    cuts = np.linspace(0.0, 1.0, UNITS_A_ROW + 1)[:, None]
    front = quads[:, None, 0] * (1 - cuts) + quads[:, None, 1] * cuts
    back = quads[:, None, 3] * (1 - cuts) + quads[:, None, 2] * cuts
    units = np.stack([front[:, :-1], front[:, 1:], back[:, 1:], back[:, :-1]], axis=2)
    return units[:, 1:].reshape(-1, 4, 2), "unit"


def _cut_lots(
    index: int,
    kind: Kind,
    quads: Array,
    name: str,
    area: shapely.Geometry,
    streets: Streets,
    strips: shapely.STRtree,
) -> Lots:
    shapes = np.asarray(shapely.polygons(quads))
    shapely.prepare(area)
    near = shapely.intersects(area, shapes)
    shapes, quads = shapes[near], quads[near]
    drawn_m2 = shapely.area(shapes)
    cut = ~shapely.contains_properly(area, shapes)
    shapes[cut] = shapely.intersection(shapes[cut], area)
    shapes = _largest(_clear(shapes, strips))
    middle = shapely.points((quads[:, 0] + quads[:, 1]) / 2)
    tree = shapely.STRtree(streets.lines[(streets.classes != "path") & (streets.main != LANE)])
    reached = np.zeros(len(shapes), dtype=bool)
    reached[tree.query(middle, predicate="dwithin", distance=kind.reserve_m / 2 + STREET_REACH_M)[0]] = True
    keep = (shapely.area(shapes) >= SMALLEST_SHARE.get(name, SMALLEST_SHARE_ELSE) * drawn_m2) & reached
    count = int(keep.sum())
    return Lots(shapes[keep], quads[keep], np.full(count, index), np.full(count, name, dtype="U10"))


def _clear(shapes: NDArray[Any], strips: shapely.STRtree) -> NDArray[Any]:
    """Take the street strips out of the lots, one strip a round."""
    lot, strip = strips.query(shapes, predicate="intersects")
    order = np.lexsort((strip, lot))
    lot, strip = lot[order], strip[order]
    while len(lot):
        first = np.append(True, lot[1:] != lot[:-1])
        shapes[lot[first]] = shapely.difference(shapes[lot[first]], strips.geometries[strip[first]])
        lot, strip = lot[~first], strip[~first]
    return shapes


def _largest(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return each shape's largest polygon."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    owner, first = np.unique(owner[order], return_index=True)
    out = np.full(len(shapes), shapely.Polygon(), dtype=object)
    out[owner] = parts[order][first]
    return out


def _campus(index: int, kind: str, area: shapely.Geometry) -> list[Lots]:
    if shapely.is_empty(area):
        return []
    shape = _largest(np.array([area], dtype=object))
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(shape[0]))[:4]
    return [Lots(shape, corners[None], np.array([index]), np.array([kind], dtype="U10"))]
