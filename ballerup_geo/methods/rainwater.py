"""Rainwater, first form: where rain runs, which recipient it reaches first, and where it stands.

The terrain decides alone: no time, no sewers, no infiltration. Culverts are cut through their embankments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.methods._drainage import drainage_lines
from ballerup_geo.methods._grid import burn_labels, cells_on_line, label_polygons, line_of_cells, mask_of
from ballerup_geo.raster import Raster
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
)
from ballerup_geo.spec.words import Language, enumeration, number

__all__ = ["METHOD", "rainwater"]

NOWHERE_ID = "none"
_NOWHERE_NAME = "Ud over kortets kant"
_SQUARE_METRES_PER_SQUARE_KILOMETRE = 1_000_000.0


@dataclass(frozen=True, slots=True)
class _Ground:
    """The terrain as water meets it, with what is asked about it."""

    grid: Raster
    terrain: hydrology.Terrain
    town: NDArray[np.bool_]
    """Cells of the municipality."""
    recipients: gpd.GeoDataFrame
    """Row i has label i + 1 in the rasters below."""
    outlets: NDArray[np.int32]
    """Label of the recipient that lies on a cell, else 0."""
    first: NDArray[np.int32]
    """Label of the recipient that a cell's water reaches first, else 0."""


def rainwater(given: Given) -> Outcome:
    """Follow the rain over the terrain.

    Depressions are filled to their pour points (priority-flood result), each cell drains to its steepest neighbour (D8),
    and following the directions tells which recipient the water reaches first.

    Raises
    ------
    MethodError
        No terrain cell lies in the municipality, or none there has a height, or all recipients lie outside the raster.
    """
    ground = _ground(given)
    given.progress("bluespots", 0.5)
    spots = _bluespots(ground, given)
    given.progress("catchments", 0.7)
    catchments = _catchments(ground)
    given.progress("flow paths", 0.85)
    top = _highest_cell(ground, ground.town)
    paths = _flow_paths(ground, top)
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
            "high_point": _high_point(ground, top),
            "bluespots": spots,
            "drainage_lines": lines,
        },
        rasters={
            "depth_m": ground.grid.with_array(ground.terrain.filled - ground.terrain.dtm, nodata=float("nan")),
            "directions": ground.grid.with_array(ground.terrain.directions, nodata=255),
            "recipient": ground.grid.with_array(ground.first.astype(np.uint8), nodata=None),
        },
        indicators=_indicators(ground, catchments=catchments, paths=paths, spots=spots, top=top),
        answer={language: _answer(language, catchments, paths) for language in ("da", "en")},
        notes=_notes(given, ground),
    )


def _number(given: Given, name: str) -> float:
    return float(given.assumptions[name])


def _table(given: Given, name: str, columns: Iterable[str]) -> gpd.GeoDataFrame:
    """Return an input table, or an empty one with these columns where it is unknown."""
    frame = given.inputs.get(name)
    if frame is None:
        grid = cast(Raster, given.inputs["terrain"])
        return gpd.GeoDataFrame(
            {column: [] for column in columns}, geometry=gpd.GeoSeries([], crs=grid.crs), crs=grid.crs
        )
    return cast(gpd.GeoDataFrame, frame)


# ---------------------------------------------------------------- the ground


def _ground(given: Given) -> _Ground:
    grid = cast(Raster, given.inputs["terrain"])
    town = mask_of(_table(given, "municipality", ()).geometry, grid=grid)
    _check_cover(grid, town)
    recipients = _table(given, "recipients", ("recipient_id", "name"))
    recipients = recipients.sort_values("recipient_id").reset_index(drop=True)
    outlets = burn_labels(recipients.geometry, range(1, len(recipients) + 1), grid=grid)
    if len(recipients) and not outlets.any():
        todo = "check the recipients' coordinates, or let the terrain reach them"
        raise MethodError(Fault("recipients", "", "all lie outside the terrain raster", todo))
    given.progress("filling depressions", 0.05)
    dtm = _cut_culverts(grid, _table(given, "culverts", ("culvert_id",)))
    terrain = hydrology.analyse(dtm, cell_size_m=grid.cell_size_m, nodata=grid.nodata)
    given.progress("watersheds", 0.4)
    first = hydrology.watersheds(terrain.directions, outlets)
    return _Ground(grid=grid, terrain=terrain, town=town, recipients=recipients, outlets=outlets, first=first)


