"""Every analysis file against its method's declaration: what is missing, misspelt or does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ballerup_geo import methods
from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.run._check_maps import map_faults
from ballerup_geo.run._order import cycle
from ballerup_geo.spec import (
    Analysis,
    Assumption,
    AssumptionValue,
    FileSource,
    Input,
    InputChoice,
    Layer,
    Method,
    OutputTable,
)
from ballerup_geo.spec.faults import nearest

__all__ = ["check"]

_TONNES = ("t", "t/year", "t/år")
_KINDS = {"number": "a number", "integer": "a whole number", "boolean": "true or false", "text": "a text"}


def check(project: Project) -> tuple[Fault, ...]:
    """Compare content with declarations; return all faults, each with file, key, what is wrong and what to do.

    Compared are methods, inputs with their geometry and columns, assumptions with their units and ranges, targets,
    expectations, and all that maps name. No data are read.
    """
    known, faults = _known_methods(project)
    for name, method in known.items():
        faults.extend(_analysis_faults(f"analyses/{name}.toml", project, method, project.analyses[name], known))
    for name in project.analyses.keys() - known.keys():
        faults.extend(_missing_inputs(f"analyses/{name}.toml", project, project.analyses[name]))
    circle = cycle(project.analyses)
    if circle:
        what = f"analyses need each other in a circle: {' → '.join(circle)}"
        faults.append(Fault(f"analyses/{circle[0]}.toml", "inputs", what, "let one of them read a layer instead"))
    faults.extend(map_faults(project, known))
    return tuple(sorted(faults))


def _known_methods(project: Project) -> tuple[dict[str, Method], list[Fault]]:
    known: dict[str, Method] = {}
    faults: list[Fault] = []
    for name, analysis in project.analyses.items():
        try:
            known[name] = methods.get_method(analysis.method)
        except ProjectError as error:
            what = f'there is no method "{analysis.method}"'
            faults.extend(Fault(f"analyses/{name}.toml", "method", what, fault.todo) for fault in error.faults)
    return known, faults


def _missing_inputs(where: str, project: Project, analysis: Analysis) -> Iterator[Fault]:
    """Find inputs that nobody has, where an unknown method leaves nothing else to compare."""
    for name, choice in analysis.inputs.items():
        for kind, wanted, has in (
            ("layer", choice.layer, project.layers),
            ("analysis", choice.result, project.analyses),
        ):
            if wanted is not None and wanted not in has:
                yield Fault(where, f"inputs.{name}", f'the project has no {kind} "{wanted}"', nearest(wanted, has))


def _analysis_faults(
    where: str, project: Project, method: Method, analysis: Analysis, known: Mapping[str, Method]
) -> Iterator[Fault]:
    yield from _input_name_faults(where, method, analysis)
    for wanted in method.inputs:
        if wanted.name in analysis.inputs:
            choice = analysis.inputs[wanted.name]
            key = f"inputs.{wanted.name}"
            if choice.layer is not None:
                yield from _layer_input_faults(where, key, project, wanted, choice.layer, method)
            else:
                yield from _result_input_faults(where, key, project, wanted, choice, known)
    yield from _assumption_faults(where, method, analysis)
    yield from _expectation_faults(where, method, analysis)
    yield from _target_faults(where, method, analysis)
    yield from _effect_faults(where, method, analysis)


def _input_name_faults(where: str, method: Method, analysis: Analysis) -> Iterator[Fault]:
    declared = {wanted.name: wanted for wanted in method.inputs}
    for name in analysis.inputs:
        if name not in declared:
            yield Fault(where, f"inputs.{name}", f"method {method.id} has no such input", nearest(name, declared))
    for name, wanted in declared.items():
        if wanted.required and name not in analysis.inputs:
            what = f"missing: method {method.id} needs this input ({wanted.geometry})"
            yield Fault(where, f"inputs.{name}", what, f'add: {name} = {{ layer = "…" }}')


def _layer_input_faults(
    where: str, key: str, project: Project, wanted: Input, layer_id: str, method: Method
) -> Iterator[Fault]:
    if layer_id not in project.layers:
        yield Fault(where, key, f'the project has no layer "{layer_id}"', nearest(layer_id, project.layers))
        return
    layer = project.layers[layer_id]
    if not _fits(wanted.geometry, layer.geometry):
        what = f'layer "{layer_id}" is {layer.geometry}, method {method.id} reads {wanted.geometry}'
        yield Fault(where, key, what, "name another layer")
        return
    for column in wanted.columns:
        if column not in layer.columns:
            what = f'method {method.id} reads column "{column}", which the layer does not have'
            todo = f"add [columns.{column}] and deliver it from {_suppliers(layer)}"
            yield Fault(f"layers/{layer_id}.toml", f"columns.{column}", what, todo)


def _suppliers(layer: Layer) -> str:
    named = ["the model"] if layer.source.model is not None else []
    if isinstance(layer.source.kept, FileSource):
        named.append(f"the file {layer.source.kept.path}")
    return " and ".join(named) or "a source"


def _fits(wanted: str, given: str) -> bool:
    return wanted == given or (wanted == "any" and given in {"point", "line", "polygon"})


def _result_input_faults(
    where: str, key: str, project: Project, wanted: Input, choice: InputChoice, known: Mapping[str, Method]
) -> Iterator[Fault]:
    result = str(choice.result)
    if result not in project.analyses:
        yield Fault(where, key, f'the project has no analysis "{result}"', nearest(result, project.analyses))
        return
    if result not in known:  # its own file says why
        return
    if choice.raster is not None:
        rasters = [raster.name for raster in known[result].rasters if raster.each is None]
        if choice.raster not in rasters:
            what = f'result "{result}" has no raster "{choice.raster}"'
            yield Fault(where, f"{key}.raster", what, nearest(choice.raster, rasters))
        elif wanted.geometry != "raster":
            yield Fault(where, key, f"is a raster, the method reads {wanted.geometry}", "name a table of the result")
        return
    tables = {table.name: table for table in known[result].tables}
    if choice.table not in tables:
        what = f'result "{result}" has no table "{choice.table}"'
        yield Fault(where, f"{key}.table", what, nearest(str(choice.table), tables))
        return
    yield from _table_input_faults(where, key, wanted, tables[choice.table], result)


def _table_input_faults(where: str, key: str, wanted: Input, table: OutputTable, result: str) -> Iterator[Fault]:
    if not _fits(wanted.geometry, table.geometry):
        what = f'table "{table.name}" is {table.geometry}, the method reads {wanted.geometry}'
        yield Fault(where, key, what, "name another table")
        return
    has = {column.name for column in table.columns}
    for column in wanted.columns:
        if column not in has:
            what = f'table "{table.name}" of result "{result}" has no column "{column}", which the method reads'
            yield Fault(where, key, what, "name another table")


def _assumption_faults(where: str, method: Method, analysis: Analysis) -> Iterator[Fault]:
    declared = {assumption.name: assumption for assumption in method.assumptions}
    for name, value in analysis.assumptions.items():
        key = f"assumptions.{name}"
        if name not in declared:
            yield Fault(where, key, f"method {method.id} has no such assumption", nearest(name, declared))
        else:
            yield from _value_faults(where, key, declared[name], value)
    for name, assumption in declared.items():
        if name not in analysis.assumptions:
            todo = f'add [assumptions.{name}] with value, unit = "{assumption.unit}", source and title'
            what = f"missing: method {method.id} needs this assumption"
            yield Fault(where, f"assumptions.{name}", what, todo)


def _value_faults(where: str, key: str, wanted: Assumption, given: AssumptionValue) -> Iterator[Fault]:
    value = given.value
    if given.unit != wanted.unit:
        what = f'the unit is "{given.unit}", the method reckons in "{wanted.unit}"'
        yield Fault(where, f"{key}.unit", what, f'give the value in "{wanted.unit}"')
    if not _is_kind(value, wanted.kind):
        yield Fault(where, f"{key}.value", f"{value!r} is not {_KINDS[wanted.kind]}", f"write {_KINDS[wanted.kind]}")
        return
    if wanted.choices and value not in wanted.choices:
        yield Fault(where, f"{key}.value", f"{value!r} is not allowed here", nearest(str(value), wanted.choices))
    if isinstance(value, int | float) and not isinstance(value, bool):
        if wanted.minimum is not None and value < wanted.minimum:
            yield Fault(where, f"{key}.value", f"{value:g} lies below {wanted.minimum:g}", "give a larger value")
        if wanted.maximum is not None and value > wanted.maximum:
            yield Fault(where, f"{key}.value", f"{value:g} lies above {wanted.maximum:g}", "give a smaller value")


def _is_kind(value: bool | int | float | str, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    types = {"number": (int, float), "integer": (int,), "text": (str,)}
    return isinstance(value, types.get(kind, ()))


def _expectation_faults(where: str, method: Method, analysis: Analysis) -> Iterator[Fault]:
    names = [indicator.name for indicator in method.indicators]
    for name, expected in analysis.expectations.items():
        key = f"expectations.{name}"
        if name not in names:
            yield Fault(where, key, f"method {method.id} has no such indicator", nearest(name, names))
        if expected.minimum is not None and expected.maximum is not None and expected.minimum > expected.maximum:
            yield Fault(
                where, key, f"minimum {expected.minimum:g} lies above maximum {expected.maximum:g}", "swap them"
            )


def _target_faults(where: str, method: Method, analysis: Analysis) -> Iterator[Fault]:
    units = {indicator.name: indicator.unit for indicator in method.indicators}
    seen: set[str] = set()
    for number, target in enumerate(analysis.targets):
        key = f"targets.{number} ({target.id})"
        if target.id in seen:
            yield Fault(where, key, "another target has the same id", "give each its own")
        seen.add(target.id)
        if target.indicator is None:
            continue
        if target.indicator not in units:
            what = f'method {method.id} has no indicator "{target.indicator}"'
            yield Fault(where, f"{key}.indicator", what, nearest(target.indicator, units))
        elif target.unit is not None and target.unit != units[target.indicator]:
            what = f'the unit is "{target.unit}", the indicator\'s "{units[target.indicator]}"'
            yield Fault(where, f"{key}.unit", what, f'give the value in "{units[target.indicator]}"')


def _effect_faults(where: str, method: Method, analysis: Analysis) -> Iterator[Fault]:
    units = {indicator.name: indicator.unit for indicator in method.indicators}
    counts: dict[str, str] = {}
    for effect in analysis.climate_effects:
        measured = effect.effect or effect.before
        if effect.counted and measured is not None and counts.setdefault(measured, effect.id) != effect.id:
            what = f'takes the tonnes of "{measured}", which effect {counts[measured]} counts already'
            yield Fault(where, f"climate_effects ({effect.id})", what, "set counted = false in one of the two")
        for role, name in (("before", effect.before), ("after", effect.after), ("effect", effect.effect)):
            key = f"climate_effects ({effect.id}).{role}"
            if name is not None and name not in units:
                yield Fault(where, key, f'method {method.id} has no indicator "{name}"', nearest(name, units))
            elif name is not None and units[name] not in _TONNES:
                yield Fault(where, key, f'the indicator\'s unit is "{units[name]}"', "name one in tonnes (t, t/year)")
