"""Buildings that water touches ("berørt"): how deep it stands at the façade in each rain, and from which rain on."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ballerup_geo.spec.codelists import register_classes, register_standing

__all__ = ["UNKNOWN_USE", "least_rain", "standing", "touched_buildings", "touched_by_event", "use_class"]

UNKNOWN_USE = "unknown"
"""Class of a building whose use code is not in the register's list."""
USE_REGISTER = "bbr_021"
STATUS_REGISTER = "bbr_status"


@dataclass(frozen=True, slots=True, eq=False)
class TouchedCounts:
    """Per event: ``buildings`` int64 that are touched, and the ``dwellings`` float64 in them (NaN: unknown)."""

    buildings: NDArray[np.int64]
    dwellings: NDArray[np.float64]


def use_class(use_code: pd.Series[int]) -> pd.Series[str]:
    """Return the class of use of each building: dwelling, business, public, other; else `UNKNOWN_USE`.

    The classes of the codes stand beside the register's code list. Same index out.
    """
    classes = register_classes(USE_REGISTER)
    codes = pd.to_numeric(use_code, errors="coerce")
    return codes.map(lambda code: classes.get(int(code), UNKNOWN_USE), na_action="ignore").fillna(UNKNOWN_USE)


def standing(status: pd.Series[int]) -> pd.Series[bool]:
    """Return which buildings stand today, by their BBR status; one of unknown status counts as standing."""
    codes = pd.to_numeric(status, errors="coerce")
    return codes.isin(register_standing(STATUS_REGISTER)) | codes.isna()


def least_rain(depths_m: NDArray[np.float64], rain_mm: ArrayLike, *, threshold_m: float) -> NDArray[np.float64]:
    """Return the least of the rains in which water stands at least as deep as the threshold.

    Parameters
    ----------
    depths_m
        float64[features, events], NaN where unknown.
    rain_mm
        Rain of each event, in any order.

    Returns
    -------
    float64[features]; NaN for a feature that none of the rains touches.
    """
    rain = np.asarray(rain_mm, dtype=np.float64)
    least = np.where(depths_m >= threshold_m, rain, np.inf).min(axis=1, initial=np.inf)
    return np.where(np.isfinite(least), least, np.nan)


def touched_by_event(
    depths_m: NDArray[np.float64], dwellings: pd.Series[float] | None, *, threshold_m: float
) -> TouchedCounts:
    """Count touched buildings, and the dwellings in them, for each event.

    Dwellings are unknown where the layer does not have the column; a building without a number in it counts as none.
    """
    touched = depths_m >= threshold_m
    homes = np.full(depths_m.shape[1], np.nan)
    if dwellings is not None:
        homes = dwellings.fillna(0).to_numpy(np.float64) @ touched
    return TouchedCounts(touched.sum(axis=0), homes)


def touched_buildings(
    buildings: gpd.GeoDataFrame, *, depths_m: NDArray[np.float64], rain_mm: ArrayLike, threshold_m: float
) -> gpd.GeoDataFrame:
    """Return a row per building that one of the rains touches, the one touched by the least rain first.

    Returns
    -------
    ``building_id``, ``use``, ``touched_from_mm`` (the least of the rains), ``depth_m`` (the greatest of all),
    ``dwellings``, ``basement`` (has one; missing where nobody knows), and the index of ``buildings``.
    """
    from_mm = least_rain(depths_m, rain_mm, threshold_m=threshold_m)
    touched = np.isfinite(from_mm)
    chosen = buildings[touched]
    table = gpd.GeoDataFrame(
        {
            "building_id": chosen["building_id"],
            "use": use_class(chosen["use_code"]),
            "touched_from_mm": from_mm[touched],
            "depth_m": np.fmax.reduce(depths_m[touched], axis=1, initial=0.0),
            "dwellings": _whole_numbers(chosen, "dwellings"),
            "basement": _has_basement(chosen),
        },
        geometry=chosen.geometry,
        crs=buildings.crs,
    )
    return table.sort_values(["touched_from_mm", "building_id"])


def _whole_numbers(buildings: gpd.GeoDataFrame, column: str) -> pd.Series[int]:
    known = buildings[column] if column in buildings else pd.Series(pd.NA, index=buildings.index)
    return pd.Series(known, dtype="Int64")


def _has_basement(buildings: gpd.GeoDataFrame) -> pd.Series[bool]:
    if "basement_area_m2" not in buildings:
        return pd.Series(pd.NA, index=buildings.index, dtype="boolean")
    area = buildings["basement_area_m2"]
    return pd.Series(area > 0, dtype="boolean").mask(area.isna())
