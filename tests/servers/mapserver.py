"""MapServer (Debian package mapserver-bin) behind a small CGI bridge on loopback: WFS 2.0 and OGC API Features.

``with mapserver(folder, layers) as url:`` serves tables of GeoPackages, ``with serve_map(folder, text) as url:`` any
map file. Each request is a process of its own, as behind any web server. The WFS answers at the address itself, OGC API
Features at ``ogcapi`` below it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pyogrio
from conftest import lacking

PROGRAM = "mapserv"
MOST_PAGE = 10_000

HEAD = """MAP
  NAME "town"
  SIZE 400 400
  EXTENT {extent}
  UNITS METERS
  PROJECTION "init=epsg:25832" END
  OUTPUTFORMAT
    NAME "geojson"
    DRIVER "OGR/GEOJSON"
    MIMETYPE "application/json; subtype=geojson; charset=utf-8"
    FORMATOPTION "FORM=SIMPLE"
    FORMATOPTION "STORAGE=stream"
    FORMATOPTION "LCO:WRITE_BBOX=YES"
  END
  WEB
    METADATA
      "ows_title" "Town"
      "ows_onlineresource" "{url}/"
      "oga_onlineresource" "{url}/ogcapi"
      "ows_srs" "EPSG:25832 EPSG:4326"
      "ows_enable_request" "*"
      "wfs_namespace_prefix" "pdk"
      "wfs_namespace_uri" "http://town.example/pdk"
      "wfs_getfeature_formatlist" "{formats}"
      "oga_html_template_directory" "/usr/share/mapserver/ogcapi/templates/html-plain/"
    END
  END
"""
LAYER = """  LAYER
    NAME "{name}"
    TYPE {kind}
    STATUS ON
    TEMPLATE "as features"
    CONNECTIONTYPE OGR
    CONNECTION "{path}"
    DATA "{table}"
    PROJECTION "init=epsg:25832" END
    METADATA
      "ows_title" "{name}"
      "gml_include_items" "all"
      "gml_featureid" "{identifier}"
      "gml_geometries" "geometri"
      "gml_geometri_type" "multi{kind}"
      "gml_types" "auto"
      "wfs_use_default_extent_for_getfeature" "false"
    END
  END
"""


def needs_mapserver() -> None:
    """Skip the test where MapServer is missing; with CI=true that is a failure."""
    if shutil.which(PROGRAM) is None:
        lacking("MapServer is missing (Debian package mapserver-bin)")


@contextmanager
def mapserver(folder: Path, layers: dict[str, Path], *, identifier: str = "gid", geojson: bool = True) -> Iterator[str]:
    """Serve the only table of each GeoPackage as a polygon or line type ``pdk:<name>``; give the address."""

    def text(url: str) -> str:
        parts = []
        for name, path in layers.items():
            info = pyogrio.read_info(path)
            kind = "LINE" if "Line" in info["geometry_type"] else "POLYGON"
            table = str(pyogrio.list_layers(path)[0][0])
            parts.append(LAYER.format(name=name, kind=kind, path=path, table=table, identifier=identifier))
        boxes = [pyogrio.read_bounds(path)[1] for path in layers.values()]
        extent = (
            min(b[0].min() for b in boxes),
            min(b[1].min() for b in boxes),
            max(b[2].max() for b in boxes),
            max(b[3].max() for b in boxes),
        )
        head = HEAD.format(url=url, extent=" ".join(map(str, extent)), formats="geojson" if geojson else "gml")
        return head + "".join(parts) + "END\n"

    with serve_map(folder, text) as url:
        yield url


@contextmanager
def serve_map(folder: Path, text: object) -> Iterator[str]:
    """Serve a map file: a text, or a function that makes it from the server's address."""
    needs_mapserver()
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "mapserver.conf"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bridge)
    url = f"http://127.0.0.1:{server.server_port}"
    mapfile = folder / "town.map"
    config.write_text(f'CONFIG\n  ENV\n  END\n  MAPS\n    TOWN "{mapfile}"\n  END\nEND\n', encoding="utf-8")
    mapfile.write_text(text(url) if callable(text) else str(text), encoding="utf-8")
    _Bridge.environments[server.server_port] = {
        "MS_MAPFILE": str(mapfile),
        "MAPSERVER_CONFIG_FILE": str(config),
        "MS_ERRORFILE": str(folder / "mapserver.log"),
    }
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Bridge(BaseHTTPRequestHandler):
    """Runs the program for each request, as CGI asks (RFC 3875)."""

    environments: dict[int, dict[str, str]] = {}  # noqa: RUF012  (port → environment)
    asked: list[str] = []  # noqa: RUF012
    """Every path with its query, for tests that look at what was asked."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.asked.append(self.path)
        port = self.server.server_address[1]
        as_api = parts.path.startswith("/ogcapi")
        own = dict(self.environments[port])
        if as_api:  # its first step names the map, and another one may not be named beside it
            del own["MS_MAPFILE"]
        environment = {
            "PATH": os.environ["PATH"],
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(port),
            "SCRIPT_NAME": "",
            "REQUEST_METHOD": "GET",
            "QUERY_STRING": parts.query,
            "PATH_INFO": f"/TOWN{parts.path}" if as_api else "",
            "HTTP_ACCEPT": self.headers.get("Accept", ""),
            "HTTP_HOST": self.headers.get("Host", ""),
            **own,
        }
        done = subprocess.run([PROGRAM], env=environment, capture_output=True, timeout=60, check=False)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log lines among the tests' output."""
