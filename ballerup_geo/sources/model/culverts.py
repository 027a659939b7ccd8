"""Culverts and underpasses: where water passes under a dam."""

from __future__ import annotations

import math

import geopandas as gpd
import shapely
from shapely.ops import substring

from ballerup_geo.raster import CRS
from ballerup_geo.sources.model.embankments import HEADROOM_M, SIDE_SLOPE, Bank, Trench, lay_banks, lay_trenches
from ballerup_geo.sources.model.frame import crossings, frame_box
from ballerup_geo.sources.model.streams import Stream, trace_streams
from ballerup_geo.sources.model.town import Town

__all__ = ["build_culverts", "pipe_capacity_l_s"]

LOWEST_DAM_M = 0.6
"""Lower dams need no culvert of their own."""
APRON_M = 6.0
"""A culvert reaches this much beyond the foot of its dam."""
DIAMETERS_MM = {"brook": 1200, "ditch": 800}
MANNING = 0.013
"""Roughness of a concrete pipe, s/m^(1/3)."""
LEAST_SLOPE = 0.002
BRIDGED = "Værebro Å"
"""The one stream too large for a pipe."""


def build_culverts(town: Town) -> gpd.GeoDataFrame:
    """Return culverts along the streams and underpasses along the roads; bridges have no pipe to be full."""
    rows = []
    for bank in town.part(lay_banks):
        for stream in town.part(trace_streams):
            rows += [_culvert(stream, line) for line in _under(bank, stream)]
    rows += [_underpass(trench) for trench in town.part(lay_trenches)]
    table = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    table = table[table.within(frame_box())].reset_index(drop=True)
    table.insert(0, "culvert_id", [f"UL-{number:03d}" for number in range(1, len(table) + 1)])
    table["diameter_mm"] = table["diameter_mm"].astype("Int64")
    table["capacity_l_s"] = table["capacity_l_s"].astype("Float64")
    return table


def pipe_capacity_l_s(diameter_mm: int, slope: float) -> float:
    """Return what a full pipe carries (Manning's formula), l/s, to ten litres."""
    diameter_m = diameter_mm / 1000.0
    area_m2, radius_m = math.pi * diameter_m**2 / 4.0, diameter_m / 4.0
    flow_m3_s = area_m2 * math.pow(radius_m, 2.0 / 3.0) * math.sqrt(slope) / MANNING
    return round(flow_m3_s * 100.0) * 10.0


def _under(bank: Bank, stream: Stream) -> list[shapely.LineString]:
    """Return the stretches of a stream under a dam, with the direction of the water."""
    lines = []
    for crossing in crossings(bank.line, stream.line):
        dam_m = bank.height_near(crossing) - stream.level_near(crossing)
        if dam_m < LOWEST_DAM_M:
            continue
        foot_m = bank.half_width_m + dam_m / SIDE_SLOPE + APRON_M
        footprint = shapely.intersection(stream.line, shapely.buffer(bank.line, foot_m))
        lines += [part for part in shapely.get_parts(footprint) if part.distance(crossing) < 1.0]
    return lines


def _culvert(stream: Stream, line: shapely.LineString) -> dict[str, object]:
    if stream.name == BRIDGED:
        return {"kind": "bridge", "diameter_mm": None, "capacity_l_s": None, "geometry": line}
    ends = [stream.level_near(shapely.get_point(line, end)) for end in (0, -1)]
    slope = max((ends[0] - ends[1]) / line.length, LEAST_SLOPE)
    diameter_mm = DIAMETERS_MM["brook" if stream.protected else "ditch"]
    capacity = pipe_capacity_l_s(diameter_mm, slope)
    return {"kind": "culvert", "diameter_mm": diameter_mm, "capacity_l_s": capacity, "geometry": line}


def _underpass(trench: Trench) -> dict[str, object]:
    road = shapely.LineString(trench.points)
    reach_m = trench.rail_half_width_m + HEADROOM_M / SIDE_SLOPE + APRON_M
    place = road.project(trench.crossing)
    line = substring(road, place - reach_m, place + reach_m)
    return {"kind": "underpass", "diameter_mm": None, "capacity_l_s": None, "geometry": line}
