"""An entity by WFS: what lies in the layer's area, heights left out."""

from __future__ import annotations

from ballerup_geo.sources.datafordeler._table import Came, Wanted, flat, require
from ballerup_geo.sources.ogc import Asked, read_wfs

__all__ = ["from_wfs"]


def from_wfs(wanted: Wanted) -> Came:
    """Return the features of a type.

    Raises
    ------
    SourceError
        As for every WFS; see :func:`ballerup_geo.sources.ogc.read_wfs`.
    DataError
        A column is not there.
    """
    table, request = wanted.table, wanted.request
    came = read_wfs(
        Asked(
            request,
            url=table.url,
            type_name=table.entity,
            bounds=request.bounds,
            only=table.only,
            dialect=table.dialect,
            geometry=table.geometry,
            sort_by=table.sort_by,
            page=table.page,
            secret_params=request.secret_params(wanted.secret),
        )
    )
    frame = came.frame
    if len(frame):
        require(wanted, {*came.offered, *map(str, frame.columns)})
    frame = frame.reindex(columns=[*sorted(wanted.columns), frame.geometry.name])
    return Came(flat(frame), came.offered, f"{request.client.shown(table.url)}, {table.entity}", came.notes)
