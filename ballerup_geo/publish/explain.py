"""How an analysis is computed: one page made of the method's declaration and the analysis file.

The command line prints it as plain text (:func:`explain_text`), the site publishes it as a page
(:func:`ballerup_geo.publish.pages.method_page`); both show the same sections.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ballerup_geo import methods
from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.figures import target_text
from ballerup_geo.publish.text import UNKNOWN, as_text, say, unit_text, with_unit
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import (
    UNVERIFIED,
    Analysis,
    Assumption,
    AssumptionValue,
    Input,
    InputChoice,
    Method,
    Target,
    Text,
)
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.status import STATUS
from ballerup_geo.spec.words import Language

__all__ = ["Explanation", "Section", "explain", "explain_text"]

_WIDTH = 78


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, or with a table."""

    heading: Text
    paragraphs: tuple[Text, ...] = ()
    columns: tuple[Text, ...] = ()
    rows: tuple[tuple[Text, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The method page of an analysis."""

    analysis_id: str
    title: Text
    question: Text
    summary: Text
    limits: tuple[Text, ...]
    sections: tuple[Section, ...]


def explain(project: Project, analysis_id: str) -> Explanation:
    """Return how an analysis is computed: summary, use, limits, inputs, assumptions, targets, checks, outputs.

    Raises
    ------
    ProjectError
        The project has no such analysis.
    """
    if analysis_id not in project.analyses:
        raise ProjectError(
            Fault("analyses/", analysis_id, "there is no such analysis", nearest(analysis_id, project.analyses))
        )
    analysis = project.analyses[analysis_id]
    method = methods.get_method(analysis.method)
    summary = as_text(method.summary)
    limits = tuple(as_text(limit) for limit in method.limits)
    sections = (
        Section(WORDS["summary"], (summary,)),
        Section(WORDS["use"], (analysis.use,)),
        Section(WORDS["limits"], limits),
        _inputs(project, analysis, method),
        _assumptions(analysis, method),
        _targets(analysis),
        _expectations(analysis, method),
        _outputs(method),
        Section(WORDS["version"], (same(method.version),)),
    )
    filled = tuple(section for section in sections if section.paragraphs or section.rows)
    return Explanation(analysis_id, analysis.title, analysis.question, summary, limits, filled)


def same(words: str) -> Text:
    """Return a text that is the same in both languages."""
    return Text(da=words, en=words)


def _inputs(project: Project, analysis: Analysis, method: Method) -> Section:
    rows = [
        _input(project, analysis.inputs[needed.name], needed)
        for needed in method.inputs
        if needed.name in analysis.inputs
    ]
    return Section(WORDS["inputs"], columns=(WORDS["input"], WORDS["description"], WORDS["status"]), rows=tuple(rows))


def _input(project: Project, choice: InputChoice, needed: Input) -> tuple[Text, ...]:
    if choice.layer is not None:
        layer = project.layers[choice.layer]
        title, description = layer.title, layer.description
    else:
        other = project.analyses[str(choice.result)]
        title = other.title
        description = same(f"{choice.result}: {choice.table or choice.raster}")
    return title, description, WORDS["required" if needed.required else "optional"]


def _assumptions(analysis: Analysis, method: Method) -> Section:
    rows = [
        _assumption(analysis.assumptions[each.name], each)
        for each in method.assumptions
        if each.name in analysis.assumptions
    ]
    return Section(
        WORDS["analysis_file"], columns=(WORDS["assumption"], WORDS["value"], WORDS["source"]), rows=tuple(rows)
    )


def _assumption(given: AssumptionValue, declared: Assumption) -> tuple[Text, ...]:
    title = given.title
    if given.note is not None:
        title = Text(da=f"{title.da}. {given.note.da}", en=f"{title.en}. {given.note.en}")
    if declared.kind == "integer" and declared.name.endswith("_year"):  # a calendar year: 2030, not "2.030 år"
        return title, same(str(given.value)), source_text(given.source)
    if declared.unknown is not None and given.value == declared.unknown:
        return title, UNKNOWN, source_text(given.source)
    return title, stated(given.value, declared.unit), source_text(given.source)


def stated(value: bool | int | float | str, unit: str) -> Text:
    """Return a value with the decimals that the content file states: 0.1 is "0,1", 10.0 is "10"."""
    digits = None
    if isinstance(value, float):
        digits = max(0, -int(Decimal(repr(value)).normalize().as_tuple().exponent))
    return with_unit(value, unit, digits)


def source_text(source: str) -> Text:
    """Return a source as it stands on a page: one that nobody has checked says so."""
    return WORDS["unverified"] if source == UNVERIFIED else same(source)


def _targets(analysis: Analysis) -> Section:
    columns = (WORDS["target"], WORDS["description"], WORDS["source"], WORDS["status"])
    return Section(WORDS["targets"], columns=columns, rows=tuple(_target(target) for target in analysis.targets))


def _target(target: Target) -> tuple[Text, ...]:
    asked = target_text(target.year, target.value, target.unit, target.direction)
    status = WORDS["measured"] if target.kind == "measured" else STATUS[target.status]
    return target.title, asked, source_text(target.source), status


def _expectations(analysis: Analysis, method: Method) -> Section:
    indicators = {indicator.name: indicator for indicator in method.indicators}
    rows = []
    for name, expected in analysis.expectations.items():
        declared = indicators.get(name)
        title = Text(da=declared.da, en=declared.en) if declared else same(name)
        unit = declared.unit if declared else "-"
        rows.append((title, _range(expected.minimum, expected.maximum, unit), expected.why))
    return Section(
        WORDS["expectations"], columns=(WORDS["expectation"], WORDS["value"], WORDS["description"]), rows=tuple(rows)
    )


def _range(minimum: float | None, maximum: float | None, unit: str) -> Text:
    low, high = (None if limit is None else stated(limit, unit) for limit in (minimum, maximum))
    if low is not None and high is not None:
        return Text(da=f"{low.da} – {high.da}", en=f"{low.en} – {high.en}")
    if low is not None:
        return Text(da=f"mindst {low.da}", en=f"at least {low.en}")
    return Text(da=f"højst {high.da}", en=f"at most {high.en}") if high is not None else same("–")


def _outputs(method: Method) -> Section:
    rows: list[tuple[Text, ...]] = [
        (Text(da=indicator.da, en=indicator.en), _unit(indicator.unit), same("indicators.json"))
        for indicator in method.indicators
    ]
    for table in method.tables:
        named = [column for column in table.columns if column.da]
        columns = Text(da=", ".join(c.da for c in named) or table.name, en=", ".join(c.en for c in named) or table.name)
        rows.append((columns, same("–"), same(f"{table.name}.parquet")))
    for raster in method.rasters:
        rows.append(
            (
                Text(da=raster.da or raster.name, en=raster.en or raster.name),
                _unit(raster.unit),
                same(f"{raster.name}.tif"),
            )
        )
    return Section(WORDS["outputs"], columns=(WORDS["description"], WORDS["unit"], same("results/")), rows=tuple(rows))


def _unit(unit: str) -> Text:
    return same("–") if unit in ("1", "-", "") else unit_text(unit)


def explain_text(explanation: Explanation, language: Language = "da") -> str:
    """Return the page as plain text, for a terminal of 80 columns."""
    lines = [
        say(explanation.title, language),
        "=" * len(say(explanation.title, language)),
        say(explanation.question, language),
        "",
    ]
    for section in explanation.sections:
        heading = say(section.heading, language)
        lines += [heading, "-" * len(heading)]
        for paragraph in section.paragraphs:
            lines += textwrap.wrap(say(paragraph, language), _WIDTH)
        for row in section.rows:
            lines += _row_lines(row, section.columns, language)
        lines.append("")
    return "\n".join(lines)


def _row_lines(row: Iterable[Text], columns: Iterable[Text], language: Language) -> list[str]:
    cells = [(say(column, language), say(cell, language)) for column, cell in zip(columns, row, strict=True)]
    first, *rest = cells
    lines = textwrap.wrap(first[1], _WIDTH, initial_indent="- ", subsequent_indent="  ")
    for name, cell in rest:
        lines += textwrap.wrap(f"{name}: {cell}", _WIDTH, initial_indent="    ", subsequent_indent="      ")
    return lines
