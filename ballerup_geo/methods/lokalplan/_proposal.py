"""The proposal: what is planned inside the area, checked, with named defaults where it gives no figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods.lokalplan._area import NO_AREA_M2, only_polygons
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._outlines import outline_faults, outlines
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Text
from ballerup_geo.spec.faults import closest, nearest
from ballerup_geo.spec.words import enumeration, number

__all__ = ["KINDS", "USES", "Proposal", "proposal_of"]

KINDS: Mapping[str, str] = {
    "building": "building",
    "byggefelt": "building",
    "road": "road",
    "vej": "road",
    "parking": "parking",
    "parkering": "parking",
    "green": "green",
    "grønt": "green",
    "groent": "green",
    "basin": "basin",
    "bassin": "basin",
}
"""What a feature of a proposal may be, in English or Danish."""
USES: Mapping[str, str] = {
    "flats": "flats",
    "etageboliger": "flats",
    "rows": "rows",
    "rækkehuse": "rows",
    "office": "office",
    "kontor": "office",
    "retail": "retail",
    "butik": "retail",
    "industry": "industry",
    "industri": "industry",
    "school": "school",
    "skole": "school",
    "public": "public",
    "institution": "public",
}
HOMES = ("flats", "rows")
FIGURES = ("floor_area_m2", "dwellings", "parking_spaces", "sealed_share", "storeys", "volume_m3")
_TITLES: Mapping[str, Text] = {
    "floor_area_m2": Text(da="etageareal", en="floor area"),
    "dwellings": Text(da="boliger", en="dwellings"),
    "parking_spaces": Text(da="parkeringspladser", en="parking spaces"),
    "sealed_share": Text(da="befæstet andel", en="sealed share"),
    "storeys": Text(da="etager", en="storeys"),
    "volume_m3": Text(da="bassinvolumen", en="basin volume"),
    "use": Text(da="anvendelse", en="use"),
}
_OVERLAP_M2 = 1.0
_NOT_MEANT = ("fid", "id", "ogc_fid", "gml_id", "objectid")
"""Columns that programs add by themselves."""
_GROUND_GOES_TO = ("building", "road", "parking", "basin", "green")
"""Which kind has the ground where shapes of several lie over each other."""
_SHAPEFILE_LETTERS = 10
"""A shapefile cuts the names of its columns here: floor_area_m2 comes as floor_area."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What is planned: a row each, arrays aligned.

    ``kind`` is a value of `KINDS`, ``use`` one of `USES` (buildings alone). Figures are never missing: defaults stand
    where the layer has none, and ``notes`` names them.
    """

    shape: NDArray[np.object_]
    kind: NDArray[np.object_]
    use: NDArray[np.object_]
    floor_area_m2: NDArray[np.float64]
    dwellings: NDArray[np.float64]
    parking_spaces: NDArray[np.float64]
    sealed_share: NDArray[np.float64]
    storeys: NDArray[np.float64]
    volume_m3: NDArray[np.float64]
    notes: tuple[Text, ...]
    assumed: frozenset[str]
    """Figures that are defaults in at least one row."""

    @property
    def area_m2(self) -> NDArray[np.float64]:
        """Area of each row, m²."""
        return np.asarray(shapely.area(self.shape), dtype=np.float64)

    def union(self, *kinds: str) -> shapely.Geometry:
        """Return the ground of some kinds as one shape."""
        return shapely.union_all(self.shape[np.isin(self.kind, kinds)])

    @property
    def roof_m2(self) -> NDArray[np.float64]:
        """Roof of each building field: floor area over storeys, never more than what is sealed."""
        roof = self.floor_area_m2 / np.maximum(self.storeys, 1.0)
        return np.asarray(np.where(self.kind == "building", np.minimum(roof, self.area_m2 * self.sealed_share), 0.0))


def proposal_of(frame: gpd.GeoDataFrame, area: shapely.Geometry, ground: Ground, *, where: str) -> Proposal:
    """Return a checked proposal, cut at the area's outline.

    Columns: ``kind`` (building, road, parking, green, basin) is needed; ``use``, ``floor_area_m2``, ``dwellings``,
    ``parking_spaces``, ``sealed_share`` (0–1), ``storeys`` and ``volume_m3`` get defaults where they are missing. Small
    and capital letters are the same, and names as a shapefile cuts them are known.

    Raises
    ------
    DataError
        All faults at once: a kind or use that is none, figures below 0, overlapping building fields, more dwellings
        than the floor area allows, features that are no polygons, have no area, cross themselves or lie outside the
        area.
    """
    if frame.crs is None or frame.crs.to_epsg() != 25832:
        raise DataError(Fault(where, "", f"is not in {CRS}", "reproject it first"))
    if not len(frame):
        raise DataError(Fault(where, "", "has no features", "draw the proposal, or leave out --proposal"))
    frame = _named_in_full(frame)
    unread = _unread(frame)
    faults = [
        *_kind_faults(frame, where),
        *_figure_faults(frame, where),
        *outline_faults(frame, ground, where),
    ]
    if faults:
        raise DataError(faults)
    drawn, mended = outlines(frame)
    cut = np.array([only_polygons(shapely.intersection(shape, area)) for shape in drawn], dtype=object)
    proposal = _filled(frame, cut, ground, [*unread, *mended, *_outside(drawn, cut, where)])
    faults = [*_overlaps(proposal, where), *_crowded(proposal, ground, where)]
    if faults:
        raise DataError(faults)
    return _once(proposal)


def _named_in_full(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a frame whose columns are called as they are here; a column that is so called already goes first."""
    known = ("kind", "use", *FIGURES)
    full = {name[:_SHAPEFILE_LETTERS]: name for name in known} | {name: name for name in known}
    taken = set(frame.columns)
    names: dict[str, str] = {}
    for column in frame.columns:
        name = full.get(str(column).lower(), str(column))
        if name not in taken and column != frame.geometry.name:
            names[column] = name
            taken.add(name)
    return frame.rename(columns=names)


