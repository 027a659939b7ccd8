"""The tables of the rainwater analysis: catchments, bluespots, flow paths and the highest point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods._grid import label_polygons, line_of_cells
from ballerup_geo.methods._rainwater_ground import Ground, height_of, highest_cell, recipient_of

__all__ = ["bluespots_table", "catchments_table", "flow_paths_table", "high_point_table"]


def catchments_table(ground: Ground) -> gpd.GeoDataFrame:
    """Return the municipality's parts by the recipient that their water reaches first, largest first."""
    nowhere = len(ground.recipients) + 1
    labels = np.where(ground.town, np.where(ground.first > 0, ground.first, nowhere), 0).astype(np.int32)
    labels[~np.isfinite(ground.grid.array)] = 0
    cells = np.bincount(labels.ravel(), minlength=nowhere + 1)
    polygons = label_polygons(labels, grid=ground.grid)
    outlines = shapely.coverage_simplify(polygons.to_numpy(), tolerance=max(ground.grid.cell_size_m))
    rows = polygons.index.to_numpy()
    frame = gpd.GeoDataFrame(
        {
            "recipient_id": [recipient_of(ground, label, "recipient_id") for label in rows],
            "name": [recipient_of(ground, label, "name") for label in rows],
            "area_m2": cells[rows] * ground.grid.cell_area_m2,
            "share_pct": 100.0 * cells[rows] / cells[1:].sum(),
            "target_year": pd.array([_target_year(ground, label) for label in rows], dtype="Int64"),
        },
        geometry=gpd.GeoSeries(outlines, crs=ground.grid.crs),
        crs=ground.grid.crs,
    )
    return frame.sort_values(["area_m2", "recipient_id"], ascending=[False, True], ignore_index=True)


def _target_year(ground: Ground, label: int) -> int | None:
    if not 1 <= label <= len(ground.recipients) or "target_year" not in ground.recipients:
        return None
    year = ground.recipients.iloc[label - 1]["target_year"]
    return None if pd.isna(year) else int(year)


def bluespots_table(ground: Ground, *, min_depth_m: float, min_volume_m3: float) -> gpd.GeoDataFrame:
    """Return the hollows that are deep and large enough, by volume; one that reaches over the boundary counts whole."""
    table = ground.terrain.depressions
    inside = np.unique(ground.terrain.bluespots[ground.town])
    chosen = table[
        table["id"].isin(inside) & (table["max_depth_m"] >= min_depth_m) & (table["volume_m3"] >= min_volume_m3)
    ].sort_values(["volume_m3", "id"], ascending=[False, True], ignore_index=True)
    kept = np.zeros(int(ground.terrain.bluespots.max()) + 1, bool)
    kept[chosen["id"]] = True
    polygons = label_polygons(np.where(kept[ground.terrain.bluespots], ground.terrain.bluespots, 0), grid=ground.grid)
    labels = ground.first[chosen["pour_row"], chosen["pour_col"]]
    columns = ["area_m2", "volume_m3", "max_depth_m", "fill_mm", "spill_level_m"]
    return gpd.GeoDataFrame(
        {
            "bluespot_id": np.arange(1, len(chosen) + 1),
            **{column: chosen[column].to_numpy(float) for column in columns},
            "recipient_id": [recipient_of(ground, label, "recipient_id") for label in labels],
            "recipient_name": [recipient_of(ground, label, "name") for label in labels],
        },
        geometry=gpd.GeoSeries(polygons.loc[chosen["id"]].to_numpy(), crs=ground.grid.crs),
        crs=ground.grid.crs,
    )


def flow_paths_table(ground: Ground, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    """Return the way of the water to each recipient.

    From the highest point the water takes one way, and may pass several recipients on it. A recipient not on that way
    gets the path from the highest cell of its own part of the municipality.
    """
    rows = [] if top is None else _paths_from(ground, top, kind="summit")
    reached = {row["recipient_id"] for row in rows}
    for label in range(1, len(ground.recipients) + 1):
        if recipient_of(ground, label, "recipient_id") in reached:
            continue
        start = highest_cell(ground, ground.town & (ground.first == label))
        if start is not None:
            rows.extend(_paths_from(ground, start, kind="catchment_top", only=label))
    columns = ["path_id", "recipient_id", "name", "kind", "start_height_m", "length_m", "drop_m", "geometry"]
    for order, row in enumerate(rows, start=1):
        row["path_id"] = f"fp-{order:02d}"
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=ground.grid.crs)


def _paths_from(
    ground: Ground, start: tuple[int, int], *, kind: str, only: int | None = None
) -> list[dict[str, object]]:
    """Return the paths from a cell to each recipient on its way (or to one), ending where they meet it."""
    cells = hydrology.flow_path(ground.terrain.directions, *start)
    labels = ground.outlets[cells[:, 0], cells[:, 1]]
    met = [label for label in dict.fromkeys(labels.tolist()) if label > 0 and only in (None, label)]
    ends = {label: int(np.argmax(labels == label)) for label in met}
    if not met and only is None:
        ends = {0: len(cells) - 1}
    return [_path(ground, cells[: end + 1], label=label, kind=kind) for label, end in ends.items()]


def _path(ground: Ground, cells: NDArray[np.int32], *, label: int, kind: str) -> dict[str, object]:
    line = line_of_cells(cells[:, 0], cells[:, 1], grid=ground.grid)
    start_m, end_m = (height_of(ground, (row, col)) for row, col in cells[[0, -1]].tolist())
    return {
        "recipient_id": recipient_of(ground, label, "recipient_id"),
        "name": recipient_of(ground, label, "name"),
        "kind": kind,
        "start_height_m": start_m,
        "length_m": float(line.length),
        "drop_m": round(start_m - end_m, 3),
        "geometry": line,
    }


def high_point_table(ground: Ground, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    cells = [] if top is None else [top]
    heights = [height_of(ground, cell) for cell in cells]
    points = gpd.GeoSeries([shapely.Point(ground.grid.centre_of(*cell)) for cell in cells], crs=ground.grid.crs)
    return gpd.GeoDataFrame({"height_m": np.asarray(heights, float)}, geometry=points, crs=ground.grid.crs)
