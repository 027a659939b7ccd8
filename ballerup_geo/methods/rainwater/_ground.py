"""Read the scene of the rainwater analysis from its layers, and refuse what cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault, MethodError
from ballerup_geo.methods._coded import Coded
from ballerup_geo.methods._grid import burn_centres, burn_labels, mask_of
from ballerup_geo.methods.rainwater._chain import chain_of
from ballerup_geo.methods.rainwater._culverts import culverts_of
from ballerup_geo.methods.rainwater._inputs import known_table, table_or_empty
from ballerup_geo.methods.rainwater._scene import Culvert, Scene, SewerArea, recipient_of
from ballerup_geo.methods.rainwater._words import (
    NO_CULVERTS,
    NO_LAND_COVER,
    NO_NEIGHBOURS,
    NO_RECIPIENTS,
    NOWHERE_ID,
    Words,
    beyond_terrain,
    covered_recipients,
)
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given
from ballerup_geo.spec.words import number

__all__ = ["COVERS", "Setting", "scene_of"]

COVERS = ("roof", "road", "paved", "gravel", "garden", "grass", "field", "forest", "wetland", "water")
"""Codes of land cover; each has an assumption ``runoff_<cover>``."""
SEALED = ("roof", "road", "paved")
"""Where no rain soaks away."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """The scene, and what the page should say of it."""

    scene: Scene
    notes: tuple[Words, ...]


def scene_of(given: Given) -> Setting:
    """Read the scene.

    Raises
    ------
    MethodError, DataError
        The terrain does not cover the municipality, has no heights or other than metres; recipients lie outside the
        raster; a culvert has an impossible end.
    """
    grid = _heights(cast(Raster, given.inputs["terrain"]))
    municipality = table_or_empty(given, "municipality", crs=grid.crs).geometry
    town = mask_of(municipality, grid=grid)
    _check_cover(grid, municipality, town, float(given.assumptions["terrain_gap_max_pct"]))
    recipients = table_or_empty(given, "recipients", ("recipient_id", "name"), crs=grid.crs)
    recipients = recipients.sort_values("recipient_id").reset_index(drop=True)
    chain_of(recipients)
    neighbours = known_table(given, "neighbours")
    culverts, left_out = _culverts(given, grid, town)
    runoff, sealed = _land_cover(given, grid)
    sewers, sewer = _sewers(given, grid, town, recipients)
    scene = Scene(
        grid=grid,
        town=town,
        runoff=runoff,
        sealed=sealed,
        recipients=recipients,
        outlets=_outlets(recipients, grid),
        neighbours=neighbours,
        neighbour=_neighbour(neighbours, grid, town),
        culverts=culverts,
        sewers=sewers,
        sewer=sewer,
    )
    return Setting(scene, tuple(_notes(given, scene, left_out)))


def _heights(grid: Raster) -> Raster:
    """Return the terrain as float32 with NaN where no height is known."""
    heights = np.asarray(grid.array, dtype=np.float32)
    if grid.nodata is not None and not np.isnan(grid.nodata):
        heights = np.where(grid.array == grid.nodata, np.float32(np.nan), heights)
    return grid.with_array(heights, nodata=float("nan"))


def _check_cover(grid: Raster, municipality: gpd.GeoSeries, town: NDArray[np.bool_], most_gap_pct: float) -> None:
    """Refuse a terrain that leaves out more of the municipality than a few cells without height."""
    if not town.any():
        todo = "choose a terrain (or a smaller cell) that covers it"
        raise MethodError(Fault("terrain", "", "no cell of it lies in the municipality", todo))
    blind = int(np.count_nonzero(town & ~np.isfinite(grid.array)))
    if blind == np.count_nonzero(town):
        todo = "choose a terrain that covers it"
        raise MethodError(Fault("terrain", "", "no cell in the municipality has a height", todo))
    whole = municipality.union_all()
    beyond_m2 = max(whole.area - shapely.clip_by_rect(whole, *grid.bounds).area, 0.0)
    gap_pct = 100.0 * (beyond_m2 + blind * grid.cell_area_m2) / whole.area
    if gap_pct > most_gap_pct:
        what = (
            f"leaves out {gap_pct:.2g} % of the municipality: {beyond_m2:,.0f} m² lie beyond it, and {blind:,} cells "
            "have no height"
        )
        todo = "choose a terrain that covers it, or raise the assumption terrain_gap_max_pct"
        raise MethodError(Fault("terrain", "", what, todo))


def _outlets(recipients: gpd.GeoDataFrame, grid: Raster) -> NDArray[np.unsignedinteger[Any]]:
    if (recipients["recipient_id"] == NOWHERE_ID).any():
        what = f'a recipient is called "{NOWHERE_ID}", the word for water that reaches none'
        raise MethodError(Fault("recipients", "recipient_id", what, "give it another recipient_id"))
    smallest = np.min_scalar_type(len(recipients))
    outlets = burn_labels(recipients.geometry, range(1, len(recipients) + 1), grid=grid, dtype=smallest)
    if len(recipients) and not outlets.any():
        todo = "check the recipients' coordinates, or let the terrain reach them"
        raise MethodError(Fault("recipients", "", "all lie outside the terrain raster", todo))
    return outlets


def _neighbour(
    neighbours: gpd.GeoDataFrame | None, grid: Raster, town: NDArray[np.bool_]
) -> NDArray[np.unsignedinteger[Any]]:
    if neighbours is None or not len(neighbours):
        return np.zeros(grid.shape, np.uint8)
    labels = _areas(neighbours, grid)
    labels[town] = 0
    return labels


def _areas(polygons: gpd.GeoDataFrame, grid: Raster) -> NDArray[np.unsignedinteger[Any]]:
    """Return the number of the polygon (from 1) in which a cell's centre lies, else 0."""
    return burn_centres(polygons.geometry, range(1, len(polygons) + 1), grid=grid)


