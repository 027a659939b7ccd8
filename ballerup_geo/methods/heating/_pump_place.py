"""Where a heat pump may be hard to place: too near a neighbour for its noise, or in a dense block without ground."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.spec import Text

__all__ = ["PUMP_DOUBTS", "noise_distance_m", "pump_doubts"]

Floats = NDArray[np.float64]

HALF_SPACE_DB = 10.0 * float(np.log10(2.0 * np.pi))
HECTARE_M = 100.0
HECTARE_M2 = 10_000.0

PUMP_DOUBTS: Mapping[str, Text] = {
    "none": Text(da="ingen kendt", en="none known"),
    "noise": Text(da="støj: nær nabo", en="noise: a near neighbour"),
    "space": Text(da="plads: tæt bebygget", en="space: densely built"),
    "both": Text(da="støj og plads", en="noise and space"),
}


def noise_distance_m(kw: Floats, *, sound_db: float, base_kw: float, limit_db: float) -> Floats:
    """Return how far from a heat pump outdoors the limit is kept.

    Sound power grows by 10·log10 of the capacity beyond the base; over hard ground in the open its level falls to
    L − 20·log10(r) − 10·log10(2π) at r metres (a point source in a half space).

    Examples
    --------
    >>> noise_distance_m(np.array([8.0, 80.0]), sound_db=58.0, base_kw=10.0, limit_db=35.0).round(1).tolist()
    [5.6, 15.9]
    """
    level = sound_db + 10.0 * np.log10(np.maximum(kw, base_kw) / base_kw)
    return np.asarray(10.0 ** ((level - limit_db - HALF_SPACE_DB) / 20.0))


def pump_doubts(
    shapes: NDArray[np.object_],
    xy: Floats,
    asked: NDArray[np.bool_],
    quiet_m: Floats,
    *,
    large: NDArray[np.bool_],
    built_share: float,
) -> NDArray[np.object_]:
    """Tell for each building that is asked what speaks against a heat pump there (keys of ``PUMP_DOUBTS``).

    Parameters
    ----------
    shapes, xy
        All heated buildings: footprint, and a place within it (float64[n, 2], EPSG:25832).
    asked
        bool[n]: those that are to choose.
    quiet_m
        Noise distance of each that is asked, float64[asked].
    large
        Which of them need more than one house's heat pump, bool[asked].
    built_share
        From this share of its hectare under heated buildings on, ground is scarce for a large one.
    """
    mine = shapes[asked]
    tree = shapely.STRtree(shapes)
    near, _ = tree.query(mine, predicate="dwithin", distance=quiet_m)
    noisy = np.bincount(near, minlength=len(mine)) > 1
    _, cell = np.unique(np.floor(xy / HECTARE_M), axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    built = np.bincount(cell, shapely.area(shapes)) / HECTARE_M2
    tight = (built[cell][asked] >= built_share) & large
    found = np.full(len(mine), "none", dtype=object)
    found[noisy], found[tight], found[noisy & tight] = "noise", "space", "both"
    return found
