"""The tables of the rainwater analysis: catchments, bluespots, flow paths and the highest point."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo import hydrology
from ballerup_geo.methods._grid import label_polygons, line_of_cells, sum_by_label
from ballerup_geo.methods.rainwater._scene import Scene, height_of, highest_cell, recipient_of
from ballerup_geo.methods.rainwater._storms import Storms

__all__ = ["bluespots_table", "catchments_table", "flow_paths_table", "high_point_table", "recipients_table"]


def catchments_table(storms: Storms) -> gpd.GeoDataFrame:
    """Return the municipality's parts by the recipient that their water reaches first, largest first."""
    scene, nowhere = storms.scene, len(storms.scene.recipients) + 1
    labels = storms.first.astype(np.min_scalar_type(nowhere))
    labels[labels == 0] = nowhere
    labels[~(scene.town & np.isfinite(scene.grid.array))] = 0
    polygons = label_polygons(labels, grid=scene.grid)
    outlines = shapely.coverage_simplify(polygons.to_numpy(), tolerance=max(scene.grid.cell_size_m))
    rows = polygons.index.to_numpy()
    area_m2 = sum_by_label(labels, within=labels > 0, count=nowhere + 1) * scene.grid.cell_area_m2
    sealed_m2 = _sealed_m2(scene, labels, nowhere + 1)
    finals = [int(scene.chain.final[label]) if label < nowhere else nowhere for label in rows]
    frame = gpd.GeoDataFrame(
        {
            "recipient_id": [recipient_of(scene, label, "recipient_id") for label in rows],
            "name": [recipient_of(scene, label, "name") for label in rows],
            "kind": [_told(scene, label, "kind") for label in rows],
            "area_m2": area_m2[rows],
            "share_pct": 100.0 * area_m2[rows] / area_m2.sum(),
            "sealed_m2": sealed_m2[rows],
            "sealed_pct": 100.0 * sealed_m2[rows] / area_m2[rows],
            "final_id": [recipient_of(scene, label, "recipient_id") for label in finals],
            "final_name": [recipient_of(scene, label, "name") for label in finals],
            "target_year": pd.array([_target_year(scene, label) for label in rows], dtype="Int64"),
        },
        geometry=gpd.GeoSeries(outlines, crs=scene.grid.crs),
        crs=scene.grid.crs,
    )
    return frame.sort_values(["area_m2", "recipient_id"], ascending=[False, True], ignore_index=True)


def _sealed_m2(scene: Scene, labels: NDArray[np.unsignedinteger[Any]], count: int) -> NDArray[np.float64]:
    """Return the sealed area by label, NaN where land cover is unknown."""
    if scene.sealed is None:
        return np.full(count, np.nan)
    return sum_by_label(labels, within=np.asarray(scene.sealed), count=count) * scene.grid.cell_area_m2


def recipients_table(storms: Storms) -> pd.DataFrame:
    """Return the recipients in the order of their numbers, with the municipality's area that drains to each."""
    scene, count = storms.scene, len(storms.scene.recipients) + 1
    town = scene.town & np.isfinite(scene.grid.array)
    first_m2 = sum_by_label(storms.first, within=town, count=count) * scene.grid.cell_area_m2
    labels = range(1, count)
    return pd.DataFrame(
        {
            "label": np.arange(1, count),
            "recipient_id": [recipient_of(scene, label, "recipient_id") for label in labels],
            "name": [recipient_of(scene, label, "name") for label in labels],
            "kind": [_told(scene, label, "kind") for label in labels],
            "downstream_id": [_told(scene, label, "downstream_id") for label in labels],
            "first_area_m2": first_m2[1:],
            "final_area_m2": scene.chain.with_passed_on(first_m2)[1:],
            "target_year": pd.array([_target_year(scene, label) for label in labels], dtype="Int64"),
            "target_text": [_told(scene, label, "target_text") for label in labels],
        }
    )


def _told(scene: Scene, label: int, column: str) -> str | None:
    """Return what the layer tells of a recipient; None for nothing."""
    if not 1 <= label <= len(scene.recipients) or column not in scene.recipients:
        return None
    value = scene.recipients.iloc[label - 1][column]
    return None if pd.isna(value) else str(value)


