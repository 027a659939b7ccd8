"""What the water touches: buildings, roads and critical functions, by rain and by bluespot, and the damage a year."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.rainwater._cells import CellLists
from ballerup_geo.methods.rainwater._damage import expected_annual_damage, yearly_shares
from ballerup_geo.methods.rainwater._exposed import Depths, Exposed, damage_in, depths_in, exposed_of, rates_of
from ballerup_geo.methods.rainwater._hollows import hollows_table, in_bluespots, parts_of
from ballerup_geo.methods.rainwater._impact_words import (
    ASSUMPTIONS,
    INDICATORS,
    INPUTS,
    LIMITS,
    NOT_COMPARABLE,
    SCENARIO_CLIMATE,
    SCENARIO_TODAY,
    TABLES,
    notes_on,
)
from ballerup_geo.methods.rainwater._rain import Rain
from ballerup_geo.methods.rainwater._roads import cut_length_m, cut_roads
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._touched import least_rain, touched_buildings, touched_by_event
from ballerup_geo.spec import Given

__all__ = ["IMPACT", "annual_damage_dkk", "in_climate_of_today", "judge_of"]

AREA = "area"
"""Kind of a recipient that is a place."""


def in_climate_of_today(rains: Sequence[Rain]) -> NDArray[np.bool_]:
    """Return which rains are those of today's climate (factor 1); the others are those of the climate to come."""
    return np.array([rain.climate_factor == 1.0 for rain in rains], dtype=bool)


def annual_damage_dkk(
    damage_dkk: NDArray[np.float64], rains: Sequence[Rain], *, begins_y: float, future: bool = False
) -> float:
    """Return the expected annual damage in today's climate, or in the climate to come (see `yearly_shares`).

    ``damage_dkk`` float64[events], all of them. NaN where no rain of that climate is rare enough.
    """
    chosen = in_climate_of_today(rains) != future
    periods = _periods_y(rains)
    return expected_annual_damage(damage_dkk[chosen], periods[chosen], begins_y=begins_y)


def judge_of(
    given: Given, exposed: Exposed, rains: Sequence[Rain]
) -> Callable[[NDArray[np.float64]], tuple[NDArray[np.int64], float]]:
    """Return what tells of depths at the façades (float64[buildings, events]) how many buildings each rain touches, and
    the expected annual damage in today's climate, DKK: for the same buildings before and after a measure.
    """
    rates, begins_y = rates_of(given), float(given.assumptions["damage_begins_y"])

    def judge(depths_m: NDArray[np.float64]) -> tuple[NDArray[np.int64], float]:
        totals_dkk = np.nansum(damage_in(exposed, depths_m, rates), axis=0)
        touched = (depths_m >= rates.touched_m).sum(axis=0)
        return touched, annual_damage_dkk(totals_dkk, rains, begins_y=begins_y)

    return judge


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    given.progress("buildings, roads and critical functions", 0.4)
    exposed = exposed_of(given, storms.scene)
    depths = depths_in(storms, exposed)
    damage_dkk = damage_in(exposed, depths.buildings, rates_of(given))
    totals_dkk = np.nansum(damage_dkk, axis=0)
    rains, begins_y = storms.rains or (), float(given.assumptions["damage_begins_y"])
    touched = _touched_table(given, exposed, depths, damage_dkk, rains)
    tables = {
        "touched_buildings": touched,
        "cut_roads": cut_roads(
            exposed.roads,
            exposed.placed,
            depths_m=depths.roads,
            rain_mm=_rain_mm(rains),
            threshold_m=float(given.assumptions["road_cut_depth_m"]),
        ),
        "critical_touched": _critical_table(given, exposed, depths, rains),
        "hollows": hollows_table(
            storms.standing.depressions,
            storms.bluespots,
            least_depth_m=storms.least_depth_m,
            least_volume_m3=storms.least_volume_m3,
            grid=storms.scene.grid,
        ),
        "annual_damage": _annual_table(given, totals_dkk, rains, begins_y),
    }
    columns = {
        "events": _by_event(given, exposed, depths, totals_dkk, rains),
        "bluespots": _by_bluespot(given, storms, exposed, tables["hollows"]),
        "event_areas": _by_area(given, storms, exposed, depths, rains),
    }
    storms.standing.let_go()
    unrated = int(np.isnan(damage_dkk).any(axis=1).sum())
    notes = notes_on(given, exposed, rains, unrated=unrated)
    if _greater_touches_less(columns["events"]):
        notes = (*notes, NOT_COMPARABLE)
    return Found(
        tables,
        indicators=_indicators(given, touched, tables["annual_damage"], rains),
        notes=notes,
        columns=columns,
    )


