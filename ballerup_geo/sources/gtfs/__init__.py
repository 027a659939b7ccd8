"""A timetable as a source: stops with a weekday's departures.

The form is GTFS (https://gtfs.org/documentation/schedule/reference/).

=================  ====================================================================
``_feed.py``       the tables of the zip file; nothing is unpacked
``_weekday.py``    which services run on an ordinary weekday
``_stations.py``   stops put together as stations, with kind and departures
=================  ====================================================================
"""

from __future__ import annotations

from ballerup_geo.sources.gtfs._stations import fetch_gtfs, read_gtfs

__all__ = ["fetch_gtfs", "read_gtfs"]
