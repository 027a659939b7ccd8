"""What the page needs to answer a click on its own: directions, heights and the hierarchy of hollows on larger cells.

The page follows a drop, finds what drains to a place, and fills the hollows as rain rises, by pouring water over the
same nodes as `hydrology.Terrain.event` does. Everything is worked out anew on the larger cells, recipients take no
water (so hollows are whole), and then cut to what concerns the municipality.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.hydrology import Link, Terrain
from ballerup_geo.hydrology._codes import NODATA
from ballerup_geo.methods._columns import count, figure
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.rainwater._scene import Scene
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Assumption, Given, OutputRaster, OutputTable

__all__ = ["CLICK", "FIRST_NODE", "LEAVES", "NO_CELL", "click_nodes", "click_rasters", "concerned_cells", "kept_nodes"]

NO_CELL, LEAVES, FIRST_NODE = -1, 1, 2
"""Labels of cells: outside what is shipped, water that meets no hollow, and the first basin."""


def concerned_cells(terrain: Terrain, town: NDArray[np.bool_], links: Iterable[Link]) -> NDArray[np.bool_]:
    """Return the cells that concern the municipality, ``bool[rows, cols]``.

    Its own cells, those whose water runs into it, those that its water passes on its way out, and the hollows on that
    way; over the ground and through culverts. The way of water from any of them stays among them.
    """
    links = tuple(links)
    runs_in = _upstream(terrain, town, links)
    passed = _downstream(terrain, town, links)
    on_the_way = np.zeros(int(terrain.bluespots.max(initial=0)) + 1, dtype=bool)
    on_the_way[terrain.bluespots[passed]] = True
    on_the_way[0] = False
    start = runs_in | passed | on_the_way[terrain.bluespots]
    return _downstream(terrain, start, ())


def _upstream(terrain: Terrain, seeds: NDArray[np.bool_], links: tuple[Link, ...]) -> NDArray[np.bool_]:
    """Return the cells whose water reaches the seeds; that of a basin with an inlet reaches the outlet."""
    waiting, seeds = _from_hollows(terrain, links), seeds.copy()
    while True:
        reaching = hydrology.watersheds(terrain.directions, seeds.astype(np.int32)) > 0
        opened = [link for link in waiting if reaching[link.to_row, link.to_col]]
        if not opened:
            return reaching
        waiting = [link for link in waiting if link not in opened]
        for link in opened:
            seeds |= terrain.basins == terrain.basins[link.from_row, link.from_col]


def _downstream(terrain: Terrain, seeds: NDArray[np.bool_], links: tuple[Link, ...]) -> NDArray[np.bool_]:
    """Return the cells that water from the seeds passes; what reaches a basin with an inlet comes out of the outlet."""
    waiting, seeds = _from_hollows(terrain, links), seeds & (terrain.directions != NODATA)
    while True:
        passed = hydrology.flow_accumulation(terrain.directions, weights=seeds.astype(np.float32)) > 0
        basins = np.unique(terrain.basins[passed])
        opened = [link for link in waiting if terrain.basins[link.from_row, link.from_col] in basins]
        if not opened:
            return passed
        waiting = [link for link in waiting if link not in opened]
        for link in opened:
            seeds[link.to_row, link.to_col] = True


def _from_hollows(terrain: Terrain, links: tuple[Link, ...]) -> list[Link]:
    """Return the links with water at the inlet: it stands in hollows only, and past others it runs."""
    return [link for link in links if terrain.basins[link.from_row, link.from_col] >= FIRST_NODE]


def kept_nodes(hierarchy: pd.DataFrame, labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which nodes (rows of the hierarchy) are needed to know the water in the basins ``labels``.

    Whole trees of the hierarchy, with those that they spill to and all that spill to them, however far: the water of
    each kept node is then as on the whole terrain.
    """
    nodes = np.concatenate(([0, LEAVES], hierarchy["node"].to_numpy(np.int64)))
    root = nodes.copy()
    whole = np.concatenate(([0, 0], hierarchy["whole"].to_numpy(np.int64)))
    root = np.where(whole > 0, whole, nodes)
    while not np.array_equal(root[root], root):
        root = root[root]
    onward = root[np.concatenate(([0, LEAVES], hierarchy["beyond"].to_numpy(np.int64)))]
    kept = np.zeros(nodes.size, dtype=bool)
    kept[root[labels[labels >= FIRST_NODE]]] = True
    while True:
        grown = kept.copy()
        grown[onward[kept[root]]] = True
        grown[:FIRST_NODE] = False
        grown[root[grown[onward]]] = True
        grown[:FIRST_NODE] = False
        if np.array_equal(grown, kept):
            break
        kept = grown
    has_own = _receives(hierarchy, nodes.size)
    return (kept[root] & has_own)[FIRST_NODE:]


def _receives(hierarchy: pd.DataFrame, size: int) -> NDArray[np.bool_]:
    """Return which nodes water can come to: the basins, and the wholes that it rises into from their parts."""
    found = np.zeros(size, dtype=bool)
    found[hierarchy["whole"]] = True
    found[FIRST_NODE:] |= hierarchy["basin"].to_numpy(bool)
    return found


