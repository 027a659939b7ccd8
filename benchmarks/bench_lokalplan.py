"""The lokalplan climate check on prepared results: one area with its report, and 400 areas as a table.

    python benchmarks/bench_lokalplan.py --results DIR [--areas 400] [--seed 1] [--data model]

``DIR`` is where ``ballerup-geo run`` has written ``results/``. Areas are squares of 1 to 10 hectares at random places
of the municipality; the one with a report gets a proposal of a building field, a road and a basin. Printed are seconds
of the clock and of this process' CPU (the browser that prints the PDF is another process). Exit status 1 where a budget
is exceeded: 20 s for one area from reading to PDF, 600 s for 400 areas, both by the clock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import numpy as np
import shapely

from ballerup_geo.methods.lokalplan import METHOD, Ground, area_of, assess, plan_rows, proposal_of, ranked
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.publish.report import Report, credits_of_inputs, write_report
from ballerup_geo.raster import CRS
from ballerup_geo.run import prepare

T = TypeVar("T")
ONE_S, MANY_S, MANY = 20.0, 600.0, 400
SIDES_M = (100.0, 316.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--areas", type=int, default=MANY)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", choices=["model", "kept"], default="model")
    asked = parser.parse_args()
    project = read_project(shipped_root())
    read_s, ready = timed(
        "reading layers and results", lambda: prepare(project, "lokalplan", out=asked.results, data=asked.data)
    )
    ground_s, ground = timed("making ready", lambda: Ground(ready.given))
    areas = squares(ground.municipality, asked.areas, np.random.default_rng(asked.seed))

    def one() -> Report:
        area = area_of(areas.iloc[[0]], ground, where="bench")
        x, y = area.shape.centroid.coords[0]
        shapes = [
            shapely.box(x - 20, y, x + 20, y + 40),
            shapely.box(x - 20, y - 8, x + 20, y - 2),
            shapely.box(x - 20, y - 40, x, y - 20),
        ]
        drawn = gpd.GeoDataFrame({"kind": ["building", "road", "basin"]}, geometry=shapes, crs=CRS)
        found = assess(area, ground, proposal=proposal_of(drawn, area.shape, ground, where="bench"))
        return Report(
            name="bench",
            municipality=project.municipality.name,
            assessed=((None, found),),
            modelled=ready.data == "model",
            data=ready.data,
            summary=METHOD.summary,
            assumptions=tuple(project.analyses["lokalplan"].assumptions.values()),
            credits=credits_of_inputs(project, ready.used),
            used=ready.used,
        )

    assess_s, report = timed("one area with a proposal", one)
    with tempfile.TemporaryDirectory() as folder:
        write_s, _ = timed(
            "its report, PDF with it", lambda: write_report(Path(folder) / "plan", report, town=ground.municipality)
        )
    many_s, table = timed(f"{len(areas)} areas", lambda: ranked(plan_rows(areas, ground, range(len(areas)))))
    whole_s = read_s + ground_s + assess_s + write_s
    print(f"one area, all told: {whole_s:.1f} s (budget {ONE_S:.0f})")
    print(f"{len(table)} areas: {many_s:.1f} s (budget {MANY_S:.0f} for {MANY})")
    return int(whole_s > ONE_S or many_s * MANY / max(len(table), 1) > MANY_S)


def timed(what: str, work: Callable[[], T]) -> tuple[float, T]:
    began, cpu = time.perf_counter(), time.process_time()
    made = work()
    spent = time.perf_counter() - began
    print(f"{what}: {spent:.2f} s, CPU {time.process_time() - cpu:.2f} s")
    return spent, made


def squares(town: shapely.Geometry, count: int, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Return plans as the layer has them: squares at random places, their middles in the municipality."""
    west, south, east, north = town.bounds
    found: list[shapely.Polygon] = []
    while len(found) < count:
        x, y, side = rng.uniform(west, east), rng.uniform(south, north), rng.uniform(*SIDES_M)
        if town.contains(shapely.Point(x, y)):
            found.append(shapely.box(x, y, x + side, y + side).intersection(town))
    names = [f"B-{number:03d}" for number in range(1, count + 1)]
    return gpd.GeoDataFrame({"plan_id": names, "name": names, "status": ["vedtaget"] * count}, geometry=found, crs=CRS)


if __name__ == "__main__":
    sys.exit(main())
