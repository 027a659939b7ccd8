"""The result of an analysis on disk and back: ``results/<analysis>/`` and ``results/history.csv``.

================================  =============================================================================
``<table>.parquet``               each table as GeoParquet
``<raster>.tif``                  each raster as cloud-optimised GeoTIFF; ``<raster>-1.tif`` … by rows of a table
``<analysis>.gpkg``               all tables in one GeoPackage with the maps' colours and a QGIS project
``indicators.json``               headline figures, each with unit, target and status
``run.json``                      how it came about: method, assumptions, inputs, checks, versions, time
================================  =============================================================================

A folder is swapped in whole. The same inputs give the same bytes, but for the times in ``run.json``.
"""

from ballerup_geo.results._history import record_history
from ballerup_geo.results._qgis import qgis_style
from ballerup_geo.results._result import Result, has_result, read_result
from ballerup_geo.results._rows import raster_names, row_of_raster
from ballerup_geo.results._write import Made, copy_geopackage, restyle_result, write_result

__all__ = [
    "Made",
    "Result",
    "copy_geopackage",
    "has_result",
    "qgis_style",
    "raster_names",
    "read_result",
    "record_history",
    "restyle_result",
    "row_of_raster",
    "write_result",
]
