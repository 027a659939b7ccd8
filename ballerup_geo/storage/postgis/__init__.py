"""PostGIS, read from and written to: connections, tables in one transaction, QGIS' styles beside them.

The driver comes with the extra ``postgis`` and is loaded when a connection is opened. A password is given apart from
the address, and stands in no message.
"""

from ballerup_geo.storage.postgis._address import Address, read_address
from ballerup_geo.storage.postgis._connection import connected
from ballerup_geo.storage.postgis._replace import Batch, Record, replace_tables
from ballerup_geo.storage.postgis._table import PostgisTable

__all__ = [
    "Address",
    "Batch",
    "PostgisTable",
    "Record",
    "connected",
    "read_address",
    "replace_tables",
]
