"""The ground upstream of the municipality: how much of it there is, and how much the terrain's edge cuts off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ballerup_geo.hydrology._codes import OUTLET
from ballerup_geo.methods._grid import grown, sum_by_label
from ballerup_geo.methods.rainwater._storms import Storms

__all__ = ["Upstream", "upstream_of"]


@dataclass(frozen=True, slots=True)
class Upstream:
    """Ground outside the municipality whose water runs into it, m².

    ``cut_m2`` is the part of it whose catchments reach the terrain's edge (or ground of unknown height): more water may
    come from beyond. ``town_at_edge_m`` is how much of the edge lies in the municipality itself and drains inward.
    """

    area_m2: float
    cut_m2: float
    town_at_edge_m: float


def upstream_of(storms: Storms) -> Upstream:
    """Follow the directions from all ground outside to the first cell of the municipality that they enter."""
    scene, directions = storms.scene, storms.standing.directions
    inward = np.flatnonzero(_along_edge(scene.grid.array) & (directions != OUTLET))
    in_town = scene.town.reshape(-1)[inward]
    rim = grown(~scene.town)
    rim &= scene.town  # what comes from outside enters over it
    entered, count = storms.standing.entries(rim)
    del rim
    is_cut = np.zeros(count, np.bool_)
    is_cut[entered.reshape(-1)[inward[~in_town]]] = True
    by_entry = sum_by_label(entered, within=~scene.town, count=count)
    by_entry[0] = 0.0  # what never enters
    return Upstream(
        area_m2=float(by_entry.sum()) * scene.grid.cell_area_m2,
        cut_m2=float(by_entry[is_cut].sum()) * scene.grid.cell_area_m2,
        town_at_edge_m=int(np.count_nonzero(in_town)) * float(np.sqrt(scene.grid.cell_area_m2)),
    )


def _along_edge(heights: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return the cells with a height at the edge of the raster or beside cells without."""
    known = np.isfinite(heights)
    edge = np.zeros(heights.shape, np.bool_)
    edge[[0, -1], :] = edge[:, [0, -1]] = True
    if not known.all():
        blind = ~known
        for row, col in ((0, 1), (1, 0), (1, 1), (1, -1)):
            for there, back in ((blind, edge), (blind[::-1, ::-1], edge[::-1, ::-1])):
                _spread(there, back, row, col)
    return np.asarray(edge & known)


def _spread(mask: NDArray[np.bool_], out: NDArray[np.bool_], row: int, col: int) -> None:
    """Mark in ``out`` the cells that lie so many rows below and columns right of a cell of ``mask``."""
    rows, cols = mask.shape
    left, right = max(col, 0), max(-col, 0)
    out[row:, left : cols - right] |= mask[: rows - row, right : cols - left]
