"""Time the main job as a planner meets it, its steps apart: layers, each analysis, site.

    python benchmarks/bench_main_job.py [--cell METRES] [--analysis NAME …]

Three runs, each step in a process of its own: cold (nothing compiled, nothing kept), warm (kernels compiled, layers
kept, result and site gone) and unchanged. Wall time, processor time and the largest memory of each step are printed
with the load of the machine before it; on a busy machine the processor time is the one to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ballerup_geo.project import read_project, shipped_root

LAYERS, SITE = "layers", "site"
"""The steps beside the analyses, which are called by their names."""

CHILD = """
import json, resource, sys, time
started = time.perf_counter()
from pathlib import Path
from ballerup_geo.catalog import Catalog
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run import run
step, out, cell_m, analyses = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
project = read_project(shipped_root())
imported = time.perf_counter()
catalog = Catalog(project, out=out, data="model", cell_m=cell_m)
if step == "layers":
    chosen = [choice for name in analyses for choice in project.analyses[name].inputs.values()]
    for name in sorted({choice.layer for choice in chosen if choice.layer is not None}):
        if catalog.has(name):
            catalog.read(name)
elif step == "site":
    from ballerup_geo.publish import build_site
    build_site(project, out=out, catalog=catalog)
else:
    run(project, out=out, analyses=(step,), data="model", cell_m=cell_m)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "wall_s": time.perf_counter() - started,
    "import_s": imported - started,
    "cpu_s": usage.ru_utime + usage.ru_stime,
    "peak_mib": usage.ru_maxrss / 1024,
}))
"""
"""One step; what it prints last is its measure. Linux counts memory in KiB."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One step of one run."""

    run: str
    step: str
    load: float
    wall_s: float
    import_s: float
    """Part of the wall time."""
    cpu_s: float
    peak_mib: float


def timed(run: str, step: str, out: Path, compiled: Path, *, cell_m: float, analyses: list[str]) -> Timing:
    """Do one step on the modelled municipality in a new process."""
    load = os.getloadavg()[0]
    command = [sys.executable, "-c", CHILD, step, str(out), str(cell_m), *analyses]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(compiled)}
    said = subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE, text=True).stdout
    return Timing(run, step, load, **json.loads(said.splitlines()[-1]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", type=float, default=2.0, help="cell size of the terrain in metres")
    parser.add_argument("--analysis", nargs="+", help="analyses that are run, in this order; without it all of them")
    asked = parser.parse_args()
    analyses = asked.analysis or sorted(read_project(shipped_root()).analyses)
    print(f"{', '.join(analyses)}, cell {asked.cell:g} m, {os.cpu_count()} cores\n")
    print("| run | step | load before | wall s | of it imports s | CPU s | peak MiB |\n|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        out, compiled = Path(folder) / "out", Path(folder) / "compiled"
        for run in ("cold", "warm", "unchanged"):
            if run == "warm":
                for name in analyses:
                    shutil.rmtree(out / "results" / name)
                shutil.rmtree(out / "site")
            for step in (LAYERS, *analyses, SITE):
                row = timed(run, step, out, compiled, cell_m=asked.cell, analyses=analyses)
                print(
                    f"| {row.run} | {row.step} | {row.load:.1f} | {row.wall_s:.1f} | {row.import_s:.1f} "
                    f"| {row.cpu_s:.1f} | {row.peak_mib:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