def _unread(frame: gpd.GeoDataFrame) -> list[Text]:
    """Name the columns that nothing is read from, each with the known name that it resembles."""
    known = ("kind", "use", *FIGURES)
    others = [str(column) for column in frame.columns if column not in known and column != frame.geometry.name]
    said = [column for column in others if column.lower() not in _NOT_MEANT]
    if not said:
        return []
    close = {column: closest(column.lower(), known) for column in said}
    da = enumeration([f"{name} (ment som {near}?)" if near else name for name, near in close.items()])
    en = enumeration([f"{name} (meant as {near}?)" if near else name for name, near in close.items()], language="en")
    return [
        Text(
            da=f"Disse kolonner i forslaget læses ikke: {da}.", en=f"These columns of the proposal are not read: {en}."
        )
    ]


def _kind_faults(frame: gpd.GeoDataFrame, where: str) -> list[Fault]:
    if "kind" not in frame:
        todo = 'add a column "kind": building, road, parking, green or basin (byggefelt, vej, parkering, grønt, bassin)'
        return [Fault(where, "kind", "the column is missing", todo)]
    kinds = frame["kind"].map(_word)
    faults = [
        Fault(where, f"kind (row {row})", f'"{kind}" is no kind', nearest(kind, KINDS))
        for row, kind in enumerate(kinds, start=1)
        if kind not in KINDS
    ]
    if "use" in frame:
        named = [(row, _word(use)) for row, use in enumerate(frame["use"], start=1) if _word(use)]
        faults += [
            Fault(where, f"use (row {row})", f'"{use}" is no use', nearest(use, USES))
            for row, use in named
            if use not in USES
        ]
    return faults


def _word(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip().lower()


def _figure_faults(frame: gpd.GeoDataFrame, where: str) -> list[Fault]:
    faults = []
    for name in FIGURES:
        if name not in frame:
            continue
        values = pd.to_numeric(frame[name], errors="coerce")
        strange = frame[name].notna() & (values.isna() | (values < 0) | ~np.isfinite(values.fillna(0.0)))
        todo = "give a number of at least 0"
        if name == "sealed_share":
            strange |= values > 1
            todo = "give a share from 0 to 1: half of it sealed is 0.5"
        faults += [
            Fault(where, f"{name} (row {row + 1})", f'"{frame[name].iloc[row]}" cannot be', todo)
            for row in np.flatnonzero(strange.to_numpy())
        ]
    return faults


def _outside(drawn: NDArray[np.object_], cut: NDArray[np.object_], where: str) -> list[Text]:
    """Say how much lies outside the area; a feature wholly outside is refused."""
    before, after = shapely.area(drawn), shapely.area(cut)
    gone = np.flatnonzero(after <= NO_AREA_M2)
    if len(gone):
        raise DataError(
            Fault(where, f"geometry (row {row + 1})", "lies outside the plan area", "move it, or remove it")
            for row in gone
        )
    over = int(((before - after) > np.maximum(_OVERLAP_M2, 0.001 * before)).sum())
    if not over:
        return []
    return [
        Text(
            da=f"{over} af forslagets flader rækker ud over planområdet og er skåret af ved grænsen; deres tal gælder "
            "stadig hele fladen.",
            en=f"{over} of the proposal's shapes reach beyond the plan area and were cut at its outline; their figures "
            "still hold for the whole shape.",
        )
    ]


def _filled(frame: gpd.GeoDataFrame, cut: NDArray[np.object_], ground: Ground, notes: list[Text]) -> Proposal:
    """Fill in what the proposal does not say, and name it."""
    kind = frame["kind"].map(lambda value: KINDS[_word(value)]).to_numpy(object)
    area = np.asarray(shapely.area(cut), dtype=np.float64)
    given = {name: _numbers(frame, name) for name in FIGURES}
    building = kind == "building"
    said_use = frame["use"].map(_word) if "use" in frame else pd.Series("", index=frame.index)
    use = np.array([USES.get(word, USES[ground.words("default_use")]) for word in said_use], dtype=object)
    home = building & np.isin(use, HOMES)
    floor = _or(given["floor_area_m2"], area * ground.number("default_plot_ratio_pct") / 100.0, building)
    defaults = {
        "floor_area_m2": floor,
        "dwellings": _or(given["dwellings"], np.floor(floor / ground.number("default_dwelling_m2")), home),
        "parking_spaces": _or(
            given["parking_spaces"], np.floor(area / ground.number("default_space_m2")), kind == "parking"
        ),
        "storeys": _or(given["storeys"], np.full(len(area), ground.number("default_storeys")), building),
        "volume_m3": _or(given["volume_m3"], area * ground.number("default_basin_depth_m"), kind == "basin"),
    }
    sealed = given["sealed_share"].copy()
    for one in ("building", "road", "parking", "green", "basin"):
        rows = np.isnan(sealed) & (kind == one)
        sealed[rows] = ground.number(f"default_sealed_{one}")
    taken = _taken(given, kind, home, bool((building & (said_use == "").to_numpy()).any()))
    if taken:
        notes = [*notes, _assumed([_TITLES[name] for name in taken])]
    return Proposal(cut, kind, use, sealed_share=sealed, notes=tuple(notes), assumed=frozenset(taken), **defaults)


def _numbers(frame: gpd.GeoDataFrame, name: str) -> NDArray[np.float64]:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name], errors="coerce").to_numpy(np.float64, na_value=np.nan))


