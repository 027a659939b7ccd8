"""Files on disk: written whole or not at all, with the same bytes for the same content.

Every writer puts a file beside its place, flushes it to the disk and renames it in; a run that is killed leaves the
last good file. Names that begin with a dot and hold ``.new-`` or ``.old-`` are work in progress; :func:`recover`
completes or removes what a killed run left of them.

A full disk or a folder that may not be written is a :class:`~ballerup_geo.errors.BallerupGeoError` (exit code 1).
"""

from ballerup_geo.storage._files import (
    make_folder,
    read_json,
    sha256_file,
    sha256_files,
    sha256_json,
    write_bytes,
    write_json,
    writing,
)
from ballerup_geo.storage._folders import lock_folder, new_folder, recover
from ballerup_geo.storage._geopackage import write_geopackage
from ballerup_geo.storage._parts import TableInParts, table_in_parts
from ballerup_geo.storage._rasters import GDAL_CACHE, read_cog, read_cog_metadata, write_cog
from ballerup_geo.storage._strips import write_cog_strips
from ballerup_geo.storage._tables import append_csv, read_csv, read_table, read_table_metadata, write_csv, write_table

__all__ = [
    "GDAL_CACHE",
    "TableInParts",
    "append_csv",
    "lock_folder",
    "make_folder",
    "new_folder",
    "read_cog",
    "read_cog_metadata",
    "read_csv",
    "read_json",
    "read_table",
    "read_table_metadata",
    "recover",
    "sha256_file",
    "sha256_files",
    "sha256_json",
    "table_in_parts",
    "write_bytes",
    "write_cog",
    "write_cog_strips",
    "write_csv",
    "write_geopackage",
    "write_json",
    "write_table",
    "writing",
]
