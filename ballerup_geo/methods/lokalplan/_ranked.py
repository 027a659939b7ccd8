"""All plans of a layer in one table, the one with most to look into first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import geopandas as gpd
import pandas as pd

from ballerup_geo.errors import DataError
from ballerup_geo.methods.lokalplan._area import area_of
from ballerup_geo.methods.lokalplan._assess import assess
from ballerup_geo.methods.lokalplan._declared import PLANS
from ballerup_geo.methods.lokalplan._figures import Assessment
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.raster import CRS

__all__ = ["plan_rows", "ranked"]

TOLD = ("rank", "plan_id", "name", "status", "concern", "unknown", "area_m2", "looked")
COLUMNS = tuple(column.name for column in PLANS.columns)
FIGURES = tuple(name for name in COLUMNS if name not in TOLD)


def plan_rows(plans: gpd.GeoDataFrame, ground: Ground, places: Iterable[int]) -> gpd.GeoDataFrame:
    """Return a row for each of some plans (places in the layer), as they are, without proposals.

    A plan that cannot be assessed (no area, outside the municipality) has no figures, and says why in ``looked``.
    """
    rows: list[dict[str, Any]] = []
    for place in places:
        plan = plans.iloc[[place]]
        row = {name: plan[name].iloc[0] for name in ("plan_id", "name", "status")}
        try:
            area = area_of(plan, ground, where=f"plan {row['plan_id']}")
        except DataError as error:
            rows.append({**row, **_nothing(), "looked": error.faults[0].what, "geometry": plan.geometry.iloc[0]})
            continue
        rows.append({**row, **_told(assess(area, ground, drawn=False)), "geometry": area.shape})
    frame = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "rank"] + ["geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS)


def _nothing() -> dict[str, Any]:
    return {"concern": 0, "unknown": len(FIGURES), "area_m2": 0.0, **dict.fromkeys(FIGURES)}


def _told(found: Assessment) -> dict[str, Any]:
    by_id = {each.id: each for theme in found.themes for each in theme.figures}
    values = {name: _rounded(by_id[name].existing) if name in by_id else None for name in FIGURES}
    looked = [each.title.da for each in by_id.values() if each.standing in ("look", "not_met")]
    return {
        "concern": found.concern,
        "unknown": sum(each.standing == "unknown" for each in by_id.values()),
        "area_m2": round(found.area_m2),
        **values,
        "looked": "; ".join(looked),
    }


def _rounded(value: object) -> float | None:
    """Return a figure with one decimal: more is not known of any of them."""
    return round(float(value), 1) if isinstance(value, int | float) else None


def ranked(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows with their places: most to look into first, then the larger area, then the id."""
    order = rows.assign(_area=-rows["area_m2"].astype(float), _concern=-rows["concern"].astype(int))
    placed = rows.loc[order.sort_values(["_concern", "_area", "plan_id"], kind="stable").index].reset_index(drop=True)
    placed.insert(0, "rank", range(1, len(placed) + 1))
    for name in FIGURES:
        placed[name] = pd.to_numeric(placed[name], errors="coerce").astype("float64")
    return gpd.GeoDataFrame(placed[[*COLUMNS, "geometry"]], geometry="geometry", crs=CRS)
