"""How the GeoPackage of a result looks in QGIS: a style a table, and the project; and what both follow from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ballerup_geo.results._qgis import KINDS, qgis_styles
from ballerup_geo.results._qgis_project import About, qgis_project
from ballerup_geo.spec import Map, Method
from ballerup_geo.storage import sha256_json

__all__ = ["Look"]

_WORDS = {"lead", "caution", "headlines", "tables", "search", "flow", "answer"}
"""Parts of a map file that QGIS does not show."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the look of a result in QGIS follows from, beside its tables."""

    about: About
    maps: Mapping[str, Map]
    method: Method
    rasters: Sequence[str]
    """Of the result, by name."""

    @property
    def key(self) -> str:
        """Hash of what a map file says of the look: another one asks for another GeoPackage."""
        concerned = {
            name: found.model_dump(mode="json", exclude=_WORDS)
            for name, found in self.maps.items()
            if found.analysis == self.about.analysis
            or any(layer.result == self.about.analysis for layer in found.layers)
        }
        return sha256_json(concerned)

    @property
    def kinds(self) -> dict[str, str]:
        """Return the geometry type of each table whose features are of one kind, for those without features."""
        return {table.name: KINDS[table.geometry] for table in self.method.tables if table.geometry in KINDS}

    def styles(self, tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
        """Return the style (QML) of each table that a map shows."""
        return qgis_styles(self.maps, self.about.analysis, self.method, tables)

    def project(self, tables: Mapping[str, pd.DataFrame]) -> bytes:
        """Return the project (.qgz)."""
        return qgis_project(self.about, maps=self.maps, method=self.method, tables=tables, rasters=self.rasters)
