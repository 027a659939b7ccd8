"""The data dictionary: every layer of a project with its columns, units and codes, as Markdown (``docs/layers.md``)."""

from __future__ import annotations

from collections.abc import Iterator

from ballerup_geo.project import Project
from ballerup_geo.spec import Column, Layer
from ballerup_geo.spec.codelists import register_codes

__all__ = ["layers_markdown"]


def layers_markdown(project: Project) -> str:
    """Return the data dictionary of a project's layers, in English with the Danish titles.

    It is made from ``layers/*.toml`` alone, so it never says anything else than what is checked.
    """
    count = len(project.layers)
    parts = [
        f"# The {count} layers of {project.municipality.name} and their columns",
        "",
        "Made from `layers/*.toml` by `ballerup-geo layers --markdown`; edit those files, not this one.",
        "All coordinates are EPSG:25832, all heights metres DVR90. "
        "**R**: every row has a value; **U**: no two rows share one; **P**: about persons or single homes, "
        "published only where enough stand behind a row.",
        "",
    ]
    for layer_id, layer in project.layers.items():
        parts.extend(_layer(layer_id, layer))
    return "\n".join(parts).rstrip() + "\n"


def _layer(layer_id: str, layer: Layer) -> Iterator[str]:
    yield f"## `{layer_id}` – {layer.title.en} ({layer.title.da})"
    yield ""
    yield f"{layer.description.en} *Geometry*: {layer.geometry}. *Kept*: {_extent(layer)}."
    yield ""
    columns = {"(cells)": layer.cell} if layer.cell is not None else layer.columns
    if columns:
        yield "| column | type | unit | meaning | values |"
        yield "|---|---|---|---|---|"
        for name, column in columns.items():
            yield _row(name, column)
        yield ""
    yield f"Sources: {', '.join(_sources(layer))}."
    yield ""
    if layer.source.own is not None:
        yield layer.source.own.note.en
        yield ""


def _extent(layer: Layer) -> str:
    if layer.clip == "none" or layer.geometry == "table":
        return "all of it"
    if layer.clip == "surroundings":
        return f"what lies within {layer.margin_m:g} m of the municipality"
    return "what touches the municipality"


def _row(name: str, column: Column) -> str:
    private = column.behind is not None
    said = ((" **R**", column.required), (" **U**", column.unique), (" **P**", private))
    marks = "".join(mark for mark, holds in said if holds)
    meaning = f"{column.title.en} ({column.title.da})"
    return f"| `{name}`{marks} | {column.type} | {column.unit or ''} | {_cell(meaning)} | {_cell(_values(column))} |"


def _values(column: Column) -> str:
    if column.codes is not None:
        return ", ".join(f"`{code}` {text.en}" for code, text in column.codes.items())
    if column.register_codes is not None:
        register = column.register_codes.upper().replace("_", " ")
        return f"{register}: {len(register_codes(column.register_codes))} codes"
    if column.maximum is None and column.minimum is None:
        return ""
    if column.maximum is None:
        return f"at least {column.minimum:.10g}"
    return (
        f"at most {column.maximum:.10g}"
        if column.minimum is None
        else f"{column.minimum:.10g} to {column.maximum:.10g}"
    )


def _sources(layer: Layer) -> Iterator[str]:
    if layer.source.model is not None:
        yield f"`model` ({layer.source.model.attribution.en}; {layer.source.model.licence})"
    if layer.source.kept is not None:
        kept = layer.source.kept
        yield f"`kept` (`{kept.path}`; {kept.attribution.en}; {kept.licence})"
    if (own := layer.source.own) is not None:
        needed = ", ".join(f"`{name}`" for name in layer.required_columns)
        yield f"no open service: {own.holder.en}, with at least {needed}"
    for service in layer.source.fetch:
        key = f"key `{service.key}`" if service.key is not None else "open"
        yield f"`fetch`, {service.kind}, {key} ({service.attribution.en}; {service.licence})"


def _cell(text: str) -> str:
    """Keep a text inside its cell of the Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")
