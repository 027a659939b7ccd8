"""The open services on loopback, in one small server: ``with open_services(town) as server:``.

Overpass evaluates the queries that it is sent, as far as ours go, over the elements of ``town``; the StatBank holds one
table and refuses what the true one refuses; DMI gives months; the timetable is a zip file. ``asked`` keeps every
request, ``broken`` replaces an answer by another.
"""

from __future__ import annotations

import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Element = dict[str, object]
TRUE_ADDRESSES = (
    "https://overpass-api.de",
    "https://api.statbank.dk",
    "https://opendataapi.dmi.dk",
    "https://www.rejseplanen.info",
)
TABLES = {
    "BIL54": {"OMRÅDE": None, "BILTYPE": "4000101002", "BRUG": "1000", "DRIV": ("20200", "20225", "20232")},
    "FOLK1A": {"OMRÅDE": None, "KØN": "TOT", "ALDER": None, "CIVILSTAND": "TOT"},
    "BOL102": {"AMT": None, "BEBO": "1000", "ANVENDELSE": None, "OPVARMNING": None},
}


@dataclass
class OpenServices:
    """The server's address, what it holds, and what it was asked."""

    elements: list[Element]
    csv: dict[str, str]
    timetable: dict[str, str]
    months: dict[str, list[float]]
    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    broken: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    @property
    def stand_ins(self) -> dict[str, str]:
        return dict.fromkeys(TRUE_ADDRESSES, self.url)

    # ------------------------------------------------------------ answers

    def answer(self, path: str, query: dict[str, list[str]], body: str) -> tuple[int, str, bytes]:
        """Status, media type, content."""
        if path in self.broken:
            status, content = self.broken[path]
            return status, "application/octet-stream", content
        if path == "/api/interpreter":
            return 200, "application/json", self.overpass(parse_qs(body)["data"][0])
        if path == "/v1/data":
            return self.statbank(json.loads(body))
        if path in {f"/v2/climateData/collections/{kind}Value/items" for kind in ("municipality", "10kmGrid")}:
            return 200, "application/geo+json", self.dmi(query)
        if path == "/labs/GTFS.zip":
            return 200, "application/zip", zipped(self.timetable)
        return 404, "text/plain", b"nothing here"

    def overpass(self, query: str) -> bytes:
        settings, _, rest = query.partition(";")
        assert settings.startswith("[out:json][timeout:"), settings
        parts, _, closing = rest.partition(");")
        assert closing.split() == ["out", "body;", ">;", "out", "skel", "qt;"], closing
        box = re.search(r"\[bbox:([^\]]+)\]", settings)
        bounds = tuple(float(value) for value in box[1].split(",")) if box else None
        statements = [line.strip() for line in parts.strip().lstrip("(").split(";") if line.strip()]
        found = {}
        for statement in split_statements(parts):
            kind, filters = statement
            for element in self.elements:
                if element["type"] == kind and fits(element.get("tags", {}), filters) and self.within(element, bounds):
                    found[kind, element["id"]] = element
        assert statements, query
        body = [dict(element) for element in found.values()]
        skeleton = [bare(element) for element in self.below(body)]
        answer = {"version": 0.6, "osm3s": {"timestamp_osm_base": "2026-11-22T20:15:00Z"}, "elements": body + skeleton}
        return json.dumps(answer).encode()

    def below(self, elements: list[Element]) -> list[Element]:
        by_key = {(element["type"], element["id"]): element for element in self.elements}
        ways = [element for element in elements if element["type"] == "way"]
        for relation in (element for element in elements if element["type"] == "relation"):
            ways += [by_key["way", member["ref"]] for member in relation["members"]]
        nodes = {number for way in ways for number in way["nodes"]}
        return [*ways, *(by_key["node", number] for number in sorted(nodes) if ("node", number) in by_key)]

    def within(self, element: Element, bounds: tuple[float, ...] | None) -> bool:
        if bounds is None:
            return True
        south, west, north, east = bounds
        nodes = (
            [element]
            if element["type"] == "node"
            else [node for node in self.below([element]) if node["type"] == "node"]
        )
        lats, lons = [node["lat"] for node in nodes], [node["lon"] for node in nodes]
        return min(lats) <= north and max(lats) >= south and min(lons) <= east and max(lons) >= west

    def statbank(self, asked: dict[str, object]) -> tuple[int, str, bytes]:
        known = {"table", "format", "lang", "delimiter", "valuePresentation", "variables"}
        assert set(asked) <= known, asked
        if asked["table"] not in self.csv:
            error = {"errorTypeCode": "EXTRACT-NOTFOUND", "message": f"Tabellen '{asked['table']}' blev ikke fundet"}
            return 400, "application/json", json.dumps(error).encode()
        for variable in asked["variables"]:
            if variable["code"] != "Tid" and variable["code"] not in TABLES[asked["table"]]:
                error = {"errorTypeCode": "EXTRACT-BADVARIABLE", "message": f"Variabel {variable['code']} findes ikke"}
                return 400, "application/json", json.dumps(error).encode()
        return 200, "text/csv; charset=utf-8", ("\ufeff" + self.csv[asked["table"]]).encode()

    def dmi(self, query: dict[str, list[str]]) -> bytes:
        assert query["timeResolution"] == ["month"]
        place = ({"municipalityId", "cellId"} & set(query)).pop()
        assert set(query) <= {place, "parameterId", "timeResolution", "limit", "offset", "datetime"}
        values = self.months.get(query["parameterId"][0], [])
        features = [
            {
                "type": "Feature",
                "geometry": None,
                "properties": {
                    place: query[place][0],
                    "parameterId": query["parameterId"][0],
                    "timeResolution": "month",
                    "from": f"2026-{month:02d}-01T00:00:00.001000+01:00",
                    "to": f"2026-{month + 1:02d}-01T00:00:00+01:00",
                    "value": value,
                },
            }
            for month, value in enumerate(values, 1)
        ]
        start, size = int(query["offset"][0]), int(query["limit"][0])
        return json.dumps({"type": "FeatureCollection", "features": features[start : start + size]}).encode()


