"""An Overpass answer as a file that GDAL reads, and what can be wrong with it.

JSON (what Overpass and its web page give) is written as OSM XML, elements in the order that the reader wants: nodes,
ways, relations. XML is checked for that order, for the service's own words on failure, and for entities, which no true
one has.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from ballerup_geo.errors import SourceError
from ballerup_geo.sources._request import Request

__all__ = ["as_xml", "checked_xml", "is_json", "said_failure"]

_HEAD = 4096
_REMARK = re.compile(rb"<remark>(.*?)</remark>", re.DOTALL)
_FAILED = ("error", "timed out", "out of memory", "runtime")


def is_json(path: Path) -> bool:
    """Say whether a file begins like JSON."""
    with path.open("rb") as file:
        return file.read(_HEAD).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def said_failure(remark: str) -> bool:
    """Say whether a remark of Overpass tells that the answer is not whole."""
    return any(word in remark.lower() for word in _FAILED)


def checked_xml(path: Path, request: Request, *, key: str) -> None:
    """Refuse XML that the reader would read without a word, and wrongly.

    Raises
    ------
    SourceError
        It holds entities, a remark of failure, or ways before their nodes.
    """
    content = path.read_bytes()
    if b"<!DOCTYPE" in content[:_HEAD] or b"<!ENTITY" in content:
        what = f"{path.name} declares entities, which no OpenStreetMap file does; it is not read"
        raise SourceError(request.fault(key, what, "get the file anew from where it is made"))
    if not re.search(rb"<osm[\s>]", content[:_HEAD]):
        what = f"{path.name} does not begin like an OpenStreetMap file"
        raise SourceError(request.fault(key, what, "point to an .osm.pbf, .osm or Overpass answer"))
    remark = _REMARK.search(content)
    if remark is not None:
        _refuse_failure(remark.group(1).decode("utf-8", errors="replace").strip(), path.name, request, key=key)
    if 0 <= content.find(b"<way") < content.rfind(b"<node"):
        what = f"{path.name} has ways before their nodes, and would be read without them"
        raise SourceError(request.fault(key, what, "ask for (…; >;); out; or keep the answer as JSON"))


def as_xml(path: Path, to: Path, request: Request, *, key: str) -> tuple[Path, tuple[str, ...]]:
    """Write a JSON answer as OSM XML into a folder; ways that lack nodes are left out and counted.

    Raises
    ------
    SourceError
        It is no Overpass answer, cut short, or tells of a failure.
    """
    nodes, ways, relations = _elements(path, request, key=key)
    whole = {number: way for number, way in ways.items() if all(node in nodes for node in way["nodes"])}
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6">']
    lines += (_node(nodes[number]) for number in sorted(nodes))
    lines += (_way(whole[number]) for number in sorted(whole))
    lines += (_relation(relations[number]) for number in sorted(relations))
    written = to / "answer.osm"
    written.write_text("\n".join([*lines, "</osm>\n"]), encoding="utf-8", errors="replace")
    lost = len(ways) - len(whole)
    notes = (f"{lost} of {len(ways)} ways lack nodes and were left out",) if lost else ()
    return written, notes


Element = dict[str, Any]
Numbered = dict[int, Element]


def _elements(path: Path, request: Request, *, key: str) -> tuple[Numbered, Numbered, Numbered]:
    """Return nodes, ways and relations by number; of one that stands twice, that with tags."""
    found: dict[str, Numbered] = {"node": {}, "way": {}, "relation": {}}
    try:
        answer = json.loads(path.read_bytes())
        remark = str(answer.get("remark", ""))
        if remark:
            _refuse_failure(remark, path.name, request, key=key)
        for element in answer["elements"]:
            kind = found.get(element["type"])
            if kind is None:
                continue
            former = kind.get(int(element["id"]))
            if former is None or (element.get("tags") and not former.get("tags")):
                kind[int(element["id"])] = _plain(element, found["node"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as error:
        what = f"{path.name} is no whole Overpass answer ({type(error).__name__}: {' '.join(str(error).split())[:80]})"
        raise SourceError(request.fault(key, what, "ask again, and keep the whole answer")) from error
    return found["node"], found["way"], found["relation"]


def _plain(element: Element, nodes: Numbered) -> Element:
    """Return an element with what is needed of it; a way that brings its geometry (``out geom``) also gives nodes."""
    tags = {str(name): str(value) for name, value in (element.get("tags") or {}).items()}
    plain: Element = {"id": int(element["id"]), "tags": tags}
    if element["type"] == "node":
        return plain | {"lat": float(element["lat"]), "lon": float(element["lon"])}
    if element["type"] == "relation":
        members = [member for member in element.get("members", ()) if member["type"] == "way"]
        return plain | {"members": [(int(member["ref"]), str(member.get("role", ""))) for member in members]}
    refs = [int(number) for number in element["nodes"]]
    for number, place in zip(refs, element.get("geometry") or (), strict=False):
        if place is not None:
            nodes.setdefault(number, {"id": number, "tags": {}, "lat": float(place["lat"]), "lon": float(place["lon"])})
    return plain | {"nodes": refs}


def _refuse_failure(remark: str, name: str, request: Request, *, key: str) -> None:
    if said_failure(remark):
        what = f'{name} is not whole: the service says "{remark[:200]}"'
        raise SourceError(request.fault(key, what, "try later; it may be busy, or the area too large"))


def _node(node: Element) -> str:
    place = f'<node id="{node["id"]}" lat="{node["lat"]:.7f}" lon="{node["lon"]:.7f}"'
    return f"{place}>{_tags(node)}</node>" if node["tags"] else f"{place}/>"


def _way(way: Element) -> str:
    refs = "".join(f'<nd ref="{number}"/>' for number in way["nodes"])
    return f'<way id="{way["id"]}">{refs}{_tags(way)}</way>'


def _relation(relation: Element) -> str:
    members = "".join(
        f'<member type="way" ref="{number}" role={quoteattr(role)}/>' for number, role in relation["members"]
    )
    return f'<relation id="{relation["id"]}">{members}{_tags(relation)}</relation>'


def _tags(element: Element) -> str:
    return "".join(f"<tag k={_attribute(name)} v={_attribute(value)}/>" for name, value in element["tags"].items())


def _attribute(text: str) -> str:
    return quoteattr("".join(letter if letter >= " " and letter not in "\ufffe\uffff" else " " for letter in text))
