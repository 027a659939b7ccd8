"""Rain events and what is lost before water runs over the terrain: wetting, and what the sewers take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.spec import Given
from ballerup_geo.spec.analysis import UNVERIFIED

__all__ = [
    "MM_PER_M",
    "Rain",
    "Soaking",
    "design_rain",
    "losses_mm",
    "rains_of",
    "service_classes",
    "service_levels_of",
    "service_rain_mm",
    "service_rain_of",
    "sewer_takes_mm",
]

MM_PER_M = 1000.0
_MINUTES_PER_HOUR = 60.0
_MOST_LEVELS = 254


@dataclass(frozen=True, slots=True)
class Rain:
    """A rain event. ``rain_mm`` holds the climate factor; ``sourced``: somebody says where the figure is from.

    A rain that was measured somewhere, or is one by definition, has no return period.
    """

    event_id: str
    return_period_y: float | None
    duration_min: float
    rain_mm: float
    climate_factor: float
    sourced: bool

    @property
    def duration_h(self) -> float:
        """Duration in hours."""
        return self.duration_min / _MINUTES_PER_HOUR

    @property
    def today_mm(self) -> float:
        """The rain without climate factor."""
        return self.rain_mm / self.climate_factor


@dataclass(frozen=True, slots=True)
class Soaking:
    """What is lost: wetting (mm), and the climate factor that sewers were made for."""

    initial_loss_mm: float
    sewer_climate_factor: float

    @classmethod
    def of(cls, given: Given) -> Soaking:
        """Read the assumptions."""
        return cls(*(float(given.assumptions[name]) for name in ("initial_loss_mm", "sewer_climate_factor")))


def rains_of(given: Given) -> tuple[tuple[Rain, ...] | None, tuple[Rain, ...]]:
    """Return the rain events by depth, the least first (None where they are unknown), and those left out.

    Where sewers are unknown there is no answer to an everyday rain, which runs in them: events that every sewer is made
    for are left out.

    Raises
    ------
    DataError
        A rain, its duration, return period or climate factor is not above 0, or an event_id comes twice.
    """
    frame = given.inputs.get("rain_events")
    if not isinstance(frame, pd.DataFrame):
        return None, ()
    _check(frame)
    rains = sorted((_rain(row) for row in frame.to_dict("records")), key=_depth_first)
    if given.inputs.get("sewer_areas") is not None:
        return tuple(rains), ()
    least_y = min(float(given.assumptions[f"service_level_{system}_y"]) for system in ("separate", "combined"))
    everyday = [rain for rain in rains if rain.return_period_y is not None and rain.return_period_y <= least_y]
    return tuple(rain for rain in rains if rain not in everyday), tuple(everyday)


def _depth_first(rain: Rain) -> tuple[float, float, str]:
    return rain.rain_mm, rain.duration_min, rain.event_id


def _rain(row: dict[Any, Any]) -> Rain:
    return Rain(
        event_id=str(row["event_id"]),
        return_period_y=float(row["return_period_y"]) if _known_period(row) else None,
        duration_min=float(row["duration_min"]),
        rain_mm=float(row["rain_mm"]) * float(row["climate_factor"]),
        climate_factor=float(row["climate_factor"]),
        sourced=_is_sourced(row["source"]),
    )


def design_rain(given: Given, rains: Iterable[Rain]) -> Rain | None:
    """Return the event that the headline tells: of those with the return period asked for, the one with most rain."""
    period_y = float(given.assumptions["design_return_period_y"])
    return max((rain for rain in rains if rain.return_period_y == period_y), key=_depth_first, default=None)


def _is_sourced(source: object) -> bool:
    return isinstance(source, str) and source.strip() not in {"", UNVERIFIED}


def _check(frame: pd.DataFrame) -> None:
    faults = [
        Fault("rain_events", f"{column} ({row['event_id']})", f"{row[column]} is not above 0", "give a number above 0")
        for row in frame.to_dict("records")
        for column in ("duration_min", "rain_mm", "climate_factor", *_known_period(row))
        if not _is_above_0(row[column])
    ]
    twice = frame.loc[frame["event_id"].duplicated(), "event_id"].unique()
    faults += [Fault("rain_events", "event_id", f"{name} stands twice", "give each event its own") for name in twice]
    if faults:
        raise DataError(faults)


def _known_period(row: dict[Any, Any]) -> tuple[str, ...]:
    """Return the column of the return period, where the row has one."""
    period = row.get("return_period_y")
    return () if period is None or pd.isna(period) else ("return_period_y",)


def _is_above_0(value: float | None) -> bool:
    return value is not None and not pd.isna(value) and 0.0 < value < np.inf


def service_levels_of(scene: Scene) -> tuple[float, ...]:
    """Return the service levels of the sewers (years), rising: the ground of level i has class i + 1, all other 0."""
    return tuple(sorted({area.service_level_y for area in scene.sewers or () if area.service_level_y > 0}))


def service_classes(scene: Scene, window: tuple[slice, slice] = (slice(None), slice(None))) -> NDArray[np.uint8]:
    """Return the class of each cell of a window by the service level of its sewer; 0 without sewer.

    Raises
    ------
    DataError
        More service levels than classes.
    """
    if scene.sewer is None:
        return np.zeros(scene.town[window].shape, np.uint8)
    levels = service_levels_of(scene)
    if len(levels) > _MOST_LEVELS:
        todo = "round them to years"
        raise DataError(Fault("sewer_areas", "service_level_y", f"{len(levels)} different levels", todo))
    class_of = [
        0,
        *(1 + levels.index(area.service_level_y) if area.service_level_y > 0 else 0 for area in scene.sewers or ()),
    ]
    return np.asarray(np.array(class_of, np.uint8)[scene.sewer[window]])


def service_rain_of(level_y: float, rain: Rain, rains: Sequence[Rain]) -> Rain | None:
    """Return the event that tells what sewers of a service level take of a rain.

    That is the event of this return period that is as long as the rain (the least of several, before its climate
    factor); where there is none, that of the longest shorter duration. A sewer that takes a short rain takes at least
    as many millimetres of a longer one, whose water comes more slowly: a lower bound. A longer event tells nothing of
    a shorter rain, and is not used: None.
    """
    known = [other for other in rains if other.return_period_y == level_y and other.duration_min <= rain.duration_min]
    return min(known, key=lambda other: (-other.duration_min, other.today_mm), default=None)


def service_rain_mm(level_y: float, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> float | None:
    """Return what sewers of a service level take of a rain, at least; None where no event tells it."""
    told_by = service_rain_of(level_y, rain, rains)
    return None if told_by is None else told_by.today_mm * soaking.sewer_climate_factor


def sewer_takes_mm(scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> NDArray[np.float64]:
    """Return by class of ground how much of a rain its sewer can take beside the initial loss.

    Where no event tells the rain of its service level (see `service_rain_of`), nothing is taken: nothing is guessed.
    """
    service = (service_rain_mm(level_y, rain, rains, soaking) for level_y in service_levels_of(scene))
    return np.array([0.0, *(max((rain_mm or 0.0) - soaking.initial_loss_mm, 0.0) for rain_mm in service)])


def losses_mm(scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> NDArray[np.float64]:
    """Return by class of ground what of a rain never runs over the terrain: the initial loss, what the sewers take."""
    return soaking.initial_loss_mm + sewer_takes_mm(scene, rain, rains, soaking)
