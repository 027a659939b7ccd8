"""Rain events in figures: what falls, runs, stands and leaves, and who receives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._grid import mask_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.rainwater._declared import (
    VOLUME_ASSUMPTIONS,
    VOLUME_INDICATORS,
    VOLUME_INPUTS,
    VOLUME_RASTERS,
    VOLUME_TABLES,
)
from ballerup_geo.methods.rainwater._leaving import Balance
from ballerup_geo.methods.rainwater._rain import Rain, design_rain, service_levels_of, service_rain_of
from ballerup_geo.methods.rainwater._scene import Scene, recipient_of
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.methods.rainwater._words import (
    NO_NEIGHBOUR_NAME,
    NO_RAIN_EVENTS,
    NO_SEWERS,
    NOWHERE_ID,
    VOLUME_LIMITS,
    Words,
    least_service_rain,
    no_design_event,
    no_service_rain,
)
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Given

__all__ = ["VOLUMES"]

_AREA = "area"
_Rows = Iterator[dict[str, object]]


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    given.progress("rain events", 0.4)
    rains, balances = storms.rains or (), storms.balances
    rows: dict[str, Callable[[Rain, Balance], _Rows]] = {
        "events": partial(_event_rows, storms),
        "event_recipients": partial(_recipient_rows, storms),
        "event_neighbours": partial(_neighbour_rows, storms.scene),
        "event_areas": partial(_area_rows, storms, _cells_of_areas(storms.scene)),
    }
    tables = {
        name: pd.DataFrame([row for rain in rains for row in make(rain, balances[rain.event_id])])
        for name, make in rows.items()
    }
    rasters: dict[str, Callable[[], Raster]] = {
        f"event_depth_m-{place}": partial(storms.bed.depth_m, storms.surface_m(rain))
        for place, rain in enumerate(rains, start=1)
    }
    design = design_rain(given, rains)
    balance = None if design is None else balances[design.event_id]
    return Found(tables, rasters, _indicators(storms, design, balance), tuple(_notes(given, storms, design)))


def _sewers_known(storms: Storms, rain: Rain) -> bool:
    """Say whether it is known what the sewers take of a rain, at least."""
    rains, scene = storms.rains or (), storms.scene
    return scene.sewers is not None and not any(
        service_rain_of(level_y, rain, rains) is None for level_y in service_levels_of(scene)
    )


def _event_rows(storms: Storms, rain: Rain, balance: Balance) -> _Rows:
    yield {
        "event_id": rain.event_id,
        "return_period_y": np.nan if rain.return_period_y is None else rain.return_period_y,
        "duration_min": rain.duration_min,
        "rain_mm": rain.rain_mm,
        "climate_factor": rain.climate_factor,
        "sourced": rain.sourced,
        "volume_m3": balance.volume_in_m3,
        "running_m3": balance.running_m3,
        "stored_m3": balance.stored_m3,
        "lost_m3": balance.lost_m3,
        "sewer_m3": balance.sewer_m3 if _sewers_known(storms, rain) else np.nan,
        "outflow_m3": balance.outflow_m3,
    }


def _recipient_rows(storms: Storms, rain: Rain, balance: Balance) -> _Rows:
    """Yield the recipients in the order of their numbers, then what reaches none."""
    scene, first = storms.scene, balance.by_recipient_m3
    sewer = _sewer_by_recipient_m3(scene, balance) if _sewers_known(storms, rain) else np.full(first.size, np.nan)
    final = scene.chain.with_passed_on(first)
    for label in (*range(1, first.size), 0):
        yield {
            "event_id": rain.event_id,
            "recipient_id": recipient_of(scene, label, "recipient_id"),
            "name": recipient_of(scene, label, "name"),
            "first_m3": first[label],
            "final_m3": final[label],
            "sewer_m3": sewer[label],
        }


def _sewer_by_recipient_m3(scene: Scene, balance: Balance) -> NDArray[np.float64]:
    """Return by label what the sewers lead to each recipient; 0: to none named."""
    label_of = {str(name): label for label, name in enumerate(scene.recipients["recipient_id"], start=1)}
    total = np.zeros(len(scene.recipients) + 1)
    for area, volume_m3 in zip(scene.sewers or (), balance.sewer_by_area_m3[1:], strict=True):
        total[label_of.get(area.outlet_recipient or "", 0)] += volume_m3
    return total


def _neighbour_rows(scene: Scene, rain: Rain, balance: Balance) -> _Rows:
    """Yield the neighbours in the order of the layer, then what entered none; nothing where they are unknown."""
    if scene.neighbours is None:
        return
    volumes = balance.by_neighbour_m3
    codes = [NOWHERE_ID, *scene.neighbours["code"].astype(str)]
    names = [NO_NEIGHBOUR_NAME, *scene.neighbours["name"].astype(str)]
    for label in (*range(1, volumes.size), 0):
        share = volumes[label] / balance.outflow_m3 if balance.outflow_m3 > 0 else 0.0
        yield {
            "event_id": rain.event_id,
            "code": codes[label],
            "name": names[label],
            "volume_m3": volumes[label],
            "share_pct": 100.0 * share,
        }


def _cells_of_areas(scene: Scene) -> dict[int, NDArray[np.int64]]:
    """Return the cells (flat indices) of the recipients that are places, by label."""
    if "kind" not in scene.recipients:
        return {}
    return {
        label: np.flatnonzero(mask_of([geometry], grid=scene.grid))
        for label, (kind, geometry) in enumerate(
            zip(scene.recipients["kind"], scene.recipients.geometry, strict=True), start=1
        )
        if kind == _AREA
    }


def _area_rows(storms: Storms, cells: dict[int, NDArray[np.int64]], rain: Rain, balance: Balance) -> _Rows:
    if not cells:
        return
    scene, water = storms.scene, storms.water(rain)
    inflow = scene.chain.with_passed_on(balance.by_recipient_m3)
    for label, places in cells.items():
        depth_m = np.nansum(water.depth_at(places), dtype=np.float64)
        yield {
            "event_id": rain.event_id,
            "recipient_id": recipient_of(scene, label, "recipient_id"),
            "name": recipient_of(scene, label, "name"),
            "inflow_m3": inflow[label],
            "stored_m3": depth_m * scene.grid.cell_area_m2,
        }


def _indicators(storms: Storms, design: Rain | None, balance: Balance | None) -> dict[str, float | None]:
    if design is None or balance is None:
        return dict.fromkeys(indicator.name for indicator in VOLUME_INDICATORS)
    to_neighbours = None if storms.scene.neighbours is None else float(balance.by_neighbour_m3[1:].sum())
    return {
        "to_neighbours_m3": to_neighbours,
        "design_running_m3": balance.running_m3,
        "design_stored_m3": balance.stored_m3,
        "design_sewer_m3": balance.sewer_m3 if _sewers_known(storms, design) else None,
    }


def _notes(given: Given, storms: Storms, design: Rain | None) -> Iterator[Words]:
    if storms.rains is None:
        yield NO_RAIN_EVENTS
        return
    if storms.scene.sewers is None:
        yield NO_SEWERS
    if design is None:
        yield no_design_event(float(given.assumptions["design_return_period_y"]))
    for level_y in service_levels_of(storms.scene):
        yield from _service_notes(level_y, storms.rains)


def _service_notes(level_y: float, rains: Sequence[Rain]) -> Iterator[Words]:
    """Say for which events the rain of a service level is unknown, and for which a shorter one stands in its place."""
    told_by = [(rain, service_rain_of(level_y, rain, rains)) for rain in rains]
    without = [rain.event_id for rain, service in told_by if service is None]
    if without:
        yield no_service_rain(level_y, without)
    shorter_of = {rain: service.duration_min for rain, service in told_by if service is not None}
    for shorter_min in sorted(set(shorter_of.values())):
        longer = [rain.event_id for rain in rains if shorter_of.get(rain) == shorter_min < rain.duration_min]
        if longer:
            yield least_service_rain(level_y, shorter_min, longer)


VOLUMES = Part(
    compute=_compute,
    inputs=VOLUME_INPUTS,
    assumptions=VOLUME_ASSUMPTIONS,
    tables=VOLUME_TABLES,
    rasters=VOLUME_RASTERS,
    indicators=VOLUME_INDICATORS,
    limits=VOLUME_LIMITS,
)
