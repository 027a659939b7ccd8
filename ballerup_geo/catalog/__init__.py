"""From a source to a checked layer: clipped, renamed, cast, in EPSG:25832, validated, kept with its provenance.

A bad value becomes missing and is counted; a bad CRS, a missing required column or a duplicated identifier is a
:class:`~ballerup_geo.errors.DataError`. All faults of a layer come at once, grouped by column, each with a count and
the first example.
"""

from ballerup_geo.catalog._brought import Brought, Record, kept_folder
from ballerup_geo.catalog._catalog import Catalog, DataKind, choose_data
from ballerup_geo.catalog._choice import Choice, choose_source, choose_sources
from ballerup_geo.catalog._columns import NOT_DELIVERED
from ballerup_geo.catalog._fetch import Fetched, FetchReport, fetch
from ballerup_geo.catalog._provenance import CheckedLayer, Provenance

__all__ = [
    "NOT_DELIVERED",
    "Brought",
    "Catalog",
    "CheckedLayer",
    "Choice",
    "DataKind",
    "FetchReport",
    "Fetched",
    "Provenance",
    "Record",
    "choose_data",
    "choose_source",
    "choose_sources",
    "fetch",
    "kept_folder",
]