def _check_cover(grid: Raster, town: NDArray[np.bool_]) -> None:
    if not town.any():
        raise MethodError(
            Fault(
                "terrain",
                "",
                "no cell of it lies in the municipality",
                "choose a terrain (or a smaller cell) that covers it",
            )
        )
    if not np.isfinite(grid.array[town]).any():
        raise MethodError(
            Fault("terrain", "", "no cell in the municipality has a height", "choose a terrain that covers it")
        )


def _cut_culverts(grid: Raster, culverts: gpd.GeoDataFrame) -> NDArray[np.float32]:
    """Return the terrain with a channel where water passes under an embankment, sloping evenly from end to end."""
    dtm = np.array(grid.array, dtype=np.float32)
    for line in culverts.geometry.explode(index_parts=False):
        rows, cols, share = cells_on_line(line, grid=grid)
        if len(rows) < 2:
            continue
        bed = dtm[rows[0], cols[0]] + share * (dtm[rows[-1], cols[-1]] - dtm[rows[0], cols[0]])
        dtm[rows, cols] = np.minimum(dtm[rows, cols], bed)
    return dtm


def _highest_cell(ground: _Ground, among: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return row and column of the highest cell of a mask (the first in row order where several are), or None."""
    heights = np.where(among, ground.grid.array, -np.inf)
    heights[np.isnan(heights)] = -np.inf
    position = int(np.argmax(heights))
    row, col = divmod(position, ground.grid.shape[1])
    return (row, col) if np.isfinite(heights[row, col]) else None


# ---------------------------------------------------------------- tables


def _catchments(ground: _Ground) -> gpd.GeoDataFrame:
    """Return the municipality's parts by the recipient that their water reaches first, largest first."""
    nowhere = len(ground.recipients) + 1
    labels = np.where(ground.town, np.where(ground.first > 0, ground.first, nowhere), 0).astype(np.int32)
    labels[~np.isfinite(ground.grid.array)] = 0
    cells = np.bincount(labels.ravel(), minlength=nowhere + 1)
    polygons = label_polygons(labels, grid=ground.grid)
    outlines = shapely.coverage_simplify(polygons.to_numpy(), tolerance=max(ground.grid.cell_size_m))
    rows = polygons.index.to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "recipient_id": [_recipient(ground, label, "recipient_id") for label in rows],
            "name": [_recipient(ground, label, "name") for label in rows],
            "area_m2": cells[rows] * ground.grid.cell_area_m2,
            "share_pct": 100.0 * cells[rows] / cells[1:].sum(),
            "target_year": pd.array([_target_year(ground, label) for label in rows], dtype="Int64"),
        },
        geometry=gpd.GeoSeries(outlines, crs=ground.grid.crs),
        crs=ground.grid.crs,
    )
    return frame.sort_values(["area_m2", "recipient_id"], ascending=[False, True], ignore_index=True)


def _recipient(ground: _Ground, label: int, column: str) -> str:
    """Return a recipient's id or name by its label in the rasters; label 0 and beyond the last is nowhere."""
    if 1 <= label <= len(ground.recipients):
        return str(ground.recipients.iloc[label - 1][column])
    return NOWHERE_ID if column == "recipient_id" else _NOWHERE_NAME


def _target_year(ground: _Ground, label: int) -> int | None:
    if not 1 <= label <= len(ground.recipients) or "target_year" not in ground.recipients:
        return None
    year = ground.recipients.iloc[label - 1]["target_year"]
    return None if pd.isna(year) else int(year)


