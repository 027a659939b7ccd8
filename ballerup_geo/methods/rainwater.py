"""Rainwater, first form: where rain runs, which recipient it reaches first, and where it stands.

The terrain decides alone: no time, no sewers, no infiltration. Culverts are cut through their embankments.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np

from ballerup_geo.hydrology._codes import NODATA
from ballerup_geo.methods._drainage import drainage_lines
from ballerup_geo.methods._rainwater_ground import NOWHERE_ID, Ground, ground_of, height_of, highest_cell
from ballerup_geo.methods._rainwater_tables import (
    bluespots_table,
    catchments_table,
    flow_paths_table,
    high_point_table,
)
from ballerup_geo.methods._rainwater_words import LIMITS, NO_CULVERTS, NO_RECIPIENTS, NOWHERE, STARTS, SUMMARY
from ballerup_geo.spec import (
    Assumption,
    Given,
    Indicator,
    Input,
    Method,
    Outcome,
    OutputColumn,
    OutputRaster,
    OutputTable,
    Text,
)
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = ["METHOD", "rainwater"]

_SQUARE_METRES_PER_SQUARE_KILOMETRE = 1_000_000.0
_LEAST_SHARE_NAMED_PCT = 0.5  # less is 0 % as written


def rainwater(given: Given) -> Outcome:
    """Follow the rain over the terrain.

    Depressions are filled to their pour points (priority-flood result), each cell drains to its steepest neighbour
    (D8), and following the directions tells which recipient the water reaches first.

    Raises
    ------
    MethodError
        No terrain cell lies in the municipality, or none there has a height, or all recipients lie outside the raster,
        or one is called "none".
    """
    ground = ground_of(given)
    given.progress("bluespots", 0.5)
    spots = bluespots_table(
        ground,
        min_depth_m=_number(given, "bluespot_min_depth_m"),
        min_volume_m3=_number(given, "bluespot_min_volume_m3"),
    )
    given.progress("catchments", 0.7)
    catchments = catchments_table(ground)
    given.progress("flow paths", 0.85)
    top = highest_cell(ground, ground.town)
    paths = flow_paths_table(ground, top)
    lines = drainage_lines(
        ground.terrain.directions,
        ground.terrain.accumulation,
        within=ground.town,
        least_ha=_number(given, "drainage_line_min_ha"),
        grid=ground.grid,
    )
    given.progress("done", 1.0)
    return Outcome(
        tables={
            "catchments": catchments,
            "flow_paths": paths,
            "high_point": high_point_table(ground, top),
            "bluespots": spots,
            "drainage_lines": lines,
        },
        rasters={
            "depth_m": ground.grid.with_array(ground.terrain.filled - ground.terrain.dtm, nodata=float("nan")),
            "directions": ground.grid.with_array(ground.terrain.directions, nodata=NODATA),
            "recipient": ground.grid.with_array(ground.first.astype(np.min_scalar_type(len(ground.recipients)))),
        },
        indicators=_indicators(ground, catchments=catchments, paths=paths, spots=spots, top=top),
        answer={language: _answer(language, catchments) for language in ("da", "en")},
        notes=_notes(given, ground),
    )


def _number(given: Given, name: str) -> float:
    return float(given.assumptions[name])


def _indicators(
    ground: Ground,
    *,
    catchments: gpd.GeoDataFrame,
    paths: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    top: tuple[int, int] | None,
) -> dict[str, float | None]:
    named = catchments[catchments["recipient_id"] != NOWHERE_ID]
    return {
        "highest_point_m": None if top is None else height_of(ground, top),
        "area_km2": float(catchments["area_m2"].sum()) / _SQUARE_METRES_PER_SQUARE_KILOMETRE,
        "recipients_reached": float((paths["recipient_id"] != NOWHERE_ID).sum()) if len(ground.recipients) else None,
        "to_recipients_pct": float(named["share_pct"].sum()) if len(ground.recipients) else None,
        "bluespots": float(len(spots)),
        "bluespot_volume_m3": float(spots["volume_m3"].sum()),
    }


def _answer(language: Language, catchments: gpd.GeoDataFrame) -> str:
    """Return where the rain goes, in one sentence: every recipient of at least half a percent of the area."""
    shown = catchments[(catchments["share_pct"] >= _LEAST_SHARE_NAMED_PCT) | (catchments.index == 0)]
    parts = [
        f"{number(share, language=language)} % {_where(recipient_id, name, language)}"
        for recipient_id, name, share in zip(shown["recipient_id"], shown["name"], shown["share_pct"], strict=True)
    ]
    where = enumeration(parts, language=language)
    if language == "da":
        ways = "Regnen løber flere veje: af" if len(parts) > 1 else "Regnen løber én vej: af"
        return f"{ways} kommunens areal afvander {where}."
    ways = "The rain runs several ways" if len(parts) > 1 else "The rain runs one way"
    return f"{ways}: of the municipality's area, {where}."


def _where(recipient_id: str, name: str, language: Language) -> str:
    if recipient_id == NOWHERE_ID:
        return "ud over kortets kant" if language == "da" else "drains beyond the map's edge"
    return f"først til {name}" if language == "da" else f"drains first to {name}"


def _notes(given: Given, ground: Ground) -> tuple[dict[Language, str], ...]:
    notes: list[dict[Language, str]] = []
    if given.inputs.get("recipients") is None:
        notes.append(NO_RECIPIENTS)
    if given.inputs.get("culverts") is None:
        notes.append(NO_CULVERTS)
    unknown = int((ground.town & ~np.isfinite(ground.grid.array)).sum())
    if unknown:
        notes.append(
            {
                "da": f"{number(unknown)} terrænceller har ingen højde og er ikke med.",
                "en": f"{number(unknown, language='en')} terrain cells have no height and are left out.",
            }
        )
    return tuple(notes)


def _text(name: str, da: str, en: str, codes: Mapping[str, Text] | None = None) -> OutputColumn:
    return OutputColumn(name, "text", da=da, en=en, codes=codes)


def _figure(name: str, unit: str, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, "number", unit, da, en)


_RECIPIENT = _text("recipient_id", "recipient", "recipient")

METHOD = Method(
    id="rainwater",
    version="2",
    function=rainwater,
    summary=SUMMARY,
    inputs=(
        Input("terrain", "raster"),
        Input("municipality", "polygon", columns=("name",)),
        Input("recipients", "any", columns=("recipient_id", "name"), optional_columns=("target_year",), required=False),
        Input("culverts", "line", columns=("culvert_id",), required=False),
    ),
    assumptions=(
        Assumption("bluespot_min_depth_m", "m", minimum=0.0),
        Assumption("bluespot_min_volume_m3", "m³", minimum=0.0),
        Assumption("drainage_line_min_ha", "ha", minimum=0.0),
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
