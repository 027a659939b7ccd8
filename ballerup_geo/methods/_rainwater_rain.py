"""Rain events and what is lost before water runs over the terrain: wetting, and what the sewers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods._rainwater_scene import Scene, SewerArea
from ballerup_geo.spec import Given
from ballerup_geo.spec.analysis import UNVERIFIED

__all__ = ["MM_PER_M", "Rain", "Soaking", "losses_mm", "rains_of", "service_rain_mm", "sewer_takes_mm"]

MM_PER_M = 1000.0
_MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, slots=True)
class Rain:
    """A rain event. ``rain_mm`` holds the climate factor; ``sourced``: somebody says where the figure is from."""

    event_id: str
    return_period_y: float
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


def rains_of(given: Given) -> tuple[Rain, ...] | None:
    """Return the rain events by depth, the least first; None where they are unknown.

    Raises
    ------
    DataError
        A rain, its duration, return period or climate factor is not above 0, or an event_id comes twice.
    """
    frame = given.inputs.get("rain_events")
    if not isinstance(frame, pd.DataFrame):
        return None
    _check(frame)
    rains = [
        Rain(
            event_id=str(row["event_id"]),
            return_period_y=float(row["return_period_y"]),
            duration_min=float(row["duration_min"]),
            rain_mm=float(row["rain_mm"]) * float(row["climate_factor"]),
            climate_factor=float(row["climate_factor"]),
            sourced=_is_sourced(row["source"]),
        )
        for row in frame.to_dict("records")
    ]
    return tuple(sorted(rains, key=lambda rain: (rain.rain_mm, rain.return_period_y, rain.event_id)))


def _is_sourced(source: object) -> bool:
    return isinstance(source, str) and source.strip() not in {"", UNVERIFIED}


def _check(frame: pd.DataFrame) -> None:
    faults = [
        Fault("rain_events", f"{column} ({row['event_id']})", f"{row[column]} is not above 0", "give a number above 0")
        for row in frame.to_dict("records")
        for column in ("return_period_y", "duration_min", "rain_mm", "climate_factor")
        if not (np.isfinite(float(row[column])) and float(row[column]) > 0)
    ]
    twice = frame.loc[frame["event_id"].duplicated(), "event_id"].unique()
    faults += [Fault("rain_events", "event_id", f"{name} stands twice", "give each event its own") for name in twice]
    if faults:
        raise DataError(faults)


def service_rain_mm(area: SewerArea, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> float | None:
    """Return the rain that a sewer catchment is made for, of the same duration as this one; None where nobody says.

    0 where there is no public sewer.
    """
    if area.service_level_y <= 0:
        return 0.0
    known = [
        other.today_mm
        for other in rains
        if other.return_period_y == area.service_level_y and other.duration_min == rain.duration_min
    ]
    return min(known) * soaking.sewer_climate_factor if known else None


def sewer_takes_mm(scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking) -> NDArray[np.float64]:
    """Return by number of sewer catchment (0: none) how much of a rain it can take beside the initial loss.

    Where no event tells the rain of its service level, nothing is taken: nothing is guessed.
    """
    taken = [0.0]
    for area in scene.sewers or ():
        service_mm = service_rain_mm(area, rain, rains, soaking)
        taken.append(max((service_mm or 0.0) - soaking.initial_loss_mm, 0.0))
    return np.array(taken)


def losses_mm(
    scene: Scene, rain: Rain, rains: Sequence[Rain], soaking: Soaking
) -> dict[str, float | NDArray[np.float32]]:
    """Return what never runs off, in mm, by name: the initial loss, what the sewers take, what soaks away besides."""
    losses: dict[str, float | NDArray[np.float32]] = {"initial": soaking.initial_loss_mm}
    taken = sewer_takes_mm(scene, rain, rains, soaking)
    if scene.sewer is not None and taken.any():
        losses["sewer"] = taken.astype(np.float32)[scene.sewer]
    if scene.extra_loss_mm is not None:
        losses["extra"] = scene.extra_loss_mm
    return losses
