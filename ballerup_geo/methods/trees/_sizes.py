"""The sizes of trees when grown, and what each keeps clear of."""

from __future__ import annotations

from dataclasses import dataclass

from ballerup_geo.methods._given import number_of
from ballerup_geo.spec import Assumption, Given, Text

__all__ = ["SIZES", "SIZE_ASSUMPTIONS", "Size", "sizes_of"]

SIZES = {
    "small": Text(da="lille", en="small"),
    "medium": Text(da="mellem", en="medium"),
    "large": Text(da="stort", en="large"),
}
"""From the smallest to the largest."""
SIZE_ASSUMPTIONS = tuple(
    Assumption(f"{name}_{size}_m", "m", minimum=least, maximum=40.0)
    for name, least in (("crown", 0.5), ("building", 0.0), ("boundary", 0.0))
    for size in SIZES
)


@dataclass(frozen=True, slots=True)
class Size:
    """A size of tree: the crown's radius when grown, and the stem's distance to houses and boundaries, metres."""

    name: str
    crown_m: float
    building_m: float
    boundary_m: float


def sizes_of(given: Given) -> tuple[Size, ...]:
    """Return the sizes, the smallest first; a larger one is at least as far from everything as a smaller one."""
    sizes: list[Size] = []
    for name in SIZES:
        crown, building, boundary = (number_of(given, f"{what}_{name}_m") for what in ("crown", "building", "boundary"))
        if sizes:
            last = sizes[-1]
            crown, building = max(crown, last.crown_m), max(building, last.building_m)
            boundary = max(boundary, last.boundary_m)
        sizes.append(Size(name, crown, building, boundary))
    return tuple(sizes)
