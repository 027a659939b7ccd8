"""The legend: a switch for each layer, and a line for each class with how much of it there is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from ballerup_geo.publish.content import LayerContent, MapContent
from ballerup_geo.publish.rasters import RasterContent
from ballerup_geo.publish.slider import now
from ballerup_geo.publish.steps import SliderContent
from ballerup_geo.publish.symbols import swatch
from ballerup_geo.publish.text import UNKNOWN, both, with_unit
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import MapLayer, Text

__all__ = ["area_text", "legend"]

NOTHING = Markup("")
_LEAST_HA = 0.05
"""Less is written as 0.0 ha, which would say that there is none."""


def legend(content: MapContent) -> Markup:
    """Return the legend, topmost layer first; the quiet ground is folded away where there is an answer."""
    shown = [layer for layer in reversed(content.map.layers) if layer not in content.missing]
    answers = [_layer(content, layer) for layer in shown if layer.role == "answer"]
    ground = [_layer(content, layer) for layer in shown if layer.role == "ground"]
    quiet = Markup('<details{}><summary>{}</summary><ul class="legend">{}</ul></details>').format(
        NOTHING if answers else Markup(" open"), both(WORDS["background"]), Markup("").join(ground)
    )
    return Markup('<section><h2>{}</h2><ul class="legend">{}</ul>{}</section>').format(
        both(WORDS["legend"]), Markup("").join(answers), quiet if ground else NOTHING
    )


def _layer(content: MapContent, shown: MapLayer) -> Markup:
    layer, raster = content.layer(shown.id), content.raster(shown.id)
    if raster is not None:
        return _raster(raster, content.slider)
    return NOTHING if layer is None else _features(layer, content.slider)


def _features(layer: LayerContent, slider: SliderContent | None) -> Markup:
    """Return a layer's switch, and a line for each class; a layer of names alone has no classes to show."""
    kind, entries = layer.kind, layer.styled.entries
    is_drawn = any(entry.paint.is_drawn for entry in entries)
    counts = _counts(layer, slider)
    start = 1 if slider is None else slider.start
    classes = [
        _class(swatch(entry.paint, kind), entry.label, _now([_count(row[at]) for row in counts], start))
        for at, entry in enumerate(entries)
        if entry.label is not None and is_drawn
    ]
    total = _now([_count(sum(row)) for row in counts], start)
    return _switch(
        layer.shown,
        swatch(entries[0].paint, kind) if is_drawn and not classes else NOTHING,
        NOTHING if classes else Markup(' <span class="count">{}</span>').format(total),
        classes,
    )


def _raster(raster: RasterContent, slider: SliderContent | None) -> Markup:
    """Return a raster's switch, the area of each class, and how strongly it is drawn."""
    start = slider.start if slider is not None and raster.follows else 1
    classes = [
        _class(
            swatch(entry.paint, "area"),
            entry.label,
            _now([area_text(step.areas_m2[at]) for step in raster.steps], start),
        )
        for at, entry in enumerate(raster.classes.classes)
    ]
    strength = Markup(
        '<label class="strength"><span>{}</span><input type="range" min="10" max="100" step="10" value="{}" '
        'data-opacity="{}" autocomplete="off" disabled></label>'
    ).format(both(WORDS["strength"]), round(raster.classes.opacity * 10) * 10, raster.shown.id)
    return _switch(raster.shown, NOTHING, NOTHING, classes, strength)


def _switch(shown: MapLayer, patch: Markup, count: Markup, classes: Sequence[Markup], more: Markup = NOTHING) -> Markup:
    return Markup(
        '<li><label><input type="checkbox" data-layer="{}"{} disabled>{}<span>{}</span>{}</label>{}{}</li>'
    ).format(
        shown.id,
        Markup(" checked") if shown.visible else NOTHING,
        patch,
        both(shown.title),
        count,
        Markup('<ul class="classes">{}</ul>').format(Markup("").join(classes)) if classes else NOTHING,
        more,
    )


def _class(patch: Markup, label: Text | None, amount: Markup) -> Markup:
    return Markup('<li>{}<span>{}</span> <span class="count">{}</span></li>').format(
        patch, both(label or UNKNOWN), amount
    )


def _counts(layer: LayerContent, slider: SliderContent | None) -> list[list[int]]:
    """Return the features of each class: one list, or a list a step where the features follow the slider."""
    entries = layer.styled.entries
    if slider is None or layer.shown.from_step is None:
        return [[entry.count for entry in entries]]
    classes = np.array(layer.styled.classes, dtype=np.int64)
    steps = slider.steps_from(layer.frame[layer.shown.from_step])
    return [
        np.bincount(classes[[step in own for own in steps]], minlength=len(entries)).tolist()
        for step in slider.all_steps
    ]


def _now(texts: Sequence[Text], start: int) -> Markup:
    return both(texts[0]) if len(texts) == 1 else now(texts, start=start)


def _count(number: int) -> Text:
    return with_unit(number, None, 0)


def area_text(area_m2: float) -> Text:
    """Return an area in hectares; only none at all is 0."""
    hectares = area_m2 / 10_000
    if 0 < hectares < _LEAST_HA:
        least = with_unit(0.1, "ha", 1)
        return Text(da=f"under {least.da}", en=f"under {least.en}")
    return with_unit(hectares, "ha", 0 if hectares == 0 or hectares >= 100 else 1)
