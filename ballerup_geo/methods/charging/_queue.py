"""Answer 3: how many plugs a site needs so that few have to wait, by Erlang's queue in the busiest hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.charging._cells import charger_kwh, room_cars
from ballerup_geo.methods.charging._columns import of_homes
from ballerup_geo.methods.charging._empty import empty_table
from ballerup_geo.methods.charging._reach import served
from ballerup_geo.methods.charging._scene import Scene
from ballerup_geo.methods.charging._supply import supply_of
from ballerup_geo.siting import erlang_c, plugs_needed
from ballerup_geo.spec import Assumption, Given, Indicator, OutputTable

__all__ = ["QUEUE", "Queue", "queue_of", "served_today", "with_guests"]

Floats = NDArray[np.float64]
DAYS_A_YEAR = 365.0
HOURS_A_YEAR = 8760.0
PERCENT = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Queue:
    """Sites in the busiest hour: ``load`` float64[m] plugs in use if there were enough, ``needed`` int64[m] plugs."""

    load: Floats
    needed: NDArray[np.int64]

    def waiting_pct(self, plugs: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Share of the busiest hour's cars that must wait with so many plugs, in percent; 100 where too few."""
        pairs = zip(self.load.tolist(), np.asarray(plugs).tolist(), strict=True)
        return np.array([PERCENT * erlang_c(load, int(there)) if load > 0 else 0.0 for load, there in pairs])


def queue_of(given: Given, kwh: Floats, power_kw: Floats) -> Queue:
    """Return the queue of sites that give ``kwh`` (float64[m]) in a year through plugs of ``power_kw``.

    A session takes ``session_kwh``; ``peak_hour_pct`` of a day's begin in its busiest hour. At a slow plug a car stands
    ``plugged_h`` hours, or as long as charging takes where that is longer; at one of ``fast_from_kw`` or more it leaves
    when it is charged.
    """
    session_kwh = number_of(given, "session_kwh")
    per_hour = kwh / DAYS_A_YEAR / session_kwh * number_of(given, "peak_hour_pct") / PERCENT
    fast = power_kw >= number_of(given, "fast_from_kw")
    charging = session_kwh / np.maximum(power_kw, 1e-9)
    hours = np.where(fast, charging, np.maximum(charging, number_of(given, "plugged_h")))
    limit = number_of(given, "wait_limit_pct") / PERCENT
    needed = [
        plugs_needed(arrivals, stay, wait_limit=limit)
        for arrivals, stay in zip(per_hour.tolist(), hours.tolist(), strict=True)
    ]
    return Queue(per_hour * hours, np.array(needed, dtype=np.int64))


def with_guests(given: Given, residents_kwh: Floats) -> Floats:
    """Return what public sites give in all where the residents put there draw so much: ``for_residents_pct`` of it."""
    share = number_of(given, "for_residents_pct") / PERCENT
    return residents_kwh / share if share > 0 else residents_kwh


def served_today(given: Given, scene: Scene, cars: Floats) -> tuple[Floats, Floats]:
    """Return which of the cars find a free public charger of today within the longer walk: by door, and by site."""
    chargers = scene.chargers
    if chargers is None:
        return np.zeros(len(cars)), np.zeros(0)
    kwh = charger_kwh(chargers, utilisation=number_of(given, "utilisation_pct") / PERCENT)
    room = room_cars(
        kwh * supply_of(chargers["access"], "public"),
        for_residents=number_of(given, "for_residents_pct") / PERCENT,
        kwh_per_car=float(scene.away_kwh(np.ones(1))[0]),
    )
    ways = scene.walk.to_sites(chargers.geometry, limit_m=number_of(given, "walk_far_m"))
    found = served(ways, cars, room)
    return found.doors, found.sites


def _queue(given: Given, scene: Scene, _found: Found) -> Found:
    given.progress("plugs of the chargers", 0.62)
    if scene.chargers is None:
        return Found(tables={"charger_queue": empty_table(_TABLE)}, indicators={"plugs_short": None})
    public = supply_of(scene.chargers["access"], "public")
    _, cars = served_today(given, scene, scene.without_home("main", scene.cars.target_year))
    ways = scene.walk.to_sites(scene.chargers.geometry, limit_m=number_of(given, "walk_far_m"))
    homes = np.repeat(scene.doors["dwellings"].to_numpy(np.float64), np.diff(ways.indptr))
    within = np.bincount(ways.indices, homes, len(public)).astype(np.int64)[public]
    chargers = scene.chargers[public].reset_index(drop=True)
    kwh = with_guests(given, scene.away_kwh(cars[public]))
    power = chargers["power_kw"].to_numpy(np.float64)
    plugs = chargers["plugs"].to_numpy(np.int64)
    queue = queue_of(given, kwh, power)
    table = pd.DataFrame(
        {
            "charger_id": chargers["charger_id"].to_numpy(object),
            "plugs": plugs,
            "dwellings": within,
            "cars": cars[public],
            "load": queue.load,
            "wait_pct": queue.waiting_pct(plugs),
            "plugs_needed": queue.needed,
            "busy_pct": PERCENT * np.minimum(1.0, queue.load / plugs),
            "used_pct": PERCENT * kwh / (plugs * power * HOURS_A_YEAR),
        }
    )
    short = int(np.count_nonzero(queue.needed > plugs))
    return Found(tables={"charger_queue": table}, indicators={"plugs_short": float(short)})


_TABLE = OutputTable(
    "charger_queue",
    "table",
    (
        text("charger_id", "ladested", "charging site"),
        count("plugs", "ladeudtag", "plugs"),
        count("dwellings", "boliger inden for gangafstand", "dwellings within the walk"),
        of_homes("cars", "1", "biler uden ladning hjemme, der regnes hertil", "cars without charging at home put here"),
        of_homes("load", "1", "ladeudtag i brug i den travleste time", "plugs in use in the busiest hour"),
        of_homes("wait_pct", "%", "må vente i den travleste time", "must wait in the busiest hour"),
        count("plugs_needed", "ladeudtag, der skal til", "plugs needed"),
        of_homes("busy_pct", "%", "optaget i den travleste time", "taken in the busiest hour"),
        of_homes("used_pct", "%", "udnyttelse over året", "utilisation over the year"),
    ),
)

QUEUE: Part[Scene] = Part(
    compute=_queue,
    assumptions=(
        Assumption("session_kwh", "kWh", minimum=0.1),
        Assumption("peak_hour_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("plugged_h", "h", minimum=0.1, maximum=24.0),
        Assumption("fast_from_kw", "kW", minimum=1.0),
        Assumption("wait_limit_pct", "%", minimum=0.1, maximum=100.0),
    ),
    tables=(_TABLE,),
    indicators=(
        Indicator(
            "plugs_short",
            "1",
            "Offentlige ladesteder med for få ladeudtag i målåret",
            "Public charging sites with too few plugs in the target year",
        ),
    ),
    limits=(
        {
            "da": (
                "Køen er regnet med tilfældige ankomster i den travleste time (Erlang C); hvem der faktisk lader hvor, "
                "vides ikke."
            ),
            "en": (
                "The queue is reckoned with random arrivals in the busiest hour (Erlang C); who really charges where "
                "is not known."
            ),
        },
    ),
)
"""Plugs of today's public chargers."""
