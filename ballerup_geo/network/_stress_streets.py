"""Streets as numbers: the columns that rule sets read, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
import pandas as pd

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.network._stress_axes import Floats

__all__ = [
    "FACILITIES",
    "ROAD_CLASSES",
    "as_floats",
    "checked_facility",
    "faulty_values",
    "read_streets",
    "suspect_speeds",
]

FACILITIES: Final = ("path", "track", "lane", "lane_beside_parking", "mixed")
ROAD_CLASSES: Final = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "path",
)
CODES: Final[Mapping[str, tuple[str, ...]]] = {"facility": FACILITIES, "road_class": ROAD_CLASSES}
RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "speed_kmh": (1.0, 150.0),
    "lanes_per_direction": (1.0, 10.0),
    "aadt": (0.0, 1_000_000.0),
    "lane_width_m": (0.0, 20.0),
    "reach_m": (0.0, 30.0),
    "carriageway_m": (0.0, 100.0),
    "parking_sides": (0.0, 2.0),
}
"""Values beyond these are no streets: they are refused, not judged."""
FLAGS: Final = (
    "one_way",
    "centreline",
    "residential",
    "median",
    "bus",
    "blocked",
    "kerb",
    "turn_lane",
    "buffered",
    "cycling_allowed",
)
MPH_STEP: Final = 10.0
"""Danish limits are whole tens of km/h, but for 5 and 15 in play streets; limits in mph go by fives."""
MPH_SHARE: Final = 0.2
"""From this share of limits between the tens on, the whole table is taken to be in miles per hour."""
NAMED: Final = 5
"""So many rows are named in an error; the rest are counted."""


def read_streets(streets: pd.DataFrame) -> dict[str, Floats]:
    """Return each known column as float64[n]; NaN is unknown, codes are their place in the list, yes is 1.

    ``road_class`` may be called ``class`` (as in the roads layer). Where ``residential`` is missing it follows from
    the road class.

    Raises
    ------
    DataError
        When there is no ``facility``, or when values are impossible; each fault names the rows.
    """
    checked_facility(streets)
    return _columns(streets)


def checked_facility(streets: pd.DataFrame) -> pd.Series[Any]:
    """Return the column ``facility`` of streets without impossible values; errors as in :func:`read_streets`."""
    if "facility" not in streets.columns:
        raise DataError(
            Fault(
                "streets", "facility", "the column is missing", f"give one of {', '.join(FACILITIES)} for each street"
            )
        )
    bad = faulty_values(streets)
    if len(bad):
        raise DataError([_fault(str(column), group) for column, group in bad.groupby("column", sort=True)])
    return streets["facility"]


def faulty_values(streets: pd.DataFrame) -> pd.DataFrame:
    """Return the values that no street has: ``street`` (road_id, or the index), ``column``, ``value``, ``what``."""
    found = []
    names = streets["road_id"] if "road_id" in streets.columns else pd.Series(streets.index, index=streets.index)
    for column, series in _sources(streets).items():
        if column in CODES:
            wrong = series.notna() & ~series.isin(CODES[column])
            what = f"is none of {', '.join(CODES[column])}"
        elif column in RANGES:
            numbers, (least, most) = as_floats(series), RANGES[column]
            wrong = pd.Series((numbers < least) | (numbers > most), index=series.index)
            what = f"lies outside {least:g}–{most:g}"
        else:
            continue
        rows = wrong.to_numpy(dtype=np.bool_)
        found.append(
            pd.DataFrame(
                {"street": names[rows].astype(str), "column": column, "value": series[rows].astype(str), "what": what}
            )
        )
    return pd.concat(found, ignore_index=True)


def suspect_speeds(streets: pd.DataFrame) -> pd.DataFrame:
    """Return limits that look like miles per hour, one a row as in :func:`faulty_values`; none is refused.

    Suspect are limits above 15 that are fives but no tens (25, 35, 45 …); where they make a fifth of all known
    limits, every limit is. For ``speed_kmh`` as a limit: measured speeds go by no steps.
    """
    names = streets["road_id"] if "road_id" in streets.columns else pd.Series(streets.index, index=streets.index)
    speed = as_floats(streets["speed_kmh"])
    between = (speed > 15) & (speed % MPH_STEP == MPH_STEP / 2)
    known = ~np.isnan(speed)
    rows = known if between.sum() >= max(1.0, MPH_SHARE * known.sum()) else between
    what = "looks like miles per hour"
    return pd.DataFrame(
        {
            "street": names[rows].astype(str),
            "column": "speed_kmh",
            "value": streets.loc[rows, "speed_kmh"].astype(str),
            "what": what,
        }
    ).reset_index(drop=True)


def _fault(column: str, group: pd.DataFrame) -> Fault:
    rows = [f"{row.street} ({row.value})" for row in group.head(NAMED).itertuples()]
    more = f" and {len(group) - NAMED} more" if len(group) > NAMED else ""
    what = f"{len(group)} values that cannot be: {', '.join(rows)}{more}; each {group['what'].iloc[0]}"
    return Fault("streets", column, what, "correct them, or leave them missing: the answer is then an interval")


def _sources(streets: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Return the columns that are there, by the name that rules know."""
    there = {name: streets[name] for name in ("facility", *RANGES, *FLAGS) if name in streets.columns}
    kind = next((name for name in ("road_class", "class") if name in streets.columns), None)
    return there if kind is None else there | {"road_class": streets[kind]}


def _columns(streets: pd.DataFrame) -> dict[str, Floats]:
    columns = {
        name: _codes(series, CODES[name]) if name in CODES else as_floats(series)
        for name, series in _sources(streets).items()
    }
    if "road_class" in columns:
        quiet = [ROAD_CLASSES.index("residential"), ROAD_CLASSES.index("living_street")]
        known = columns["road_class"]
        by_class = np.where(np.isnan(known), np.nan, np.isin(known, quiet).astype(np.float64))
        given = columns.get("residential", by_class)
        columns["residential"] = np.where(np.isnan(given), by_class, given)
    return columns


def _codes(series: pd.Series[Any], codes: tuple[str, ...]) -> Floats:
    places = pd.Categorical(series, categories=list(codes)).codes.astype(np.float64)
    return cast(Floats, np.where(places < 0, np.nan, places))


def as_floats(series: pd.Series[Any]) -> Floats:
    """Return numbers, or yes and no, as float64[n]; missing is NaN."""
    if series.dtype == object:
        series = series.astype("Float64")  # yes, no and None together
    return cast(Floats, series.to_numpy(dtype=np.float64, na_value=np.nan))
