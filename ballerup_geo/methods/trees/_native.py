"""A mix of native species for new wood and hedges: no species, genus or family more than its share (10-20-30)."""

from __future__ import annotations

import pandas as pd

__all__ = ["native_mix"]

MOST_OF_GENUS, MOST_OF_FAMILY = 2, 3
"""Of ten species at a tenth each: a fifth of one genus, three tenths of one family."""


def native_mix(species: pd.DataFrame, *, wet: bool, trees: int, shrubs: int) -> tuple[str, ...]:
    """Return native species for wet or ordinary ground, those that do best there first.

    Parameters
    ----------
    species
        ``species, genus, family, native, form, dry, wet, excluded``.
    trees, shrubs
        How many species of each form; fewer where the table has fewer that fit.
    """
    stands = species["wet" if wet else "dry"].astype("Float64").fillna(0.0)
    least = 2.0 if wet else 1.0
    known = species["native"].fillna(value=False).astype(bool) & (stands >= least)
    if "excluded" in species:
        known &= species["excluded"].isna()
    fits = (
        species[known]
        .assign(stands=stands[known])
        .sort_values(["stands", "species"], ascending=[False, True], kind="stable")
    )
    chosen: list[str] = []
    genera: dict[str, int] = {}
    families: dict[str, int] = {}
    for form, most in (("tree", trees), ("shrub", shrubs)):
        taken = 0
        own = fits[fits["form"] == form]
        for name, genus, family in zip(own["species"], own["genus"], own["family"], strict=True):
            if taken < most and genera.get(genus, 0) < MOST_OF_GENUS and families.get(family, 0) < MOST_OF_FAMILY:
                chosen.append(str(name))
                genera[genus] = genera.get(genus, 0) + 1
                families[family] = families.get(family, 0) + 1
                taken += 1
    return tuple(chosen)
