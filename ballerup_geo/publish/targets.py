"""The climate plan's targets, of all analyses of a project, and where each stands: the page ``maal.html``."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from ballerup_geo.project import Project
from ballerup_geo.publish.figures import target_text
from ballerup_geo.publish.pages import notice_line, text_page
from ballerup_geo.publish.symbols import status_shape
from ballerup_geo.publish.text import both, with_unit
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Target, Text
from ballerup_geo.spec.status import STATUS
from ballerup_geo.spec.words import enumeration

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["Standing", "standings", "summary", "targets_page"]

NOT_MAPPED = "not_mapped"
"""Where a measured target stands whose analysis has no result: nobody has looked."""

_LEAD = Text(
    da="Siden samler de mål i klimaplanen, som kortene her hører til, og siger, hvor hvert af dem står.",
    en="This page lists the climate plan's targets that the maps here belong to, and says where each stands.",
)
_NO_TARGETS = Text(da="Ingen af kortene hører til et mål endnu.", en="None of the maps belongs to a target yet.")
_MEASURED = Text(da="Målt:", en="Measured:")
_MODELLED = Text(da="I modeldata:", en="In the modelled data:")
_REGISTERED = Text(da="Status er oplyst af kommunen", en="Status as told by the municipality")
_NOBODY = Text(da="Kommunen har ikke oplyst status.", en="The municipality has not told the status.")
_SOURCE = Text(da="Kilde:", en="Source:")


@dataclass(frozen=True, slots=True)
class Standing:
    """A target and where it stands."""

    target: Target
    analysis_id: str
    analysis: Text
    measured: Text | None
    """The indicator with its unit; None where nothing measures the target or nobody has looked."""
    status: str
    """A key of ``spec.status.STATUS``, or ``NOT_MAPPED``."""


def standings(project: Project, results: Mapping[str, Result], *, modelled: bool) -> list[Standing]:
    """Return the targets of all analyses, by section of the plan, analysis, year and id.

    Parameters
    ----------
    results
        The results that the site shows, by analysis.
    modelled
        The site's layers are modelled: they say nothing of a real target, whoever entered its status.
    """
    found = [
        _standing(target, name, analysis.title, results.get(name), modelled=modelled)
        for name, analysis in project.analyses.items()
        for target in analysis.targets
    ]
    return sorted(found, key=_place)


def _standing(target: Target, name: str, title: Text, result: Result | None, *, modelled: bool) -> Standing:
    said = None if result is None else _said(result, target.id)
    measured = None
    if target.kind == "measured" and said is not None and result is not None:
        figure = result.indicators[str(target.indicator)]
        measured = with_unit(figure["value"], figure["unit"], figure.get("digits"))
    if modelled or (result is not None and result.modelled):
        status = "modelled"
    elif target.kind == "registered":
        status = target.status
    else:
        status = NOT_MAPPED if said is None else str(said["status"])
    return Standing(target, name, title, measured, status)


def _said(result: Result, target_id: str) -> Mapping[str, object] | None:
    """Return what a result says of a target; one that was entered after the run is not in it."""
    return next((said for said in result.targets if said["id"] == target_id), None)


def _place(each: Standing) -> tuple[list[tuple[int, str]], str, int, str]:
    return _by_number(each.target.section), each.analysis_id, each.target.year, each.target.id


def _by_number(words: str) -> list[tuple[int, str]]:
    """Return a sort key by which section 10 comes after section 9."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in re.split(r"(\d+)", words)]


def targets_page(found: Sequence[Standing], *, site: Text, maps: Mapping[str, Sequence[tuple[str, Text]]]) -> str:
    """Return the page.

    Parameters
    ----------
    maps
        The maps of each analysis: address and title.
    """
    modelled = any(each.status == "modelled" for each in found)
    groups = itertools.groupby(found, key=lambda each: each.target.section)
    sections = Markup("").join(_section(section, list(group), maps) for section, group in groups)
    main = Markup('<h1>{}</h1><p class="answer">{}</p><p class="lead">{}</p>{}{}').format(
        both(WORDS["targets"]), both(summary(found) or _NO_TARGETS), both(_LEAD), notice_line(modelled), sections
    )
    return text_page(WORDS["targets"], site, home="index.html", main=main, modelled=modelled)


