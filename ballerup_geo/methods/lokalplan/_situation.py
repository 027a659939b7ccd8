"""An area as it is and as the proposal leaves it: ground, buildings and homes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.lokalplan._ground import Ground, Rows, sums
from ballerup_geo.methods.lokalplan._proposal import Proposal
from ballerup_geo.spec import Text

__all__ = ["COVERS", "SEALED", "Plan", "Situation", "situation_of"]

COVERS = ("roof", "road", "paved", "gravel", "garden", "grass", "field", "forest", "wetland", "water")
SEALED = ("roof", "road", "paved")
TAKES_ROOM = ("building", "road", "parking", "basin")
"""What of a proposal stands where trees and houses stand today."""
OPEN_COVER: Mapping[str, str] = {
    "building": "garden",
    "road": "grass",
    "parking": "grass",
    "green": "grass",
    "basin": "grass",
}
"""The ground of a proposal's shape that is not sealed."""
SEALED_COVER: Mapping[str, str] = {
    "building": "paved",
    "road": "road",
    "parking": "paved",
    "green": "paved",
    "basin": "water",
}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is asked about: the area, and what is proposed in it."""

    shape: shapely.Geometry
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """What several themes reckon with.

    ``cover_m2`` holds each land cover's area (``unmapped``: no cover is known), as it is and with the proposal (None:
    there is none). ``buildings`` are the rows of the buildings that belong to the area, ``gone`` which of them the
    proposal stands on; ``addresses`` and ``homes_gone`` likewise.
    """

    plan: Plan
    cover_m2: dict[str, float] | None
    cover_proposed_m2: dict[str, float] | None
    buildings: Rows | None
    gone: NDArray[np.bool_]
    addresses: Rows | None
    homes_gone: NDArray[np.bool_]
    notes: tuple[Text, ...]

    @property
    def proposal(self) -> Proposal | None:
        """What is proposed."""
        return self.plan.proposal

    def added(self, name: str, *, kinds: tuple[str, ...] = ("building",)) -> float:
        """Return the sum of one of the proposal's figures over its shapes of some kinds; 0 without proposal."""
        if self.proposal is None:
            return 0.0
        values: NDArray[np.float64] = getattr(self.proposal, name)
        return float(values[np.isin(self.proposal.kind, kinds)].sum())


def situation_of(plan: Plan, ground: Ground) -> Situation:
    """Return the situation of an area."""
    cover, proposed = _cover(plan, ground)
    buildings, gone = _buildings(plan, ground)
    addresses, homes_gone = _addresses(plan, ground, buildings, gone)
    return Situation(
        plan=plan,
        cover_m2=cover,
        cover_proposed_m2=proposed,
        buildings=buildings,
        gone=gone,
        addresses=addresses,
        homes_gone=homes_gone,
        notes=_notes(gone),
    )


def _cover(plan: Plan, ground: Ground) -> tuple[dict[str, float] | None, dict[str, float] | None]:
    if not ground.has("land_cover"):
        return None, None
    existing = _cover_in(plan.shape, ground)
    if plan.proposal is None:
        return existing, None
    taken = plan.proposal.union("building", "road", "parking", "green", "basin")
    rest = shapely.difference(plan.shape, taken)
    proposed = _cover_in(rest, ground) if not rest.is_empty else dict.fromkeys(existing, 0.0)
    _add_proposal(proposed, plan.proposal)
    return existing, proposed


def _cover_in(shape: shapely.Geometry, ground: Ground) -> dict[str, float]:
    rows, parts = ground.within("land_cover", shape)
    found = sums(ground.table("land_cover")["cover"].to_numpy(object)[rows], shapely.area(parts))
    cover = {name: found.get(name, 0.0) for name in COVERS}
    return {**cover, "unmapped": max(float(shape.area) - sum(cover.values()), 0.0)}


def _add_proposal(cover: dict[str, float], proposal: Proposal) -> None:
    """Lay the proposal over the ground: roofs, what else is sealed, and the open rest."""
    for kind, area, sealed_share, roof in zip(
        proposal.kind, proposal.area_m2, proposal.sealed_share, proposal.roof_m2, strict=True
    ):
        sealed = area * sealed_share
        cover["roof"] += float(roof)
        cover[SEALED_COVER[kind]] += float(sealed - roof)
        cover[OPEN_COVER[kind]] += float(area - sealed)


def _buildings(plan: Plan, ground: Ground) -> tuple[Rows | None, NDArray[np.bool_]]:
    """Return the buildings of the area, and which of them mostly lie where the proposal takes the room."""
    if not ground.has("buildings"):
        return None, np.zeros(0, dtype=bool)
    rows = ground.inside("buildings", plan.shape)
    if plan.proposal is None or not len(rows):
        return rows, np.zeros(len(rows), dtype=bool)
    room = plan.proposal.union(*TAKES_ROOM)
    shapely.prepare(room)
    shapes = ground.frame("buildings").geometry.to_numpy()[rows]
    share_pct = 100.0 * shapely.area(shapely.intersection(shapes, room)) / np.maximum(shapely.area(shapes), 1e-9)
    return rows, np.asarray(share_pct >= ground.number("demolished_from_pct"))


def _addresses(
    plan: Plan, ground: Ground, buildings: Rows | None, gone: NDArray[np.bool_]
) -> tuple[Rows | None, NDArray[np.bool_]]:
    if not ground.has("addresses"):
        return None, np.zeros(0, dtype=bool)
    rows = ground.inside("addresses", plan.shape)
    if buildings is None or not gone.any() or "building_id" not in ground.table("addresses"):
        return rows, np.zeros(len(rows), dtype=bool)
    lost = set(ground.table("buildings")["building_id"].to_numpy(object)[buildings[gone]])
    of = ground.table("addresses")["building_id"].to_numpy(object)[rows]
    return rows, np.array([each in lost for each in of], dtype=bool)


def _notes(gone: NDArray[np.bool_]) -> tuple[Text, ...]:
    count = int(gone.sum())
    if not count:
        return ()
    return (
        Text(
            da=f"{count} af områdets bygninger står, hvor forslaget lægger byggefelter, veje, parkering eller "
            f"bassiner; "
            "de regnes for revet ned.",
            en=f"{count} of the area's buildings stand where the proposal has building fields, roads, parking or "
            "basins; they are taken to be demolished.",
        ),
    )
