"""The shapes that the report's small maps draw, by what they are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._figures import frame_of
from ballerup_geo.methods.lokalplan._ground import Ground, parts_in
from ballerup_geo.methods.lokalplan._school import way_to_school
from ballerup_geo.methods.lokalplan._situation import Situation

__all__ = ["drawn_of"]

MOST_SHAPES = 4000

Shapes = tuple[shapely.Geometry, ...]


def drawn_of(situation: Situation, ground: Ground) -> Mapping[str, Shapes]:
    """Return the shapes within the frame of the area, cut at it; nothing tells about single homes."""
    frame = frame_of(situation.plan.shape)
    drawn: dict[str, Shapes] = {}
    for name in (
        "buildings",
        "bluespots",
        "drainage_lines",
        "heat_areas",
        "heat_network",
        "green_areas",
        "protected_nature",
    ):
        if ground.has(name):
            drawn[name] = _cut(ground.frame(name).geometry.to_numpy()[ground.meeting(name, frame)], frame)
    if ground.has("trees"):
        drawn["trees"] = tuple(ground.frame("trees").geometry.to_numpy()[ground.meeting("trees", frame)][:MOST_SHAPES])
    if ground.has("ways_from"):
        drawn["ways"] = _cut(ground.frame("ways_from").geometry.to_numpy()[way_to_school(situation, ground)], frame)
    if situation.proposal is not None:
        for kind in ("building", "road", "parking", "green", "basin"):
            shapes = situation.proposal.shape[situation.proposal.kind == kind]
            drawn[f"planned_{kind}"] = tuple(shape for shape in shapes if not shape.is_empty)
    return drawn


def _cut(shapes: NDArray[np.object_], frame: shapely.Polygon) -> Shapes:
    return tuple(shape for shape in parts_in(shapes[:MOST_SHAPES], frame) if not shape.is_empty)
