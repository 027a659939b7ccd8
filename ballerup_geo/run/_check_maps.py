"""What a map names: layers, results, columns, indicators, analyses — do they exist?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ballerup_geo.errors import Fault
from ballerup_geo.project import Project
from ballerup_geo.spec import Categories, Map, MapLayer, Method, Single
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest

__all__ = ["map_faults"]

_DRAWN = {"point", "line", "polygon", "any"}


def map_faults(project: Project, known: Mapping[str, Method]) -> Iterator[Fault]:
    """Find what maps name and nobody has; ``known`` are the methods of those analyses whose method exists."""
    for name, found in project.maps.items():
        where = f"maps/{name}.toml"
        yield from _analysis_faults(where, project, found, known)
        columns: dict[str, frozenset[str] | None] = {}
        for number, shown in enumerate(found.layers):
            key = f"layers.{number} ({shown.id})"
            origin = _origin(where, key, project, shown, known)
            columns[shown.id] = None if isinstance(origin, Fault) else origin
            if isinstance(origin, Fault):
                yield origin
            elif origin is not None:
                yield from _column_faults(where, key, project, shown, origin)
        for number, table in enumerate(found.tables):
            has = columns[table.map_layer]
            named = [(f"fields.{place}", field.column) for place, field in enumerate(table.fields)]
            named += [("sort", table.sort)] if table.sort is not None else []
            for part, column in named:
                if has is not None and column not in has:
                    what = f'map layer "{table.map_layer}" has no column "{column}"'
                    yield Fault(where, f"tables.{number}.{part}", what, nearest(column, has))


def _analysis_faults(where: str, project: Project, found: Map, known: Mapping[str, Method]) -> Iterator[Fault]:
    if found.analysis is not None and found.analysis not in project.analyses:
        what = f'the project has no analysis "{found.analysis}"'
        yield Fault(where, "analysis", what, nearest(found.analysis, project.analyses))
    for number, line in enumerate(found.headlines):
        key = f"headlines.{number}"
        if line.analysis not in project.analyses:
            what = f'the project has no analysis "{line.analysis}"'
            yield Fault(where, f"{key}.analysis", what, nearest(line.analysis, project.analyses))
        elif line.analysis in known:
            names = [indicator.name for indicator in known[line.analysis].indicators]
            if line.indicator not in names:
                what = f'analysis "{line.analysis}" has no indicator "{line.indicator}"'
                yield Fault(where, f"{key}.indicator", what, nearest(line.indicator, names))


def _origin(
    where: str, key: str, project: Project, shown: MapLayer, known: Mapping[str, Method]
) -> frozenset[str] | Fault | None:
    """Return the columns of what a map layer shows, the fault where there is none such, or None if that is unknown."""
    if shown.layer is not None:
        if shown.layer not in project.layers:
            what = f'the project has no layer "{shown.layer}"'
            return Fault(where, f"{key}.layer", what, nearest(shown.layer, project.layers))
        layer = project.layers[shown.layer]
        if layer.geometry not in _DRAWN:
            what = f'layer "{shown.layer}" is a {layer.geometry}, and a map draws features'
            return Fault(where, f"{key}.layer", what, "show a layer of points, lines or polygons")
        return frozenset(layer.columns)
    result = str(shown.result)
    if result not in project.analyses:
        what = f'the project has no analysis "{result}"'
        return Fault(where, f"{key}.result", what, nearest(result, project.analyses))
    if result not in known:  # the analysis file says why
        return None
    tables = {table.name: table for table in known[result].tables}
    if shown.table not in tables:
        what = f'result "{result}" has no table "{shown.table}"'
        return Fault(where, f"{key}.table", what, nearest(str(shown.table), tables))
    if tables[shown.table].geometry not in _DRAWN:
        what = f'table "{shown.table}" has no geometry, and a map draws features'
        return Fault(where, f"{key}.table", what, "show a table of points, lines or polygons")
    return frozenset(column.name for column in tables[shown.table].columns)


def _column_faults(where: str, key: str, project: Project, shown: MapLayer, has: frozenset[str]) -> Iterator[Fault]:
    named = [("name", shown.name), ("labels", shown.labels)]
    named += [(f"fields.{place}", field.column) for place, field in enumerate(shown.fields)]
    if not isinstance(shown.style, Single):
        named.append(("style.column", shown.style.column))
    for part, column in named:
        if column is not None and column not in has:
            yield Fault(where, f"{key}.{part}", f'there is no column "{column}"', nearest(column, has))
    if isinstance(shown.style, Categories) and shown.layer is not None and shown.style.column in has:
        codes = codes_of(project.layers[shown.layer].columns[shown.style.column])
        for number, category in enumerate(shown.style.categories):
            if codes is not None and str(category.value) not in codes:
                what = f'column "{shown.style.column}" has no value "{category.value}"'
                yield Fault(where, f"{key}.style.categories.{number}", what, nearest(str(category.value), codes))
