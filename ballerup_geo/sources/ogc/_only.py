"""``only``: columns and the values wanted of them, in the languages of services; and held against what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import geopandas as gpd

from ballerup_geo.sources._request import Bounds
from ballerup_geo.sources.file.mapping import as_text

__all__ = ["as_cql", "as_fes", "kept_only"]

_URN = "urn:ogc:def:crs:EPSG::25832"


def as_cql(only: Mapping[str, Any], bounds: Bounds | None, geometry: str | None) -> str:
    """Write a filter in GeoServer's CQL, with the bounds where the geometry's column is known.

    Examples
    --------
    >>> as_cql({"komnr": 151, "status": ["V", "F"]}, None, None)
    "komnr = 151 AND status IN ('V', 'F')"
    """
    parts = [f"{name} {_cql_values(value)}" for name, value in only.items()]
    if bounds is not None and geometry is not None:
        parts.append(f"BBOX({geometry}, {', '.join(map(repr, bounds))}, 'EPSG:25832')")
    return " AND ".join(parts)


def _cql_values(value: Any) -> str:
    if isinstance(value, list):
        return f"IN ({', '.join(map(_cql_value, value))})"
    return f"= {_cql_value(value)}"


def _cql_value(value: Any) -> str:
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'"
    return as_text(value)


def as_fes(only: Mapping[str, Any], bounds: Bounds | None, geometry: str | None) -> str:
    """Write a filter in the XML of Filter Encoding 2.0."""
    parts = ["".join(_fes_equal(name, each) for each in _listed(value)) for name, value in only.items()]
    parts = [
        f"<fes:Or>{part}</fes:Or>" if len(_listed(value)) > 1 else part
        for part, value in zip(parts, only.values(), strict=True)
    ]
    if bounds is not None and geometry is not None:
        west, south, east, north = bounds
        parts.append(
            f"<fes:BBOX><fes:ValueReference>{escape(geometry)}</fes:ValueReference>"
            f'<gml:Envelope srsName="{_URN}"><gml:lowerCorner>{west!r} {south!r}</gml:lowerCorner>'
            f"<gml:upperCorner>{east!r} {north!r}</gml:upperCorner></gml:Envelope></fes:BBOX>"
        )
    body = f"<fes:And>{''.join(parts)}</fes:And>" if len(parts) > 1 else "".join(parts)
    spaces = 'xmlns:fes="http://www.opengis.net/fes/2.0" xmlns:gml="http://www.opengis.net/gml/3.2"'
    return f"<fes:Filter {spaces}>{body}</fes:Filter>"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _fes_equal(name: str, value: Any) -> str:
    return (
        f"<fes:PropertyIsEqualTo><fes:ValueReference>{escape(name)}</fes:ValueReference>"
        f"<fes:Literal>{escape(as_text(value))}</fes:Literal></fes:PropertyIsEqualTo>"
    )


def kept_only(frame: gpd.GeoDataFrame, only: Mapping[str, Any]) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Leave out the features that were not asked for: a service that does not know a filter sends everything."""
    notes: tuple[str, ...] = ()
    for name, value in only.items():
        if name not in frame or not len(frame):
            continue
        wanted = {as_text(each) for each in _listed(value)}
        fits = frame[name].map(as_text).isin(wanted).to_numpy(bool)
        if not fits.all():
            notes = (*notes, f"{int((~fits).sum())} features with another {name} than asked for left out")
            frame = frame[fits]
    return frame, notes