def _culverts(given: Given, grid: Raster, town: NDArray[np.bool_]) -> tuple[tuple[Culvert, ...], int]:
    lines = known_table(given, "culverts")
    if lines is None:
        return (), 0
    return culverts_of(lines, grid=grid, town=town, most_drop_m=float(given.assumptions["culvert_max_drop_m"]))


def _land_cover(given: Given, grid: Raster) -> tuple[Coded, Coded | None]:
    """Return the share of rain that runs off, and the sealed cells (None where land cover is unknown)."""
    reduction = float(given.assumptions["hydrological_reduction"])
    shares = [float(given.assumptions[f"runoff_{cover}"]) for cover in ("unmapped", *COVERS)]
    effective = np.array(shares, np.float32) * np.float32(reduction)
    polygons = known_table(given, "land_cover")
    if polygons is None or not len(polygons):
        return Coded(np.zeros(grid.shape, np.uint8), effective), None
    numbers = polygons["cover"].map({cover: place for place, cover in enumerate(COVERS, start=1)})
    if numbers.isna().any():
        strange = ", ".join(sorted(map(str, polygons.loc[numbers.isna(), "cover"].unique())))
        raise DataError(Fault("land_cover", "cover", f"{strange}: no known cover", f"use {', '.join(COVERS)}"))
    cover = burn_centres(polygons.geometry, numbers.astype(int), grid=grid)
    sealed = np.array([name in SEALED for name in ("unmapped", *COVERS)])
    return Coded(cover, effective), Coded(cover, sealed)


def _sewers(
    given: Given, grid: Raster, town: NDArray[np.bool_], recipients: gpd.GeoDataFrame
) -> tuple[tuple[SewerArea, ...] | None, NDArray[np.unsignedinteger[Any]] | None]:
    polygons = known_table(given, "sewer_areas")
    if polygons is None:
        return None, None
    levels = {system: float(given.assumptions[f"service_level_{system}_y"]) for system in ("separate", "combined")}
    areas = tuple(_sewer_area(row, levels) for row in polygons.to_dict("records"))
    _check_sewer_outlets(areas, recipients)
    number_of = _areas(polygons, grid)
    number_of[~town] = 0
    return areas, number_of


def _sewer_area(row: dict[Any, Any], levels: dict[str, float]) -> SewerArea:
    system, level, outlet = row["system"], row.get("service_level_y"), row.get("outlet_recipient")
    given = 0.0 if level is None or pd.isna(level) else float(level)
    years = 0.0 if system == "none" else given or levels[system]
    known = outlet is not None and not pd.isna(outlet)
    return SewerArea(str(row["sewer_area_id"]), years, str(outlet) if known else None)


def _check_sewer_outlets(areas: Iterable[SewerArea], recipients: gpd.GeoDataFrame) -> None:
    known = {str(name) for name in recipients["recipient_id"]}
    faults = [
        Fault("sewer_areas", f"outlet_recipient ({area.sewer_area_id})", what, "name a recipient_id, or leave it empty")
        for area in areas
        if area.outlet_recipient is not None and area.outlet_recipient not in known
        for what in [f'leads to "{area.outlet_recipient}", which is no recipient']
    ]
    if faults and len(recipients):
        raise DataError(faults)


def _without_cells(scene: Scene) -> Iterable[Words]:
    """Say which recipients no water can reach first: those beyond the terrain, and those that others cover."""
    without = sorted(set(range(1, len(scene.recipients) + 1)) - set(np.unique(scene.outlets).tolist()))
    shapes = scene.recipients.geometry
    covered = [
        label for label in without if burn_labels(shapes.iloc[label - 1 : label], [label], grid=scene.grid).any()
    ]
    beyond = [label for label in without if label not in covered]
    for labels, say in ((beyond, beyond_terrain), (covered, covered_recipients)):
        if labels:
            yield say(recipient_of(scene, label, "name") for label in labels)


def _without_capacity(culverts: gpd.GeoDataFrame | None) -> Iterable[Words]:
    """Say how many culverts have the capacity 0, which is taken for unknown (see `culverts_of`)."""
    if culverts is None or "capacity_l_s" not in culverts:
        return
    count = int((culverts["capacity_l_s"] <= 0).sum())
    if count:
        yield {
            "da": f"{number(count)} underløb har kapaciteten 0. Den regnes for ukendt: de fører alt vand, der når dem.",
            "en": (
                f"{number(count, language='en')} culverts have the capacity 0. It is taken for unknown: they carry all "
                "water that reaches them."
            ),
        }


def _notes(given: Given, scene: Scene, left_out: int) -> Iterable[Words]:
    missing = {
        "recipients": NO_RECIPIENTS,
        "culverts": NO_CULVERTS,
        "neighbours": NO_NEIGHBOURS,
        "land_cover": NO_LAND_COVER,
    }
    yield from (words for name, words in missing.items() if given.inputs.get(name) is None)
    yield from _without_cells(scene)
    if left_out:
        yield {
            "da": f"{number(left_out)} underløb er ikke med: de ligger inden for én celle eller når ud over terrænet.",
            "en": f"{number(left_out, language='en')} culverts are left out: within one cell, or beyond the terrain.",
        }
    yield from _without_capacity(known_table(given, "culverts"))
    unknown = int((scene.town & ~np.isfinite(scene.grid.array)).sum())
    if unknown:
        yield {
            "da": f"{number(unknown)} terrænceller har ingen højde og er ikke med: vand, der når dem, forlader kortet.",
            "en": (
                f"{number(unknown, language='en')} terrain cells have no height and are left out: water that reaches "
                "them leaves the map."
            ),
        }
