"""The climate plan's targets, of all analyses of a project, and where each stands: the page ``maal.html``."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from ballerup_geo.publish.climate import climate_section
from ballerup_geo.publish.figures import target_text
from ballerup_geo.publish.pages import notice_line, text_page
from ballerup_geo.publish.progress_chart import Point, progress_chart
from ballerup_geo.publish.symbols import status_shape
from ballerup_geo.publish.text import both, with_unit
from ballerup_geo.publish.words import WORDS
from ballerup_geo.results import Climate, Standing
from ballerup_geo.spec import Text
from ballerup_geo.spec.status import STATUS
from ballerup_geo.spec.words import enumeration

__all__ = ["History", "summary", "targets_page"]

History = Mapping[tuple[str, str], Sequence[Point]]
"""What runs on real data measured: analysis and indicator → days and values."""

_LEAD = Text(
    da="Siden samler de mål i klimaplanen, som et kort kan svare på, og siger, hvor hvert af dem står og hvorfor.",
    en="This page lists the climate plan's targets that a map can answer, and says where each stands and why.",
)
_NO_TARGETS = Text(da="Ingen af kortene hører til et mål endnu.", en="None of the maps belongs to a target yet.")
_MEASURED = Text(da="Målt:", en="Measured:")
_MODELLED = Text(da="I modeldata:", en="In the modelled data:")
_REGISTERED = Text(da="Status er oplyst af kommunen", en="Status as told by the municipality")
_NOBODY = Text(da="Kommunen har ikke oplyst status.", en="The municipality has not told the status.")
_CASE = Text(da="Sag", en="Case")
_SOURCE = Text(da="Kilde:", en="Source:")
_ACCOUNT = Text(da="Til det grønne regnskab", en="For the green accounts")
_FILES = Text(
    da="Målene og deres status som fil til regneark (CSV) og til andre systemer (JSON):",
    en="The targets and where they stand as a file for spreadsheets (CSV) and for other systems (JSON):",
)


def targets_page(
    found: Sequence[Standing],
    *,
    site: Text,
    maps: Mapping[str, Sequence[tuple[str, Text]]],
    climate: Climate | None = None,
    history: History | None = None,
    files: Sequence[str] = (),
) -> str:
    """Return the page.

    Parameters
    ----------
    maps
        The maps of each analysis: address and title.
    climate
        What the analyses say of CO2; without it the page has no such section.
    history
        What each indicator was when measured; a target with two measurements or more gets a chart.
    files
        Addresses of the account's files.
    """
    modelled = any(each.status == "modelled" for each in found)
    groups = itertools.groupby(found, key=lambda each: each.target.section)
    sections = Markup("").join(_section(section, list(group), maps, history or {}) for section, group in groups)
    more = Markup("") if climate is None else climate_section(climate, modelled=modelled)
    main = Markup('<h1>{}</h1><p class="answer">{}</p><p class="lead">{}</p>{}{}{}{}').format(
        both(WORDS["targets"]),
        both(summary(found) or _NO_TARGETS),
        both(_LEAD),
        notice_line(modelled),
        sections,
        more,
        _files(files),
    )
    return text_page(WORDS["targets"], site, home="index.html", main=main, modelled=modelled)


def summary(found: Sequence[Standing]) -> Text | None:
    """Return how many targets there are, and how many of each status; None where there are none."""
    if not found:
        return None
    counts = Counter(each.status for each in found)
    ordered = [(counts[status], word) for status, word in STATUS.items() if counts[status]]
    da = enumeration([f"{count} {word.da}" for count, word in ordered])
    en = enumeration([f"{count} {word.en}" for count, word in ordered], language="en")
    one = len(found) == 1
    return Text(
        da=f"{len(found)} mål: {da}.",
        en=f"{len(found)} target{'' if one else 's'}: {en}.",
    )


def _section(
    section: str, group: Sequence[Standing], maps: Mapping[str, Sequence[tuple[str, Text]]], history: History
) -> Markup:
    heading = section[:1].upper() + section[1:]
    parts = Markup("").join(
        Markup('<ol class="aims">{}</ol>{}').format(
            Markup("").join(_item(each, history) for each in own), _links(own[0], maps.get(name, ()))
        )
        for name, own in (
            (name, list(own)) for name, own in itertools.groupby(group, key=lambda each: each.analysis_id)
        )
    )
    return Markup('<section><h2 lang="da">{}</h2>{}</section>').format(heading, parts)


def _item(each: Standing, history: History) -> Markup:
    target = each.target
    asked = None
    if target.value is not None:
        asked = target_text(target.year, target.value, target.unit, target.direction)
    facts = [
        Markup('<p class="status">{}{}</p>').format(status_shape(each.status), both(STATUS[each.status])),
        _measured(each),
        None if each.why is None else Markup('<p class="why">{}</p>').format(both(each.why)),
        Markup("<p>{}</p>").format(both(asked)) if asked else None,
        _entered(each),
        _chart(each, history),
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
    value = with_unit(each.measured["value"], each.measured["unit"], each.measured.get("digits"))
    return Markup("<p>{} <strong>{}</strong></p>").format(both(words), both(value))


def _chart(each: Standing, history: History) -> Markup | None:
    """Draw what was measured over time, where there is more than one measurement of real data."""
    if each.status == "modelled" or each.target.indicator is None or each.measured is None:
        return None
    points = history.get((each.analysis_id, each.target.indicator), ())
    return progress_chart(points, target=each.target, unit=each.measured["unit"]) if len(points) > 1 else None


def _entered(each: Standing) -> Markup | None:
    """Say who told the status of a registered target, and when."""
    if each.target.kind != "registered" or each.status == "modelled":
        return None
    case = "" if each.target.case_number is None else Markup(" {} {}.").format(both(_CASE), each.target.case_number)
    if each.target.status == "unknown":
        return Markup("<p>{}{}</p>").format(both(_NOBODY), case)
    date = "" if each.target.status_date is None else f", {each.target.status_date}"
    return Markup("<p>{}{}.{}</p>").format(both(_REGISTERED), date, case)


def _files(files: Sequence[str]) -> Markup:
    if not files:
        return Markup("")
    items = Markup("").join(
        Markup('<li><a href="{}" download>{}</a></li>').format(file, file.rpartition("/")[2]) for file in files
    )
    return Markup('<section><h2>{}</h2><p>{}</p><ul class="aim-links">{}</ul></section>').format(
        both(_ACCOUNT), both(_FILES), items
    )


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
