"""Where the rain runs: catchments, flow paths, the highest point, hollows and drainage lines."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd

from ballerup_geo.hydrology._codes import NODATA
from ballerup_geo.methods._drainage import drainage_lines
from ballerup_geo.methods._rainwater_ground import COVERS
from ballerup_geo.methods._rainwater_part import Found, Part
from ballerup_geo.methods._rainwater_scene import height_of, highest_cell
from ballerup_geo.methods._rainwater_storms import Storms
from ballerup_geo.methods._rainwater_tables import (
    bluespots_table,
    catchments_table,
    flow_paths_table,
    high_point_table,
)
from ballerup_geo.methods._rainwater_words import LIMITS, NOWHERE, NOWHERE_ID, STARTS
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputRaster, OutputTable, Text

__all__ = ["RUNS"]

_SQUARE_METRES_PER_SQUARE_KILOMETRE = 1_000_000.0


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    scene, terrain = storms.scene, storms.standing
    given.progress("bluespots", 0.2)
    spots = bluespots_table(storms)
    given.progress("catchments", 0.25)
    catchments = catchments_table(storms)
    given.progress("flow paths", 0.3)
    top = highest_cell(scene, scene.town)
    paths = flow_paths_table(storms, top)
    lines = drainage_lines(
        terrain.directions,
        terrain.accumulation,
        within=scene.town,
        least_ha=float(given.assumptions["drainage_line_min_ha"]),
        grid=scene.grid,
    )
    tables = {
        "catchments": catchments,
        "flow_paths": paths,
        "high_point": high_point_table(storms, top),
        "bluespots": spots,
        "drainage_lines": lines,
    }
    rasters = {
        "depth_m": lambda: scene.grid.with_array(terrain.filled - terrain.dtm, nodata=float("nan")),
        "directions": lambda: scene.grid.with_array(terrain.directions, nodata=NODATA),
        "recipient": lambda: scene.grid.with_array(storms.first),
    }
    return Found(tables, rasters, _indicators(storms, catchments=catchments, paths=paths, spots=spots, top=top))


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


def _text(name: str, da: str, en: str, codes: Mapping[str, Text] | None = None) -> OutputColumn:
    return OutputColumn(name, "text", da=da, en=en, codes=codes)


def _figure(name: str, unit: str, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, "number", unit, da, en)


_RECIPIENT = _text("recipient_id", "recipient", "recipient")

RUNS = Part(
    compute=_compute,
    inputs=(
        Input("terrain", "raster"),
        Input("municipality", "polygon", columns=("name",)),
        Input(
            "recipients",
            "any",
            columns=("recipient_id", "name"),
            optional_columns=("kind", "downstream_id", "target_year", "target_text"),
            required=False,
        ),
        Input("culverts", "line", columns=("culvert_id",), optional_columns=("capacity_l_s",), required=False),
        Input("neighbours", "polygon", columns=("name", "code"), required=False),
        Input("land_cover", "polygon", columns=("cover",), required=False),
        Input(
            "sewer_areas",
            "polygon",
            columns=("sewer_area_id", "system"),
            optional_columns=("service_level_y", "outlet_recipient"),
            required=False,
        ),
        Input(
            "rain_events",
            "table",
            columns=("event_id", "return_period_y", "duration_min", "rain_mm", "climate_factor", "source"),
            required=False,
        ),
    ),
    assumptions=(
        Assumption("bluespot_min_depth_m", "m", minimum=0.0),
        Assumption("bluespot_min_volume_m3", "m³", minimum=0.0),
        Assumption("drainage_line_min_ha", "ha", minimum=0.0),
        Assumption("culvert_max_drop_m", "m", minimum=0.0),
        *(Assumption(f"runoff_{cover}", "1", minimum=0.0, maximum=1.0) for cover in (*COVERS, "unmapped")),
        Assumption("hydrological_reduction", "1", minimum=0.0, maximum=1.0),
        Assumption("initial_loss_mm", "mm", minimum=0.0),
        Assumption("service_level_separate_y", "år", minimum=0.0),
        Assumption("service_level_combined_y", "år", minimum=0.0),
        Assumption("sewer_climate_factor", "1", minimum=1.0),
    ),
    tables=(
        OutputTable(
            "catchments",
            "polygon",
            (
                _RECIPIENT,
                _text("name", "navn", "name", NOWHERE),
                _figure("area_m2", "m²", "areal", "area"),
                _figure("share_pct", "%", "andel af kommunen", "share of the municipality"),
                OutputColumn("target_year", "integer", None, "målår", "target year"),
            ),
        ),
        OutputTable(
            "flow_paths",
            "line",
            (
                _text("path_id", "strømningsvej", "flow path"),
                _RECIPIENT,
                _text("name", "navn", "name", NOWHERE),
                _text("kind", "begynder ved", "begins at", STARTS),
                _figure("start_height_m", "m DVR90", "begynder i kote", "start height"),
                _figure("length_m", "m", "længde", "length"),
                _figure("drop_m", "m", "fald", "drop"),
            ),
        ),
        OutputTable("high_point", "point", (_figure("height_m", "m DVR90", "kote", "height"),)),
        OutputTable(
            "bluespots",
            "polygon",
            (
                OutputColumn("bluespot_id", "integer", None, "bluespot nr.", "bluespot no."),
                _figure("area_m2", "m²", "areal", "area"),
                _figure("volume_m3", "m³", "rumfang", "volume"),
                _figure("max_depth_m", "m", "største dybde", "greatest depth"),
                _figure("fill_mm", "mm", "regn, der fylder den", "rain that fills it"),
                _figure("spill_level_m", "m DVR90", "løber over i kote", "spill level"),
                _RECIPIENT,
                _text("recipient_name", "løber over mod", "spills towards", NOWHERE),
            ),
        ),
        OutputTable(
            "drainage_lines",
            "line",
            (_text("line_id", "linje", "line"), _figure("upstream_ha", "ha", "opland", "upstream area")),
        ),
    ),
    rasters=(
        OutputRaster("depth_m", "m", "dybde, når lavningen er fuld", "depth when the hollow is full"),
        OutputRaster("directions", "D8", "strømningsretning (ESRI-koder)", "flow direction (ESRI codes)"),
        OutputRaster(
            "recipient",
            "-",
            "nummer på recipienten, vandet når først, i rækkefølge efter recipient_id; 0: ingen",
            "number of the recipient reached first, in the order of recipient_id; 0: none",
        ),
    ),
    indicators=(
        Indicator("highest_point_m", "m DVR90", "Kommunens højeste punkt", "Highest point of the municipality", 1),
        Indicator("area_km2", "km²", "Kommunens areal i terrænmodellen", "Municipal area in the terrain model", 1),
        Indicator("recipients_reached", "1", "Recipienter, som regnen når", "Recipients that the rain reaches"),
        Indicator(
            "to_recipients_pct",
            "%",
            "Areal, der løber til en navngiven recipient",
            "Area draining to a named recipient",
        ),
        Indicator(
            "bluespots", "1", "Bluespots (lavninger, hvor vand bliver stående)", "Bluespots (hollows where water stays)"
        ),
        Indicator("bluespot_volume_m3", "m³", "Rumfang af alle bluespots", "Volume of all bluespots", significant=2),
    ),
    limits=LIMITS,
)
