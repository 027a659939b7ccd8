"""Run the rainwater analysis over Ballerup's whole frame, and tell its wall time, processor time, memory and disk.

    python benchmarks/bench_frame.py                   # 0.4 m: 27,500 × 21,250 = 584 million cells
    python benchmarks/bench_frame.py --cell 1.0        # 93 million, for trying
    python benchmarks/bench_frame.py --cell 1.0 --steps
    python benchmarks/bench_frame.py --no-site         # the analysis alone

The run is a process of its own in a fresh folder, on the modelled town. With ``--steps`` each step that it reports is
listed with the most memory it took, in bytes a cell too. A process that takes more than ``--most`` GiB is ended: this
benchmark is no reason for the machine to stand still. Linux only.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

GIB = 1 << 30
FRAME_M = (8_500, 11_000)
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run took."""

    code: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    disk_bytes: int
    load: float


def memory_bytes(process: str, key: str) -> int:
    """Return ``VmRSS`` or ``VmHWM`` of a process, 0 once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(key)), 0)


def measured(command: list[str], out: Path, *, most_gib: float) -> Timing:
    """Run a command and watch it; end it (this process alone) where it takes more memory than it may."""
    load, began = os.getloadavg()[0], time.perf_counter()
    running = subprocess.Popen(command)
    ended = threading.Event()
    seen = [0]

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            seen[0] = max(seen[0], memory_bytes(str(running.pid), "VmRSS"))
            if seen[0] > most_gib * GIB:
                print(f"ended: more than {most_gib:g} GiB", flush=True)
                running.send_signal(signal.SIGKILL)
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    watcher.join()
    wall_s = time.perf_counter() - began
    disk_bytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    peak_bytes = max(seen[0], used.ru_maxrss * 1024)  # Linux counts KiB; the steps set the count back
    return Timing(running.returncode, wall_s, used.ru_utime + used.ru_stime, peak_bytes, disk_bytes, load)


class Steps:
    """Progress of a run that tells the most memory between one step and the next."""

    def __init__(self, cells: int) -> None:
        self.cells, self.label, self.began = cells, "start", time.perf_counter()
        self.cpu_s = time.process_time()

    def __call__(self, label: str, share: float, /) -> None:
        """Close the step before, and begin this one."""
        peak, rss = memory_bytes("self", "VmHWM"), memory_bytes("self", "VmRSS")
        wall_s, cpu_s = time.perf_counter() - self.began, time.process_time() - self.cpu_s
        print(
            f"| {self.label} | {wall_s:.1f} | {cpu_s:.1f} | {peak / GIB:.2f} | {rss / GIB:.2f} "
            f"| {peak / self.cells:.1f} |",
            flush=True,
        )
        Path("/proc/self/clear_refs").write_text("5")  # the largest memory counts from here
        self.label, self.began, self.cpu_s = label, time.perf_counter(), time.process_time()


def run_here(out: Path, *, cell_m: float, site: bool) -> None:
    """Do what ``ballerup-geo run rainwater`` does, step by step."""
    from ballerup_geo import publish
    from ballerup_geo.catalog import Catalog
    from ballerup_geo.project import read_project, shipped_root
    from ballerup_geo.run import run

    cells = round(FRAME_M[0] / cell_m) * round(FRAME_M[1] / cell_m)
    told = Steps(cells)
    print("\n| step | wall s | CPU s | peak GiB | at its end GiB | peak bytes a cell |\n|---|---|---|---|---|---|")
    project = read_project(shipped_root())
    run(project, out=out, analyses=("rainwater",), data="model", cell_m=cell_m, progress=told)
    told("site", 1.0)
    if site:
        layers = Catalog(project, out=out, data="model", cell_m=cell_m, progress=told)
        publish.build_site(project, out=out, catalog=layers, progress=told)
    told("end", 1.0)


def main() -> None:
    """Print what a run took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", type=float, default=0.4, help="cell size of the terrain in metres")
    parser.add_argument("--steps", action="store_true", help="list the memory of each step")
    parser.add_argument("--no-site", dest="site", action="store_false", help="publish nothing; lists the steps too")
    parser.add_argument("--most", type=float, default=20.0, metavar="GIB", help="end a process that takes more")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here is not None:
        run_here(given.here, cell_m=given.cell, site=given.site)
        return
    with tempfile.TemporaryDirectory() as folder:
        out, cell = Path(folder), str(given.cell)
        if given.steps or not given.site:
            command = [sys.executable, __file__, "--cell", cell, "--here", str(out)]
            command += [] if given.site else ["--no-site"]
        else:
            command = [sys.executable, "-m", "ballerup_geo", "run", "rainwater", "--data", "model"]
            command += ["--cell", cell, "--out", str(out), "--quiet"]
        took = measured(command, out, most_gib=given.most)
    cells = round(FRAME_M[0] / given.cell) * round(FRAME_M[1] / given.cell)
    print("\n| cell m | million cells | exit | wall s | CPU s | peak GiB | bytes a cell | disk GiB | load before |")
    print("|---|---|---|---|---|---|---|---|---|")
    print(
        f"| {given.cell:g} | {cells / 1e6:.0f} | {took.code} | {took.wall_s:.0f} | {took.cpu_s:.0f} "
        f"| {took.peak_bytes / GIB:.2f} | {took.peak_bytes / cells:.1f} | {took.disk_bytes / GIB:.2f} "
        f"| {took.load:.1f} |"
    )
    sys.exit(took.code)


if __name__ == "__main__":
    main()
