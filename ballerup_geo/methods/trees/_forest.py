"""Answer 6: where native wood and hedges could grow on open land, and which habitats they would join.

New wood: field and grass of public owners, companies and farms, outside what is closed, at least so large and so wide.
Hedges: along the edges of fields, on the same land. ``gain = own area + joined``: hectares by which the largest habitat
within reach grows, its own and what was apart from it; nothing within reach gains nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._forest_closed import unknown_protections
from ballerup_geo.methods.trees._forest_declared import (
    FOREST_ASSUMPTIONS,
    FOREST_INDICATORS,
    FOREST_INPUTS,
    FOREST_LIMITS,
    FOREST_TABLES,
    NO_COVER,
    NO_LAVBUND,
    NO_SPECIES,
)
from ballerup_geo.methods.trees._native import native_mix
from ballerup_geo.methods.trees._open_land import Habitats, closed_ground, habitats_of, open_parts
from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Given
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["FOREST", "forest_words"]

Shapes = NDArray[np.object_]
LANGUAGES: tuple[Language, Language] = ("da", "en")
HECTARE_M2 = 10_000.0
PERCENT = 100.0
PERSONS = ("private", "other")
"""Owners that may be single persons."""
MOSTLY = 50.0
"""Per cent of a wood on low-lying soil from which on its species are those of wet ground."""


def _forest(given: Given, town: TreeTown, _found: Found) -> Found:
    if town.cover is None:
        empty = [shapely.Point()][:0]
        return Found(
            tables={name: _frame(name, {}, np.array(empty, dtype=object)) for name in ("forest", "hedgerows")},
            indicators=dict.fromkeys(("forest_ha", "forest_low_ha", "forest_joined_ha", "hedgerow_km")),
            notes=(NO_COVER,),
        )
    habitats = habitats_of(given, town.cover)
    closed = closed_ground(given, town)
    low, species = layer_of(given, "lavbund"), layer_of_table(given)
    forest = _woods(given, town, habitats, closed, low, species)
    hedges = _hedges(given, town, habitats, closed, species)
    return Found(
        tables={"forest": forest, "hedgerows": hedges},
        indicators={
            "forest_ha": float(forest["area_ha"].sum()),
            "forest_low_ha": None if low is None else float((forest["area_ha"] * forest["low_pct"]).sum() / PERCENT),
            "forest_joined_ha": float(forest["area_ha"][forest["linked_ha"] > 0].sum()),
            "hedgerow_km": float(hedges["length_m"].sum()) / 1000.0,
        },
        notes=(
            *unknown_protections(given, town),
            *((NO_LAVBUND,) if low is None else ()),
            *((NO_SPECIES,) if species is None else ()),
        ),
    )


def layer_of_table(given: Given) -> pd.DataFrame | None:
    """Return the table of species, None where it is unknown."""
    species = given.inputs.get("tree_species")
    return species if isinstance(species, pd.DataFrame) else None


def _woods(
    given: Given,
    town: TreeTown,
    habitats: Habitats,
    closed: Shapes,
    low: gpd.GeoDataFrame | None,
    species: pd.DataFrame | None,
) -> gpd.GeoDataFrame:
    """Return the candidates for new wood, those that join most first."""
    parcel, shapes = open_parts(
        town,
        gpd.GeoDataFrame(town.cover),
        closed,
        least_m2=number_of(given, "wood_least_ha") * HECTARE_M2,
        width_m=number_of(given, "wood_width_m"),
    )
    area = shapely.area(shapes) / HECTARE_M2
    nearest, linked, joined = habitats.joined(shapes)
    share = _share_pct(shapes, None if low is None else low.geometry.to_numpy())
    wet = np.nan_to_num(share) >= MOSTLY
    gain = np.where(linked > 0, area + joined, 0.0)
    rows = {
        **_owned(town, parcel),
        "area_ha": area,
        "nearest_m": nearest,
        "linked_ha": linked,
        "joined_ha": joined,
        "gain_ha": gain,
        "low_pct": share,
        "species": _mixes(given, species, wet, hedge=False),
    }
    return _ranked("forest", rows, shapes, [-gain, -area])


def _hedges(
    given: Given, town: TreeTown, habitats: Habitats, closed: Shapes, species: pd.DataFrame | None
) -> gpd.GeoDataFrame:
    """Return the candidates for hedges: edges of fields that no wood or garden lies along."""
    cover = gpd.GeoDataFrame(town.cover)
    edges = shapely.boundary(cover.geometry.to_numpy()[(cover["cover"] == "field").to_numpy(bool)])
    half = number_of(given, "hedge_width_m") / 2.0
    wooded = shapely.buffer(habitats.shapes, number_of(given, "hedge_apart_m"), quad_segs=2)
    own, lines = _on_open_parcels(town, shapely.union_all(edges))
    lines = _off(lines, np.concatenate([closed, wooded]), half)
    parts, at = shapely.get_parts(shapely.line_merge(lines), return_index=True)
    kept = shapely.length(parts) >= number_of(given, "hedge_least_m")
    parcel, shapes = own[at[kept]], np.asarray(parts[kept])
    nearest, linked, joined = habitats.joined(shapes)
    length = shapely.length(shapes)
    area = length * 2.0 * half / HECTARE_M2
    gain = np.where(linked > 0, area + joined, 0.0)
    dry = np.zeros(len(shapes), dtype=bool)
    rows = {
        **_owned(town, parcel),
        "length_m": length,
        "area_ha": area,
        "nearest_m": nearest,
        "linked_ha": linked,
        "joined_ha": joined,
        "gain_ha": gain,
        "species": _mixes(given, species, dry, hedge=True),
    }
    return _ranked("hedgerows", rows, shapes, [-gain, -length])


def _on_open_parcels(town: TreeTown, edges: shapely.Geometry) -> tuple[NDArray[np.int64], Shapes]:
    """Return each edge once, by the parcel it lies in; one between two parcels goes to the first of them."""
    parcels = town.parcels
    open_ = ((parcels["place"] == "other") & (parcels["owner_kind"] != "road")).to_numpy(bool)
    lines = shapely.get_parts(shapely.node(edges)) if not edges.is_empty else np.zeros(0, dtype=object)
    line, parcel = shapely.STRtree(parcels.geometry.to_numpy()[open_]).query(lines, predicate="intersects")[:2]
    rows = np.flatnonzero(open_)[parcel]
    order = np.lexsort((rows, line))
    line, rows = line[order], rows[order]
    own: dict[int, list[Any]] = {}
    left: dict[int, Any] = {}
    for at, row in zip(line.tolist(), rows.tolist(), strict=True):
        rest = left.get(at, lines[at])
        ground = parcels.geometry.iloc[row]
        inside = shapely.intersection(rest, ground)
        if shapely.length(inside) > 0:
            own.setdefault(row, []).append(inside)
            left[at] = shapely.difference(rest, ground)
    found = sorted(own)
    shapes = np.array([shapely.union_all(own[row]) for row in found], dtype=object)
    return np.array(found, dtype=np.int64), shapes


def _off(lines: Shapes, closed: Shapes, half_m: float) -> Shapes:
    """Return the lines where they stay off what is closed, by half a hedge's width."""
    if not len(lines) or not len(closed):
        return lines
    one, hit = shapely.STRtree(closed).query(lines, predicate="dwithin", distance=half_m)
    left = lines.copy()
    for at in np.unique(one).tolist():
        left[at] = shapely.difference(
            lines[at], shapely.buffer(shapely.union_all(closed[hit[one == at]]), half_m, quad_segs=2)
        )
    return left


