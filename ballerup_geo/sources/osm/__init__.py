"""OpenStreetMap as a source: an Overpass service, an extract on a server, or a file (.osm.pbf, .osm, Overpass JSON).

==================  ====================================================================
``_feature.py``     which elements a feature is made of, and what its tags mean: ``features/*.toml``
``_query.py``       the question to an Overpass service
``_answer.py``      an Overpass answer as a file that GDAL reads; what is wrong with it
``_reader.py``      elements of a file, with all their tags
``_columns.py``     tags → columns; ``_values.py`` single values
``_roads.py``, ``_chargers.py``, ``_addresses.py``  columns that take more than one tag each
``_made.py``        the rows of a feature
==================  ====================================================================
"""

from __future__ import annotations

from ballerup_geo.sources.osm._delivered import fetch_osm, read_osm

__all__ = ["fetch_osm", "read_osm"]
