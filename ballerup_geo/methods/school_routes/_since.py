"""The change since a former run whose table ``trips`` was kept, where there is one."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from ballerup_geo.methods._columns import text
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.school_routes._change import Run, decompose, needs
from ballerup_geo.methods.school_routes._scene import Scene
from ballerup_geo.methods.school_routes._told import share_told
from ballerup_geo.methods.school_routes._words import CAUSE_WORDS, NOTES
from ballerup_geo.network import RULES
from ballerup_geo.spec import Given, Indicator, Input, OutputColumn, OutputTable

__all__ = ["SINCE"]


def _since(given: Given, _: Scene, found: Found) -> Found:
    before, now = given.inputs.get("before"), found.tables["trips"]
    empty = pd.DataFrame({"cause": [], "from_pct": [], "to_pct": [], "change_points": []})
    if before is None or not isinstance(before, pd.DataFrame) or before.empty or now["stress"].isna().all():
        return Found(tables={"change": empty}, indicators={"change_points": None})
    if not _comparable(before, now, given):
        return Found(tables={"change": empty}, indicators={"change_points": None}, notes=(NOTES["not_comparable"],))
    table = _told(
        decompose(Run.of(before), Run.of(now)), before, now, int(cast(int, given.assumptions["flow_rounding"]))
    )
    change = float(table["change_points"].iloc[-1])
    return Found(tables={"change": table}, indicators={"change_points": change if np.isfinite(change) else None})


def _comparable(before: pd.DataFrame, now: pd.DataFrame, given: Given) -> bool:
    """Tell whether the former run used a rule set that is known, the same detour limit, and both followed anybody."""
    known = before["rules"].iloc[0] in RULES and before[needs()].notna().all(axis=None)
    same = bool((before["detour_max"] == given.assumptions["detour_max"]).all())
    return bool(known and same and _followed(before) > 0.0 and _followed(now) > 0.0)


def _followed(trips: pd.DataFrame) -> float:
    """Return the pupils who have a way to school."""
    return float(trips.loc[trips[needs()[0]] > 0, "pupils_exact"].fillna(0).sum())


def _told(change: pd.DataFrame, before: pd.DataFrame, now: pd.DataFrame, least: int) -> pd.DataFrame:
    """Return the change with its shares as they may be told; see `share_told`."""
    then, present = _followed(before), _followed(now)
    former = np.isin(np.arange(len(change)), (0, len(change) - 1))  # the first cause, and the whole, start there
    from_whole, to_whole = np.where(former, then, present), np.full(len(change), present)
    from_pct = share_told(change["from_pct"].to_numpy() * from_whole / 100.0, from_whole, least)
    to_pct = share_told(change["to_pct"].to_numpy() * to_whole / 100.0, to_whole, least)
    return change.assign(from_pct=from_pct, to_pct=to_pct, change_points=to_pct - from_pct)


SINCE: Part[Scene] = Part(
    compute=_since,
    inputs=(
        Input(
            "before",
            "point",
            columns=(
                "address_id",
                "level",
                "pupils",
                "pupils_exact",
                "school_id",
                "rules",
                "accepted",
                "detour_max",
                *needs(),
            ),
            required=False,
        ),
    ),
    tables=(
        OutputTable(
            "change",
            "table",
            (
                text("cause", "årsag", "cause", CAUSE_WORDS),
                OutputColumn("from_pct", "number", "%", "andel før", "share before"),
                OutputColumn("to_pct", "number", "%", "andel efter", "share after"),
                OutputColumn("change_points", "number", "procentpoint", "ændring", "change"),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "change_points",
            "procentpoint",
            "Ændring i andelen siden den tidligere beregning",
            "Change of the share since the former run",
            1,
        ),
    ),
)
