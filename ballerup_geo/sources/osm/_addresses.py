"""Addresses: the building of each, and its dwellings as far as they can be told."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.raster import CRS as OURS
from ballerup_geo.sources.osm._columns import Unread, columns_of
from ballerup_geo.sources.osm._feature import Feature, feature_named
from ballerup_geo.sources.osm._reader import Elements

__all__ = ["shared_out", "with_buildings"]


def with_buildings(
    found: gpd.GeoDataFrame, feature: Feature, elements: Elements, unread: Unread
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add ``building_id`` and ``dwellings``.

    A house has one dwelling an address. In blocks of flats it is what the address or the building says; else the area
    of all floors divided by the area of a dwelling (``m2_each``), shared evenly by the building's addresses. Where
    neither is known, dwellings are missing, never none.
    """
    houses = _buildings(elements, unread)
    place = _building_of(found, houses, float(feature.facts["buildings"]["reach_m"]))
    named = np.array([*houses["building_id"], None], dtype=object)[place]
    dwellings, reckoned = _dwellings(found, houses, place, feature.facts["dwellings"])
    notes = []
    if reckoned.any():
        share = f"{int(reckoned.sum())} of {len(found)} addresses"
        m2 = feature.facts["dwellings"]["m2_each"]
        notes.append(f"dwellings of {share} are reckoned: storeys × ground area ÷ {m2} m² a dwelling")
    unknown = int((pd.isna(dwellings) & (place >= 0)).sum())
    if unknown:
        notes.append(f"the dwellings of {unknown} of {len(found)} addresses are not known: their building says no use")
    return found.assign(building_id=named, dwellings=pd.Series(dwellings, found.index).astype("Int64")), notes


def _buildings(elements: Elements, unread: Unread) -> gpd.GeoDataFrame:
    """Return the buildings in EPSG:25832 with use, storeys and dwellings."""
    feature = feature_named("buildings")
    rows = pd.concat([elements.taken(select) for select in feature.selects], ignore_index=True)
    columns = columns_of(feature, rows["tags"], unread)
    frame = {name: pd.to_numeric(columns[name]) for name in ("use_code", "storeys", "dwellings")}
    shapes = gpd.GeoSeries(rows.geometry.to_numpy(), crs=elements.frames["polygons"].crs).to_crs(OURS)
    return gpd.GeoDataFrame({"building_id": rows["osm_id"], **frame}, geometry=shapes.to_numpy(), crs=OURS)


def _building_of(found: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, reach_m: float) -> NDArray[np.int64]:
    """Return the row of each address' building (the one it lies in, else the nearest), −1 for none in reach."""
    place = np.full(len(found), -1, dtype=np.int64)
    if not len(houses) or not len(found):
        return place
    points = found.geometry.to_crs(OURS).to_numpy()
    (address, house) = shapely.STRtree(houses.geometry.to_numpy()).query_nearest(points, max_distance=reach_m)
    order = np.lexsort((house, address))[::-1]  # of buildings equally near, the first one stays
    place[address[order]] = house[order]
    return place


def _dwellings(
    found: gpd.GeoDataFrame, houses: gpd.GeoDataFrame, place: NDArray[np.int64], facts: dict[str, Any]
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the dwellings of each address (None: unknown), and which are reckoned from floor area."""
    use = np.append(houses["use_code"].to_numpy(np.float64), np.nan)[place]
    dwellings = np.full(len(found), None, dtype=object)
    dwellings[np.isin(use, facts["one_each"])] = 1
    floor_m2 = houses["storeys"].to_numpy(np.float64) * houses.geometry.area.to_numpy()
    told = houses["dwellings"].to_numpy(np.float64)
    several = np.isin(houses["use_code"].to_numpy(np.float64), facts["several"])
    reckoned = np.zeros(len(found), dtype=bool)
    for house in np.unique(place[place >= 0]):
        mine = np.flatnonzero(place == house) if several[house] or np.isfinite(told[house]) else np.array([], np.int64)
        if not len(mine):
            continue
        if np.isfinite(told[house]):
            dwellings[mine] = shared_out(int(told[house]), len(mine))
        elif np.isfinite(floor_m2[house]) and floor_m2[house] > 0:
            number = max(round(floor_m2[house] / float(facts["m2_each"])), len(mine))
            dwellings[mine] = shared_out(number, len(mine))
            reckoned[mine] = True
    own = pd.to_numeric(found["flats"]).to_numpy(np.float64)
    tagged = np.isfinite(own)
    dwellings[tagged] = own[tagged].astype(int)
    return dwellings, reckoned & ~tagged


def shared_out(number: int, among: int) -> list[int]:
    """Share a number evenly, the first taking what is over.

    Examples
    --------
    >>> shared_out(8, 3)
    [3, 3, 2]
    """
    each, over = divmod(number, among)
    return [each + (place < over) for place in range(among)]
