"""Where a municipality's practice for dangerous school roads ("trafikfarlig") may have a say. Never a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.errors import Fault, MethodError
from ballerup_geo.network._stress_rules import read_data
from ballerup_geo.network._stress_streets import as_floats, checked_facility

__all__ = ["PRACTICES", "trafikfarlig"]

PRACTICES: Final = ("odder",)
"""Published practices, each a file ``rules/trafikfarlig-<name>.toml``."""
BUSY: Final = "over {aadt_over} køretøjer i døgnet og ingen sikker krydsning inden for {safe_crossing_beyond_m} m"
WORDS: Final[Mapping[str, str]] = {
    "traffic": "kan efter praksis indgå i en vurdering: " + BUSY,
    "crossing": "krydsningen kan efter praksis indgå i en vurdering: " + BUSY,
    "rural": "kan efter praksis indgå i en vurdering: mindst {rural_aadt_from} køretøjer i døgnet uden for byen",
    "unknown": "kan ikke holdes op mod praksis: ",
}
MISSING: Final = {
    "aadt": "årsdøgntrafik ukendt",
    "safe_crossing_m": "afstand til sikker krydsning ukendt",
    "urban": "by eller land ukendt",
    "facility": "cykelforhold ukendt",
    "pavement": "fortov ukendt",
}


def trafikfarlig(streets: pd.DataFrame, *, practice: str = "odder") -> pd.DataFrame:
    """Return ``may_enter`` (boolean, missing where it cannot be told) and ``reason`` (Danish), on the same index.

    Columns: ``aadt``, ``facility``, ``urban`` (inside a town), ``pavement``, ``safe_crossing_m`` (metres to the
    nearest safe crossing; infinite where there is none). A missing value counts only where it makes a difference.
    This is no level of traffic stress, and true says only "may by practice be part of an assessment": road authority
    and police decide.

    Raises
    ------
    MethodError
        When there is no such practice.
    """
    if practice not in PRACTICES:
        raise MethodError(
            Fault("network", "practice", f"there is no practice {practice!r}", f"take one of {', '.join(PRACTICES)}")
        )
    figures = read_data(f"trafikfarlig-{practice}")
    facts = _facts(streets, figures)
    kinds = {
        "traffic": _all([_not(facts["own_space"]), facts["busy"], facts["far"]]),
        "crossing": _all([facts["crossing_only"], facts["busy"], facts["far"]]),
        "rural": _all([_not(facts["own_space"]), facts["rural"], facts["some_traffic"]]),
    }
    may = np.fmax(np.fmax(kinds["traffic"], kinds["crossing"]), kinds["rural"])  # NaN gives way to what is known ...
    unsure = (may == 0) & np.any([np.isnan(kind) for kind in kinds.values()], axis=0)  # ... but does not make a no
    may = np.where(unsure, np.nan, may)
    said = {key: f"{value:,}".replace(",", ".") for key, value in figures.items() if isinstance(value, int)}
    reason = np.where(np.isnan(may), _unknown(streets), "").astype(object)
    for name, kind in reversed(kinds.items()):
        reason[kind == 1] = WORDS[name].format(**said)
    enters = pd.Series(may, index=streets.index).astype("Float64").astype("boolean")
    return pd.DataFrame(
        {"may_enter": enters, "reason": pd.Series(reason, index=streets.index, dtype="str")}, index=streets.index
    )


Truth = NDArray[np.float64]
"""1 yes, 0 no, NaN unknown."""


def _facts(streets: pd.DataFrame, figures: Mapping[str, Any]) -> dict[str, Truth]:
    aadt, crossing, urban, pavement = (
        _column(streets, name) for name in ("aadt", "safe_crossing_m", "urban", "pavement")
    )
    facility = checked_facility(streets)
    on_own = _truth(facility.isin(figures["own_space"]).to_numpy(), facility.isna().to_numpy())
    return {
        "busy": _truth(aadt > figures["aadt_over"], np.isnan(aadt)),
        "some_traffic": _truth(aadt >= figures["rural_aadt_from"], np.isnan(aadt)),
        "far": _truth(crossing > figures["safe_crossing_beyond_m"], np.isnan(crossing)),
        "rural": _not(urban),
        "own_space": _not(_all([_not(on_own), _not(pavement)])),
        "crossing_only": _truth(facility.isin(figures["crossing_only"]).to_numpy(), facility.isna().to_numpy()),
    }


def _column(streets: pd.DataFrame, name: str) -> Truth:
    return as_floats(streets[name]) if name in streets.columns else np.full(len(streets), np.nan)


def _truth(holds: NDArray[np.bool_], unknown: NDArray[np.bool_]) -> Truth:
    return np.where(unknown, np.nan, holds.astype(np.float64))


def _not(truth: Truth) -> Truth:
    return 1.0 - truth


def _all(truths: list[Truth]) -> Truth:
    """Yes where all hold, no where one does not, unknown otherwise."""
    stack = np.stack(truths)
    return np.where((stack == 0).any(axis=0), 0.0, np.where(np.isnan(stack).any(axis=0), np.nan, 1.0))


def _unknown(streets: pd.DataFrame) -> NDArray[np.object_]:
    missing = [
        np.where(streets[name].isna() if name in streets.columns else True, words, "")
        for name, words in MISSING.items()
    ]
    rows = zip(*(np.broadcast_to(words, len(streets)) for words in missing), strict=True)
    texts = [WORDS["unknown"] + ", ".join(word for word in row if word) for row in rows]
    return np.array(texts, dtype=object)
