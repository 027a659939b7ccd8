"""Duties to have chargers, as dated rows with their sources."""

from __future__ import annotations

import pandas as pd

from ballerup_geo.sources.model.frame import facts
from ballerup_geo.sources.model.town import Town

__all__ = ["build_charging_rules"]

TEXTS = ("rule_id", "title", "applies_to", "building_state", "standing", "source")
COUNTS = ("spaces_over", "chargers_min", "chargers_per_spaces", "prepared_per_spaces")


def build_charging_rules(_town: Town) -> pd.DataFrame:
    """Return the rules in the order of the days they hold from."""
    rows = sorted(facts("charging_rules")["rule"], key=lambda row: (row["from_date"], row["rule_id"]))
    return pd.DataFrame(
        {
            **{name: [row[name] for row in rows] for name in TEXTS},
            **{name: pd.array([row.get(name) for row in rows], dtype="Int64") for name in COUNTS},
            "from_date": pd.to_datetime([row["from_date"] for row in rows]),
            "to_date": pd.to_datetime([row.get("to_date") for row in rows]),
        }
    )
