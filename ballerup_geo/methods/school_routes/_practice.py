"""Which links a published practice for school roads may be about: what a municipality says, never a decision.

The practice asks for traffic, the way to a safe crossing, the cycle facility, pavement, and town or country. What no
layer tells is unknown, and so the answer where it would count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.school_routes._streets import numbers
from ballerup_geo.network import trafikfarlig
from ballerup_geo.spec import Given, Text

__all__ = ["PRACTICE", "practice_of", "safe_crossing_m"]

SAFE = ("signal", "underpass", "bridge")
"""Crossings that count as safe here: the practice does not say which are."""
PRACTICE: Mapping[str, Text] = {
    "may": Text(da="kan indgå i en vurdering", en="may be part of an assessment"),
    "no": Text(da="falder uden for praksis", en="lies outside the practice"),
    "unknown": Text(da="kan ikke siges: data mangler", en="cannot be told: data are missing"),
}


def safe_crossing_m(edges: gpd.GeoSeries, crossings: gpd.GeoDataFrame | None) -> NDArray[np.float64]:
    """Return the straight distance from each link to the nearest safe crossing, infinite for none; NaN: unknown.

    Nobody walks less than the straight way, so a crossing beyond the practice's distance is beyond it.
    """
    if crossings is None:
        return np.full(len(edges), np.nan)
    safe = crossings.geometry[crossings["control"].isin(SAFE)].to_numpy()
    if not len(safe):
        return np.full(len(edges), np.inf)
    tree = shapely.STRtree(safe)
    shapes = edges.to_numpy()
    return np.asarray(shapely.distance(shapes, safe[tree.nearest(shapes)]), dtype=np.float64)


def practice_of(given: Given, edges: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return for each link whether the practice may be about it (keys of ``PRACTICE``)."""
    crossings = cast("gpd.GeoDataFrame | None", given.inputs.get("crossings"))
    facility = edges["facility"] if "facility" in edges else pd.Series(None, index=edges.index, dtype=object)
    streets = pd.DataFrame(
        {
            "aadt": numbers(edges, "aadt"),
            "facility": facility.to_numpy(),
            "safe_crossing_m": safe_crossing_m(edges.geometry, crossings),
        }
    )
    may = trafikfarlig(streets, practice=str(given.assumptions["road_practice"]))["may_enter"]
    words = np.where(may.isna(), "unknown", np.where(may.fillna(False), "may", "no"))
    return words.astype(object)
