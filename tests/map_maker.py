"""A map whose every text is hostile."""

from __future__ import annotations

from typing import Any

from project_maker import ProjectMaker, frame, squares

PAYLOADS = (
    "<img src=x onerror=window.__hit=1>",
    "</script><script>window.__hit=1</script>",
    "${window.__hit=1}",
    "`${window.__hit=1}`",
    "{{ cycler.__init__.__globals__.os.getpid() }}",
    "{% raw %}",
    "{# x #}",
    "@@panel@@",
    '" onmouseover="window.__hit=1',
    "javascript:window.__hit=1",
    "{{ 6*7 }} & {0} %s \\u003c",
)
EVERYTHING = " ".join(PAYLOADS)


def add_hostile_map(maker: ProjectMaker) -> None:
    """A map of eleven squares, each named by a payload; titles, legend, captions and attribution are payloads too."""
    texts = {"da": EVERYTHING, "en": EVERYTHING + " en"}
    numbers = [float(at) for at in range(len(PAYLOADS))]
    shapes = frame(squares(len(PAYLOADS)), name=list(PAYLOADS), size=numbers)
    columns: dict[str, Any] = {"name": {"type": "text", "title": texts}, "size": {"type": "number", "unit": "<b>m"}}
    maker.layer(
        "things",
        shapes,
        geometry="polygon",
        clip="none",
        columns=columns,
        kept={"attribution": texts, "licence": EVERYTHING},
    )
    categories = [{"value": text, "colour": "#d55e00", "label": texts} for text in PAYLOADS]
    style = {"kind": "categories", "column": "name", "categories": categories}
    fields = [{"column": "name"}, {"column": "size"}]
    maker.map(
        "hostile",
        title=texts,
        lead=texts,
        caution=texts,
        layers=[
            {
                "id": "things",
                "title": texts,
                "layer": "things",
                "name": "name",
                "labels": "name",
                "fields": fields,
                "style": style,
            }
        ],
        tables=[{"map_layer": "things", "caption": texts, "fields": fields}],
    )
