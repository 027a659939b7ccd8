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
    """Yield (step, seconds of work done when resumed) of the whole chain in this package."""
    from ballerup_geo import hydrology

    terrain = hydrology.analyse(z, cell_size_m=CELL_SIZE_M)
    assert terrain.filled.shape == z.shape
    yield "fill + D8 + basins"
    assert terrain.accumulation.shape == z.shape
    yield "accumulation"
    outlets = np.zeros(z.shape, dtype=np.int32)
    edge = terrain.directions == 0
    outlets[edge] = np.arange(1, np.count_nonzero(edge) + 1)
    hydrology.watersheds(terrain.directions, outlets)
    yield "watershed labels"
    del outlets, edge
    terrain.event(10.0).depth_m.max()
    yield "(first event)"
    event = terrain.event(50.0)
    yield "(event)"
    assert event.depth_m.shape == z.shape
    yield "(its depth raster)"


def ours_fill(z):
    from ballerup_geo import hydrology

    hydrology.fill_depressions(z)
    yield "fill"


def pyflwdir(z):
    import pyflwdir as peer

    _, directions = peer.dem.fill_depressions(z, nodata=-9999.0)
    yield "fill + D8"
    network = peer.from_array(directions, ftype="d8")
    network.upstream_area(unit="cell")
    yield "accumulation"
    network.basins()
    yield "watershed labels"


def richdem(z):
    import richdem as peer

    terrain = peer.rdarray(z, no_data=-9999.0)
    peer.FillDepressions(terrain, epsilon=True, in_place=True)
    yield "fill (epsilon)"
    peer.FlowAccumulation(terrain, method="D8")
    yield "D8 + accumulation"


TOOLS = {"ballerup-geo": ours, "ballerup-geo fill": ours_fill, "pyflwdir": pyflwdir, "richdem": richdem}


def _memory_mb(kind):
    with Path("/proc/self/status").open() as status:
        return next(int(line.split()[1]) for line in status if line.startswith(kind)) / 1024


def measure(tool, rows, cols):
    """Print CPU and wall seconds of each step of one tool, and its peak memory; the tool is compiled and warm."""
    for _ in TOOLS[tool](generated_terrain(96, 96)):
        pass
    z = generated_terrain(rows, cols)
    np.ones(WARM_BYTES_A_CELL * z.size // 8)  # a virtual machine pays dearly for memory that nobody has touched before
    before = _memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # peak memory counts from here
    size = f"{rows}x{cols}"
    total_cpu = total_wall = 0.0
    steps = TOOLS[tool](z)
    while True:
        cpu, wall = time.process_time(), time.perf_counter()
        step = next(steps, None)
        if step is None:
            break
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        rate = z.size / cpu / 1e6
        print(f"{tool:18s} {size} {step:24s} cpu {cpu:7.3f} s  wall {wall:7.3f} s  {rate:7.1f} Mcells/cpu s")
        if not step.startswith("("):
            total_cpu, total_wall = total_cpu + cpu, total_wall + wall
            most = _memory_mb("VmHWM") / 1024
            peak = (_memory_mb("VmHWM") - before) * 2**20 / z.size
    print(
        f"{tool:18s} {size} {'whole chain':24s} cpu {total_cpu:7.3f} s  wall {total_wall:7.3f} s  "
        f"{z.size / total_cpu / 1e6:7.1f} Mcells/cpu s, {z.size / total_wall / 1e6:.1f} Mcells/wall s, "
        f"peak {peak:.1f} B a cell beyond the input, process at most {most:.2f} GiB"
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
