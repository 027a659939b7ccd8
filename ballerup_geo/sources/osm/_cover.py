"""Land cover: areas of OpenStreetMap lie over each other, and each piece of ground is to have one cover."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.sources.osm._columns import Unread
from ballerup_geo.sources.osm._feature import Feature

__all__ = ["apart"]

_POLYGON = 3


def apart(found: gpd.GeoDataFrame, feature: Feature, _unread: Unread) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Take from each area what one of a cover that goes before it has; rows in the file's order of covers.

    Areas without a cover are returned as they are: they are left out after this.
    """
    rank = {cover: place for place, cover in enumerate(feature.facts["order"])}
    places = found["cover"].map(rank).fillna(len(rank)).to_numpy(np.int64)
    rows = found.iloc[np.argsort(places, kind="stable")].reset_index(drop=True)
    known = rows["cover"].notna().to_numpy(bool)
    shapes = rows.geometry.to_numpy().copy()
    crossed = ~shapely.is_valid(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed], method="structure", keep_collapsed=False)
    own = shapes.copy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    kept = (other < one) & known[one] & known[other]
    one, other = one[kept], other[kept]
    common = shapely.relate_pattern(shapes[one], shapes[other], "2********")
    one, other = one[common], other[common]
    for at in np.unique(one).tolist():
        left = shapely.difference(shapes[at], shapely.union_all(shapes[other[one == at]]))
        pieces = shapely.get_parts(left)
        own[at] = shapely.multipolygons(pieces[shapely.get_type_id(pieces) == _POLYGON])
    there = ~shapely.is_empty(own)
    notes = [f"{int((~there).sum())} areas lie wholly under others and were left out"] if not there.all() else []
    return rows.set_geometry(own, crs=found.crs)[there].reset_index(drop=True), notes
