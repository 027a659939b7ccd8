"""The ledger: what the municipality's own list says is planted, alive and removed, against the plan's number and year.

Arithmetic, parcel by parcel in the order of dates:

- a row with trees *planted*: what it says of *survived* and *removed* is about those trees. Alive grows by survived, by
  planted − removed where survived is not told.
- a row without: a later count of the whole parcel. Alive becomes survived; where survived is not told it falls by
  removed.

A row with a number that is none, or that stands twice, is reported and not counted. A row that cannot be — more
survived and removed than planted, or than were alive — is reported: of a planting the trees count as planted and
alive, a count is passed over. A row dated after the day that the ledger is read for is reported and not counted
yet. Trees on a parcel that the parcels do not have stand by themselves and do not count towards the plan's number,
nor do trees on other land than gardens and associations'.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.methods._columns import count, text
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._goal import GOAL_ASSUMPTIONS, day_of, goal_of
from ballerup_geo.methods.trees._town import PLACES, TreeTown
from ballerup_geo.spec import Assumption, Given, Indicator, Input, OutputColumn, OutputTable, Text
from ballerup_geo.spec.words import number

__all__ = ["LEDGER", "LEDGER_PLACES", "counted", "ledger_words"]

UNKNOWN = "unknown"
LEDGER_PLACES: Mapping[str, Text] = {
    **PLACES,
    UNKNOWN: Text(da="ukendt jordstykke", en="unknown parcel"),
}
COUNTING = ("garden", "association")
"""Land whose trees count towards the plan's number."""
FUTURE, CONTRADICTS, NO_PARCEL, NO_DATE = "future", "contradicts", "no_parcel", "no_date"
NO_NUMBER, TWICE = "no_number", "twice"
LEDGER_FAULTS: Mapping[str, Text] = {
    FUTURE: Text(
        da="dato efter den dag, listen er læst for: tælles ikke endnu",
        en="dated after the day it is read for: not counted yet",
    ),
    CONTRADICTS: Text(
        da="flere overlevende og fjernede end plantede: læst som plantede alene",
        en="more surviving and removed than planted: read as planted alone",
    ),
    NO_PARCEL: Text(
        da="jordstykket findes ikke: står for sig og tæller ikke mod målet",
        en="there is no such parcel: stands by itself and does not count towards the target",
    ),
    NO_DATE: Text(da="uden dato: tælles ikke", en="without a date: not counted"),
    NO_NUMBER: Text(
        da="et antal er tekst, under nul eller ikke helt: tælles ikke",
        en="a number is text, below zero or not whole: not counted",
    ),
    TWICE: Text(
        da="den samme række står tidligere i listen: tælles én gang",
        en="the same row stands earlier in the list: counted once",
    ),
}
NAMED = 5
"""Rows that a note names; the table has them all."""


@dataclass(slots=True)
class _Standing:
    """One parcel as its rows are read."""

    planted: int = 0
    removed: int = 0
    alive: int = 0

    def read(self, planted: int, survived: int | None, removed: int) -> bool:
        """Take one row in; returns whether it could be."""
        if planted > 0:
            could = (survived or 0) + removed <= planted
            self.planted += planted
            if not could:
                self.alive += planted
                return False
            self.alive += planted - removed if survived is None else survived
        else:
            could = (survived or 0) + removed <= self.alive
            if not could:
                return False
            self.alive = self.alive - removed if survived is None else survived
        self.removed += removed
        return True


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the municipality's list."""

    number: int
    parcel_id: str
    day: datetime.date | None
    planted: int
    survived: int | None
    removed: int
    fault: str | None = None
    """Why the row is not read at all."""

    def odd(self, fault: str) -> tuple[int, str, str, str]:
        """Return the row as it is reported."""
        return self.number, self.parcel_id, "" if self.day is None else self.day.isoformat(), fault


