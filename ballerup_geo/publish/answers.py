"""The answer that stands on a map: the analysis' main one, or the one that the map file names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish.text import HARD_SPACE
from ballerup_geo.spec import Map, Text
from ballerup_geo.spec.faults import nearest

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["answer_of"]


def answer_of(found: Map, results: Mapping[str, Result]) -> Text | None:
    """Return a map's answer, if it has an analysis that gave one.

    Raises
    ------
    DataError
        The map names an answer that the result does not have.
    """
    if found.analysis is None:
        return None
    run = results[found.analysis].run
    said = run["answer"]
    if found.answer is not None:
        further = run.get("answers", {})
        if found.answer not in further:
            what = f"the result has no answer {found.answer!r}; {nearest(found.answer, further)}"
            raise DataError(
                Fault(f"results/{found.analysis}", "answers", what, f"make it anew: ballerup-geo run {found.analysis}")
            )
        said = further[found.answer]
    return Text(da=_unbroken(said["da"]), en=_unbroken(said["en"])) if said else None


def _unbroken(sentence: str) -> str:
    """Return a sentence whose percentages do not end a line between number and sign."""
    return re.sub(r"(?<=\d) (?=%)", HARD_SPACE, sentence)
