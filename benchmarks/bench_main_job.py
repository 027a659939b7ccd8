"""Time the main job as a planner meets it: cold (nothing compiled, nothing kept), with kernels compiled, and unchanged.

    python benchmarks/bench_main_job.py [--cell METRES]

Each line is one process of its own. Wall time, processor time and the largest memory are printed with the load of the
machine before the run.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timing:
    """One run of the main job."""

    label: str
    load: float
    wall_s: float
    cpu_s: float
    peak_mib: float


def timed(label: str, out: Path, compiled: Path, *, cell_m: float) -> Timing:
    """Run the main job on the modelled municipality in a new process."""
    load = os.getloadavg()[0]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "ballerup_geo",
        "run",
        "--data",
        "model",
        "--cell",
        str(cell_m),
        "--out",
        str(out),
        "--quiet",
    ]
    subprocess.run(command, check=True, env={**os.environ, "NUMBA_CACHE_DIR": str(compiled)}, stdout=subprocess.DEVNULL)
    wall_s = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return Timing(label, load, wall_s, cpu_s, after.ru_maxrss / 1024)  # Linux counts KiB


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", type=float, default=2.0, help="cell size of the terrain in metres")
    cell_m = parser.parse_args().cell
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled"
        rows = [
            timed("cold: kernels compiled, layers built", Path(folder) / "first", compiled, cell_m=cell_m),
            timed("kernels already compiled", Path(folder) / "second", compiled, cell_m=cell_m),
            timed("nothing has changed", Path(folder) / "second", compiled, cell_m=cell_m),
        ]
    print(f"cell {cell_m:g} m, {os.cpu_count()} cores\n")
    print("| run | load before | wall s | CPU s | peak MiB so far |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.label} | {row.load:.1f} | {row.wall_s:.1f} | {row.cpu_s:.1f} | {row.peak_mib:.0f} |")


if __name__ == "__main__":
    main()
