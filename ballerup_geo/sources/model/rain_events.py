"""The rain events: none is invented, each row of the facts says who says so."""

from __future__ import annotations

import pandas as pd

from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_rain_events"]


def build_rain_events(_town: Town) -> pd.DataFrame:
    """Return the rain events, by what falls; one without a return period has none."""
    rows = facts("rain_events")["event"]
    return pd.DataFrame(
        {
            "event_id": [row["event_id"] for row in rows],
            "return_period_y": pd.array([row.get("return_period_y") for row in rows], dtype="Float64"),
            "duration_min": [float(row["duration_min"]) for row in rows],
            "rain_mm": [float(row["rain_mm"]) for row in rows],
            "climate_factor": [float(row["climate_factor"]) for row in rows],
            "source": [row["source"] for row in rows],
        }
    )