def _owned(town: TreeTown, parcel: NDArray[np.int64]) -> dict[str, Any]:
    """Return whose land it is; of what may be one person's, the number is left out, since the tables are published."""
    own = town.parcels.iloc[parcel]
    known = {name: own[name].to_numpy(object) for name in ("parcel_id", "owner_kind", "owner_name")}
    persons = own["owner_kind"].isin(PERSONS) | own["owner_kind"].isna()
    return {**known, "parcel_id": np.where(persons.to_numpy(bool), None, known["parcel_id"])}


def _share_pct(shapes: Shapes, low: Shapes | None) -> NDArray[np.float64]:
    """Return the per cent of each shape on low-lying soil, NaN where that is unknown."""
    if low is None:
        return np.full(len(shapes), np.nan)
    covered = np.zeros(len(shapes))
    one, hit = shapely.STRtree(low).query(shapes, predicate="intersects")
    for at in np.unique(one).tolist():
        covered[at] = shapely.area(shapely.intersection(shapes[at], shapely.union_all(low[hit[one == at]])))
    return np.asarray(PERCENT * covered / np.maximum(shapely.area(shapes), 1e-9))


def _mixes(given: Given, species: pd.DataFrame | None, wet: NDArray[np.bool_], *, hedge: bool) -> NDArray[np.object_]:
    """Return the mix of species of each candidate, as words."""
    if species is None:
        return np.full(len(wet), None, dtype=object)
    counts = {True: ("hedge_trees", "hedge_shrubs"), False: ("wood_trees", "wood_shrubs")}[hedge]
    trees, shrubs = (int(number_of(given, name)) for name in counts)
    words = {is_wet: ", ".join(native_mix(species, wet=is_wet, trees=trees, shrubs=shrubs)) for is_wet in (False, True)}
    return np.array([words[bool(each)] or None for each in wet], dtype=object)


