"""Where rain can be held: measures, green areas and wet ground, all on cells that are wider than the terrain's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.hydrology import Terrain
from ballerup_geo.methods._columns import figure, text
from ballerup_geo.methods._grid import burn_labels, mask_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.rainwater._effect_words import EFFECT_TABLES
from ballerup_geo.methods.rainwater._effects import measures_found
from ballerup_geo.methods.rainwater._green import CONFLICTS, NONE_KNOWN, conflicts_of, green_sites, room_of
from ballerup_geo.methods.rainwater._inputs import known_table, table_or_empty
from ballerup_geo.methods.rainwater._rain import MM_PER_M, Rain, losses_mm, service_classes
from ballerup_geo.methods.rainwater._storms import MOST_CELLS_TWICE, Storms
from ballerup_geo.methods.rainwater._wet import (
    height_above_stream,
    official_ground,
    slope_of,
    terrain_ground,
    wet_ground,
    wetness_index,
)
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputRaster, OutputTable, Text
from ballerup_geo.spec.words import Language

__all__ = ["RETENTION"]

_PER_CENT = 100.0
_M2_PER_HA = 10_000.0

NO_LAVBUND: dict[Language, str] = {
    "da": "Det officielle kort over lavbundsjorder (kulstof2022) er ikke i projektet; våd jord er kun terrænets bud.",
    "en": "The official map of low-lying soils (kulstof2022) is not in the project: wet ground is the terrain's guess.",
}
NO_CONFLICTS: dict[Language, str] = {
    "da": "Forurening, drikkevand, beskyttet natur og højt grundvand er ikke kortlagt: der kan være konflikter.",
    "en": "Contamination, wells, protected nature and high groundwater are not mapped: there may be conflicts.",
}
NO_RAIN: dict[Language, str] = {
    "da": "Ingen regnhændelse har den gentagelsesperiode, grønne områder rangordnes efter: deres rumfang alene tæller.",
    "en": "No rain event has the return period that green areas are ranked for: their room alone counts.",
}
BASINS_COUNTED: dict[Language, str] = {
    "da": (
        "I regnestykket om tiltag er de kendte bassiner tomme før regnen, og sluserne lukkede. Rumfang, som terrænet "
        "ikke viser, er lagt til både før og efter."
    ),
    "en": (
        "In the reckoning of measures the known basins are empty before the rain and their sluices closed. Room that "
        "the terrain does not show is added both before and after."
    ),
}


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    """Everything here is reckoned on larger cells: today and with a measure alike."""
    wanted_m = float(given.assumptions["measure_cell_m"])
    factor = max(round(wanted_m / max(storms.scene.grid.cell_size_m)), 1)
    coarse = storms.on(storms.scene.coarsened(factor))
    terrain = coarse.standing  # worked out once, before two ask for it
    with ThreadPoolExecutor(1) as pool:
        few = coarse.scene.grid.array.size <= MOST_CELLS_TWICE
        wet = pool.submit(_wet, given, coarse, terrain) if few else None
        given.progress("measures", 0.7)
        found = measures_found(given, coarse)
        given.progress("green areas", 0.8)
        found = found.and_then(_green(given, coarse))
        given.progress("wet ground", 0.85)
        found = found.and_then(_wet(given, coarse, terrain) if wet is None else wet.result())
    notes = [BASINS_COUNTED] if given.inputs.get("basins") is not None else []
    return found.and_then(Found(notes=tuple(notes)))


def _green(given: Given, storms: Storms) -> Found:
    scene, terrain = storms.scene, storms.standing
    areas = table_or_empty(given, "green_areas", ("area_id",), crs=scene.grid.crs)
    conflicts, rain = known_table(given, "ground_conflicts"), _rain_of(given, storms)
    covered = [
        shape for name in ("lakes", "buildings") for shape in table_or_empty(given, name, crs=scene.grid.crs).geometry
    ]
    room = room_of(
        areas.geometry,
        hollow_m=terrain.filled - terrain.dtm,
        slope=slope_of(scene.grid.array, cell_size_m=scene.grid.cell_size_m),
        directions=terrain.directions,
        running_m3=_running_m3(storms, rain),
        diggable=~_mask(covered, storms) & (scene.outlets == 0),
        dig_m=float(given.assumptions["retention_depth_m"]),
        most_slope=float(given.assumptions["retention_max_slope_pct"]) / _PER_CENT,
        grid=scene.grid,
    )
    sites = green_sites(areas, room, conflicts=conflicts_of(areas.geometry, conflicts))
    free = sites[sites["conflicts"] == NONE_KNOWN]
    mapped = known_table(given, "green_areas") is not None
    indicators = {
        "green_free": float(len(free)) if mapped and conflicts is not None else None,
        "green_best_m3": float(sites["retention_m3"].iloc[0]) if len(sites) else None,
    }
    unknown = ((NO_CONFLICTS, conflicts is None), (NO_RAIN, rain is None))
    notes = tuple(words for words, lacks in unknown if lacks and mapped)
    return Found(tables={"green_sites": sites}, indicators=indicators, notes=notes)


def _mask(polygons: list[shapely.Geometry], storms: Storms) -> NDArray[np.bool_]:
    shape = storms.scene.grid.shape
    return mask_of(polygons, grid=storms.scene.grid) if polygons else np.zeros(shape, dtype=np.bool_)


def _rain_of(given: Given, storms: Storms) -> Rain | None:
    """Return the rain that green areas are ranked for: of those with the return period asked for, the greatest."""
    period_y = float(given.assumptions["retention_return_period_y"])
    found = [rain for rain in storms.rains or () if rain.return_period_y == period_y]
    return max(found, key=lambda rain: rain.rain_mm, default=None)


def _running_m3(storms: Storms, rain: Rain | None) -> NDArray[np.float64] | None:
    """Return the water that runs off each cell in the design event; None where that is unknown."""
    if rain is None:
        return None
    lost_mm = losses_mm(storms.scene, rain, storms.rains or (), storms.soaking)[service_classes(storms.scene)]
    if storms.scene.extra_loss_mm is not None:
        lost_mm = lost_mm + storms.scene.extra_loss_mm
    m3_per_mm = storms.scene.grid.cell_area_m2 / MM_PER_M
    return np.asarray(
        np.maximum(rain.rain_mm - lost_mm, 0.0) * np.asarray(storms.scene.runoff) * m3_per_mm, dtype=np.float64
    )


def _wet(given: Given, storms: Storms, terrain: Terrain) -> Found:
    scene, values = storms.scene, given.assumptions
    index = wetness_index(
        scene.grid.array,
        cell_size_m=scene.grid.cell_size_m,
        least_slope=float(values["wet_least_slope_pct"]) / _PER_CENT,
    )
    above_m = height_above_stream(scene.grid.array, terrain.directions, streams=_streams(given, storms))
    ground = terrain_ground(
        index,
        above_m,
        within=scene.town & ~_mask(list(table_or_empty(given, "lakes", crs=scene.grid.crs).geometry), storms),
        least_index=float(values["wet_index_min"]),
        most_above_m=float(values["wet_height_max_m"]),
        least_m2=float(values["wet_area_min_m2"]),
        grid=scene.grid,
    )
    lavbund = known_table(given, "lavbund")
    outline = shapely.union_all(gpd.GeoDataFrame(given.inputs["municipality"]).geometry.to_numpy())
    official = official_ground(lavbund, municipality=outline, crs=scene.grid.crs)
    return Found(
        tables={"wet_ground": wet_ground(ground, official)},
        rasters={
            "wetness_index": scene.grid.with_array(index, nodata=float("nan")),
            "height_above_stream_m": scene.grid.with_array(above_m, nodata=float("nan")),
        },
        indicators={"wet_ground_ha": float(ground["area_m2"].sum()) / _M2_PER_HA},
        notes=(NO_LAVBUND,) if lavbund is None else (),
    )


def _streams(given: Given, storms: Storms) -> NDArray[np.bool_]:
    """Return the cells of streams and recipients, and those with as much upstream area as makes a drainage line."""
    scene = storms.scene
    least_cells = float(given.assumptions["drainage_line_min_ha"]) * _M2_PER_HA / scene.grid.cell_area_m2
    found = (scene.outlets > 0) | (storms.standing.upstream_cells >= least_cells)
    streams = known_table(given, "streams")
    if streams is not None and len(streams):
        found |= burn_labels(streams.geometry, [1] * len(streams), grid=scene.grid) > 0
    return np.asarray(found & np.isfinite(scene.grid.array), dtype=np.bool_)


WET_KINDS = {
    "terrain": Text(da="våd efter terrænets form", en="wet by the form of the terrain"),
    "official": Text(da="lavbund på det officielle kort", en="low-lying soil on the official map"),
}


RETENTION = Part(
    compute=_compute,
    apart=True,
    inputs=(
        Input(
            "measures",
            "any",
            columns=("measure_id", "kind"),
            optional_columns=("name", "depth_m", "volume_m3", "capacity_l_s", "height_m"),
            required=False,
        ),
        Input(
            "basins", "polygon", columns=("basin_id",), optional_columns=("name", "volume_m3", "sluice"), required=False
        ),
        Input("green_areas", "polygon", columns=("area_id",), optional_columns=("name", "public"), required=False),
        Input("ground_conflicts", "polygon", columns=("kind",), required=False),
        Input("lakes", "polygon", required=False),
        Input("streams", "line", required=False),
        Input("lavbund", "polygon", required=False),
        Input("roads", "line", optional_columns=("carriageway_m",), required=False),
        Input("buildings", "polygon", required=False),
    ),
    assumptions=(
        Assumption("measure_cell_m", "m", minimum=0.1),
        Assumption("retention_depth_m", "m", minimum=0.0),
        Assumption("retention_max_slope_pct", "%", minimum=0.0),
        Assumption("retention_return_period_y", "år", minimum=0.0),
        Assumption("wet_least_slope_pct", "%", minimum=0.001),
        Assumption("wet_index_min", "1"),
        Assumption("wet_height_max_m", "m", minimum=0.0),
        Assumption("wet_area_min_m2", "m²", minimum=0.0),
    ),
    tables=(
        *EFFECT_TABLES,
        OutputTable(
            "green_sites",
            "polygon",
            (
                text("area_id", "område", "area"),
                text("name", "navn", "name"),
                OutputColumn("rank", "integer", None, "plads", "rank"),
                figure("area_m2", "m²", "areal", "area"),
                figure("retention_m3", "m³", "kan holde", "could hold"),
                figure("inflow_m3", "m³", "vand, der højst når dertil", "water that reaches it at most"),
                figure("gain_m3", "m³", "heraf mere end i dag", "of that more than today"),
                text("conflicts", "konflikter", "conflicts", CONFLICTS),
                OutputColumn("public", "boolean", None, "offentligt", "public"),
            ),
        ),
        OutputTable(
            "wet_ground",
            "polygon",
            (
                text("wet_id", "nummer", "number"),
                figure("area_m2", "m²", "areal", "area"),
                text("kind", "slags", "kind", WET_KINDS),
            ),
        ),
    ),
    rasters=(
        OutputRaster(
            "wetness_index",
            "ln m",
            "fugtighedsindeks ln(a / tan β): højt, hvor meget vand samles på fladt terræn",
            "wetness index ln(a / tan β): high where much water gathers on flat ground",
        ),
        OutputRaster(
            "height_above_stream_m",
            "m",
            "højde over det vandløb eller den strømningslinje, som vandet når først",
            "height above the stream or drainage line that water reaches first",
        ),
    ),
    indicators=(
        Indicator(
            "measures_held_m3",
            "m³",
            "Så meget mindre vand forlader kommunen i den største regn med alle tiltag",
            "So much less water leaves the municipality in the greatest rain with all measures",
            significant=2,
        ),
        Indicator("green_free", "1", "Grønne områder uden kendte konflikter", "Green areas without known conflicts"),
        Indicator(
            "green_best_m3",
            "m³",
            "Vand, som det grønne område øverst på listen kan holde",
            "Water that the green area at the top of the list could hold",
            significant=2,
        ),
        Indicator(
            "wet_ground_ha", "ha", "Jord, der er våd efter terrænets form", "Ground wet by the terrain", significant=2
        ),
    ),
    limits=(
        {
            "da": (
                "Tiltag og grønne områder er regnet på større celler end terrænmodellens, i dag og med tiltag ens: "
                "forskellen er tiltagets, men de enkelte tal er grovere end i skybrudskortet."
            ),
            "en": (
                "Measures and green areas are reckoned on larger cells than the terrain's, today and with a measure "
                "alike: the difference is the measure's, but each figure is coarser than on the cloudburst map."
            ),
        },
        {
            "da": (
                "Et bassin er regnet tomt før regnen, og dets sluse lukket; et nedsivningsområde tager sit rumfang, "
                "hvor hurtigt jorden end sluger det. Et grønt område kan rumme mindre end vist: ledninger, træer, "
                "grundvand og brug er ikke undersøgt."
            ),
            "en": (
                "A basin is reckoned empty before the rain and its sluice closed; an infiltration area takes its "
                "volume however fast the soil drinks. A green area may hold less than shown: pipes, trees, groundwater "
                "and use have not been looked into."
            ),
        },
        {
            "da": (
                "Rækkefølgen af grønne områder afhænger af cellernes størrelse: hældning, lavninger og vandets vej ses "
                "anderledes på større celler, og et andet område kan komme øverst. Se på flere af de øverste."
            ),
            "en": (
                "The order of green areas depends on the size of the cells: slope, hollows and the way of the water "
                "look different on larger cells, and another area may come first. Look at several of the first."
            ),
        },
        {
            "da": (
                "Våd jord er et fingerpeg fra terrænets form: jordart, dræn og grundvand er ikke med. Det officielle "
                "kort over lavbund gælder ved siden af og erstattes ikke."
            ),
            "en": (
                "Wet ground is a hint from the form of the terrain: soil, drains and groundwater are not in it. The "
                "official map of low-lying soils stands beside it and is not replaced."
            ),
        },
    ),
)
