"""Speed and memory of the terrain library, beside the peers that happen to be installed.

Run from the checkout::

    pytest benchmarks/bench_hydrology.py --benchmark-only          # 2048², a quick look
    python benchmarks/bench_hydrology.py 8192                      # one size, every step, one process per tool
    python benchmarks/bench_hydrology.py 27500x21250 ballerup-geo  # one tool only

CPU seconds are the fair figure on a machine that others use as well; the load is printed with the result. Peers
(pyflwdir, py-richdem) are imported only where they are installed and never needed.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

try:
    import pytest
except ImportError:  # a peer's own environment needs no pytest
    pytest = None

CELL_SIZE_M = 0.4
LARGEST_WAVE_CELLS = 2048
HEIGHT_OF_LARGEST_WAVE_M = 9.0
ROUGHNESS = 0.55  # each halving of the wave length leaves this share of its height
ROWS_AT_ONCE = 512
WARM_BYTES_A_CELL = 64


def generated_terrain(rows, cols, seed=1):
    """Rolling ground with hollows of every size: sums of random waves; float32 metres, same bytes for the same seed.

    About a quarter of the cells lie in depressions and one in fifty is a pit, as in lidar terrain at 0.4 m.
    """
    random = np.random.default_rng(seed)
    waves = []
    wave, height = LARGEST_WAVE_CELLS, HEIGHT_OF_LARGEST_WAVE_M
    while wave >= 1:
        nodes = random.normal(0, height, (rows // wave + 2, cols // wave + 2)).astype(np.float32)
        across = np.arange(cols, dtype=np.float32) / wave
        left = across.astype(np.int32)
        share = (across - left).astype(np.float32)
        waves.append((wave, nodes, left, share * share * (3 - 2 * share)))
        wave //= 2
        height *= ROUGHNESS
    z = np.empty((rows, cols), dtype=np.float32)
    for first in range(0, rows, ROWS_AT_ONCE):
        block = z[first : first + ROWS_AT_ONCE]
        block[:] = np.linspace(40, 20, cols, dtype=np.float32)
        for wave, nodes, left, share in waves:
            down = np.arange(first, first + len(block), dtype=np.float32) / wave
            top = down.astype(np.int32)
            part = (down - top).astype(np.float32)[:, None]
            part = part * part * (3 - 2 * part)
            lines = nodes[top] * (1 - part) + nodes[top + 1] * part
            block += lines[:, left] * (1 - share) + lines[:, left + 1] * share
    return z


def ours(z):
    """Yield (step, arrays that are there for the user after it), of the whole chain in this package."""
    from ballerup_geo import hydrology

    z.flags.writeable = False  # so the terrain need not be copied
    terrain = hydrology.analyse(z, cell_size_m=CELL_SIZE_M)
    kept = [terrain.filled, terrain.directions]
    yield "fill + D8 + basins", kept
    kept.append(terrain.accumulation)
    yield "accumulation", kept
    outlets = np.zeros(z.shape, dtype=np.int32)
    edge = terrain.directions == 0
    outlets[edge] = np.arange(1, np.count_nonzero(edge) + 1)
    del edge
    kept.append(outlets)
    yield "(where water leaves)", kept
    labels = hydrology.watersheds(terrain.directions, outlets)
    yield "watershed labels", [*kept, labels]
    del outlets, labels
    kept.pop()
    assert len(terrain.depressions)
    assert terrain.heights.start.size
    yield "(depressions, for events)", kept
    for rain_mm in (10.0, 50.0):
        event = terrain.event(rain_mm)
        yield f"(event of {rain_mm:.0f} mm)", kept
        yield "(its depth raster)", [*kept, event.depth_m]
        del event


def ours_fill(z):
    from ballerup_geo import hydrology

    yield "fill", [hydrology.fill_depressions(z)]


def pyflwdir(z):
    import pyflwdir as peer

    filled, directions = peer.dem.fill_depressions(z, nodata=-9999.0)
    kept = [filled, directions]
    yield "fill + D8", kept
    network = peer.from_array(directions, ftype="d8")
    kept.append(network.upstream_area(unit="cell"))
    yield "accumulation", kept
    kept.append(network.basins())
    yield "watershed labels", kept


def richdem(z):
    import richdem as peer

    terrain = peer.rdarray(z, no_data=-9999.0)
    peer.FillDepressions(terrain, epsilon=True, in_place=True)
    yield "fill (epsilon)", []
    yield "D8 + accumulation", [peer.FlowAccumulation(terrain, method="D8")]


TOOLS = {"ballerup-geo": ours, "ballerup-geo fill": ours_fill, "pyflwdir": pyflwdir, "richdem": richdem}


def _spare_bytes():
    """Half of the memory that is free: the rest may be needed by others."""
    with Path("/proc/meminfo").open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) * 1024 // 2


def _memory_mb(kind):
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith(kind)) / 1024


def measure(tool, rows, cols):
    """Print CPU and wall seconds of each step of one tool, and its peak memory; the tool is compiled and warm."""
    for _ in TOOLS[tool](generated_terrain(320, 320)):
        pass
    z = generated_terrain(rows, cols)
    np.ones(
        min(WARM_BYTES_A_CELL * z.size, _spare_bytes()) // 8
    )  # a virtual machine pays dearly for memory that nobody has touched before
    before = _memory_mb("VmRSS")
    size = f"{rows}x{cols}"
    total_cpu = total_wall = peak = most = 0.0
    steps = TOOLS[tool](z)
    while True:
        Path("/proc/self/clear_refs").write_text("5")  # peak memory counts from here
        cpu, wall = time.process_time(), time.perf_counter()
        step, kept = next(steps, (None, None))
        if step is None:
            break
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        beyond = (_memory_mb("VmHWM") - before) * 2**20 / z.size - sum(array.nbytes for array in kept) / z.size
        kept = None
        print(
            f"{tool:18s} {size} {step:26s} cpu {cpu:7.3f} s  wall {wall:7.3f} s  "
            f"{z.size / cpu / 1e6:7.1f} Mcells/cpu s  peak {beyond:5.1f} B a cell beyond input and results",
            flush=True,
        )
        if not step.startswith("("):
            total_cpu, total_wall = total_cpu + cpu, total_wall + wall
            peak, most = max(peak, beyond), max(most, _memory_mb("VmHWM") / 1024)
    print(
        f"{tool:18s} {size} {'whole chain':26s} cpu {total_cpu:7.3f} s  wall {total_wall:7.3f} s  "
        f"{z.size / total_cpu / 1e6:7.1f} Mcells/cpu s, {z.size / total_wall / 1e6:.1f} Mcells/wall s, "
        f"peak {peak:.1f} B a cell beyond input and results, process at most {most:.2f} GiB"
    )


if pytest is not None:

    @pytest.mark.parametrize("tool", list(TOOLS))
    def test_whole_chain(benchmark, tool):
        if tool in ("pyflwdir", "richdem"):
            pytest.importorskip(tool)
        for _ in TOOLS[tool](generated_terrain(96, 96)):
            pass
        z = generated_terrain(2048, 2048)
        benchmark.pedantic(lambda: list(TOOLS[tool](z.copy())), rounds=3)


def main(arguments):
    size, *tools = arguments or ["2048"]
    rows, cols = (int(part) for part in (size if "x" in size else f"{size}x{size}").split("x"))
    if len(tools) == 1:
        measure(tools[0], rows, cols)
        return
    for tool in tools or TOOLS:
        if tool in ("pyflwdir", "richdem") and importlib.util.find_spec(tool) is None:
            print(f"{tool:18s} not installed")
            continue
        print("load", *os.getloadavg(), flush=True)
        subprocess.run([sys.executable, __file__, size, tool], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