def summary(found: Sequence[Standing]) -> Text | None:
    """Return how many targets there are, and how many of each status; None where there are none."""
    if not found:
        return None
    counts = Counter(each.status for each in found)
    ordered = [(counts[status], _word(status)) for status in (*STATUS, NOT_MAPPED) if counts[status]]
    da = enumeration([f"{count} {word.da}" for count, word in ordered])
    en = enumeration([f"{count} {word.en}" for count, word in ordered], language="en")
    one = len(found) == 1
    return Text(
        da=f"{len(found)} mål: {da}.",
        en=f"{len(found)} target{'' if one else 's'}: {en}.",
    )


def _word(status: str) -> Text:
    return WORDS["not_mapped"] if status == NOT_MAPPED else STATUS[status]


def _section(section: str, group: Sequence[Standing], maps: Mapping[str, Sequence[tuple[str, Text]]]) -> Markup:
    heading = section[:1].upper() + section[1:]
    parts = Markup("").join(
        Markup('<ol class="aims">{}</ol>{}').format(
            Markup("").join(_item(each) for each in own), _links(own[0], maps.get(name, ()))
        )
        for name, own in (
            (name, list(own)) for name, own in itertools.groupby(group, key=lambda each: each.analysis_id)
        )
    )
    return Markup('<section><h2 lang="da">{}</h2>{}</section>').format(heading, parts)


def _item(each: Standing) -> Markup:
    target = each.target
    asked = None
    if target.value is not None:
        asked = target_text(target.year, target.value, target.unit, target.direction)
    facts = [
        Markup('<p class="status">{}{}</p>').format(status_shape(each.status), both(_word(each.status))),
        _measured(each),
        Markup("<p>{}</p>").format(both(asked)) if asked else None,
        _entered(each),
        Markup('<p class="small">{} <bdi lang="da">{}</bdi></p>').format(both(_SOURCE), target.source),
    ]
    return Markup('<li class="aim" id="{}"><p class="aim-year">{}</p><div><h3>{}</h3>{}</div></li>').format(
        f"{each.analysis_id}.{target.id}",
        target.year,
        both(target.title),
        Markup("").join(fact for fact in facts if fact is not None),
    )


def _measured(each: Standing) -> Markup | None:
    if each.measured is None:
        return None
    words = _MODELLED if each.status == "modelled" else _MEASURED
    return Markup("<p>{} <strong>{}</strong></p>").format(both(words), both(each.measured))


def _entered(each: Standing) -> Markup | None:
    """Say who told the status of a registered target, and when."""
    if each.target.kind != "registered" or each.status == "modelled":
        return None
    if each.target.status == "unknown":
        return Markup("<p>{}</p>").format(both(_NOBODY))
    date = "" if each.target.status_date is None else f", {each.target.status_date}"
    return Markup("<p>{}{}.</p>").format(both(_REGISTERED), date)


def _links(each: Standing, maps: Sequence[tuple[str, Text]]) -> Markup:
    """Return the ways to the maps that answer to an analysis' targets, and to its method."""
    own = [
        *((href, title) for href, title in maps),
        (f"metode/{each.analysis_id}.html", _method_of(each.analysis)),
    ]
    items = Markup("").join(
        Markup('<li><a data-own href="{}">{}</a></li>').format(href, both(title)) for href, title in own
    )
    return Markup('<ul class="aim-links">{}</ul>').format(items)


def _method_of(analysis: Text) -> Text:
    return Text(da=f"Metode: {analysis.da}", en=f"Method: {analysis.en}")
