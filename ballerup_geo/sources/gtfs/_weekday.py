"""Which services run on an ordinary weekday."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from ballerup_geo.sources.gtfs._feed import Feed

__all__ = ["ordinary_weekday"]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINARY = (1, 2, 3)
"""Tuesday to Thursday: the days that traffic is counted on."""
_LONGEST_DAYS = 400
_ADDED, _REMOVED = "1", "2"


def ordinary_weekday(feed: Feed, trips_by_service: Mapping[str, int]) -> tuple[date, set[str]] | None:
    """Return the Tuesday, Wednesday or Thursday with most trips, the first of equals, and the services that run then.

    So a public holiday or a week of works is not taken for an ordinary day. None where no service runs on such a day.
    """
    running: dict[date, set[str]] = {}
    if feed.has("calendar.txt"):
        for row in feed.table("calendar.txt", ("service_id", "start_date", "end_date", *_DAYS)).to_dict("records"):
            first, last = _date(row["start_date"]), _date(row["end_date"])
            if first is None or last is None:
                continue
            for number in range(min((last - first).days + 1, _LONGEST_DAYS)):
                day = first + timedelta(days=number)
                if day.weekday() in _ORDINARY and row[_DAYS[day.weekday()]] == "1":
                    running.setdefault(day, set()).add(row["service_id"])
    if feed.has("calendar_dates.txt") or not feed.has("calendar.txt"):
        _except(feed.table("calendar_dates.txt", ("service_id", "date", "exception_type")), running)
    trips = Counter({day: sum(trips_by_service.get(each, 0) for each in services) for day, services in running.items()})
    busiest = max(trips.values(), default=0)
    if not busiest:
        return None
    day = min(day for day, number in trips.items() if number == busiest)
    return day, running[day]


def _except(exceptions: pd.DataFrame, running: dict[date, set[str]]) -> None:
    for row in exceptions.to_dict("records"):
        day = _date(row["date"])
        if day is None or day.weekday() not in _ORDINARY:
            continue
        services = running.setdefault(day, set())
        if row["exception_type"] == _ADDED:
            services.add(row["service_id"])
        elif row["exception_type"] == _REMOVED:
            services.discard(row["service_id"])


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
