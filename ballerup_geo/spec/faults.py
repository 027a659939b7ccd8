"""Turns what pydantic found wrong in a content file into faults a planner can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ballerup_geo.errors import Fault

__all__ = ["closest", "model_faults", "nearest"]

_KEY = "[key]"
"""What pydantic puts after a table's key that is wrong itself."""
_NAMES = "use lower-case letters, digits and underscores, beginning with a letter, e.g. floor_area_m2"
_SCALARS = {"bool": "true or false", "int": "a whole number", "float": "a number (not nan or inf)", "str": "a text"}
"""The simple types a value may have the choice of: pydantic's name for each, and ours."""


def closest(name: str, valid: Iterable[str]) -> str | None:
    """Return the valid name that a typo resembles, the first by the alphabet among equals, or None where none is close.

    Examples
    --------
    >>> closest("rodas", ["roads", "lakes"])
    'roads'
    >>> closest("xyz", ["roads", "lakes"])
    """
    return next(iter(difflib.get_close_matches(name, sorted(set(valid)), n=1, cutoff=0.6)), None)


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return advice naming the valid name closest to a typo, or all of them where none is close.

    Examples
    --------
    >>> nearest("rodas", ["roads", "lakes"])
    'did you mean "roads"?'
    >>> nearest("xyz", ["roads", "lakes"])
    'use one of: lakes, roads'
    >>> nearest("xyz", [])
    'there is none to choose from'
    """
    names = sorted(set(valid))
    if not names:
        return "there is none to choose from"
    close = closest(name, names)
    return f'did you mean "{close}"?' if close else f"use one of: {', '.join(names)}"


def model_faults(error: ValidationError, *, model: type[BaseModel], where: str) -> list[Fault]:
    """Return one fault for each thing that pydantic found, with the key path in the file and what to do."""
    schema = model.model_json_schema()
    faults = [_fault(found, schema=schema, where=where) for found in error.errors(include_url=False)]
    return list(dict.fromkeys(faults))  # a value of several types is wrong once, not once a type


def _fault(found: Mapping[str, Any], *, schema: Mapping[str, Any], where: str) -> Fault:
    loc = tuple(found["loc"])
    if loc[-1:] == (_KEY,):
        return Fault(where, ".".join(map(str, loc[:-1])), "the name is not written as it must be", _NAMES)
    if loc and loc[-1] in _SCALARS:
        key = ".".join(_walk(schema, loc[:-1])[1])
        types = [_SCALARS[name] for name in _union(_walk(schema, loc[:-1])[0][-1])]
        return Fault(where, key, f"{_shown(found['input'])} is wrong", f"write {' or '.join(types)}")
    kind, context = found["type"], found.get("ctx", {})
    nodes, path = _walk(schema, loc)
    key = ".".join(path)
    if kind == "extra_forbidden":
        names = nodes[-2].get("properties", {}) if len(nodes) > 1 else schema.get("properties", {})
        return Fault(where, key, "unknown key", nearest(str(loc[-1]), names))
    if kind == "missing":
        return Fault(where, key, "missing key", f"add it: {_wanted(nodes[-1])}")
    if kind in {"literal_error", "union_tag_invalid"}:
        choices = context.get("expected") or context.get("expected_tags", "")
        names = [part.strip(" '") for part in choices.replace(" or ", ", ").split(",")]
        return Fault(where, key, f"{_shown(found['input'])} is not allowed here", nearest(str(found["input"]), names))
    if kind == "union_tag_not_found":
        return Fault(
            where, key, f"no {context.get('discriminator', 'kind')} given", 'say which kind it is, e.g. kind = "file"'
        )
    if kind == "string_pattern_mismatch":
        return Fault(where, key, f"{_shown(found['input'])} is not written as it must be", _wanted(nodes[-1]))
    if kind == "value_error":
        return Fault(where, key, "does not fit together", str(context["error"]))
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        keys = [f'{name} = "…"' for name in nodes[-1].get("required", ())]
        todo = f"write a table: {{ {', '.join(keys)} }}" if keys else "write a table"
        return Fault(where, key, f"{_shown(found['input'])} is wrong", todo)
    return Fault(where, key, f"{_shown(found['input'])} is wrong", _plain(found["msg"]))


def _union(node: Mapping[str, Any]) -> list[str]:
    """Return pydantic's names of the simple types that a schema node allows, without a boolean's or text's doubles."""
    names = {"boolean": "bool", "integer": "int", "number": "float", "string": "str"}
    found = [names[option["type"]] for option in node.get("anyOf", ()) if option.get("type") in names]
    return [name for name in found if not (name == "int" and "float" in found)] or list(_SCALARS)


def _plain(message: str) -> str:
    """Return pydantic's sentence without its capital, e.g. "input should be a valid string"."""
    return message[:1].lower() + message[1:]


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _wanted(node: Mapping[str, Any]) -> str:
    """Say what a schema node wants, in words."""
    words = [str(node["description"])] if "description" in node else []
    if "enum" in node:
        words.append("one of " + ", ".join(map(str, node["enum"])))
    elif "pattern" in node:
        words.append(f"must match {node['pattern']}")
    elif "type" in node:
        words.append(
            {"object": "a table", "array": "a list", "string": "a text"}.get(node["type"], f"a {node['type']}")
        )
    return "; ".join(words) or "see the schema (ballerup-geo schema)"


def _walk(schema: Mapping[str, Any], loc: tuple[str | int, ...]) -> tuple[list[Mapping[str, Any]], list[str]]:
    """Follow an error's location through the JSON Schema.

    Returns the schema node before and after each real step, and the steps without pydantic's union tags, which
    stand in no file.
    """
    nodes: list[Mapping[str, Any]] = [_resolved(schema, schema)]
    path: list[str] = []
    for step in loc:
        child = _child(nodes[-1], step, schema)
        if child is None and (variant := _variant(nodes[-1], step, schema)) is not None:
            nodes[-1] = variant
            continue
        nodes.append(child if child is not None else {})
        path.append(str(step))
    return nodes, path


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in node:
        extra = {key: value for key, value in node.items() if key != "$ref"}
        node = {**schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], **extra}
    options = [option for option in node.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        extra = {key: value for key, value in node.items() if key != "anyOf"}
        return {**_resolved(options[0], schema), **extra}
    return node


def _child(node: Mapping[str, Any], step: str | int, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if isinstance(step, int):
        return _resolved(node["items"], schema) if "items" in node else None
    if step in node.get("properties", {}):
        return _resolved(node["properties"][step], schema)
    named = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]  # keys of one's choice
    if isinstance(named[0], dict):
        return _resolved(named[0], schema)
    return None


def _variant(node: Mapping[str, Any], step: str | int, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    mapping = node.get("discriminator", {}).get("mapping", {})
    return _resolved({"$ref": mapping[step]}, schema) if step in mapping else None
