"""Small pictures as SVG: legend swatches, shapes of a status, north. Colours come from checked content (#rrggbb)."""

from __future__ import annotations

from markupsafe import Markup

from ballerup_geo.publish.styling import Paint

__all__ = ["NORTH", "status_shape", "swatch"]

_OUTLINE = 'fill="none" stroke="currentColor" stroke-width="1.6"'
_SHAPES = {
    "reached": '<circle cx="7" cy="7" r="6" fill="currentColor"/>',
    "on_the_way": f'<circle cx="7" cy="7" r="5.2" {_OUTLINE}/>'
    '<path d="M7 1.8a5.2 5.2 0 0 1 0 10.4z" fill="currentColor"/>',
    "behind": f'<path d="M7 1.5 13 12.5H1z" {_OUTLINE} stroke-linejoin="round"/>',
    "not_reached": f'<circle cx="7" cy="7" r="5.2" {_OUTLINE}/>',
    "unknown": f'<circle cx="7" cy="7" r="5.2" {_OUTLINE} stroke-dasharray="2.2 2"/>',
}
_DASHES = {"solid": "", "dashed": "5 4", "dotted": "1 4"}

NORTH = Markup(
    '<svg class="north" viewBox="0 0 24 40" width="24" height="40" aria-hidden="true">'
    '<path d="M12 2 18 20 12 16.5 6 20z" fill="#30363b"/>'
    '<text x="12" y="36" text-anchor="middle" font-size="14" font-weight="600" fill="#30363b">N</text></svg>'
)


def status_shape(status: str) -> Markup:
    """Return the shape of a status; the word stands beside it."""
    shape = Markup(_SHAPES.get(status, _SHAPES["unknown"]))  # noqa: S704  (fixed shapes)
    return Markup('<svg class="shape" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">{}</svg>').format(
        shape
    )


def swatch(paint: Paint, kind: str) -> Markup:
    """Return a legend swatch: a circle for points, a stroke for lines, a patch for areas, on the map's white."""
    width = min(4.0, max(1.2, paint.width_px))
    line = Markup(' stroke="{}" stroke-width="{}" stroke-dasharray="{}"').format(
        paint.line or "none", width if paint.line else 0, _DASHES[paint.dash]
    )
    fill = Markup(' fill="{}" fill-opacity="{}"').format(paint.fill or "none", paint.fill_opacity)
    if kind == "line":
        figure = Markup('<path d="M2 9H26" fill="none"{}/>').format(line)
    elif kind == "point":
        figure = Markup('<circle cx="14" cy="9" r="{}"{}{}/>').format(min(7.0, paint.radius_px), fill, line)
    else:
        figure = Markup('<rect x="3" y="2.5" width="22" height="13" rx="2"{}{}/>').format(fill, line)
    return Markup('<svg class="swatch" viewBox="0 0 28 18" width="28" height="18" aria-hidden="true">{}</svg>').format(
        figure
    )
