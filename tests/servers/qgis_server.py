"""QGIS Server (Debian package qgis-server) on loopback, for OGC API Features with coordinates in EPSG:25832.

It pages and knows OGC 18-058 (``crs``, ``bbox-crs``), which MapServer 8.0 does not.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import lacking
from servers.cgi import Served, serve_program

PROGRAM = Path("/usr/lib/cgi-bin/qgis_mapserv.fcgi")
DEBIAN_PYTHON = "/usr/bin/python3"
WRITE = """
import sys
from qgis.core import QgsApplication, QgsCoordinateReferenceSystem, QgsProject, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
project.setCrs(QgsCoordinateReferenceSystem("EPSG:25832"))
layers = [QgsVectorLayer(path, name, "ogr") for name, path in zip(sys.argv[2::2], sys.argv[3::2])]
project.addMapLayers(layers)
project.writeEntry("WFSLayers", "/", [layer.id() for layer in layers])
project.writeEntry("WMSCrsList", "/", ["EPSG:25832", "EPSG:4326"])
project.write(sys.argv[1])
"""


@contextmanager
def qgis_server(folder: Path, layers: dict[str, Path]) -> Iterator[Served]:
    """Serve files as collections of OGC API Features at ``/wfs3``; a collection's name is the layer's."""
    if not PROGRAM.is_file():
        lacking("QGIS Server is missing (Debian package qgis-server)")
    folder.mkdir(parents=True, exist_ok=True)
    project = folder / "town.qgs"
    quiet = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder)}
    pairs = [text for name, path in layers.items() for text in (name, str(path))]
    subprocess.run(
        [DEBIAN_PYTHON, "-c", WRITE, str(project), *pairs],
        env={"PATH": os.environ["PATH"], **quiet},
        check=True,
        capture_output=True,
        timeout=60,
    )
    with serve_program(str(PROGRAM), lambda _: {"QGIS_PROJECT_FILE": str(project), **quiet}) as served:
        yield served
