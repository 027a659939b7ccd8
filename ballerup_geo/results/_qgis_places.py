"""Where a QGIS project finds tables and rasters: in the files of the results, or in PostGIS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ballerup_geo.results._qgis import KINDS
from ballerup_geo.storage.postgis import Address, PostgisTable

__all__ = ["FilePlaces", "Places", "PostgisPlaces"]


class Places(Protocol):
    """Gives sources as QGIS' providers take them."""

    @property
    def provider(self) -> str:
        """Of tables: ``ogr`` or ``postgres``."""

    def table(self, analysis: str, table: str, *, kind: str, only: bool, subset: str | None) -> str:
        """Return the source of a table; ``only`` its features of this kind, and those that ``subset`` chooses."""

    def raster(self, analysis: str, name: str) -> str:
        """Return the source of a raster."""


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """The GeoPackage and the rasters of each result."""

    folders: Mapping[str, str]
    """Analysis → the folder of its result, as the project sees it; those of one's own folder begin with ``./``."""

    @property
    def provider(self) -> str:
        """GDAL's for features."""
        return "ogr"

    def table(self, analysis: str, table: str, *, kind: str, only: bool, subset: str | None) -> str:
        """Return the source of a table in the GeoPackage."""
        source = f"{self.folders[analysis]}/{analysis}.gpkg|layername={table}"
        source += "" if subset is None else f"|subset={subset}"
        return source + (f"|geometrytype={KINDS[kind]}" if only else "")

    def raster(self, analysis: str, name: str) -> str:
        """Return the path of a raster."""
        return f"{self.folders[analysis]}/{name}.tif"


@dataclass(frozen=True, slots=True)
class PostgisPlaces:
    """The tables of a schema; rasters stay in their files. Neither role nor password: QGIS asks whoever opens it."""

    address: Address
    schema: str
    tables: Mapping[tuple[str, str], PostgisTable]
    """By analysis and table."""
    files: FilePlaces

    @property
    def provider(self) -> str:
        """QGIS' own for PostGIS."""
        return "postgres"

    def table(self, analysis: str, table: str, *, kind: str, only: bool, subset: str | None) -> str:  # noqa: ARG002
        """Return the source of a table; PostGIS' provider leaves other kinds than the one named out by itself."""
        found = self.tables[analysis, table]
        parts = [("dbname", self.address.database), ("host", self.address.host), ("port", str(self.address.port))]
        parts += [(key, value) for key, value in self.address.options.items() if key == "sslmode"]
        parts.append(("key", found.key_column))
        shape = ""
        if found.geometry_type is not None:
            parts += [("srid", str(found.srid)), ("type", _wkb_type(found.geometry_type, kind))]
            shape = f" ({found.geometry_column})"
        said = " ".join(f"{key}='{_escaped(value)}'" if key not in _BARE else f"{key}={value}" for key, value in parts)
        name = ".".join(f'"{_doubled(part)}"' for part in (self.schema, found.name))
        return f"{said} checkPrimaryKeyUnicity='1' table={name}{shape}" + ("" if subset is None else f" sql={subset}")

    def raster(self, analysis: str, name: str) -> str:
        """Return the path of a raster."""
        return self.files.raster(analysis, name)


_BARE = {"port", "srid", "type", "sslmode"}


def _wkb_type(stored: str, kind: str) -> str:
    """Return the type that QGIS is told: the table's own, or of a mixed one the many-part type of a kind."""
    return stored if stored != "Geometry" or kind not in KINDS else f"Multi{KINDS[kind]}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _doubled(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