def _greater_touches_less(events: pd.DataFrame) -> bool:
    """Return whether a rain touches fewer buildings, or cuts less road, than the one before it, which is smaller."""
    counted = events[events.columns.intersection(["buildings", "roads_m"])]
    return bool((counted.diff() < 0).any(axis=None))


def _periods_y(rains: Sequence[Rain]) -> NDArray[np.float64]:
    """Return the return periods, NaN for a rain without one."""
    return np.array([rain.return_period_y for rain in rains], dtype=np.float64)


def _rain_mm(rains: Sequence[Rain]) -> NDArray[np.float64]:
    return np.array([rain.rain_mm for rain in rains], dtype=np.float64)


def _touched_m(given: Given) -> float:
    return float(given.assumptions["touched_depth_m"])


def _touched_table(
    given: Given, exposed: Exposed, depths: Depths, damage_dkk: NDArray[np.float64], rains: Sequence[Rain]
) -> gpd.GeoDataFrame:
    """Return the touched buildings with their damage a year, which add up to that of the municipality."""
    houses = exposed.buildings.reset_index(drop=True)
    table = touched_buildings(houses, depths_m=depths.buildings, rain_mm=_rain_mm(rains), threshold_m=_touched_m(given))
    shares = np.zeros(len(rains))
    today = in_climate_of_today(rains)
    periods = _periods_y(rains)
    begins_y = float(given.assumptions["damage_begins_y"])
    shares[today] = yearly_shares(np.nansum(damage_dkk, axis=0)[today], periods[today], begins_y=begins_y)
    yearly_dkk = damage_dkk[table.index] @ shares if shares.any() else np.full(len(table), np.nan)
    return table.assign(damage_dkk_y=yearly_dkk).reset_index(drop=True)


def _critical_table(given: Given, exposed: Exposed, depths: Depths, rains: Sequence[Rain]) -> gpd.GeoDataFrame:
    from_mm = least_rain(depths.critical, _rain_mm(rains), threshold_m=_touched_m(given))
    touched = np.isfinite(from_mm)
    chosen = exposed.critical[touched]
    name = chosen["name"] if "name" in chosen else pd.Series(pd.NA, index=chosen.index, dtype="string")
    table = gpd.GeoDataFrame(
        {
            "function_id": chosen["function_id"],
            "kind": chosen["kind"],
            "name": name,
            "touched_from_mm": from_mm[touched],
            "depth_m": np.fmax.reduce(depths.critical[touched], axis=1, initial=0.0),
        },
        geometry=chosen.geometry,
        crs=exposed.critical.crs,
    )
    return table.sort_values(["touched_from_mm", "function_id"], ignore_index=True)


def _annual_table(
    given: Given, totals_dkk: NDArray[np.float64], rains: Sequence[Rain], begins_y: float
) -> pd.DataFrame:
    known = given.inputs.get("buildings") is not None
    today, future = (
        annual_damage_dkk(totals_dkk, rains, begins_y=begins_y, future=future) if known else float("nan")
        for future in (False, True)
    )
    return pd.DataFrame(
        {
            "scenario": [SCENARIO_TODAY, SCENARIO_CLIMATE],
            "ead_dkk": [today, future],
            "change_dkk": [0.0 if np.isfinite(today) else float("nan"), future - today],
        }
    )


