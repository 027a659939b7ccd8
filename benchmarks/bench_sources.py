"""Measure sources and exports: PostGIS, a WFS, five million buildings through the checks, a large terrain to COG.

    python benchmarks/bench_sources.py                     # all of them
    python benchmarks/bench_sources.py postgis parquet     # some
    python benchmarks/bench_sources.py parquet --rows 500000

Each is a process of its own; told are wall and processor seconds, its largest memory, and the load before. PostGIS and
MapServer are throw-away servers on this machine, as the tests start them. The peer beside ours is geopandas.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

BUILDINGS = 20_000
TERRAIN_CELLS = 20_000
MB = 1e6


@contextmanager
def timed(name: str, asked: str) -> Iterator[None]:
    """Print a row of the table; the memory is the largest of this process so far."""
    load, wall, cpu = os.getloadavg()[0], time.perf_counter(), time.process_time()
    yield
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    print(f"| {name} | {asked} | {wall_s:.2f} | {cpu_s:.2f} | {peak_mb:.0f} | {load:.1f} |", flush=True)


def buildings(number: int, begin: int = 0) -> gpd.GeoDataFrame:
    """Hexagons with four columns, rows after rows over the municipality's frame."""
    at = np.arange(begin, begin + number)
    centres = np.stack([705_000.0 + at % 4000 * 5, 6_170_000.0 + at // 4000 * 5], axis=1)
    angles = np.linspace(0, 2 * np.pi, 7)[:6]
    ring = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    columns = {
        "building_id": [f"B{number:08d}" for number in at],
        "use": pd.array(at % 900 + 100, dtype="Int64"),
        "area_m2": at % 400 + 20.5,
        "built": pd.array(1900 + at % 120, dtype="Int64"),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.polygons(centres[:, None, :] + ring), crs="EPSG:25832")


# ---------------------------------------------------------------- PostGIS


def bench_postgis(given: argparse.Namespace) -> None:
    """Write 20,000 buildings and read them, beside geopandas where its driver is installed."""
    import psycopg  # noqa: F401  (loaded before the clock starts)
    from servers.postgis import PASSWORD, postgis_server

    from ballerup_geo.storage.postgis import Batch, PostgisTable, Record, connected, read_address, replace_tables

    rows = buildings(BUILDINGS)
    record = Record("bench", "bench", "2026-11-23T00:00:00+00:00", "model", True, None, "0", {}, {})
    with postgis_server() as server, tempfile.TemporaryDirectory() as folder:
        address, _ = read_address(server.url, where="bench", secret_in="")
        for _ in range(3):
            with (
                timed("PostGIS write, 20,000 buildings", "1 s"),
                connected(address, PASSWORD, where="bench", read_only=False, timeout_s=60) as connection,
            ):
                replace_tables(
                    connection, "bench", [Batch(record, [PostgisTable("buildings", rows, "")])], where="bench"
                )
        request = _request(Path(folder), server.url.replace("planner@", f"planner:{PASSWORD}@"))
        for _ in range(3):
            with timed("PostGIS read, 20,000 buildings", "0.5 s"):
                assert len(_read_postgis(request)) == BUILDINGS
        _peer(server.port, PASSWORD, rows)


def _request(folder: Path, url: str, bounds: tuple[float, ...] | None = None) -> object:
    from project_maker import ProjectMaker

    from ballerup_geo.sources import FetchRequest, HttpClient, Keys

    maker = ProjectMaker(folder / "project")
    types = {"building_id": "text", "use": "integer", "area_m2": "number", "built": "integer"}
    columns = {name: {"type": kind} for name, kind in types.items()}
    maker.layer("buildings", geometry="polygon", columns=columns)
    project = maker.project()
    given = {
        "layer_id": "buildings",
        "layer": project.layers["buildings"],
        "folder": maker.root,
        "cell_m": 2.0,
        "progress": lambda label, share: None,
        "client": HttpClient(),
        "keys": Keys({"BALLERUP_GEO_POSTGIS": url}),
        "municipality": project.municipality,
        "bounds": bounds,
        "area": bounds,
        "outline": None if bounds is None else shapely.box(*bounds),
        "work": maker.root,
        "place": "source.fetch[0]",
    }
    others = {name: None for name in FetchRequest.__dataclass_fields__ if name not in given}
    return FetchRequest(**given, **others)


def _read_postgis(request: object) -> pd.DataFrame:
    from ballerup_geo import sources
    from ballerup_geo.spec import PostgisSource

    words = {"da": "x", "en": "x"}
    source = PostgisSource(kind="postgis", table="bench.buildings", licence="CC0", attribution=words)
    return sources.fetch_source(source, request).data


def _peer(port: int, password: str, rows: gpd.GeoDataFrame) -> None:
    try:
        import geoalchemy2  # noqa: F401
        import sqlalchemy
    except ImportError:
        print("(geopandas' own way is not measured: sqlalchemy and geoalchemy2 are not installed)")
        return
    engine = sqlalchemy.create_engine(f"postgresql+psycopg://planner:{password}@127.0.0.1:{port}/plan")
    for _ in range(3):
        with timed("geopandas to_postgis", "peer"):
            rows.to_postgis("peer", engine, if_exists="replace", index=False)
    for _ in range(3):
        with timed("geopandas read_postgis", "peer"):
            assert len(gpd.read_postgis("SELECT * FROM peer", engine, geom_col="geometry")) == BUILDINGS


# ---------------------------------------------------------------- files


def bench_parquet(given: argparse.Namespace) -> None:
    """Take five million buildings from a GeoParquet file through the catalog's checks."""
    import pyarrow.parquet as pq
    from project_maker import ProjectMaker

    from ballerup_geo.storage._tables import arrow_table

    with tempfile.TemporaryDirectory() as folder:
        maker = ProjectMaker(Path(folder) / "project")
        columns = {
            "building_id": {"type": "text", "required": True, "unique": True},
            "use": {"type": "integer", "minimum": 100, "maximum": 999},
            "area_m2": {"type": "number", "minimum": 0.0},
            "built": {"type": "integer", "minimum": 1000, "maximum": 2100},
        }
        kept = {"path": "data/buildings.parquet"}
        maker.layer("buildings", geometry="polygon", clip="none", columns=columns, kept=kept)
        path = maker.root / "data" / "buildings.parquet"
        with pq.ParquetWriter(path, arrow_table(buildings(1)).schema) as writer:
            for begin in range(0, given.rows, 250_000):
                writer.write_table(arrow_table(buildings(min(250_000, given.rows - begin), begin)).cast(writer.schema))
        print(f"(the file: {path.stat().st_size / MB:.0f} MB)")
        catalog = maker.catalog()
        with timed(f"GeoParquet through the checks, {given.rows:,} buildings", "120 s, 2,000 MB"):
            assert catalog.keep("buildings").rows == given.rows


def bench_terrain(given: argparse.Namespace) -> None:
    """Write a terrain that is made strip by strip as COG, and take a terrain file through the catalog's checks."""
    from affine import Affine
    from project_maker import ProjectMaker

    from ballerup_geo.storage import write_cog_strips

    size = given.cells
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.02, 1 << 20).astype("float32")

    def strip(top: int, rows: int) -> np.ndarray:
        y, x = np.arange(top, top + rows, dtype="float32")[:, None], np.arange(size, dtype="float32")
        hills = 30 + 15 * np.sin(x / 900) * np.cos(y / 700) + 2 * np.sin(x / 37 + y / 53)
        shift = int(top * 977) % (len(noise) - size)
        return np.round(hills + noise[shift : shift + size], 2).astype("float32")

    def strips() -> Iterator[np.ndarray]:
        for top in range(0, size, 128):
            yield strip(top, min(128, size - top))

    with tempfile.TemporaryDirectory() as folder:
        path, grid = Path(folder) / "terrain.tif", Affine(0.4, 0, 700_000, 0, -0.4, 6_190_000)
        began = time.perf_counter()
        for _ in strips():
            pass
        making_s = time.perf_counter() - began
        began = time.perf_counter()
        with timed(f"terrain to COG, {size:,} × {size:,}, {making_s:.1f} s of it making it", "40 MB/s, 500 MB"):
            write_cog_strips(
                path, strips(), shape=(size, size), transform=grid, crs="EPSG:25832", nodata=float("nan"), metadata={}
            )
        speed = 4 * size * size / MB / (time.perf_counter() - began - making_s)
        print(
            f"({speed:.0f} MB/s of cells without making them; the file: {path.stat().st_size / MB:.0f} MB)", flush=True
        )
        maker = ProjectMaker(Path(folder) / "project")
        cell = {"type": "number", "title": {"da": "x", "en": "x"}, "unit": "m", "minimum": -10.0, "maximum": 180.0}
        maker.layer("terrain", geometry="raster", cell=cell, clip="none", kept={"path": str(path)})
        began, catalog = time.perf_counter(), maker.catalog()
        with timed("the same file through the catalog's checks", "40 MB/s, 500 MB"):
            assert catalog.keep("terrain").rows == size * size
        print(f"({4 * size * size / MB / (time.perf_counter() - began):.0f} MB/s)")


# ---------------------------------------------------------------- WFS


def bench_wfs(given: argparse.Namespace) -> None:
    """Fetch 20,000 buildings from a MapServer on this machine."""
    from servers.mapserver import mapserver

    from ballerup_geo import sources
    from ballerup_geo.spec import OgcSource

    rows = buildings(BUILDINGS)
    words = {"da": "x", "en": "x"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "buildings.gpkg"
        rows.to_file(path, layer="buildings")
        with mapserver(Path(folder) / "server", {"buildings": path}, identifier="building_id") as served:
            about = {"url": served.url, "type_name": "pdk:buildings", "sort_by": "building_id", "page": 5000}
            source = OgcSource(kind="ogc", licence="CC0", attribution=words, **about)
            request = _request(Path(folder), "", bounds=tuple(rows.total_bounds.tolist()))
            for _ in range(2):
                with timed("WFS from MapServer, 20,000 buildings", "10 s"):
                    assert len(sources.fetch_source(source, request).data) == BUILDINGS


BENCHES: dict[str, Callable[[argparse.Namespace], None]] = {
    "postgis": bench_postgis,
    "parquet": bench_parquet,
    "terrain": bench_terrain,
    "wfs": bench_wfs,
}


def main() -> None:
    """Run the benchmarks, each in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="*", choices=[[], *BENCHES], metavar="|".join(BENCHES))
    parser.add_argument("--rows", type=int, default=5_000_000, help="buildings in the GeoParquet file")
    parser.add_argument("--cells", type=int, default=TERRAIN_CELLS, help="rows and columns of the terrain")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        BENCHES[given.which[0]](given)
        return
    print("| what | asked | wall s | CPU s | peak MB | load before |\n|---|---|---|---|---|---|", flush=True)
    for name in given.which or BENCHES:
        options = [name, "--here", "--rows", str(given.rows), "--cells", str(given.cells)]
        subprocess.run([sys.executable, __file__, *options], check=True)


if __name__ == "__main__":
    main()
