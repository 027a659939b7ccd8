"""Where the rain runs: catchments, flow paths, the highest point, hollows and drainage lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import geopandas as gpd
import numpy as np

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.hydrology._codes import NODATA
from ballerup_geo.methods._drainage import drainage_lines
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.rainwater._declared import (
    RUN_ASSUMPTIONS,
    RUN_INDICATORS,
    RUN_INPUTS,
    RUN_RASTERS,
    RUN_TABLES,
)
from ballerup_geo.methods.rainwater._divides import divides_table
from ballerup_geo.methods.rainwater._scene import height_of, highest_cell
from ballerup_geo.methods.rainwater._storms import MOST_CELLS_TWICE, Storms
from ballerup_geo.methods.rainwater._tables import (
    bluespots_table,
    catchments_table,
    flow_paths_table,
    high_point_table,
    recipients_table,
)
from ballerup_geo.methods.rainwater._upstream import upstream_of
from ballerup_geo.methods.rainwater._words import LIMITS, NOWHERE_ID, Words, cut_upstream, town_at_edge
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given

__all__ = ["RUNS"]

_SQUARE_METRES_PER_SQUARE_KILOMETRE = 1_000_000.0


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    scene = storms.scene
    notes = tuple(_upstream_notes(given, storms))
    given.progress("bluespots", 0.2)
    spots = bluespots_table(storms)
    storms.standing.let_go()
    given.progress("catchments", 0.25)
    catchments = catchments_table(storms)
    given.progress("flow paths", 0.3)
    top = highest_cell(scene, scene.town)
    paths = flow_paths_table(storms, top)
    lines = drainage_lines(
        storms.standing.directions,
        storms.standing.upstream_cells,
        within=scene.town,
        least_ha=float(given.assumptions["drainage_line_min_ha"]),
        grid=scene.grid,
    )
    storms.standing.let_go()
    tables = {
        "catchments": catchments,
        "recipients": recipients_table(storms),
        "divides": divides_table(catchments),
        "flow_paths": paths[paths["length_m"] > 0],  # where a path begins in its recipient there is no way to draw
        "high_point": high_point_table(storms, top),
        "bluespots": spots,
        "drainage_lines": lines,
    }
    indicators = _indicators(storms, catchments=catchments, paths=paths, spots=spots, top=top)
    return Found(tables, _rasters(storms), indicators, notes)


def _rasters(storms: Storms) -> dict[str, Callable[[], Raster]]:
    """Return how the rasters are made. They hold on to what they need, so that the scene is gone when they are written.

    What a cell's water reaches first is at hand where there is room for it, and else found again.
    """
    bed, grid, outlets = storms.bed, storms.scene.grid, storms.scene.outlets
    first = storms.first if grid.array.size <= MOST_CELLS_TWICE else None
    return {
        "depth_m": lambda: grid.with_array(bed.terrain.full_depth_m, nodata=float("nan")),
        "directions": lambda: grid.with_array(bed.terrain.directions, nodata=NODATA),
        "recipient": lambda: grid.with_array(bed.reached(outlets) if first is None else first),
    }


def _upstream_notes(given: Given, storms: Storms) -> Iterator[Words]:
    """Tell what the terrain cuts off upstream; refuse to answer where that is much.

    Raises
    ------
    MethodError
        Catchments that the terrain's edge cuts off measure more than the analysis allows.
    """
    upstream = upstream_of(storms)
    town_m2 = int(np.count_nonzero(storms.scene.town)) * storms.scene.grid.cell_area_m2
    cut_pct = 100.0 * upstream.cut_m2 / town_m2
    if cut_pct > float(given.assumptions["upstream_cut_max_pct"]):
        cut_km2 = upstream.cut_m2 / _SQUARE_METRES_PER_SQUARE_KILOMETRE
        what = (
            f"ends within the ground that drains into the municipality: {cut_km2:.2g} km² belong to catchments that it "
            f"cuts off, {cut_pct:.0f} % of the municipality's area"
        )
        todo = "choose a terrain that reaches the divides around, or raise the assumption upstream_cut_max_pct"
        raise MethodError(Fault("terrain", "", what, todo))
    if upstream.cut_m2 > 0:
        yield cut_upstream(upstream.area_m2, upstream.cut_m2)
    if upstream.town_at_edge_m > 0:
        yield town_at_edge(upstream.town_at_edge_m)


def _indicators(
    storms: Storms,
    *,
    catchments: gpd.GeoDataFrame,
    paths: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    top: tuple[int, int] | None,
) -> dict[str, float | None]:
    named = catchments[catchments["recipient_id"] != NOWHERE_ID]
    known = bool(len(storms.scene.recipients))
    return {
        "highest_point_m": None if top is None else height_of(storms.scene, top),
        "area_km2": float(catchments["area_m2"].sum()) / _SQUARE_METRES_PER_SQUARE_KILOMETRE,
        "recipients_reached": float((paths["recipient_id"] != NOWHERE_ID).sum()) if known else None,
        "to_recipients_pct": float(named["share_pct"].sum()) if known else None,
        "bluespots": float(len(spots)),
        "bluespot_volume_m3": float(spots["volume_m3"].sum()),
    }


RUNS = Part(
    compute=_compute,
    inputs=RUN_INPUTS,
    assumptions=RUN_ASSUMPTIONS,
    tables=RUN_TABLES,
    rasters=RUN_RASTERS,
    indicators=RUN_INDICATORS,
    limits=LIMITS,
)