def _by_event(
    given: Given, exposed: Exposed, depths: Depths, totals_dkk: NDArray[np.float64], rains: Sequence[Rain]
) -> pd.DataFrame:
    """Return what each rain touches; a layer that is unknown gives no column."""
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64] | pd.Series[int]] = {}
    if given.inputs.get("buildings") is not None:
        dwellings = exposed.buildings.get("dwellings")
        counts = touched_by_event(depths.buildings, dwellings, threshold_m=_touched_m(given))
        columns["buildings"] = counts.buildings
        columns["damage_dkk"] = totals_dkk
        if dwellings is not None:
            columns["dwellings"] = counts.dwellings.astype(np.int64)
    if given.inputs.get("roads") is not None:
        threshold_m = float(given.assumptions["road_cut_depth_m"])
        columns["roads_m"] = cut_length_m(exposed.placed, depths.roads, threshold_m=threshold_m)
    if given.inputs.get("critical_functions") is not None:
        columns["critical"] = (depths.critical >= _touched_m(given)).sum(axis=0)
    return pd.DataFrame(columns, index=pd.Index([rain.event_id for rain in rains], name="event_id", dtype="str"))


def _by_bluespot(given: Given, storms: Storms, exposed: Exposed, hollows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return what stands in each bluespot when it is full; what lies in two of them counts in both."""
    spots, terrain = storms.bluespots, storms.standing
    columns: dict[str, NDArray[np.float64] | NDArray[np.int64]] = {"parts": parts_of(hollows, spots)}

    def inside(lists: CellLists, threshold_m: float) -> pd.DataFrame:
        return in_bluespots(lists, terrain, spots, threshold_m=threshold_m)

    def summed(pairs: pd.DataFrame, weights: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        of_pair = None if weights is None else weights[pairs["feature"]]
        found = np.bincount(pairs["bluespot_id"], weights=of_pair, minlength=len(spots) + 1)
        return np.asarray(found[spots["bluespot_id"]], dtype=np.float64)

    if given.inputs.get("buildings") is not None:
        pairs = inside(exposed.facades, _touched_m(given))
        columns["buildings"] = summed(pairs).astype(np.int64)
        if "dwellings" in exposed.buildings:
            homes = exposed.buildings["dwellings"].fillna(0).to_numpy(np.float64)
            columns["dwellings"] = summed(pairs, homes).astype(np.int64)
    if given.inputs.get("roads") is not None:
        pieces = CellLists(exposed.placed.cell, np.arange(exposed.placed.cell.size + 1))
        pairs = inside(pieces, float(given.assumptions["road_cut_depth_m"]))
        columns["roads_m"] = summed(pairs, exposed.placed.pieces.length_m)
    if given.inputs.get("critical_functions") is not None:
        columns["critical"] = summed(inside(exposed.around, _touched_m(given))).astype(np.int64)
    return pd.DataFrame(columns, index=pd.Index(spots["bluespot_id"], name="bluespot_id"))


def _by_area(given: Given, storms: Storms, exposed: Exposed, depths: Depths, rains: Sequence[Rain]) -> pd.DataFrame:
    """Return the touched buildings with a façade in each recipient that is a place (kind ``area``)."""
    keys = ["event_id", "recipient_id"]
    recipients = storms.scene.recipients
    if given.inputs.get("buildings") is None or "kind" not in recipients:
        return pd.DataFrame({"buildings": []}, index=pd.MultiIndex.from_arrays([[], []], names=keys))
    labels = storms.scene.outlets.reshape(-1)[exposed.facades.cells]
    touched = depths.buildings >= _touched_m(given)
    counts = {}
    for label in np.flatnonzero(recipients["kind"] == AREA):
        there = np.unique(exposed.facades.feature[labels == label + 1])
        for rain, count in zip(rains, touched[there].sum(axis=0), strict=True):
            counts[rain.event_id, str(recipients.iloc[label]["recipient_id"])] = int(count)
    index = pd.MultiIndex.from_tuples(list(counts), names=keys) if counts else pd.MultiIndex.from_arrays([[], []])
    return pd.DataFrame({"buildings": list(counts.values())}, index=index.set_names(keys))


def _indicators(
    given: Given, touched: gpd.GeoDataFrame, annual: pd.DataFrame, rains: Sequence[Rain]
) -> dict[str, float | None]:
    known = given.inputs.get("buildings") is not None and bool(rains)
    yearly = annual["ead_dkk"].iloc[0]
    return {
        "buildings_touched": float(len(touched)) if known else None,
        "annual_damage_dkk": float(yearly) if np.isfinite(yearly) else None,
    }


IMPACT = Part(
    compute=_compute,
    inputs=INPUTS,
    assumptions=ASSUMPTIONS,
    tables=TABLES,
    indicators=INDICATORS,
    limits=LIMITS,
)
