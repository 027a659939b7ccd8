"""MapServer (Debian package mapserver-bin) on loopback: WFS 2.0 and OGC API Features.

``with mapserver(folder, layers) as town:`` serves tables of GeoPackages, ``with serve_map(folder, text) as town:`` any
map file. Each request is a process of its own, as behind any web server. The WFS answers at the address itself, OGC API
Features at ``ogcapi`` below it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyogrio
from conftest import lacking
from servers.cgi import Served, serve_program

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
def mapserver(
    folder: Path, layers: dict[str, Path], *, identifier: str = "gid", geojson: bool = True
) -> Iterator[Served]:
    """Serve the only table of each GeoPackage as a polygon or line type ``pdk:<name>``; give where."""

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

    with serve_map(folder, text) as served:
        yield served


@contextmanager
def serve_map(folder: Path, text: str | Callable[[str], str]) -> Iterator[Served]:
    """Serve a map file: a text, or a function that makes it from the server's address."""
    needs_mapserver()
    folder.mkdir(parents=True, exist_ok=True)
    config, mapfile = folder / "mapserver.conf", folder / "town.map"
    config.write_text(f'CONFIG\n  ENV\n  END\n  MAPS\n    TOWN "{mapfile}"\n  END\nEND\n', encoding="utf-8")

    def write(url: str) -> None:
        mapfile.write_text(text(url) if callable(text) else text, encoding="utf-8")

    def environment(path: str) -> dict[str, str]:
        own = {"MAPSERVER_CONFIG_FILE": str(config), "MS_ERRORFILE": str(folder / "mapserver.log")}
        if path.startswith("/ogcapi"):  # the first step names the map, and another may not be named beside it
            return own | {"PATH_INFO": f"/TOWN{path}"}
        return own | {"MS_MAPFILE": str(mapfile), "PATH_INFO": ""}

    with serve_program(PROGRAM, environment, begin=write) as served:
        yield served
