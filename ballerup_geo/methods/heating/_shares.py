"""What the pipes of a zone cost each of its buildings: its own service pipe, and its share of the streets."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["HANDED", "PIPE_COLUMNS", "ZONE_COLUMN", "pipe_shares"]

Floats = NDArray[np.float64]

HANDED = "building_pipes"
"""By this name the shares are handed on in ``Found.columns``, a frame indexed by ``building_id``."""
PIPE_COLUMNS = ("street_dkk", "service_dkk")
"""Its columns: each building's share of the street's pipes if all connect, and its service pipe, without what lost heat
costs."""
ZONE_COLUMN = "zone_id"
"""Its column that tells the zone, None for none."""


def pipe_shares(
    zone_id: str,
    building_id: NDArray[np.object_],
    *,
    heat_mwh: Floats,
    node: NDArray[np.int32],
    edge_node: NDArray[np.int32],
    is_service: NDArray[np.bool_],
    cost_dkk: Floats,
) -> pd.DataFrame:
    """Share what a zone's pipes cost among its buildings; the shares sum to the cost.

    Parameters
    ----------
    building_id, heat_mwh, node
        Of the zone's buildings, [n]: ``node`` is where each one's service pipe ends.
    edge_node, is_service, cost_dkk
        Of the zone's pipes, [p]: the node that a service pipe ends at, whether it is one, and what it costs (what the
        lost heat costs left out). A building bears its own service pipe; streets, and the way to the zone, are shared
        by heat.

    Examples
    --------
    >>> pipe_shares(
    ...     "Z001",
    ...     np.array(["H1", "H2"], dtype=object),
    ...     heat_mwh=np.array([10.0, 30.0]),
    ...     node=np.array([7, 8], dtype=np.int32),
    ...     edge_node=np.array([8, 3, 7], dtype=np.int32),
    ...     is_service=np.array([True, False, True]),
    ...     cost_dkk=np.array([5.0, 100.0, 4.0]),
    ... ).to_dict("list")
    {'zone_id': ['Z001', 'Z001'], 'street_dkk': [25.0, 75.0], 'service_dkk': [4.0, 5.0]}
    """
    own = pd.Series(cost_dkk[is_service], index=edge_node[is_service]).groupby(level=0).sum()
    service = own.reindex(node, fill_value=0.0).to_numpy(np.float64)
    street = float(cost_dkk.sum()) - float(service.sum())
    values = (np.full(len(building_id), zone_id, dtype=object), street * heat_mwh / heat_mwh.sum(), service)
    return pd.DataFrame(
        dict(zip((ZONE_COLUMN, *PIPE_COLUMNS), values, strict=True)), index=pd.Index(building_id, name="building_id")
    )
