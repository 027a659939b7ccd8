"""Winter mornings: who still has a low-stress route when unlit links are avoided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._journeys import THRESHOLDS
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.network import routes

__all__ = ["in_the_dark"]


def in_the_dark(scene: Scene) -> NDArray[np.bool_] | None:
    """Return ``bool[k]``: ways with an accepted route over lit links, within the limit by day; None: light is unknown.

    A link of unknown light is taken as unlit.
    """
    streets, trips, journeys = scene.streets, scene.trips, scene.journeys
    if not np.isfinite(streets.lit).any():
        return None
    lit = streets.lit == 1.0
    held = np.zeros(len(trips.site), np.bool_)
    for level in sorted(set(journeys.accepted.tolist())):
        cautious = level in THRESHOLDS
        found = routes(
            streets.graph,
            trips.start,
            trips.sites,
            target_of=trips.site,
            open_arcs=lit & streets.open_arcs(level, rules=journeys.rules),
            open_turns=streets.open_turns(level) if cautious else None,
        )
        mine = journeys.accepted == level
        held[mine] = (np.isfinite(found.cost) & (found.cost <= journeys.limit_m))[mine]
    return held
