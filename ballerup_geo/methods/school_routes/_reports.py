"""What in the data of the school routes looks wrong: by id, counted, and never a reason to give no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = ["KINDS", "Report", "reports_table", "told"]

KINDS: Mapping[str, Text] = {
    "gap": Text(da="ender tæt på en anden vej uden at nå den", en="ends close to another road without meeting it"),
    "near_miss": Text(da="to ender, der næsten mødes", en="two ends that nearly meet"),
    "unconnected": Text(da="hænger ikke sammen med resten af nettet", en="not connected with the rest of the network"),
    "duplicate": Text(da="samme linje to gange", en="the same line twice"),
    "one_way_trap": Text(
        da="ensrettede veje, man ikke kan komme ind i eller ud af", en="one-way streets without a way in or out"
    ),
    "zero_length": Text(da="linje uden længde", en="line without length"),
    "no_line": Text(da="ingen linje, der kan tegnes", en="no line that can be drawn"),
    "odd_speed": Text(
        da="fart, som ingen dansk fartgrænse har (måske mph); regnet som ukendt",
        en="speed that no Danish limit has (perhaps mph); taken as unknown",
    ),
    "odd_traffic": Text(da="umulig årsdøgntrafik; regnet som ukendt", en="impossible traffic; taken as unknown"),
    "odd_value": Text(da="umulig værdi; regnet som ukendt", en="impossible value; taken as unknown"),
    "site_far": Text(da="skolen ligger for langt fra vej og sti", en="the school lies too far from road and path"),
    "fragment_site": Text(
        da="nærmest skolen ligger en sti eller vej, der ikke hænger sammen med nettet; en anden er brugt",
        en="nearest to the school lies a path or road without connection to the network; another is used",
    ),
    "district_without_school": Text(
        da="skoledistrikt uden skole i laget; nærmeste skole er brugt",
        en="district without a school in the layer; the nearest one is used",
    ),
    "fragment_home": Text(
        da="nærmest hjemmet ligger en sti eller vej, der ikke fører til skolen; en anden er brugt",
        en="nearest to the home lies a path or road that does not lead to school; another is used",
    ),
    "home_far": Text(da="hjem for langt fra vej og sti", en="homes too far from road and path"),
    "no_site": Text(da="ingen skole i laget har klassetrinnet", en="no school in the layer teaches the class"),
    "partly": Text(
        da="skolen har kun nogle af klassetrinnets klasser", en="the school teaches only some classes of the level"
    ),
    "unconnected_home": Text(da="intet cykelnet mellem hjem og skole", en="no cycling network from home to school"),
    "nearest": Text(
        da="uden for distrikterne; nærmeste skole er brugt", en="outside the districts; the nearest school is used"
    ),
}
"""Kinds of report."""
OF_PUPILS = frozenset({"fragment_home", "home_far", "no_site", "partly", "unconnected_home", "nearest"})
"""Kinds that count pupils."""


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that looks wrong: its kind, the id of the road, school or district, and its place in metres.

    About homes only how many pupils it concerns is told, never whose.
    """

    kind: str
    subject: str
    east_m: float = float("nan")
    north_m: float = float("nan")
    pupils: float = float("nan")


def reports_table(reports: Iterable[Report]) -> pd.DataFrame:
    """Return the reports by kind, each kind in the order it was found."""
    order = list(KINDS)
    rows = sorted(reports, key=lambda report: order.index(report.kind))
    return pd.DataFrame(
        {
            "kind": [row.kind for row in rows],
            "subject": [row.subject or None for row in rows],
            "pupils": pd.array([pd.NA if np.isnan(row.pupils) else round(row.pupils) for row in rows], dtype="Int64"),
            "east_m": np.round([row.east_m for row in rows], 1),
            "north_m": np.round([row.north_m for row in rows], 1),
        }
    )


def told(reports: Iterable[Report], *, least: int) -> tuple[dict[Language, str], ...]:
    """Return one note a kind: how many there are; fewer pupils than ``least`` are told as that."""
    count: Counter[str] = Counter()
    for report in reports:
        count[report.kind] += 1 if np.isnan(report.pupils) else round(report.pupils)
    notes: list[dict[Language, str]] = []
    for kind in KINDS:
        if count[kind]:
            da, en = _counted(count[kind], least if kind in OF_PUPILS else None)
            words = KINDS[kind]
            notes.append({"da": f"Fundet i data: {words.da} ({da}).", "en": f"Found in the data: {words.en} ({en})."})
    return tuple(notes)


def _counted(count: int, least: int | None) -> tuple[str, str]:
    """Return a count in words; with ``least`` it counts pupils, and fewer are not told exactly."""
    da, en = number(count, language="da"), number(count, language="en")
    if least is None:
        return da, en
    return (
        (f"under {least} elever", f"fewer than {least} pupils") if count < least else (f"{da} elever", f"{en} pupils")
    )