def _or(given: NDArray[np.float64], default: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what is given, else the default where it belongs, else 0."""
    return np.where(np.isnan(given), np.where(where, default, 0.0), given)


def _taken(
    given: Mapping[str, NDArray[np.float64]], kind: NDArray[np.object_], home: NDArray[np.bool_], no_use: bool
) -> list[str]:
    belongs = {
        "floor_area_m2": kind == "building",
        "dwellings": home,
        "parking_spaces": kind == "parking",
        "sealed_share": np.ones(len(kind), dtype=bool),
        "storeys": kind == "building",
        "volume_m3": kind == "basin",
    }
    named = [name for name, rows in belongs.items() if (np.isnan(given[name]) & rows).any()]
    return [*named, "use"] if no_use else named


def _assumed(taken: list[Text]) -> Text:
    da, en = enumeration([each.da for each in taken]), enumeration([each.en for each in taken], language="en")
    return Text(
        da=f"Forslaget siger ikke alt: {da} er sat efter forudsætningerne, hvor de mangler (mærket »antaget«).",
        en=f"The proposal does not say all: {en} are taken from the assumptions where missing (marked “assumed”).",
    )


def _overlaps(proposal: Proposal, where: str) -> list[Fault]:
    rows = np.flatnonzero(proposal.kind == "building")
    shapes = proposal.shape[rows]
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = sorted((int(a), int(b)) for a, b in zip(one, other, strict=True) if a < b)
    faults = []
    for a, b in pairs:
        shared_m2 = float(shapely.area(shapely.intersection(shapes[a], shapes[b])))
        if shared_m2 > _OVERLAP_M2:
            what = f"two building fields overlap by {shared_m2:.0f} m²"
            faults.append(Fault(where, f"rows {rows[a] + 1} and {rows[b] + 1}", what, "draw them beside each other"))
    return faults


def _once(proposal: Proposal) -> Proposal:
    """Return the proposal with ground that several shapes cover given to one of them, so that none counts twice."""
    shape = proposal.shape.copy()
    order = sorted(range(len(shape)), key=lambda row: (_GROUND_GOES_TO.index(proposal.kind[row]), row))
    taken: shapely.Geometry = shapely.Polygon()
    shared_m2 = 0.0
    for row in order:
        whole = shape[row]
        if shapely.area(shapely.intersection(whole, taken)) > NO_AREA_M2:
            shape[row] = only_polygons(shapely.difference(whole, taken))
            shared_m2 += float(whole.area - shape[row].area)
        taken = shapely.union(taken, whole)
    if shared_m2 <= _OVERLAP_M2:
        return replace(proposal, shape=shape)
    note = Text(
        da=f"{number(round(shared_m2))} m² af forslaget er tegnet flere gange. Jorden tælles én gang: byggefelt går "
        "før vej, parkering, bassin og grønt.",
        en=f"{number(round(shared_m2), language='en')} m² of the proposal is drawn more than once. The ground counts "
        "once: building fields go before roads, parking, basins and green.",
    )
    return replace(proposal, shape=shape, notes=(*proposal.notes, note))


def _crowded(proposal: Proposal, ground: Ground, where: str) -> list[Fault]:
    least_m2 = ground.number("least_dwelling_m2")
    rows = np.flatnonzero(
        (proposal.kind == "building") & (proposal.dwellings * least_m2 > proposal.floor_area_m2 + NO_AREA_M2)
    )
    return [
        Fault(
            where,
            f"dwellings (row {row + 1})",
            f"{proposal.dwellings[row]:.0f} dwellings in {proposal.floor_area_m2[row]:.0f} m² of floor: less than "
            f"{least_m2:g} m² each",
            "correct the dwellings or floor_area_m2",
        )
        for row in rows
    ]
