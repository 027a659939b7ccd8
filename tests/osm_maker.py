"""Small OpenStreetMap files by hand: Overpass JSON, OSM XML and PBF of the same elements."""

from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

Element = dict[str, Any]
"""As Overpass writes it: type, id, and lat and lon, or nodes, with tags."""


def ways_of(tags_by_way: dict[int, dict[str, str]]) -> list[Element]:
    """Ways of 100 m from west to east, one above the other, each with the tags given."""
    elements: list[Element] = []
    for place, (number, tags) in enumerate(tags_by_way.items()):
        lat = 55.73 + place * 0.001
        ends = [
            {"type": "node", "id": 10_000 + 2 * place + end, "lat": lat, "lon": 12.36 + end * 0.0016} for end in (0, 1)
        ]
        elements += [*ends, {"type": "way", "id": number, "nodes": [end["id"] for end in ends], "tags": tags}]
    return elements


def as_json(path: Path, elements: list[Element], **more: Any) -> Path:
    path.write_text(json.dumps({"version": 0.6, "elements": elements, **more}), encoding="utf-8")
    return path


def as_xml(path: Path, elements: list[Element]) -> Path:
    """In the order given."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="by hand">']
    for element in elements:
        place = f' lat="{element["lat"]}" lon="{element["lon"]}"' if element["type"] == "node" else ""
        inner = "".join(f'<nd ref="{number}"/>' for number in element.get("nodes", ()))
        inner += "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in element.get("tags", {}).items())
        lines.append(f'<{element["type"]} id="{element["id"]}"{place}>{inner}</{element["type"]}>')
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def as_pbf(path: Path, elements: list[Element]) -> Path:
    """Nodes and ways in the binary form (https://wiki.openstreetmap.org/wiki/PBF_Format), not packed."""
    texts = sorted({text for element in elements for pair in element.get("tags", {}).items() for text in pair})
    place = {text: number for number, text in enumerate(texts, 1)}
    strings = _bytes(1, b"") + b"".join(_bytes(1, text.encode()) for text in texts)
    groups = []
    for kind, field in (("node", 1), ("way", 3)):
        found = [element for element in elements if element["type"] == kind]
        groups.append(_bytes(2, b"".join(_bytes(field, _element(element, place)) for element in found)))
    block = _bytes(1, strings) + b"".join(groups)
    header = _bytes(4, b"OsmSchema-V0.6")
    path.write_bytes(_blob(b"OSMHeader", header) + _blob(b"OSMData", block))
    return path


def _element(element: Element, place: dict[str, int]) -> bytes:
    tags = element.get("tags", {})
    keys = _bytes(2, b"".join(_varint(place[key]) for key in tags)) if tags else b""
    values = _bytes(3, b"".join(_varint(place[value]) for value in tags.values())) if tags else b""
    if element["type"] == "node":
        lat, lon = (round(element[name] * 1e7) for name in ("lat", "lon"))
        return _number(1, _zigzag(element["id"])) + keys + values + _number(8, _zigzag(lat)) + _number(9, _zigzag(lon))
    refs = element["nodes"]
    steps = [refs[0], *(after - before for before, after in pairwise(refs))]
    return _number(1, element["id"]) + keys + values + _bytes(8, b"".join(_varint(_zigzag(step)) for step in steps))


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _bytes(1, content) + _number(2, len(content))
    header = _bytes(1, kind) + _number(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    parts = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        parts.append(low | (0x80 if value else 0))
        if not value:
            return bytes(parts)
