"""A small chart of one indicator over time, with the line to its target: SVG without script, words beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from markupsafe import Markup

from ballerup_geo.publish.text import both, with_unit
from ballerup_geo.spec import Target, Text

__all__ = ["Point", "progress_chart"]

Point = tuple[date, float]
"""A day, and what was measured on it."""
WIDTH, HEIGHT, EDGE = 320, 96, 10
_CAPTION = Text(da="Målt på virkelige data:", en="Measured on real data:")


def progress_chart(points: Sequence[Point], *, target: Target, unit: str) -> Markup:
    """Draw measurements as a line with dots, and the target as a hollow dot at the end of its year.

    Heights are measured from nothing, which is the thin line, so that a small change looks small. The figures stand
    below as a list, so that nothing is told by the drawing alone.
    """
    ordered = sorted(points)
    goal = None if target.value is None else (date(target.year, 12, 31), target.value)
    place = _places([*ordered, goal] if goal is not None else ordered)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(point) for point in ordered))
    dots = Markup("").join(
        Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.2" fill="currentColor"/>').format(*place(point))
        for point in ordered
    )
    nothing = place((ordered[0][0], 0.0))[1]
    picture = Markup(
        '<svg class="progress" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
        '<path d="M0 {:.1f}H{}" stroke="currentColor" stroke-width="0.5"/>'
        '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.6"/>{}{}</svg>'
    ).format(WIDTH, HEIGHT, WIDTH, HEIGHT, nothing, WIDTH, line, dots, _aim(ordered[-1], goal, place))
    said = Markup("; ").join(Markup("{}: {}").format(day, both(with_unit(value, unit))) for day, value in ordered)
    asked = Markup("")
    if goal is not None:
        asked = Markup("<br>{} {}").format(both(_goal_words(target.year)), both(with_unit(goal[1], unit)))
    return Markup('<figure class="progress">{}<figcaption>{} {}.{}</figcaption></figure>').format(
        picture, both(_CAPTION), said, asked
    )


def _aim(last: Point, goal: Point | None, place: Callable[[Point], tuple[float, float]]) -> Markup:
    """Draw the target, and the way to it; no way leads back to a year that has gone."""
    if goal is None:
        return Markup("")
    dot = Markup(
        '<circle cx="{:.1f}" cy="{:.1f}" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    ).format(*place(goal))
    if goal[0] <= last[0]:
        return dot
    way = Markup('<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" stroke="currentColor" stroke-dasharray="3 3"/>')
    return way.format(*place(last), *place(goal)) + dot


def _goal_words(year: int) -> Text:
    return Text(da=f"Åben cirkel, målet ved udgangen af {year}:", en=f"Hollow dot, the target at the end of {year}:")


def _places(points: Sequence[Point]) -> Callable[[Point], tuple[float, float]]:
    days = [point[0].toordinal() for point in points]
    values = [0.0, *(point[1] for point in points)]
    across = max(max(days) - min(days), 1)
    up = max(max(values) - min(values), 1e-9)

    def place(point: Point) -> tuple[float, float]:
        x = EDGE + (point[0].toordinal() - min(days)) / across * (WIDTH - 2 * EDGE)
        y = HEIGHT - EDGE - (point[1] - min(values)) / up * (HEIGHT - 2 * EDGE)
        return x, y

    return place
