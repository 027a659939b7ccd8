"""What else is known of each building: its energy label, its parcel, and how old the register's word is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.methods.heating._reports import Report
from ballerup_geo.spec import Given, Input, Text
from ballerup_geo.spec.words import Language

__all__ = [
    "LABELS",
    "REGISTER_INPUTS",
    "UNKNOWN_LABEL",
    "Ground",
    "age_words",
    "ground_of",
    "labels_of",
    "updated_years",
]

Floats = NDArray[np.float64]
Names = NDArray[np.object_]

UNKNOWN_LABEL = "unknown"
LABELS: Mapping[str, Text] = {
    **{f"A{year}": Text(da=f"A{year}", en=f"A{year}") for year in (2020, 2015, 2010)},
    **{letter: Text(da=letter, en=letter) for letter in "BCDEFG"},
    UNKNOWN_LABEL: Text(da="intet kendt", en="none known"),
}
"""Classes of the Danish energy label, the best first."""

REGISTER_INPUTS = (
    Input("energy_labels", "table", columns=("building_id", "label"), optional_columns=("date",), required=False),
)


@dataclass(frozen=True, slots=True)
class Ground:
    """The parcel of each building: its place in the layer (int64[n], −1 for none) and the areas of all, m²."""

    parcel: NDArray[np.int64]
    area_m2: Floats


def ground_of(parcels: pd.DataFrame | None, spots: Floats) -> Ground:
    """Find the parcel that each building stands on; of overlapping ones the first of the layer."""
    parcel = np.full(len(spots), -1, dtype=np.int64)
    if parcels is None or not len(parcels):
        return Ground(parcel, np.empty(0))
    shapes = gpd.GeoDataFrame(parcels).geometry.to_numpy()
    point, shape = shapely.STRtree(shapes).query(shapely.points(spots), predicate="intersects")
    hit = np.full(len(spots), len(shapes), dtype=np.int64)
    np.minimum.at(hit, point, shape)
    inside = hit < len(shapes)
    parcel[inside] = hit[inside]
    return Ground(parcel, np.asarray(shapely.area(shapes), dtype=np.float64))


def labels_of(given: Given, building_id: Names, reports: list[Report]) -> Names | None:
    """Return each building's label, the latest one by date where there are several; None without the layer."""
    layer = cast("pd.DataFrame | None", given.inputs["energy_labels"])
    if layer is None:
        return None
    known = pd.Index(cast(pd.DataFrame, given.inputs["buildings"])["building_id"])
    lost = layer["building_id"][~layer["building_id"].isin(known)]
    reports.extend(Report("label_without_building", "energy_labels", str(name)) for name in lost)
    order = ["building_id", "date"] if "date" in layer else ["building_id"]
    last = layer.sort_values(order, kind="stable", na_position="first").drop_duplicates("building_id", keep="last")
    found = last.set_index("building_id")["label"].reindex(pd.Index(building_id))
    return found.astype(object).where(found.notna(), UNKNOWN_LABEL).to_numpy(object)


def updated_years(buildings: pd.DataFrame) -> NDArray[np.int64]:
    """Return the year in which the register last changed what it says of a building, int64[n], −1: unknown."""
    if "updated" not in buildings:
        return np.full(len(buildings), -1, dtype=np.int64)
    return np.array(pd.to_datetime(buildings["updated"]).dt.year.fillna(-1), dtype=np.int64)


def age_words(updated: NDArray[np.int64]) -> Mapping[Language, str]:
    """Say how old the register's word is, from the years of its last changes (−1: unknown)."""
    dated = updated[updated >= 0]
    if not dated.size:
        return {
            "da": "Hvornår BBR's oplysninger sidst er rettet, er ukendt (kolonnen updated i laget buildings).",
            "en": "When the register was last changed is unknown (column updated of the layer buildings).",
        }
    middle, early = int(np.median(dated)), int(np.quantile(dated, 0.1))
    return {
        "da": f"BBR's oplysninger er for halvdelen af bygningerne senest rettet i {middle} eller før, en tiendedel i "
        f"{early} eller før.",
        "en": f"The register's word on half of the buildings was last changed in {middle} or before, on a tenth in "
        f"{early} or before.",
    }
