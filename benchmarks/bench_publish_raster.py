"""Publishing a large raster: seconds and memory from its COG to the tiles and the legend's areas.

    python benchmarks/bench_publish_raster.py            20,000 × 20,000 cells of 0.4 m, about an eighth of them wet
    python benchmarks/bench_publish_raster.py 4000       smaller

The budget for 20,000 × 20,000: 90 s of wall time on two cores, 2 GB of memory. Exit status 1 where it is exceeded.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.windows import Window

from ballerup_geo.publish.classing import cell_classes
from ballerup_geo.publish.tiles import areas_m2, picture, write_tiles
from ballerup_geo.spec import MapLayer

CELL_M = 0.4
MOST_S, MOST_MB = 90.0, 2000.0
LIMITS = ((0.1, "#9ecae1"), (0.3, "#6baed6"), (0.5, "#3182bd"), (1.0, "#08519c"), (2.0, "#08306b"))
LAYER = {
    "id": "depth",
    "title": {"da": "Dybde", "en": "Depth"},
    "result": "rainwater",
    "raster": "depth",
    "style": {
        "kind": "classes",
        "column": "value",
        "classes": [{"minimum": low, "colour": colour, "label": {"da": "x", "en": "x"}} for low, colour in LIMITS],
    },
}


def write_depths(path: Path, side: int) -> None:
    """Write smooth hollows with a rough floor, a strip at a time, as COG."""
    rng = np.random.default_rng(7)
    phases = rng.random((12, 3)) * 2 * np.pi
    waves = 2 * np.pi / (rng.random(12) * 180 + 20)  # 20 to 200 m
    x = np.arange(side) * CELL_M
    flat = path.with_suffix(".flat.tif")
    shape = {"width": side, "height": side, "count": 1, "dtype": "float32", "nodata": float("nan")}
    place = {"crs": "EPSG:25832", "transform": Affine(CELL_M, 0, 705_000, 0, -CELL_M, 6_185_000)}
    with rasterio.open(flat, "w", driver="GTiff", tiled=True, compress="zstd", **shape, **place) as dataset:
        for top in range(0, side, 512):
            rows = min(512, side - top)
            y = (top + np.arange(rows)) * CELL_M
            height = sum(
                np.sin(x * wave * np.cos(angle) + one)[None, :] * np.sin(y * wave * np.sin(angle) + two)[:, None]
                for wave, (one, two, angle) in zip(waves, phases, strict=True)
            )
            depth = (height - 1.9 + rng.normal(0, 0.05, (rows, side))).astype("float32")
            depth[depth <= 0] = np.nan
            dataset.write(depth, 1, window=Window(0, top, side, rows))
    rasterio.shutil.copy(
        flat, path, driver="COG", compress="ZSTD", level=1, predictor="YES", overview_resampling="AVERAGE"
    )
    flat.unlink()


def measure(path: Path, folder: Path) -> dict[str, float]:
    """Publish a raster in this process; seconds of wall and processor, MB at the peak."""
    classes = cell_classes(MapLayer.model_validate(LAYER).style, where="benchmark")
    with rasterio.open(path) as dataset:
        cells = dataset.width * dataset.height
    clock, processor = time.perf_counter(), time.process_time()
    areas = areas_m2(path, classes)
    counted = time.perf_counter() - clock
    tiles = write_tiles(path, classes, folder)
    wall, cpu = time.perf_counter() - clock, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in folder.rglob("*.webp")) / 1e6
    start = time.perf_counter()
    one = picture(path, classes)
    return {
        "wall_s": wall,
        "cpu_s": cpu,
        "of_that_areas_s": counted,
        "peak_mb": peak,
        "tiles": len(tiles.tiles),
        "tiles_mb": size,
        "picture_s": time.perf_counter() - start,
        "picture_mb": len(one.content) / 1e6,
        "wet_pct": 100 * sum(areas) / (cells * CELL_M**2),
        "load": os.getloadavg()[0],
    }


def main() -> int:
    if len(sys.argv) == 4:
        print(json.dumps(measure(Path(sys.argv[2]), Path(sys.argv[3]))))
        return 0
    side = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    folder = Path(tempfile.mkdtemp())
    try:
        write_depths(folder / "depth.tif", side)
        args = [sys.executable, __file__, "measure", str(folder / "depth.tif"), str(folder / "tiles")]
        done = subprocess.run(args, check=True, capture_output=True, text=True)
    finally:
        found = folder / "depth.tif"
        print(f"COG: {found.stat().st_size / 1e6:.0f} MB" if found.exists() else "no COG")
        shutil.rmtree(folder)
    said = json.loads(done.stdout)
    for name, value in said.items():
        print(f"{name:16} {value:10.2f}")
    return 0 if side < 20_000 or (said["wall_s"] <= MOST_S and said["peak_mb"] <= MOST_MB) else 1


if __name__ == "__main__":
    sys.exit(main())