def counted(
    rows: pd.DataFrame, places: Mapping[str, str], *, as_of: datetime.date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the ledger by year and kind of land, and the rows that were odd.

    Parameters
    ----------
    rows
        ``parcel_id, date, planted, survived, removed``; the last two may be missing.
    places
        Kind of land of each parcel: a key of `LEDGER_PLACES`.
    as_of
        The day that the ledger is read for: later rows are not counted.

    Returns
    -------
    ledger
        ``place, year, planted, removed, planted_total, removed_total, alive_total``: one row a kind of land and year
        from the first row's to the last's, totals at the end of the year.
    odd
        ``row, parcel_id, date, fault``: the row's number in the list, from 1.
    """
    own = list(_rows(rows))
    odd = [row.odd(NO_DATE) for row in own if row.day is None]
    odd += [row.odd(NO_PARCEL) for row in own if row.parcel_id not in places]
    odd += [row.odd(FUTURE) for row in own if row.day is not None and row.day > as_of]
    odd += [row.odd(row.fault) for row in own if row.fault is not None]
    readable = [row for row in own if row.fault is None]
    dated = [
        (row.day, row.planted <= 0, row.number, row) for row in readable if row.day is not None and row.day <= as_of
    ]
    standing: dict[str, _Standing] = {}
    ends: dict[int, dict[str, tuple[int, int, int]]] = {}
    for day, _, _, row in sorted(dated, key=lambda one: one[:3]):
        if not standing.setdefault(row.parcel_id, _Standing()).read(row.planted, row.survived, row.removed):
            odd.append(row.odd(CONTRADICTS))
        at = ends.setdefault(day.year, dict(ends[max(ends)]) if ends else {})
        now = standing[row.parcel_id]
        at[row.parcel_id] = now.planted, now.removed, now.alive
    columns = ["row", "parcel_id", "date", "fault"]
    return _by_place(ends, places), pd.DataFrame(sorted(set(odd)), columns=columns)


def _rows(rows: pd.DataFrame) -> Iterator[_Row]:
    """Read the list, row by row; an empty number of removed or planted trees is none."""
    days = pd.to_datetime(rows["date"], errors="coerce")
    names = ("planted", "survived", "removed")
    numbers = {name: _numbers(rows, name) for name in names}
    wrong = np.any([_no_number(rows, name) for name in names], axis=0)
    twice = rows[["parcel_id", "date", *(name for name in names if name in rows)]].astype(str).duplicated().to_numpy()
    for at, (parcel_id, day) in enumerate(zip(rows["parcel_id"], days, strict=True)):
        planted, survived, removed = (numbers[name][at] for name in names)
        yield _Row(
            number=at + 1,
            parcel_id=str(parcel_id),
            day=None if pd.isna(day) else day.date(),
            planted=0 if np.isnan(planted) else int(planted),
            survived=None if np.isnan(survived) else int(survived),
            removed=0 if np.isnan(removed) else int(removed),
            fault=NO_NUMBER if wrong[at] else TWICE if twice[at] else None,
        )


def _numbers(rows: pd.DataFrame, name: str) -> NDArray[np.float64]:
    if name not in rows:
        return np.full(len(rows), np.nan)
    return np.asarray(pd.to_numeric(rows[name], errors="coerce").to_numpy(np.float64, na_value=np.nan))


def _no_number(rows: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Return which rows have something else than a whole number from 0 or nothing."""
    values = _numbers(rows, name)
    told = rows[name].notna().to_numpy(bool) if name in rows else np.zeros(len(rows), dtype=bool)
    with np.errstate(invalid="ignore"):
        wrong: NDArray[np.bool_] = told & ~((values >= 0) & (values == np.floor(values)))
    return wrong


def _by_place(ends: Mapping[int, Mapping[str, tuple[int, int, int]]], places: Mapping[str, str]) -> pd.DataFrame:
    """Sum the parcels' standing at the end of each year by kind of land; a year without rows is as the one before."""
    names = ("planted_total", "removed_total", "alive_total")
    columns = ["place", "year", "planted", "removed", *names]
    if not ends:
        return pd.DataFrame({name: pd.Series([], dtype=object if name == "place" else np.int64) for name in columns})
    found: list[dict[str, Any]] = []
    for place in LEDGER_PLACES:
        before, held = dict.fromkeys(names, 0), False
        totals = before
        for year in range(min(ends), max(ends) + 1):
            if year in ends:
                own = [sums for name, sums in ends[year].items() if places.get(name, UNKNOWN) == place]
                held = held or bool(own)
                totals = {name: sum(sums[slot] for sums in own) for slot, name in enumerate(names)}
            if held:
                grown = {short: totals[f"{short}_total"] - before[f"{short}_total"] for short in ("planted", "removed")}
                found.append({"place": place, "year": year, **grown, **totals})
            before = totals
    return pd.DataFrame(found, columns=columns)


def _ledger(given: Given, town: TreeTown, _found: Found) -> Found:
    rows = cast("pd.DataFrame | None", given.inputs["planting_ledger"])
    goal = goal_of(given)
    if rows is None:
        empty = counted(pd.DataFrame({"parcel_id": [], "date": [], "planted": []}), {}, as_of=datetime.date.min)
        return Found(
            tables={"ledger": _with_goal(empty[0], goal.trees), "ledger_faults": empty[1]},
            indicators=dict.fromkeys(_INDICATORS),
            notes=(_UNKNOWN_NOTE,),
        )
    as_of = day_of(given, "ledger_as_of")
    places = dict(zip(town.parcels["parcel_id"].astype(str), town.parcels["place"], strict=True))
    ledger, odd = counted(rows, places, as_of=as_of)
    last = ledger[ledger["place"].isin(COUNTING)].groupby("place").last()
    planted = int(last["planted_total"].sum())
    left = max(0, goal.trees - planted)
    years = goal.years_after(as_of)
    return Found(
        tables={"ledger": _with_goal(ledger, goal.trees), "ledger_faults": odd},
        indicators={
            "ledger_planted": float(planted),
            "ledger_alive": float(last["alive_total"].sum()),
            "ledger_removed": float(last["removed_total"].sum()),
            "ledger_pace": None if years <= 0 else left / years,
        },
        notes=_notes(odd),
    )


def _with_goal(ledger: pd.DataFrame, goal: int) -> pd.DataFrame:
    """Say for each year what share of the plan's number its kind of land has planted."""
    share = 100.0 * ledger["planted_total"].astype(float) / goal
    return ledger.assign(goal_pct=share.where(ledger["place"].isin(COUNTING)))


def _notes(odd: pd.DataFrame) -> tuple[Words, ...]:
    """Return a sentence for each fault; rows of the list, since a page names nobody's garden."""
    notes: list[Words] = []
    for fault, group in odd.groupby("fault", sort=True):
        rows = ", ".join(str(row) for row in group["row"].head(NAMED)) + (" …" if len(group) > NAMED else "")
        words = LEDGER_FAULTS[str(fault)]
        notes.append(
            {
                "da": f"Listen over plantede træer: {number(len(group))} × {words.da} (række {rows}; "
                "tabellen ledger_faults).",
                "en": f"The list of planted trees: {number(len(group), language='en')} × {words.en} (row {rows}; "
                "table ledger_faults).",
            }
        )
    return tuple(notes)


def ledger_words(indicators: Mapping[str, float | None], *, trees: int, year: int) -> Words:
    """Say what is planted, and the pace that is left."""
    planted, pace = indicators["ledger_planted"], indicators["ledger_pace"]
    if planted is None:
        return {
            "da": f"Hvor mange af de {number(trees)} træer der er plantet, er ukendt: kommunens liste er ikke læst.",
            "en": f"How many of the {number(trees, language='en')} trees are planted is unknown: the municipality's "
            f"list is not read.",
        }
    alive = indicators["ledger_alive"] or 0.0
    da = f"{number(planted)} af {number(trees)} træer er plantet ifølge kommunens liste; {number(alive)} af dem lever"
    en = (
        f"{number(planted, language='en')} of {number(trees, language='en')} trees are planted by the municipality's "
        f"list; "
        f"{number(alive, language='en')} of them are alive"
    )
    if planted >= trees:
        return {"da": f"{da}. Tallet er nået.", "en": f"{en}. The number is reached."}
    if pace is None:
        return {"da": f"{da}. {year} er forbi.", "en": f"{en}. {year} is over."}
    return {
        "da": f"{da}. Skal tallet nås i {year}, skal der plantes omkring {number(pace, digits=-2)} om året.",
        "en": f"{en}. To reach the number in {year}, about {number(pace, digits=-2, language='en')} must be planted a "
        f"year.",
    }


_UNKNOWN_NOTE: Words = {
    "da": "Kommunens liste over plantede træer er ukendt: hvor mange der er plantet, kan ikke siges.",
    "en": "The municipality's list of planted trees is unknown: how many are planted cannot be said.",
}
_INDICATORS = ("ledger_planted", "ledger_alive", "ledger_removed", "ledger_pace")

LEDGER = Part(
    compute=_ledger,
    inputs=(
        Input(
            "planting_ledger",
            "table",
            columns=("parcel_id", "date", "planted"),
            optional_columns=("survived", "removed"),
            required=False,
        ),
    ),
    assumptions=(*GOAL_ASSUMPTIONS, Assumption("ledger_as_of", "-", kind="text")),
    tables=(
        OutputTable(
            "ledger",
            "table",
            (
                text("place", "jord", "ground", LEDGER_PLACES),
                OutputColumn("year", "integer", None, "år", "year"),
                count("planted", "plantet i året", "planted in the year"),
                count("removed", "fjernet i året", "removed in the year"),
                count("planted_total", "plantet i alt", "planted in all"),
                count("removed_total", "fjernet i alt", "removed in all"),
                count("alive_total", "lever ved årets slutning", "alive at the end of the year"),
                OutputColumn("goal_pct", "number", "%", "plantet af planens antal", "planted of the plan's number"),
            ),
        ),
        OutputTable(
            "ledger_faults",
            "table",
            (
                count("row", "række i listen", "row of the list"),
                text("parcel_id", "jordstykke", "parcel"),
                text("date", "dato", "date"),
                text("fault", "hvad der er galt", "what is wrong", LEDGER_FAULTS),
            ),
            homes=True,
        ),
    ),
    indicators=(
        Indicator(
            "ledger_planted",
            "1",
            "Plantet i private haver og på boligforeningers jord",
            "Planted in private gardens and on housing associations' land",
        ),
        Indicator("ledger_alive", "1", "Af dem lever", "Of them alive"),
        Indicator("ledger_removed", "1", "Af dem fjernet", "Of them removed"),
        Indicator(
            "ledger_pace",
            "1/år",
            "Træer om året, der skal plantes for at nå planens antal",
            "Trees a year to be planted to reach the plan's number",
            significant=2,
        ),
    ),
)
