"""What measures change: the water and the damage of each rain before and after, on the same cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods.rainwater._cells import CellLists, greatest
from ballerup_geo.methods.rainwater._rain import Rain
from ballerup_geo.methods.rainwater._scene import Scene, recipient_of
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._works import Works

__all__ = ["ANNUAL", "BUILDINGS", "DAMAGE", "LOST", "STANDING", "Harm", "Toll", "effect_rows", "toll_of"]

STANDING, LOST, BUILDINGS, DAMAGE = "standing", "lost", "touched", "damage"
"""Targets that are no recipient and no neighbour."""
ANNUAL = "annual"
"""In place of an event_id: of an average year."""
_MM = 3  # decimals of m³ that are kept: a litre is less than the kernels promise


@dataclass(frozen=True, slots=True, eq=False)
class Harm:
    """How buildings are judged: the cells along their façades, and what water there means.

    ``judge`` takes depths at the façades, ``float64[buildings, events]``, and returns per event how many are touched,
    and the damage expected in an average year, DKK (NaN: unknown).
    """

    facades: CellLists
    judge: Callable[[NDArray[np.float64]], tuple[NDArray[np.int64], float]]


@dataclass(frozen=True, slots=True, eq=False)
class Toll:
    """What the rains do to one scene; arrays ``[events, …]``, columns of recipients and neighbours by label from 0."""

    recipients_m3: NDArray[np.float64]
    neighbours_m3: NDArray[np.float64]
    outflow_m3: NDArray[np.float64]
    standing_m3: NDArray[np.float64]
    """Water that stands in the municipality."""
    lost_m3: NDArray[np.float64]
    """Water that seeps away in infiltration areas."""
    filled_m3: float
    """Water in the room that was dug, in the last event."""
    filled_share: float
    """How much of that room is filled; NaN where none was dug."""
    touched: NDArray[np.int64] | None
    """Buildings touched; None: unknown."""
    annual_dkk: float


def toll_of(storms: Storms, works: Works, harm: Harm | None) -> Toll:
    """Let the rains fall on a scene with measures.

    What leaves is the municipality's own rain; what stands, and touches buildings, is the rain on all ground around.
    Depths are read above the ground of today, so that water in a basin touches no house at its edge.
    """
    after = storms if works.scene is storms.scene else storms.on(works.scene)
    rains = after.rains or ()
    standing, lost = np.zeros(len(rains)), np.zeros(len(rains))
    depths: list[NDArray[np.float64]] = []
    filled = 0.0
    for place, rain in enumerate(rains):
        depth_m = after.depth_m(rain)
        standing[place], lost[place] = works.standing_m3(depth_m), works.seeped_m3(depth_m)
        filled = works.filled_m3(depth_m)
        if harm is not None:
            depths.append(greatest(harm.facades, works.above_ground_m(depth_m, harm.facades.cells)))
    touched, annual = None, float("nan")
    if harm is not None and depths:
        touched, annual = harm.judge(np.column_stack(depths))
    left = [after.balances[rain.event_id] for rain in rains]
    return Toll(
        recipients_m3=np.array([one.by_recipient_m3 for one in left]),
        neighbours_m3=np.array([one.by_neighbour_m3 for one in left]),
        outflow_m3=np.array([one.outflow_m3 for one in left]),
        standing_m3=standing,
        lost_m3=lost,
        filled_m3=filled,
        filled_share=filled / works.room_m3 if works.room_m3 > 0 else float("nan"),
        touched=touched,
        annual_dkk=annual,
    )


def effect_rows(measure_id: str, before: Toll, after: Toll, scene: Scene, rains: tuple[Rain, ...]) -> pd.DataFrame:
    """Return before, after and change of every target in every event, then of the average year.

    A neighbour that gets no water either way has no row, nor has water that meets no recipient where there is none.
    """
    rows = [
        (event_id, kind, target, *figures, unit)
        for event_id, kind, target, figures, unit in _figures(before, after, scene, rains)
    ]
    frame = pd.DataFrame(rows, columns=["event_id", "target_kind", "target", "before", "after", "unit"])
    frame = frame.astype(dict.fromkeys(("event_id", "target_kind", "target", "unit"), "str"))
    frame = frame.astype({"before": float, "after": float}).round({"before": _MM, "after": _MM})
    frame.insert(0, "measure_id", pd.Series(measure_id, index=frame.index, dtype="str"))
    frame.insert(6, "change", (frame["after"] - frame["before"]).round(_MM))
    return frame


def _figures(
    before: Toll, after: Toll, scene: Scene, rains: tuple[Rain, ...]
) -> Iterator[tuple[str, str, str, tuple[float, float], str]]:
    names = [recipient_of(scene, label, "name") for label in range(len(scene.recipients) + 1)]
    around = [] if scene.neighbours is None else scene.neighbours["name"].astype(str).tolist()
    for place, rain in enumerate(rains):
        name = rain.event_id
        for label in _wet(before.recipients_m3, after.recipients_m3, always=range(1, len(names))):
            pair = before.recipients_m3[place, label], after.recipients_m3[place, label]
            yield name, "recipient", names[label], pair, "m³"
        for label in _wet(before.neighbours_m3, after.neighbours_m3, always=()):
            if label > 0:
                pair = before.neighbours_m3[place, label], after.neighbours_m3[place, label]
                yield name, "neighbour", around[label - 1], pair, "m³"
        yield name, STANDING, STANDING, (before.standing_m3[place], after.standing_m3[place]), "m³"
        yield name, LOST, LOST, (before.lost_m3[place], after.lost_m3[place]), "m³"
        if before.touched is not None and after.touched is not None:
            yield name, "buildings", BUILDINGS, (before.touched[place], after.touched[place]), "1"
    if rains and not np.isnan(before.annual_dkk):
        yield ANNUAL, "damage", DAMAGE, (before.annual_dkk, after.annual_dkk), "DKK/år"


def _wet(before: NDArray[Any], after: NDArray[Any], *, always: range | tuple[int, ...]) -> list[int]:
    """Return the labels that get water in any event, and those that are told always."""
    wet = np.flatnonzero((before.round(_MM) > 0).any(axis=0) | (after.round(_MM) > 0).any(axis=0))
    return sorted({*wet.tolist(), *always})
