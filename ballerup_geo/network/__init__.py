"""Streets: a graph with turns, routes and flows, what single fixes give, and what is within reach.

Usable without a project. Coordinates are EPSG:25832, lengths metres.
"""

from ballerup_geo.network._conflate import Conflated, Overlay, conflate
from ballerup_geo.network._crossed import CONTROLS, crossed
from ballerup_geo.network._distances import distances
from ballerup_geo.network._fixes import Fixes, fix_gains
from ballerup_geo.network._goals import with_goals
from ballerup_geo.network._graph import Arcs, StreetGraph, build_graph
from ballerup_geo.network._onward import Onward, onward
from ballerup_geo.network._priced import Worked, WorkSearch, work_search
from ballerup_geo.network._reach import reach
from ballerup_geo.network._routes import Routes, routes
from ballerup_geo.network._snap import Snapped, snap
from ballerup_geo.network._stress import level_of_traffic_stress, stress_interval, stress_table
from ballerup_geo.network._stress_crossing import CROSSING_RULES, crossing_stress
from ballerup_geo.network._stress_practice import PRACTICES, trafikfarlig
from ballerup_geo.network._stress_rules import RULES
from ballerup_geo.network._stress_streets import faulty_values, suspect_speeds
from ballerup_geo.network._turns import Turns

__all__ = [
    "CONTROLS",
    "CROSSING_RULES",
    "PRACTICES",
    "RULES",
    "Arcs",
    "Conflated",
    "Fixes",
    "Onward",
    "Overlay",
    "Routes",
    "Snapped",
    "StreetGraph",
    "Turns",
    "WorkSearch",
    "Worked",
    "build_graph",
    "conflate",
    "crossed",
    "crossing_stress",
    "distances",
    "faulty_values",
    "fix_gains",
    "level_of_traffic_stress",
    "onward",
    "reach",
    "routes",
    "snap",
    "stress_interval",
    "stress_table",
    "suspect_speeds",
    "trafikfarlig",
    "with_goals",
    "work_search",
]
