"""What the parts of the school routes work on: streets, pupils and their routes, made once.

For whoever adds a part (``Part[Scene]``, ``compute(given, scene, found)``):

- ``scene.streets.graph`` is the `StreetGraph`; ``scene.streets.stress[rules]`` has ``low`` and ``high`` int8[m] for
  each of `network.RULES`, ``scene.streets.crossing`` the same for turns; ``open_arcs(t, rules=…)`` and
  ``open_turns(t)`` are what a pupil who accepts stress t may use;
- ``scene.trips`` are the ways to school, one for each home and class level with pupils (k of them): ``start``
  (`Snapped`, [k]), ``sites`` (`Snapped`, one a school site), ``site`` (``target_of``, −1 none), ``pupils`` float64[k],
  ``level`` int8[k] (number in `LEVELS`), ``home`` (row of ``homes``);
- ``scene.journeys`` are the routes: ``rules`` (the rule set that figures are told by), ``accepted`` int8[k],
  ``limit_m`` float64[k] (longest low-stress route that will do), ``main`` int8[k] (the stress that is needed, cautious
  bound; a way has a low-stress route where ``NO_ROUTE < main <= accepted``), ``flow(weights)`` float64[m] along the
  best routes;
- ``scene.groups`` are the pupils by what they accept: name, threshold and weights ``float64[k]``.

So the benefit of fixes for a group is ``fix_gains(graph, trips.start, trips.sites, target_of=trips.site,
weights=group.pupils[:, None], limit=journeys.limit_m, open_arcs=streets.open_arcs(group.accepted,
rules=journeys.rules), open_turns=streets.open_turns(group.accepted), fixes=…)``. Columns for the table ``links`` (one
row an edge of the graph, in its order) go into ``Found.columns["links"]``, indexed by ``link_id`` (see `link_ids`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._journeys import NO_ROUTE, Journeys, journeys_of
from ballerup_geo.methods.school_routes._pupils import LEVELS, Trips, trips_of
from ballerup_geo.methods.school_routes._reports import Report
from ballerup_geo.methods.school_routes._streets import Streets, streets_of
from ballerup_geo.spec import Given

__all__ = ["GROUPS", "Group", "Scene", "link_ids", "scene_of"]

GROUPS = {"0_3": (0,), "4_10": (1, 2, 3)}
"""Class groups that accept different stress, with their numbers in `LEVELS`."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Pupils who accept the same stress: ``float64[k]``, 0 on the ways of others."""

    name: str
    accepted: int
    pupils: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Streets, ways to school and their routes."""

    streets: Streets
    trips: Trips
    journeys: Journeys
    groups: tuple[Group, ...]

    @property
    def reports(self) -> tuple[Report, ...]:
        """What in the data looks wrong."""
        return (*self.streets.reports, *self.trips.reports)

    @property
    def routed(self) -> NDArray[np.bool_]:
        """``bool[k]``: ways with a known school and a legal route to it; shares are shares of these pupils."""
        return np.asarray(self.journeys.main != NO_ROUTE)


def scene_of(given: Given) -> Scene:
    """Make the scene.

    Raises
    ------
    DataError, MethodError
        See `streets_of`.
    """
    given.progress("streets and their stress", 0.05)
    streets = streets_of(given)
    given.progress("pupils and schools", 0.3)
    trips = trips_of(given, streets.graph)
    thresholds = {name: int(cast(int, given.assumptions[f"accepted_stress_{name}"])) for name in GROUPS}
    accepted = np.zeros(len(LEVELS), np.int8)
    for name, levels in GROUPS.items():
        accepted[list(levels)] = thresholds[name]
    given.progress("routes", 0.4)
    journeys = journeys_of(
        streets,
        trips,
        rules=str(given.assumptions["rules"]),
        accepted=accepted[trips.level],
        detour_max=float(given.assumptions["detour_max"]),
    )
    groups = tuple(
        Group(name, thresholds[name], np.where(np.isin(trips.level, levels), trips.pupils, 0.0))
        for name, levels in GROUPS.items()
    )
    return Scene(streets, trips, journeys, groups)


def link_ids(scene: Scene) -> list[str]:
    """Return the ids of the edges: the road's id, and the place of the piece along it where it was cut.

    They are joined by a dash, or by as many as it takes for no piece to be called as another road is.
    """
    road = scene.streets.graph.edges["road_id"].astype(str)
    piece = (road.groupby(road).cumcount() + 1).astype(str)
    many = road.map(road.value_counts()) > 1
    dash = "-"
    while (ids := road + (dash + piece).where(many, "")).duplicated().any():
        dash += "-"
    return [str(link) for link in ids]