def _ranked(table: str, rows: dict[str, Any], shapes: Shapes, keys: list[NDArray[np.float64]]) -> gpd.GeoDataFrame:
    """Return the candidates in order, numbered; ties by where they lie."""
    x, y = (axis(shapely.point_on_surface(shapes)) for axis in (shapely.get_x, shapely.get_y))
    order = np.lexsort([x, y, *(np.round(key, 6) for key in reversed(keys))])
    sorted_rows = {name: np.asarray(values)[order] for name, values in rows.items()}
    letter = {"forest": "S", "hedgerows": "H"}[table]
    names = np.array([f"{letter}{number:04d}" for number in range(1, len(order) + 1)], dtype=object)
    return _frame(table, {"candidate_id": names, "order": np.arange(1, len(order) + 1), **sorted_rows}, shapes[order])


def _frame(table: str, rows: dict[str, Any], shapes: Shapes) -> gpd.GeoDataFrame:
    columns = next(each.columns for each in FOREST_TABLES if each.name == table)
    frame = {
        column.name: rows.get(column.name, np.zeros(0, dtype=object if column.type == "text" else np.float64))
        for column in columns
    }
    return gpd.GeoDataFrame(frame, geometry=list(shapes), crs=CRS)


def forest_words(indicators: Mapping[str, float | None]) -> Words:
    """Say how much open land could carry forest, and how much of it joins habitats."""
    names = ("forest_ha", "forest_joined_ha", "hedgerow_km")
    if indicators["forest_ha"] is None:
        return NO_COVER
    da, en = ([_two(indicators[name], language) for name in names] for language in LANGUAGES)
    return {
        "da": (
            f"Omkring {da[0]} ha åben jord uden kendte konflikter kan blive skov; {da[1]} ha af den ligger ved skov "
            f"eller "
            f"vådområder, som den kan binde sammen. Levende hegn kan stå langs {da[2]} km markskel."
        ),
        "en": (
            f"About {en[0]} ha of open land without known conflicts could become forest; {en[1]} ha of it lie by "
            f"forest or "
            f"wetland that it can join. Hedges can stand along {en[2]} km of field edges."
        ),
    }


def _two(value: float | None, language: Language) -> str:
    known = value or 0.0
    return number(known, digits=min(0, known_digits(known, significant=2)), language=language)


FOREST = Part(
    compute=_forest,
    inputs=FOREST_INPUTS,
    assumptions=FOREST_ASSUMPTIONS,
    tables=FOREST_TABLES,
    indicators=FOREST_INDICATORS,
    limits=FOREST_LIMITS,
)
