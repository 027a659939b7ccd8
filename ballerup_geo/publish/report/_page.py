"""The report as a page: a summary of one page, a table a theme, small maps, method and sources, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from ballerup_geo.methods.lokalplan import STANDINGS, Assessment, Figure, Theme
from ballerup_geo.publish import assets
from ballerup_geo.publish.explain import source_text, stated
from ballerup_geo.publish.pages import notice_line, title_tag
from ballerup_geo.publish.panel import language_button
from ballerup_geo.publish.report._picture import PICTURES, picture
from ballerup_geo.publish.report._report import Report
from ballerup_geo.publish.report._table import NOTHING, framed_table, table_row
from ballerup_geo.publish.report._words import FURTHER, LABEL_LETTERS, NAME_LETTERS, REPORT_WORDS, shortened
from ballerup_geo.publish.text import as_text, both, fill, with_unit
from ballerup_geo.spec import Text
from ballerup_geo.spec.notice import MODEL_NOTICE

__all__ = ["embed_page", "report_page"]

W = REPORT_WORDS
_STYLE = """
html[lang="da"] text[lang="en"], html[lang="en"] text[lang="da"] { display: none; }
.plan-map { margin: 0 0 1rem; max-width: 40rem; break-inside: avoid; }
.plan-maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 1.5rem; }
.plan-map > svg { display: block; width: 100%; height: auto; border: 1px solid var(--line); }
.plan-map .key { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.875rem; }
.plan-map figcaption > span { font-weight: 600; }
.report h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
.report section { margin-top: 2rem; }
.report .scroll { max-height: none; }
.report thead th { position: static; }
.report dd { margin: 0 0 0.5rem 1.5rem; max-width: 70ch; }
.report ul.plain li { padding: 0.125rem 0; max-width: 70ch; }
.report .standing-look, .report .standing-not_met { font-weight: 600; }
.report .field { display: none; }
.report nav ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; }
.report nav a { display: inline-flex; align-items: center; min-height: 44px; }
.report .summary td, .report .summary th { padding-top: 0.25rem; padding-bottom: 0.25rem; }
@media screen and (max-width: 600px) {
  .report table, .report tbody, .report tr, .report tbody th, .report td { display: block; width: auto; }
  .report thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .report tr { padding: 0.625rem 0; border-bottom: 1px solid var(--line); }
  .report tbody th { font-weight: 600; }
  .report tbody th, .report td { padding: 0.0625rem 0; border: 0; }
  .report td.none { display: none; }
  .report .field { display: inline; color: var(--soft); font-weight: 400; }
}
@media print {
  @page { size: A4; margin: 14mm; }
  html { font-size: 10px; }
  body > header { display: none; }
  .text-page main, .text-page footer { max-width: none; margin: 0; padding: 0; }
  .report > section.notes { break-before: page; }
  .report > section.notes + nav + section { break-before: auto; }
  .report p, .report dd, .report ul.plain li { max-width: none; }
  .report .summary td:last-child { white-space: nowrap; }
  .report > section { break-before: page; }
  .report > section:first-of-type { break-before: auto; }
  .report tr, .report li { break-inside: avoid; }
  .report .scroll { overflow: visible; }
  .language, .skip, .screen, .report nav { display: none; }
  .plan-map { max-width: 120mm; }
  .plan-map .key { gap: 0 1rem; }
}
"""
NAMED = 3
REASONS = 5
"""The summary names this many answers on a line, and this many reasons for what is unknown."""
_SHAPES = {"met": "✓", "look": "▲", "not_met": "■", "unknown": "?", "told": "–"}
"""A shape beside each word of status, so that no colour is needed."""


def report_page(report: Report) -> str:
    """Return the report."""
    main = Markup('<div class="report">{}</div>').format(
        Markup("\n").join(
            [
                _head(report),
                _summary(report),
                _notes(report),
                _themes(report),
                *(_theme(report, theme) for theme in report.first.themes),
                _method(report),
            ]
        )
    )
    return _framed(report, main)


def embed_page(report: Report) -> str:
    """Return the summary alone, for a frame in another page, with the way to the whole report."""
    link = Markup('<p><a data-own href="index.html" target="_blank" rel="noopener">{}</a></p>').format(both(W["whole"]))
    main = Markup('<div class="report">{}{}{}{}{}</div>').format(
        _head(report), _summary(report), _notes(report), _picture(report, "rain"), link
    )
    return _framed(report, main)


def _framed(report: Report, main: Markup) -> str:
    style, script = assets.style_sheet("text") + _STYLE, assets.app_script("text")
    skip = Markup('<a class="skip" href="#indhold">{}</a>').format(
        both(Text(da="Spring til indholdet", en="Skip to the content"))
    )
    return fill(
        assets.frame("text.html"),
        {
            "policy": assets.policy(scripts=[script], styles=[style]),
            "title": title_tag(_title(report), Text(da=report.municipality, en=report.municipality)),
            "style": style,
            "skip": skip,
            "header": Markup('<p class="ways"><span>{}</span>{}</p>').format(report.municipality, language_button()),
            "main": main,
            "footer": _foot(report),
            "script": script,
        },
    )


def _title(report: Report) -> Text:
    name = shortened(report.name, NAME_LETTERS)
    return Text(da=f"{W['title'].da}: {name}", en=f"{W['title'].en}: {name}")


def _foot(report: Report) -> Markup:
    notice = Markup("<p>{}</p>").format(both(MODEL_NOTICE)) if report.modelled else Markup("")
    return Markup("<p>{}</p>{}").format(both(W["use"]), notice)


def _head(report: Report) -> Markup:
    area = with_unit(report.first.area_m2 / 10_000.0, "ha", 1)
    return Markup('<h1>{}</h1><p class="answer">{}</p>{}').format(
        both(_title(report)), both(_answer(report, area)), notice_line(report.modelled)
    )


def _answer(report: Report, area: Text) -> Text:
    """Say in a sentence or two how much there is to look into."""
    counts = []
    for label, assessment in report.assessed:
        figures = [figure for theme in assessment.themes for figure in theme.figures]
        look = sum(figure.standing in ("look", "not_met") for figure in figures)
        lost = sum(figure.standing == "unknown" for figure in figures)
        named = None if label is None else [shortened(each, LABEL_LETTERS) for each in (label.da, label.en)]
        counts.append((f"{named[0]}: " if named else "", f"{named[1]}: " if named else "", look, lost))
    da = [f"{before}{look} svar bør undersøges, {lost} er ukendte" for before, _, look, lost in counts]
    en = [f"{before}{look} answers are to be looked into, {lost} unknown" for _, before, look, lost in counts]
    return Text(
        da=f"Området er på {area.da}. {'; '.join(da)}.",
        en=f"The area covers {area.en}. {'; '.join(en)}.",
    )


def _named(words: Text, label: Text | None) -> Text:
    """Return words with the label of the proposal that they are about."""
    if label is None:
        return words
    da, en = (shortened(each, LABEL_LETTERS) for each in (label.da, label.en))
    return Text(da=f"{words.da} {da}", en=f"{words.en} {en}")


def _summary(report: Report) -> Markup:
    """Return the one-page summary: a few figures a theme, what to look into, what is unknown."""
    rows = [
        _row(report, figure, rule=False)
        for theme in report.first.themes
        for figure in theme.figures
        if figure.id in report.headlines
    ]
    return Markup(
        '<section class="summary"><h2>{summary}</h2>{table}<h3>{look}</h3>{looked}<h3>{unknown}</h3>{lost}</section>'
    ).format(
        summary=both(W["summary"]),
        table=_table(report, rows, W["summary"], rule=False),
        look=both(W["look"]),
        looked=_list(_looked(report)) or _line(W["nothing"]),
        unknown=both(W["unknown"]),
        lost=_list(_lost(report)) or _line(W["all_known"]),
    )


def _notes(report: Report) -> Markup:
    """Return what was repaired, cut or taken for granted."""
    notes = dict.fromkeys(note for _, each in report.assessed for note in each.notes)
    if not notes:
        return Markup("")
    return Markup('<section class="notes"><h2>{}</h2>{}</section>').format(both(W["notes"]), _list(notes))


def _themes(report: Report) -> Markup:
    """Return the way to each theme."""
    items = Markup("").join(
        Markup('<li><a href="#tema-{}">{}</a></li>').format(theme.id, both(theme.title))
        for theme in report.first.themes
    )
    return Markup('<nav aria-label="{da}" data-da="{da}" data-en="{en}"><ul>{items}</ul></nav>').format(
        da=W["themes"].da, en=W["themes"].en, items=items
    )


def _some(named: Sequence[Text], most: int) -> Text:
    """Return the first of several names, and how many more there are: the summary keeps to its page."""
    da, en = ("; ".join(names) for names in zip(*((each.da, each.en) for each in named[:most]), strict=True))
    rest = len(named) - most
    if rest <= 0:
        return Text(da=da, en=en)
    return Text(da=f"{da}; {FURTHER.da.format(rest)}", en=f"{en}; {FURTHER.en.format(rest)}")


def _same(assessment: Assessment, figure_id: str) -> Figure:
    """Return a figure of one of the assessments; all about one area have the same figures."""
    return assessment.figure(figure_id)


def _looked(report: Report) -> Iterable[Text]:
    """Name what to look into, a line a theme."""
    for theme in report.first.themes:
        named = [
            figure.title
            for figure in theme.figures
            if any(_same(each, figure.id).standing in ("look", "not_met") for _, each in report.assessed)
        ]
        if named:
            said = _some(named, NAMED)
            yield Text(da=f"{theme.title.da}: {said.da}.", en=f"{theme.title.en}: {said.en}.")


def _lost(report: Report) -> Iterable[Text]:
    """Say what is unknown and why, a line a reason; those that the most answers lack come first."""
    reasons: dict[Text, list[Text]] = {}
    for theme in report.first.themes:
        for figure in theme.figures:
            if figure.missing is not None:
                reasons.setdefault(figure.missing, []).append(figure.title)
    ordered = sorted(reasons.items(), key=lambda each: -len(each[1]))
    for why, named in ordered[:REASONS]:
        said = _some(named, NAMED)
        yield Text(da=f"{said.da}: {why.da}.", en=f"{said.en}: {why.en}.")
    rest = sum(len(named) for _, named in ordered[REASONS:])
    if rest:
        words = W["further_unknown"]
        yield Text(da=words.da.format(rest), en=words.en.format(rest))


def _list(texts: Iterable[Text]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(both(text)) for text in texts)
    return Markup('<ul class="plain">{}</ul>').format(items) if items else Markup("")


def _line(text: Text) -> Markup:
    return Markup("<p>{}</p>").format(both(text))


def _theme(report: Report, theme: Theme) -> Markup:
    rows = [_row(report, figure, rule=True) for figure in theme.figures]
    return Markup(
        '<section id="tema-{id}"><h2>{title}</h2>{picture}{table}<h3>{leaves}</h3>{left}<h3>{how_title}</h3>'
        "<dl>{how}</dl></section>"
    ).format(
        id=theme.id,
        title=both(theme.title),
        picture=_picture(report, theme.id),
        table=_table(report, rows, theme.title, rule=True),
        leaves=both(W["leaves_out"]),
        left=_list(theme.leaves_out),
        how_title=both(W["how"]),
        how=_how(theme),
    )


def _how(theme: Theme) -> Markup:
    """Return how each figure was computed; figures that are computed alike share their words."""
    alike: dict[Text, list[Text]] = {}
    for figure in theme.figures:
        alike.setdefault(figure.how, []).append(figure.title)
    return Markup("").join(
        Markup("{}<dd>{}</dd>").format(
            Markup("").join(Markup("<dt>{}</dt>").format(both(title)) for title in titles), both(how)
        )
        for how, titles in alike.items()
    )


def _picture(report: Report, theme_id: str) -> Markup:
    if theme_id not in PICTURES:
        return Markup("")
    title = next(theme.title for theme in report.first.themes if theme.id == theme_id)
    pictures = [
        picture(
            theme_id,
            each,
            title=_named(Text(da=f"{title.da} –", en=f"{title.en} –"), label) if label else title,
            modelled=report.modelled,
            name=f"kort-{theme_id}-{place}",
        )
        for place, (label, each) in enumerate(report.assessed, start=1)
    ]
    return Markup('<div class="plan-maps">{}</div>').format(Markup("").join(pictures))


def _heads(report: Report, *, rule: bool) -> list[Text]:
    """Return what the columns of a table of answers are called."""
    heads = [W["answer"], W["today"]]
    if report.first.proposed:
        heads += [_named(W["proposed"], label) for label, _ in report.assessed]
    heads += [W["rule"]] if rule else []
    return heads + [_named(W["standing"], label) for label, _ in report.assessed]


def _table(report: Report, rows: Sequence[Markup], label: Text, *, rule: bool) -> Markup:
    return framed_table(label, _heads(report, rule=rule), rows)


def _row(report: Report, figure: Figure, *, rule: bool) -> Markup:
    cells = [both(figure.title), _cell(_shown(figure, figure.existing))]
    others = [_same(each, figure.id) for _, each in report.assessed]
    if report.first.proposed:
        cells += [_cell(_shown(other, other.proposed), assumed=other.assumed) for other in others]
    if rule:
        cells.append(_rule(figure))
    looks = [""] * (len(cells) - 1) + [f"standing-{other.standing}" for other in others]
    cells += [_standing(other) for other in others]
    return table_row(_heads(report, rule=rule), cells, looks)


def _shown(figure: Figure, value: float | Text | None) -> Text:
    if isinstance(value, Text):
        return value
    if value is None:
        return Text(da="ukendt", en="unknown") if figure.missing is not None else Text(da=NOTHING, en=NOTHING)
    if figure.unit == "year":
        return Text(da=f"{value:.0f}", en=f"{value:.0f}")
    return with_unit(value, figure.unit, figure.digits_of(value))


def _cell(text: Text, *, assumed: bool = False) -> Markup:
    mark = Markup(" <small>({})</small>").format(both(W["assumed"])) if assumed else Markup("")
    return Markup("{}{}").format(both(text), mark)


def _rule(figure: Figure) -> Markup:
    if figure.rule is None:
        return escape(NOTHING)
    if figure.target is None:
        return both(figure.rule)
    target = _shown(figure, figure.target)
    return Markup("{} <small>({}: {})</small>").format(both(figure.rule), both(W["target"]), both(target))


def _standing(figure: Figure) -> Markup:
    return Markup('<span aria-hidden="true">{}</span> {}').format(
        _SHAPES[figure.standing], both(STANDINGS[figure.standing])
    )


def _method(report: Report) -> Markup:
    heads = [W[key] for key in ("assumption", "value", "source")]
    rows = [
        table_row(
            heads,
            [both(each.title), both(stated(each.value, each.unit)), both(source_text(each.source))],
            ["", ""],
        )
        for each in report.assumptions
    ]
    return Markup(
        "<section><h2>{method}</h2>{summary}<h3>{sources}</h3>{credits}{maps}<h3>{about}</h3>{table}</section>"
    ).format(
        method=both(W["method"]),
        summary=_line(as_text(report.summary)),
        sources=both(W["sources"]),
        credits=_list(report.credits),
        maps=_maps(report),
        about=both(W["assumptions"]),
        table=framed_table(W["assumptions"], heads, rows),
    )


def _maps(report: Report) -> Markup:
    """Return the ways to the site's maps, at this area, where there is a site, and to the kortbilag."""
    if not report.maps and not report.sheets:
        return Markup("")
    items = Markup("").join(
        Markup('<li><a data-own href="{}">{}: {}</a></li>').format(each.href, both(W["open_map"]), both(each.title))
        for each in report.maps
    )
    items += Markup("").join(
        Markup('<li><a href="kortbilag/{}">{} (PDF)</a></li>').format(name, name.removesuffix(".pdf"))
        for name in report.sheets
    )
    return Markup('<div class="screen"><h3>{}</h3><ul>{}</ul></div>').format(both(W["maps"]), items)