def _bluespots(ground: _Ground, given: Given) -> gpd.GeoDataFrame:
    """Return the hollows of the municipality that are deep and large enough, by volume."""
    table = ground.terrain.depressions
    inside = np.unique(ground.terrain.bluespots[ground.town])
    chosen = table[
        table["id"].isin(inside)
        & (table["max_depth_m"] >= _number(given, "bluespot_min_depth_m"))
        & (table["volume_m3"] >= _number(given, "bluespot_min_volume_m3"))
    ].sort_values(["volume_m3", "id"], ascending=[False, True], ignore_index=True)
    kept = np.zeros(int(ground.terrain.bluespots.max()) + 1, bool)
    kept[chosen["id"]] = True
    polygons = label_polygons(np.where(kept[ground.terrain.bluespots], ground.terrain.bluespots, 0), grid=ground.grid)
    labels = ground.first[chosen["pour_row"], chosen["pour_col"]]
    columns = ["area_m2", "volume_m3", "max_depth_m", "fill_mm", "spill_level_m"]
    return gpd.GeoDataFrame(
        {
            "bluespot_id": np.arange(1, len(chosen) + 1),
            **{column: chosen[column].to_numpy(float) for column in columns},
            "recipient_id": [_recipient(ground, label, "recipient_id") for label in labels],
            "recipient_name": [_recipient(ground, label, "name") for label in labels],
        },
        geometry=gpd.GeoSeries(polygons.loc[chosen["id"]].to_numpy(), crs=ground.grid.crs),
        crs=ground.grid.crs,
    )


def _flow_paths(ground: _Ground, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    """Return the way of the water to each recipient.

    From the highest point the water takes one way, and may pass several recipients on it. A recipient not on that way gets the
    path from the highest cell of its own part of the municipality.
    """
    rows = [] if top is None else _paths_from(ground, top, kind="summit")
    reached = {row["recipient_id"] for row in rows}
    for label in range(1, len(ground.recipients) + 1):
        if _recipient(ground, label, "recipient_id") in reached:
            continue
        start = _highest_cell(ground, ground.town & (ground.first == label))
        if start is not None:
            rows.extend(_paths_from(ground, start, kind="catchment_top", only=label))
    columns = ["path_id", "recipient_id", "name", "kind", "start_height_m", "length_m", "drop_m", "geometry"]
    for order, row in enumerate(rows, start=1):
        row["path_id"] = f"fp-{order:02d}"
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=ground.grid.crs)


def _paths_from(
    ground: _Ground, start: tuple[int, int], *, kind: str, only: int | None = None
) -> list[dict[str, object]]:
    """Return the paths from a cell to every recipient on its way (or to one), each ending where it meets the recipient."""
    cells = hydrology.flow_path(ground.terrain.directions, *start)
    labels = ground.outlets[cells[:, 0], cells[:, 1]]
    met = [label for label in dict.fromkeys(labels.tolist()) if label > 0 and only in (None, label)]
    ends = {label: int(np.argmax(labels == label)) for label in met}
    if not met and only is None:
        ends = {0: len(cells) - 1}
    return [_path(ground, cells[: end + 1], label=label, kind=kind) for label, end in ends.items()]


def _path(ground: _Ground, cells: NDArray[np.int32], *, label: int, kind: str) -> dict[str, object]:
    line = line_of_cells(cells[:, 0], cells[:, 1], grid=ground.grid)
    heights = ground.grid.array[cells[[0, -1], 0], cells[[0, -1], 1]]
    return {
        "recipient_id": _recipient(ground, label, "recipient_id"),
        "name": _recipient(ground, label, "name"),
        "kind": kind,
        "start_height_m": float(heights[0]),
        "length_m": float(line.length),
        "drop_m": float(heights[0] - heights[1]),
        "geometry": line,
    }