def click_nodes(
    terrain: Terrain, runoff: NDArray[np.floating], concerned: NDArray[np.bool_]
) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """Return the nodes that are shipped, numbered anew, and the new label of each cell.

    Returns
    -------
    table
        In the order of ``node`` (2, 3 …, basins first, a whole after its parts): ``whole`` (0 for none), ``beyond`` (1
        where water leaves), ``spill_level_m``, ``floor_m``, ``room_m3``, ``area_m2`` (the ground of the basin, cells
        that are not shipped included; 0 for wholes), ``runoff_m2`` (that ground times the share of rain that runs off
        it) and ``terrain_node``.
    labels
        int32[rows, cols]: the basin a cell runs to, LEAVES, or NO_CELL.
    """
    hierarchy, basins = terrain.hierarchy, terrain.basins
    kept = kept_nodes(hierarchy, np.unique(basins[concerned]))
    chosen = hierarchy[kept]
    number = np.zeros(len(hierarchy) + FIRST_NODE, dtype=np.int32)
    number[LEAVES] = LEAVES
    number[chosen["node"]] = np.arange(len(chosen)) + FIRST_NODE
    known = basins >= FIRST_NODE
    m2 = np.bincount(basins[known], minlength=number.size) * terrain.cell_area_m2
    runoff_m2 = np.bincount(basins[known], weights=runoff[known], minlength=number.size) * terrain.cell_area_m2
    table = pd.DataFrame(
        {
            "node": number[chosen["node"]],
            "whole": number[chosen["whole"]],
            "beyond": number[chosen["beyond"]],
            "spill_level_m": chosen["spill_level_m"].to_numpy(),
            "floor_m": chosen["floor_m"].to_numpy(),
            "room_m3": chosen["room_m3"].to_numpy(),
            "area_m2": m2[chosen["node"]],
            "runoff_m2": runoff_m2[chosen["node"]],
            "terrain_node": chosen["node"].to_numpy(),
        }
    )
    labels = np.where(concerned & (basins > 0), number[np.maximum(basins, 0)], NO_CELL)
    return table, labels.astype(np.int32)


def click_rasters(
    scene: Scene, terrain: Terrain, concerned: NDArray[np.bool_], labels: NDArray[np.int32]
) -> dict[str, Raster]:
    """Return what the page reads of each cell; cells that do not concern the municipality are without data."""
    heights = np.where(concerned, terrain.dtm, np.float32(math.nan)).astype(np.float32)
    directions = np.where(concerned, terrain.directions, NODATA).astype(np.uint8)
    outlets = np.where(concerned, scene.outlets, 0).astype(scene.outlets.dtype)
    return {
        "click_height_m": scene.grid.with_array(heights, nodata=float("nan")),
        "click_directions": scene.grid.with_array(directions, nodata=float(NODATA)),
        "click_basins": scene.grid.with_array(labels, nodata=float(NO_CELL)),
        "click_outlets": scene.grid.with_array(outlets),
    }


def coarse_of(storms: Storms, *, most_cells: int) -> tuple[Storms, NDArray[np.bool_]]:
    """Return the storms on the smallest cells with which at most ``most_cells`` are shipped, and those cells."""
    factor = max(math.ceil(math.sqrt(np.count_nonzero(storms.scene.town) / most_cells)), 1)
    while True:
        coarse = storms if factor == 1 else storms.on(storms.scene.coarsened(factor))
        concerned = concerned_cells(coarse.standing, coarse.scene.town, coarse.scene.links)
        count = np.count_nonzero(concerned)
        if count <= most_cells:
            return coarse, concerned
        factor = max(factor + 1, math.floor(factor * math.sqrt(count / most_cells)))


def _compute(given: Given, storms: Storms, _: Found) -> Found:
    given.progress("the terrain for clicks", 0.85)
    coarse, concerned = coarse_of(storms, most_cells=int(given.assumptions["click_max_cells"]))
    nodes, labels = click_nodes(coarse.standing, np.asarray(coarse.scene.runoff), concerned)
    return Found(
        {"click_nodes": nodes.drop(columns="terrain_node")},
        click_rasters(coarse.scene, coarse.standing, concerned, labels),
    )


CLICK = Part(
    compute=_compute,
    assumptions=(Assumption("click_max_cells", "1", kind="integer", minimum=1),),
    tables=(
        OutputTable(
            "click_nodes",
            "table",
            (
                count("node", "lavning nr.", "hollow no."),
                count("whole", "bliver del af nr. (0: ingen)", "becomes part of no. (0: none)"),
                count("beyond", "løber over i nr. (1: ud)", "spills to no. (1: out)"),
                figure("spill_level_m", "m DVR90", "løber over i kote", "spill level"),
                figure("floor_m", "m DVR90", "rummer vand fra kote", "holds water from level"),
                figure("room_m3", "m³", "rumfang over de dele, den består af", "volume above its parts"),
                figure("area_m2", "m²", "areal, der løber til den", "ground that drains to it"),
                figure("runoff_m2", "m²", "areal gange afløbskoefficient", "area times runoff coefficient"),
            ),
        ),
    ),
    rasters=(
        OutputRaster("click_height_m", "m DVR90", "kote på sidens grovere net", "height on the page's coarser grid"),
        OutputRaster(
            "click_directions",
            "D8",
            "strømningsretning på sidens grovere net (ESRI-koder)",
            "flow direction on the page's coarser grid (ESRI codes)",
        ),
        OutputRaster(
            "click_basins",
            "-",
            "lavning (node), som en celle løber til; 1: løber ud uden at møde en; −1: uden for",
            "hollow (node) that a cell runs to; 1: leaves without meeting one; −1: outside",
        ),
        OutputRaster(
            "click_outlets",
            "-",
            "nummer på recipienten på en celle, i rækkefølge efter recipient_id; 0: ingen",
            "number of the recipient on a cell, in the order of recipient_id; 0: none",
        ),
    ),
)
