"""A feature made from elements: rows of ours, with notes on what was left out."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.sources.osm._addresses import with_buildings
from ballerup_geo.sources.osm._chargers import with_power
from ballerup_geo.sources.osm._columns import Unread, columns_of
from ballerup_geo.sources.osm._cover import apart
from ballerup_geo.sources.osm._feature import Feature, Select, feature_named
from ballerup_geo.sources.osm._reader import CRS, Elements
from ballerup_geo.sources.osm._roads import with_sides

__all__ = ["made", "selects_of"]

More = Callable[[gpd.GeoDataFrame, Feature, Unread], tuple[gpd.GeoDataFrame, list[str]]]
_MORE: dict[str, More] = {"roads": with_sides, "chargers": with_power, "land_cover": apart}
"""Features with columns that take more than a decision table."""


def selects_of(feature: Feature) -> tuple[Select, ...]:
    """Return the selects of a feature and of those that it is joined with."""
    others = (feature_named(name) for name in feature.facts.get("with", ()))
    return (*feature.selects, *(select for other in others for select in other.selects))


def made(feature: Feature, elements: Elements) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return a feature's rows in EPSG:4326, columns under our names, and notes.

    An element that lacks a column of ``needs`` is left out and counted: nothing is invented for it.
    """
    rows = _rows(feature, elements)
    unread = Unread()
    found = gpd.GeoDataFrame(
        {feature.identifier: rows["osm_id"].astype("str"), **columns_of(feature, rows["tags"], unread)},
        geometry=rows.geometry.to_numpy(),
        crs=CRS,
    ).assign(tags=rows["tags"].to_numpy())
    more, told = found, list[str]()
    if feature.name in _MORE:
        more, told = _MORE[feature.name](found, feature, unread)
    elif feature.name == "addresses":
        more, told = with_buildings(found, feature, elements, unread)
    notes = [*elements.notes, *told]
    kept = np.ones(len(more), dtype=bool)
    for name in feature.needs:
        lacking = kept & more[name].isna().to_numpy(bool)
        if lacking.any():
            notes.append(f"{int(lacking.sum())} of {len(more)} have no tag that tells {name} and were left out")
        kept &= ~lacking
    return more[kept].drop(columns="tags").reset_index(drop=True), (*notes, *unread.notes())


def _rows(feature: Feature, elements: Elements) -> gpd.GeoDataFrame:
    """Return each element once, as the first select that takes it says."""
    parts = []
    for select in feature.selects:
        part = elements.taken(select)
        if select.middle and len(part):
            part = part.set_geometry(_middles(part.geometry.to_numpy()), crs=CRS)
        parts.append(part)
    rows = pd.concat(parts, ignore_index=True) if parts else elements.taken(feature.selects[0])
    return gpd.GeoDataFrame(rows.drop_duplicates("osm_id", ignore_index=True), geometry="geometry", crs=CRS)


def _middles(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the point half-way along a line, and one within a polygon."""
    lines = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points: NDArray[np.object_] = shapely.point_on_surface(shapes)
    points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return points
