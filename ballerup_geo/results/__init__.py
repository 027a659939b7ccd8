"""The result of an analysis on disk and back: ``results/<analysis>/`` and ``results/history.csv``.

================================  =============================================================================
``<table>.parquet``               each table as GeoParquet
``<raster>.tif``                  each raster as cloud-optimised GeoTIFF; ``<raster>-1.tif`` … by rows of a table
``<analysis>.gpkg``               all tables in one GeoPackage with the maps' colours and a QGIS project
``indicators.json``               headline figures, each with unit, target and status
``run.json``                      how it came about: method, assumptions, inputs, checks, versions, time
``../gront-regnskab-<year>.*``    all targets and effects on CO2, for the yearly account (JSON, CSV)
================================  =============================================================================

A folder is swapped in whole. The same inputs give the same bytes, but for the times in ``run.json``.
"""

from ballerup_geo.results._account import BASE_YEARS, account, account_files, write_account
from ballerup_geo.results._climate import Climate, Effect, climate_of
from ballerup_geo.results._export import Exportable, database_tables, qgis_project_of
from ballerup_geo.results._history import measured_before, record_history
from ballerup_geo.results._qgis import qgis_style
from ballerup_geo.results._qgis_places import FilePlaces, Places, PostgisPlaces
from ballerup_geo.results._result import Result, has_result, read_result
from ballerup_geo.results._rows import raster_names, row_of_raster
from ballerup_geo.results._standings import Standing, standings
from ballerup_geo.results._write import Made, copy_geopackage, restyle_result, write_result

__all__ = [
    "BASE_YEARS",
    "Climate",
    "Effect",
    "Exportable",
    "FilePlaces",
    "Made",
    "Places",
    "PostgisPlaces",
    "Result",
    "Standing",
    "account",
    "account_files",
    "climate_of",
    "copy_geopackage",
    "database_tables",
    "has_result",
    "measured_before",
    "qgis_project_of",
    "qgis_style",
    "raster_names",
    "read_result",
    "record_history",
    "restyle_result",
    "row_of_raster",
    "standings",
    "write_account",
    "write_result",
]
