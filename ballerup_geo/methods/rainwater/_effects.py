"""The measures of a planner, each alone and all together: what they hold, and what changes for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods._part import Found
from ballerup_geo.methods.rainwater._effect_words import EXISTING
from ballerup_geo.methods.rainwater._exposed import exposed_of
from ballerup_geo.methods.rainwater._impact import judge_of
from ballerup_geo.methods.rainwater._inputs import known_table
from ballerup_geo.methods.rainwater._measures import TOGETHER, Measure, cells_of, measures_of
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._toll import Harm, Toll, effect_rows, toll_of
from ballerup_geo.methods.rainwater._works import build, nothing_built
from ballerup_geo.spec import Given

__all__ = ["carriageways_of", "existing_of", "measures_found"]

_FIGURES = ("room_m3", "stored_m3", "damage_change_dkk")
_ALL_BUT = 0.999  # of the room: fuller than this is full, in float32
_AT_ONCE = 2
"""Scenes reckoned at the same time: kernels leave the interpreter to others."""
_LITRE = 1e-3  # m³: less is rounding


def measures_found(given: Given, storms: Storms) -> Found:
    """Return the tables ``measure_sites`` and ``measure_effects``.

    Before and after are both reckoned on the scene of ``storms`` with the basins that are there, so that a difference
    is the measure's and not the grid's.

    Raises
    ------
    DataError
        A measure cannot be built (see `measures_of`).
    """
    basins = known_table(given, "basins")
    there = existing_of(basins, storms) if basins is not None else ()
    today = storms.on(build(storms, there).scene)
    sites = [] if basins is None else [_existing_sites(basins, today)]
    frame = known_table(given, "measures")
    measures = () if frame is None else measures_of(frame, grid=storms.scene.grid, municipality=_municipality(given))
    effects, held_m3 = [], None
    if measures:
        tolls = _tolls(given, today, measures)
        rains = today.rains or ()
        effects = [effect_rows(name, tolls[""], toll, today.scene, rains) for name, toll in tolls.items() if name]
        sites.append(_sites(frame, measures, tolls))
        held_m3 = _held_m3(tolls[""], tolls[TOGETHER])
    return Found(
        tables={"measure_sites": _stacked(sites, storms.scene), "measure_effects": _effects(effects)},
        indicators={"measures_held_m3": held_m3 if held_m3 is not None and np.isfinite(held_m3) else None},
    )


def _municipality(given: Given) -> shapely.Geometry:
    return shapely.union_all(gpd.GeoDataFrame(given.inputs["municipality"]).geometry.to_numpy())


def existing_of(basins: gpd.GeoDataFrame, storms: Storms) -> tuple[Measure, ...]:
    """Return the basins that are there, each with the room that it has and the terrain does not show.

    They are empty before the rain, and their sluices are closed. A basin of unknown volume is the hollow that the
    terrain shows, and so is one that lies outside the municipality.
    """
    scene, filled = storms.scene, storms.standing.filled
    found = []
    for name, volume_m3, shape in zip(basins["basin_id"], _volumes(basins), basins.geometry, strict=True):
        cells = cells_of("basin", shape, grid=scene.grid) & scene.town & np.isfinite(filled)
        shown_m = (filled[cells] - scene.grid.array[cells]).sum(dtype=np.float64)
        lacking_m3 = volume_m3 - float(shown_m) * scene.grid.cell_area_m2
        if cells.any() and lacking_m3 > 0:
            found.append(Measure(str(name), "basin", shape, lacking_m3, float("nan"), float("nan")))
    return tuple(found)


def _volumes(basins: gpd.GeoDataFrame) -> list[float]:
    """Return the volumes, NaN where unknown."""
    values = basins["volume_m3"] if "volume_m3" in basins else pd.Series(np.nan, index=basins.index)
    return [float(value) for value in values.astype("Float64").to_numpy(float, na_value=np.nan)]


def _existing_sites(basins: gpd.GeoDataFrame, today: Storms) -> gpd.GeoDataFrame:
    """Return the basins that are there and lie in the municipality; what stands in them in the greatest event."""
    scene = today.scene
    masks = [cells_of("basin", shape, grid=scene.grid) & scene.town for shape in basins.geometry]
    inside = [bool(mask.any()) for mask in masks]
    stored = np.full(len(masks), np.nan)
    if today.rains:
        depth_m = today.depth_m(today.rains[-1])
        stored = np.array([np.nansum(depth_m[mask], dtype=np.float64) for mask in masks]) * scene.grid.cell_area_m2
        stored = np.fmin(stored, _volumes(basins))  # what stands higher is the hollow's around it
    sluice = basins["sluice"] if "sluice" in basins else pd.Series(False, index=basins.index)
    notes = np.where(sluice.astype("boolean").fillna(False).to_numpy(bool), "existing_sluice", "existing")
    kinds = [EXISTING] * len(masks)
    figures: dict[str, list[float] | NDArray[np.float64]] = {"room_m3": _volumes(basins), "stored_m3": stored}
    return _rows(basins, basins["basin_id"], kinds, figures, notes.tolist())[inside]


def _tolls(given: Given, today: Storms, measures: Sequence[Measure]) -> dict[str, Toll]:
    """Return what the rains do by measure_id: "" for today, each measure alone, and all of them together."""
    harm = _harm(given, today)
    widths = carriageways_of(measures, known_table(given, "roads"), reach_m=max(today.scene.grid.cell_size_m))

    def after(*built: Measure) -> Toll:
        return toll_of(today, build(today, built, carriageway_m=widths), harm)

    given.progress("measures, each alone and all together", 0.7)
    built: dict[str, Sequence[Measure]] = {one.measure_id: (one,) for one in measures}
    built |= {TOGETHER: measures} if len(measures) > 1 else {}
    _ = today.standing.filled  # worked out once, before several ask for it
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        before = pool.submit(toll_of, today, nothing_built(today.scene), harm)
        found = pool.map(lambda some: after(*some), built.values())
        tolls = {"": before.result()} | dict(zip(built, found, strict=True))
    tolls.setdefault(TOGETHER, tolls[measures[0].measure_id])
    return tolls


def _harm(given: Given, today: Storms) -> Harm | None:
    """Return how buildings are judged; None where they are unknown."""
    if known_table(given, "buildings") is None:
        return None
    exposed = exposed_of(given, today.scene)
    return Harm(exposed.facades, judge_of(given, exposed, today.rains or ()))


def carriageways_of(
    measures: Iterable[Measure], roads: gpd.GeoDataFrame | None, *, reach_m: float
) -> Mapping[str, float]:
    """Return the carriageway of the road that each raised road lies on: the nearest one within ``reach_m``."""
    if roads is None or "carriageway_m" not in roads:
        return {}
    known = roads[roads["carriageway_m"].notna()]
    tree, widths = shapely.STRtree(known.geometry.to_numpy()), known["carriageway_m"].to_numpy(float)
    found: dict[str, float] = {}
    for one in measures:
        if one.kind == "raised_road":
            middle = shapely.line_interpolate_point(shapely.get_parts(one.geometry)[0], 0.5, normalized=True)
            near = tree.query_nearest(middle, max_distance=reach_m, all_matches=False)
            if near.size:
                found[one.measure_id] = float(widths[near[0]])
    return found


def _held_m3(before: Toll, after: Toll) -> float:
    """Return how much less leaves in the greatest event; NaN without an event."""
    return float(before.outflow_m3[-1] - after.outflow_m3[-1]) if before.outflow_m3.size else float("nan")


def _sites(frame: gpd.GeoDataFrame | None, measures: Sequence[Measure], tolls: Mapping[str, Toll]) -> gpd.GeoDataFrame:
    rows = gpd.GeoDataFrame(frame).set_index(gpd.GeoDataFrame(frame)["measure_id"].astype(str))
    rows = rows.loc[[one.measure_id for one in measures]]
    pairs = [(one, tolls[one.measure_id]) for one in measures]
    figures = {
        "room_m3": [one.volume_m3 for one in measures],
        "stored_m3": [_stored_m3(one, tolls[""], toll) for one, toll in pairs],
        "damage_change_dkk": [toll.annual_dkk - tolls[""].annual_dkk for _, toll in pairs],
    }
    notes = [_note(one, tolls[""], toll) for one, toll in pairs]
    return _rows(rows, rows["measure_id"], [one.kind for one in measures], figures, notes)


def _stored_m3(measure: Measure, before: Toll, after: Toll) -> float:
    """Return the water in a basin or infiltration area, else how much more stands, in the greatest event."""
    if not after.outflow_m3.size:
        return float("nan")
    if measure.kind in ("basin", "infiltration"):
        return after.filled_m3
    return float(after.standing_m3[-1] - before.standing_m3[-1])


def _note(measure: Measure, before: Toll, after: Toll) -> str:
    """Return what becomes of a measure in the greatest event, a value of `NOTES`."""
    if not after.outflow_m3.size:
        return "no_events"
    held_m3, more_m3 = _held_m3(before, after), _stored_m3(measure, before, after)
    if measure.kind == "culvert":
        return "carries" if held_m3 < -_LITRE or more_m3 < -_LITRE else "carries_none"
    if measure.kind == "raised_road":
        return "holds" if held_m3 > _LITRE or more_m3 > _LITRE else "holds_none"
    if held_m3 < -_LITRE:
        return "cuts"
    if more_m3 < _LITRE:
        return "dry"
    return "full" if after.filled_share >= _ALL_BUT else "partly"


def _rows(
    frame: gpd.GeoDataFrame,
    ids: pd.Series[str],
    kinds: list[str],
    figures: Mapping[str, Sequence[float] | NDArray[np.float64]],
    notes: list[str],
) -> gpd.GeoDataFrame:
    """Return rows of ``measure_sites``; a figure that is not given is unknown."""
    unknown = np.full(len(frame), np.nan)
    names = frame["name"].to_numpy(dtype=object) if "name" in frame else [None] * len(frame)
    return gpd.GeoDataFrame(
        {
            "measure_id": pd.Series(ids.to_numpy(dtype=object), dtype="str"),
            "name": pd.Series(names, dtype="str"),
            "kind": pd.Series(kinds, dtype="str"),
            **{name: np.asarray(figures.get(name, unknown), float) for name in _FIGURES},
            "note": pd.Series(notes, dtype="str"),
        },
        geometry=gpd.GeoSeries(frame.geometry.to_numpy(), crs=frame.crs),
        crs=frame.crs,
    )


def _stacked(sites: list[gpd.GeoDataFrame], scene: Scene) -> gpd.GeoDataFrame:
    """Return measures and basins in one table, each by its id."""
    if not sites:
        none = gpd.GeoDataFrame({"basin_id": pd.Series(dtype="str")}, geometry=[], crs=scene.grid.crs)
        return _rows(none, none["basin_id"], [], {}, [])
    rows = pd.concat(sites, ignore_index=True).sort_values(["kind", "measure_id"], ignore_index=True)
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=scene.grid.crs)


def _effects(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if frames:
        return pd.concat(frames, ignore_index=True)
    texts = dict.fromkeys(("measure_id", "event_id", "target_kind", "target"), pd.Series(dtype="str"))
    numbers = dict.fromkeys(("before", "after", "change"), pd.Series(dtype=float))
    return pd.DataFrame({**texts, **numbers, "unit": pd.Series(dtype="str")})
