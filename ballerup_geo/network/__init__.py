"""Streets: a graph with turns, routes and flows, what single fixes give, and what is within reach.

Usable without a project. Coordinates are EPSG:25832, lengths metres.
"""

from ballerup_geo.network._crossed import CONTROLS, crossed
from ballerup_geo.network._distances import distances
from ballerup_geo.network._fixes import Fixes, fix_gains
from ballerup_geo.network._graph import Arcs, StreetGraph, build_graph
from ballerup_geo.network._routes import Routes, routes
from ballerup_geo.network._snap import Snapped, snap
from ballerup_geo.network._turns import Turns

__all__ = [
    "CONTROLS",
    "Arcs",
    "Fixes",
    "Routes",
    "Snapped",
    "StreetGraph",
    "Turns",
    "build_graph",
    "crossed",
    "distances",
    "fix_gains",
    "routes",
    "snap",
]