def _high_point(ground: _Ground, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    cells = [] if top is None else [top]
    heights = [float(ground.grid.array[cell]) for cell in cells]
    points = gpd.GeoSeries([shapely.Point(ground.grid.centre_of(*cell)) for cell in cells], crs=ground.grid.crs)
    return gpd.GeoDataFrame({"height_m": np.asarray(heights, float)}, geometry=points, crs=ground.grid.crs)


# ---------------------------------------------------------------- figures and words


def _indicators(
    ground: _Ground,
    *,
    catchments: gpd.GeoDataFrame,
    paths: gpd.GeoDataFrame,
    spots: gpd.GeoDataFrame,
    top: tuple[int, int] | None,
) -> dict[str, float | None]:
    named = catchments[catchments["recipient_id"] != NOWHERE_ID]
    return {
        "highest_point_m": None if top is None else float(ground.grid.array[top]),
        "area_km2": float(catchments["area_m2"].sum()) / _SQUARE_METRES_PER_SQUARE_KILOMETRE,
        "recipients_reached": float((paths["recipient_id"] != NOWHERE_ID).sum()) if len(ground.recipients) else None,
        "to_recipients_pct": float(named["share_pct"].sum()) if len(ground.recipients) else None,
        "bluespots": float(len(spots)),
        "bluespot_volume_m3": float(spots["volume_m3"].sum()),
    }


def _answer(language: Language, catchments: gpd.GeoDataFrame, paths: gpd.GeoDataFrame) -> str:
    """Return where the rain goes, in one sentence."""
    shares = [
        f"{_name(row.name, row.recipient_id, language)} ({number(row.share_pct, language=language)} %)"
        for row in catchments.loc[catchments["share_pct"] >= 0.5, ["name", "recipient_id", "share_pct"]].itertuples(
            index=False
        )
    ]
    where = enumeration(shares, language=language)
    if language == "da":
        return f"Terrænet fører regnen flere veje: først til {where} af kommunens areal."
    return f"The terrain leads the rain several ways: first to {where} of the municipality's area."


def _name(name: str, recipient_id: str, language: Language) -> str:
    if recipient_id != NOWHERE_ID:
        return name
    return "ud over kortets kant" if language == "da" else "beyond the map's edge"


def _notes(given: Given, ground: _Ground) -> tuple[dict[Language, str], ...]:
    notes: list[dict[Language, str]] = []
    if given.inputs.get("recipients") is None:
        notes.append(
            {
                "da": "Recipienterne er ikke kortlagt: kortet viser kun, hvor vandet løber ud over kanten.",
                "en": "The recipients are not mapped: the map only shows where water runs over the edge.",
            }
        )
    if given.inputs.get("culverts") is None:
        notes.append(
            {
                "da": "Underløb er ikke kortlagt: dæmninger kan spærre for vandet på kortet, hvor det i virkeligheden løber under.",
                "en": "Culverts are not mapped: embankments may stop the water on the map where it really passes under.",
            }
        )
    unknown = int((ground.town & ~np.isfinite(ground.grid.array)).sum())
    if unknown:
        notes.append(
            {
                "da": f"{number(unknown)} terrænceller i kommunen har ingen højde og er ikke med.",
                "en": f"{number(unknown, language='en')} terrain cells in the municipality have no height and are left out.",
            }
        )
    return tuple(notes)


# ---------------------------------------------------------------- the declaration


def _text(name: str, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, "text", da=da, en=en)


def _figure(name: str, unit: str, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, "number", unit, da, en)


_RECIPIENT = _text("recipient_id", "recipient", "recipient")

METHOD = Method(
    id="rainwater",
    version="1",
    function=rainwater,
    summary={
        "da": (
            "Terrænets lavninger fyldes op til det punkt, hvor vandet løber over. Fra hver celle løber vandet til den nabo, der ligger "
            "stejlest nede (D8). Følges retningerne, ses det, hvilken recipient vandet når først. Lavninger, hvor vand bliver stående, "
            "hedder bluespots; deres rumfang er forskellen mellem det fyldte og det virkelige terræn. Hvor en dæmning har et underløb, "
            "skæres der en rende igennem."
        ),
        "en": (
            "The hollows of the terrain are filled to the point where water runs over. From each cell water runs to the neighbour that lies "
            "steepest below (D8). Following the directions tells which recipient the water reaches first. Hollows where water stays are "
            "called bluespots; their volume is the difference between the filled and the real terrain. Where an embankment has a culvert, "
            "a channel is cut through it."
        ),
    },
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
                _text("name", "navn", "name"),
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
                _text("name", "navn", "name"),
                _text("kind", "begynder ved", "begins at"),
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
                _text("recipient_name", "løber over mod", "spills towards"),
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
            "recipient", "-", "nummer på recipienten, vandet når først", "number of the recipient reached first"
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
        Indicator("bluespot_volume_m3", "m³", "Rumfang af alle bluespots", "Volume of all bluespots", -2),
    ),
    limits=(
        {
            "da": "Screening, ikke prognose: der er ingen tid, ingen kloak og ingen nedsivning i regnestykket.",
            "en": "Screening, not a forecast: there is no time, no sewer and no infiltration in the calculation.",
        },
        {
            "da": "En lavning på kortet kan have et afløb, som ikke er kortlagt.",
            "en": "A hollow on the map may have a drain that is not mapped.",
        },
    ),
)