def _target_year(scene: Scene, label: int) -> int | None:
    year = _told(scene, label, "target_year")
    return None if year is None else int(float(year))


def bluespots_table(storms: Storms) -> gpd.GeoDataFrame:
    """Return the bluespots, by volume; one that reaches over the boundary counts whole."""
    first, chosen = storms.first, storms.bluespots  # in this order: the raster of bluespots is large
    labels = first[chosen["pour_row"], chosen["pour_col"]]
    del first
    storms.make_room()
    among = np.zeros(len(storms.standing.depressions) + 1, np.bool_)
    among[chosen["id"]] = True
    polygons = label_polygons(storms.standing.bluespots, grid=storms.scene.grid, among=among).loc[chosen["id"]]
    columns = ["area_m2", "volume_m3", "max_depth_m", "fill_mm", "spill_level_m"]
    return gpd.GeoDataFrame(
        {
            "bluespot_id": chosen["bluespot_id"],
            **{column: chosen[column].to_numpy(float) for column in columns},
            "recipient_id": [recipient_of(storms.scene, label, "recipient_id") for label in labels],
            "recipient_name": [recipient_of(storms.scene, label, "name") for label in labels],
        },
        geometry=gpd.GeoSeries(polygons.to_numpy(), crs=storms.scene.grid.crs),
        crs=storms.scene.grid.crs,
    )


def flow_paths_table(storms: Storms, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    """Return the way of the water to each recipient.

    From the highest point the water takes one way, and may pass several recipients on it. A recipient not on that way
    gets the path from the highest cell of its own part of the municipality.
    """
    rows = [] if top is None else _paths_from(storms, top, kind="summit")
    reached = {row["recipient_id"] for row in rows}
    for label in range(1, len(storms.scene.recipients) + 1):
        if recipient_of(storms.scene, label, "recipient_id") in reached:
            continue
        start = highest_cell(storms.scene, storms.scene.town & (storms.first == label))
        if start is not None:
            rows.extend(_paths_from(storms, start, kind="catchment_top", only=label))
    columns = ["path_id", "recipient_id", "name", "kind", "start_height_m", "length_m", "drop_m", "geometry"]
    for order, row in enumerate(rows, start=1):
        row["path_id"] = f"fp-{order:02d}"
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=storms.scene.grid.crs)


def _paths_from(
    storms: Storms, start: tuple[int, int], *, kind: str, only: int | None = None
) -> list[dict[str, object]]:
    """Return the paths from a cell to each recipient on its way (or to one), ending where they meet it."""
    cells = hydrology.flow_path(storms.standing.directions, *start)
    labels = storms.scene.outlets[cells[:, 0], cells[:, 1]]
    met = [label for label in dict.fromkeys(labels.tolist()) if label > 0 and only in (None, label)]
    ends = {label: int(np.argmax(labels == label)) for label in met}
    if not met and only is None:
        ends = {0: len(cells) - 1}
    return [_path(storms, cells[: end + 1], label=label, kind=kind) for label, end in ends.items()]


def _path(storms: Storms, cells: NDArray[np.int32], *, label: int, kind: str) -> dict[str, object]:
    line = line_of_cells(cells[:, 0], cells[:, 1], grid=storms.scene.grid)
    start_m, end_m = (height_of(storms.scene, (row, col)) for row, col in cells[[0, -1]].tolist())
    return {
        "recipient_id": recipient_of(storms.scene, label, "recipient_id"),
        "name": recipient_of(storms.scene, label, "name"),
        "kind": kind,
        "start_height_m": start_m,
        "length_m": float(line.length),
        "drop_m": round(start_m - end_m, 3),
        "geometry": line,
    }


def high_point_table(storms: Storms, top: tuple[int, int] | None) -> gpd.GeoDataFrame:
    cells = [] if top is None else [top]
    heights = [height_of(storms.scene, cell) for cell in cells]
    points = gpd.GeoSeries(
        [shapely.Point(storms.scene.grid.centre_of(*cell)) for cell in cells], crs=storms.scene.grid.crs
    )
    return gpd.GeoDataFrame({"height_m": np.asarray(heights, float)}, geometry=points, crs=storms.scene.grid.crs)
