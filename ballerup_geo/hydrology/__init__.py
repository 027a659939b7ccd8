"""Terrain and rain: where water runs, where it stands, and where it leaves.

Arrays in and out, usable without a project. Heights in metres, rasters as ``[rows, cols]`` with row 0 in the north.
"""

from ballerup_geo.hydrology._classed import ClassedGround
from ballerup_geo.hydrology._links import Link
from ballerup_geo.hydrology.event import Event, Water
from ballerup_geo.hydrology.flow import (
    entries,
    fill_depressions,
    flow_accumulation,
    flow_directions,
    flow_path,
    watersheds,
)
from ballerup_geo.hydrology.spread import flow_accumulation_mfd
from ballerup_geo.hydrology.terrain import Terrain, analyse

__all__ = [
    "ClassedGround",
    "Event",
    "Link",
    "Terrain",
    "Water",
    "analyse",
    "entries",
    "fill_depressions",
    "flow_accumulation",
    "flow_accumulation_mfd",
    "flow_directions",
    "flow_path",
    "watersheds",
]