def zipped(files: dict[str, str]) -> bytes:
    """A zip archive; a text with a lone cp1252 byte is written as such."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return packed.getvalue()


def split_statements(text: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Overpass statements: element and filters (key, operator, value)."""
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"\s*(node|way|relation)((?:\[.*\])*);?\s*", line)
        if match is not None:
            inner = re.findall(r'\[(!?)"((?:[^"\\]|\\.)*)"(?:(!?[=~])"((?:[^"\\]|\\.)*)")?\]', match[2])
            assert "".join(f"[{no}{key}{how}{value}]" for no, key, how, value in inner) == match[2].replace('"', "")
            found.append(
                (match[1], [(key, how or ("absent" if no else "present"), value) for no, key, how, value in inner])
            )
    return found


def fits(tags: dict[str, str], filters: list[tuple[str, str, str]]) -> bool:
    """Whether tags pass all filters."""
    tests = {
        "present": lambda value, _: value is not None,
        "absent": lambda value, _: value is None,
        "=": lambda value, wanted: value == wanted,
        "!=": lambda value, wanted: value != wanted,
        "~": lambda value, wanted: value is not None and re.search(wanted.replace("\\\\", "\\"), value),
        "!~": lambda value, wanted: value is None or not re.search(wanted.replace("\\\\", "\\"), value),
    }
    return all(tests[how](tags.get(key), value) for key, how, value in filters)


def bare(element: Element) -> Element:
    return {key: value for key, value in element.items() if key != "tags"}


@contextmanager
def open_services(services: OpenServices) -> Iterator[OpenServices]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply("")

        def do_POST(self) -> None:
            self.reply(self.rfile.read(int(self.headers["content-length"])).decode())

        def reply(self, body: str) -> None:
            parts = urlsplit(self.path)
            services.asked.append((self.command, self.path, body))
            status, media_type, content = services.answer(parts.path, parse_qs(parts.query), body)
            self.send_response(status)
            self.send_header("content-type", media_type)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    services.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield services
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
