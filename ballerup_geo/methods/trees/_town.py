"""The town that trees are to be planted in, read once for all parts of the analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods.trees._canopy import crowns_of, raster_canopy, same_grid
from ballerup_geo.methods.trees._reports import Report, Words, reports_of
from ballerup_geo.raster import CRS, Raster
from ballerup_geo.spec import Assumption, Given, Input, Text

__all__ = ["PLACES", "TOWN_ASSUMPTIONS", "TOWN_INPUTS", "TreeTown", "layer_of", "town_of"]

Shapes = NDArray[np.object_]
Names = NDArray[np.object_]

GONE = (9, 10)
"""Status of buildings that are demolished or registered in error."""
POLYGON = 3
PLACES = {
    "garden": Text(da="privat have", en="private garden"),
    "association": Text(da="boligforenings jord", en="housing association's land"),
    "other": Text(da="anden jord", en="other land"),
}
"""Whose ground it is, as the plan's sentence tells it apart."""
ASSOCIATIONS = ("housing_association", "cooperative")

RESIDENTS_UNKNOWN: Words = {
    "da": "Beboere er ukendte: hver bolig tæller som én.",
    "en": "Residents are unknown: each dwelling counts as one.",
}

TOWN_INPUTS = (
    Input("municipality", "polygon", columns=("name",)),
    Input("parcels", "polygon", columns=("parcel_id", "owner_kind"), optional_columns=("owner_name",)),
    Input("buildings", "polygon", columns=("building_id", "status")),
    Input("addresses", "point", columns=("address_id", "building_id", "dwellings"), optional_columns=("residents",)),
    Input(
        "roads",
        "line",
        columns=("road_id", "class", "name"),
        optional_columns=("carriageway_m", "speed_kmh", "level", "walking_allowed"),
    ),
    Input("trees", "point", columns=("tree_id",), optional_columns=("crown_m", "height_m", "species"), required=False),
    Input("surface", "raster", required=False),
    Input("terrain", "raster", required=False),
    Input("land_cover", "polygon", columns=("cover",), required=False),
    Input("utilities", "line", columns=("utility_id",), optional_columns=("kind",), required=False),
    Input("protected_nature", "polygon", columns=("kind",), optional_columns=("name",), required=False),
    Input("green_areas", "polygon", columns=("area_id", "kind"), optional_columns=("name", "public"), required=False),
    Input(
        "statistics_areas",
        "polygon",
        columns=("area_id", "residents"),
        optional_columns=("residents_over_75", "residents_under_5", "income_dkk", "households"),
        required=False,
    ),
)
TOWN_ASSUMPTIONS = (
    Assumption("garden_most_m2", "m²", minimum=100.0),
    Assumption("overlap_least_m2", "m²", minimum=0.0),
    Assumption("crown_least_m", "m", minimum=0.5, maximum=10.0),
    Assumption("crown_roof_m", "m", minimum=0.0, maximum=10.0),
    Assumption("crown_cell_most_m", "m", minimum=0.2, maximum=20.0),
)


@dataclass(frozen=True, slots=True)
class TreeTown:
    """What all parts of the analysis work on. Frames have a plain index; a layer that is unknown is None."""

    name: str
    area: shapely.Geometry
    """The municipality."""
    parcels: gpd.GeoDataFrame
    """Repaired, by ``parcel_id``: ``parcel_id, owner_kind, owner_name, place, street, area_id, overlap_m2`` (taken out
    because another parcel has it). ``place`` is one of `PLACES`; ``street`` the named road of most of its addresses."""
    buildings: gpd.GeoDataFrame
    """Those that are not demolished."""
    addresses: gpd.GeoDataFrame
    """``address_id, building_id, dwellings, residents, parcel`` (row in ``parcels``, −1: in none)."""
    trees: gpd.GeoDataFrame | None
    """Points with ``crown_m``, the crown's diameter (NaN: unknown)."""
    canopy: gpd.GeoDataFrame | None
    """Crowns as polygons: from surface and terrain where both are there and fine enough, else those of ``trees``."""
    areas: gpd.GeoDataFrame | None
    """Statistics areas."""
    greens: gpd.GeoDataFrame | None
    roads: gpd.GeoDataFrame
    protected: gpd.GeoDataFrame | None
    utilities: gpd.GeoDataFrame | None
    cover: gpd.GeoDataFrame | None
    """Land cover."""
    culprits: tuple[Report, ...]
    """Oddities, a row each."""
    notes: tuple[Words, ...]
    """What was unknown or done another way."""


def layer_of(given: Given, name: str) -> gpd.GeoDataFrame | None:
    """Return a layer or a table of another result with a plain index, None where it is unknown."""
    frame = cast("pd.DataFrame | None", given.inputs.get(name))
    return None if frame is None else gpd.GeoDataFrame(frame).reset_index(drop=True)


def town_of(given: Given) -> TreeTown:
    """Read the town.

    Raises
    ------
    DataError
        No parcel has an area.
    """
    reports: list[Report] = []
    notes: list[Words] = []
    outline = _known(given, "municipality")
    area = shapely.union_all(outline.geometry.to_numpy())
    buildings = _known(given, "buildings")
    buildings = gpd.GeoDataFrame(buildings[~buildings["status"].isin(GONE)]).reset_index(drop=True)
    roads = _known(given, "roads")
    areas = layer_of(given, "statistics_areas")
    parcels, middles = _parcels(given, reports)
    addresses = _known(given, "addresses").sort_values("address_id", kind="stable", ignore_index=True)
    if "residents" not in addresses:
        addresses["residents"] = pd.array([None] * len(addresses), dtype="Float64")
    if addresses["residents"].isna().all():
        notes.append(RESIDENTS_UNKNOWN)
    addresses["parcel"] = _holding(parcels.geometry.to_numpy(), addresses.geometry.to_numpy())
    parcels["place"] = _places(given, parcels, addresses)
    parcels["street"] = _streets(middles, addresses, roads)
    parcels["area_id"] = _areas(middles, areas)
    trees = layer_of(given, "trees")
    if trees is not None:
        if "crown_m" not in trees:
            trees["crown_m"] = np.nan
        trees["crown_m"] = trees["crown_m"].astype("Float64").to_numpy(np.float64, na_value=np.nan)
        trees.loc[~np.isfinite(trees["crown_m"]), "crown_m"] = np.nan
        reports.extend(reports_of("tree_without_crown", "trees", trees["tree_id"][~(trees["crown_m"] > 0)]))
    return TreeTown(
        name=str(outline["name"].iloc[0]),
        area=area,
        parcels=parcels,
        buildings=buildings,
        addresses=addresses,
        trees=trees,
        canopy=_canopy(given, area, buildings, trees, notes),
        areas=areas,
        greens=layer_of(given, "green_areas"),
        roads=roads,
        protected=layer_of(given, "protected_nature"),
        utilities=layer_of(given, "utilities"),
        cover=layer_of(given, "land_cover"),
        culprits=tuple(reports),
        notes=tuple(notes),
    )


def _known(given: Given, name: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(cast(pd.DataFrame, given.inputs[name])).reset_index(drop=True)


def _parcels(given: Given, reports: list[Report]) -> tuple[gpd.GeoDataFrame, Shapes]:
    """Return parcels that are polygons and share no ground, and a place within each as it was delivered."""
    layer = _known(given, "parcels").sort_values("parcel_id", kind="stable", ignore_index=True)
    if "owner_name" not in layer:
        layer["owner_name"] = None
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    crossed = ~shapely.is_valid(shapes) & ~shapely.is_missing(shapes)
    shapes[crossed] = shapely.make_valid(shapes[crossed], method="structure", keep_collapsed=False)
    some = np.isin(shapely.get_type_id(shapes), (POLYGON, 6)) & (shapely.area(shapes) > 0)
    reports.extend(reports_of("parcel_repaired", "parcels", layer["parcel_id"][crossed & some]))
    reports.extend(reports_of("parcel_without_area", "parcels", layer["parcel_id"][~some]))
    if not some.any():
        raise DataError(Fault("layer parcels", "geometry", "no parcel has an area", "deliver the parcels' polygons"))
    kept = layer.loc[some, ["parcel_id", "owner_kind", "owner_name"]].reset_index(drop=True)
    owner = kept["owner_kind"].astype(object)
    kept["owner_kind"] = owner.where(owner.notna(), None)  # nobody knows whose it is: other land
    whole = shapes[some]
    own, lost_m2 = _apart(whole)
    shared = lost_m2 > number_of(given, "overlap_least_m2")
    reports.extend(reports_of("parcels_overlap", "parcels", kept["parcel_id"][shared]))
    return gpd.GeoDataFrame(kept.assign(overlap_m2=lost_m2), geometry=own, crs=CRS), shapely.point_on_surface(whole)


def _apart(shapes: Shapes) -> tuple[Shapes, NDArray[np.float64]]:
    """Take from each polygon what one before it has; returns polygons and what each lost, m²."""
    own = shapes.copy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = other < one
    one, other = one[pair], other[pair]
    common = shapely.relate_pattern(shapes[one], shapes[other], "2********")
    one, other = one[common], other[common]
    for at in np.unique(one).tolist():
        left = shapely.difference(shapes[at], shapely.union_all(shapes[other[one == at]]))
        parts = shapely.get_parts(left)
        polygons = parts[shapely.get_type_id(parts) == POLYGON]
        own[at] = polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
    return own, np.maximum(shapely.area(shapes) - shapely.area(own), 0.0)


def _holding(polygons: Shapes, points: Shapes) -> NDArray[np.int64]:
    """Return the first polygon that holds each point, −1 for none."""
    point, shape = shapely.STRtree(polygons).query(points, predicate="intersects")
    hit = np.full(len(points), len(polygons), dtype=np.int64)
    np.minimum.at(hit, point, shape)
    return np.where(hit < len(polygons), hit, -1)


def _places(given: Given, parcels: gpd.GeoDataFrame, addresses: gpd.GeoDataFrame) -> Names:
    """Tell gardens, associations' land and other land apart.

    A garden is a private parcel with a dwelling on it, not larger than a garden is at most.
    """
    homes = addresses["parcel"][(addresses["dwellings"].fillna(0) > 0) & (addresses["parcel"] >= 0)]
    lived = np.zeros(len(parcels), dtype=bool)
    lived[homes.to_numpy(np.int64)] = True
    small = shapely.area(parcels.geometry.to_numpy()) <= number_of(given, "garden_most_m2")
    place = np.full(len(parcels), "other", dtype=object)
    place[(parcels["owner_kind"] == "private").to_numpy(bool) & lived & small] = "garden"
    place[parcels["owner_kind"].isin(ASSOCIATIONS).to_numpy(bool)] = "association"
    return place


def _streets(middles: Shapes, addresses: gpd.GeoDataFrame, roads: gpd.GeoDataFrame) -> Names:
    """Return the named road of most of a parcel's addresses, of its middle where it has none; None without names."""
    named = roads[roads["name"].notna()].sort_values(["name", "road_id"], kind="stable")
    street = np.full(len(middles), None, dtype=object)
    if named.empty:
        return street
    street[:] = _nearest(named, middles)
    held = addresses[addresses["parcel"] >= 0]
    count = pd.DataFrame({"parcel": held["parcel"].to_numpy(), "name": _nearest(named, held.geometry.to_numpy())})
    count = count.groupby(["parcel", "name"], sort=True).size().reset_index(name="n")
    first = count.sort_values(["parcel", "n", "name"], ascending=[True, False, True]).drop_duplicates("parcel")
    street[first["parcel"].to_numpy(np.int64)] = first["name"].to_numpy(object)
    return street


def _nearest(named: gpd.GeoDataFrame, points: Shapes) -> Names:
    """Return the name of the nearest line of each point, the first by name where several are as near."""
    tree = shapely.STRtree(named.geometry.to_numpy())
    point, line = tree.query_nearest(points, all_matches=True)
    best = np.full(len(points), len(named), dtype=np.int64)
    np.minimum.at(best, point, line)
    return np.asarray(named["name"].to_numpy(object)[best])


def _areas(middles: Shapes, areas: gpd.GeoDataFrame | None) -> Names:
    """Return the statistics area that holds a parcel's middle, the nearest where none does; None without the layer."""
    if areas is None or areas.empty:
        return np.full(len(middles), None, dtype=object)
    shapes = areas.geometry.to_numpy()
    at = _holding(shapes, middles)
    lost = np.flatnonzero(at < 0)
    if lost.size:
        point, near = shapely.STRtree(shapes).query_nearest(middles[lost], all_matches=True)
        at[lost] = len(shapes)
        np.minimum.at(at, lost[point], near)
    return np.asarray(areas["area_id"].to_numpy(object)[at])


def _canopy(
    given: Given,
    area: shapely.Geometry,
    buildings: gpd.GeoDataFrame,
    trees: gpd.GeoDataFrame | None,
    notes: list[Words],
) -> gpd.GeoDataFrame | None:
    """Return the crowns that stand today, None where nothing tells of them."""
    surface, terrain = (cast("Raster | None", given.inputs.get(name)) for name in ("surface", "terrain"))
    if surface is not None and terrain is not None:
        cell = max(*surface.cell_size_m, *terrain.cell_size_m)
        if cell <= number_of(given, "crown_cell_most_m"):
            if not same_grid(surface, terrain):
                notes.append(_resampled(surface, terrain))
            return raster_canopy(
                surface,
                terrain,
                town=area,
                buildings=buildings.geometry.to_numpy(),
                least_m=number_of(given, "crown_least_m"),
                roof_m=number_of(given, "crown_roof_m"),
            )
        notes.append(
            {
                "da": f"Celler på {cell:g} m er for grove til kroner: kronedækket er trælagets.",
                "en": f"Cells of {cell:g} m are too coarse for crowns: the canopy is that of the tree layer.",
            }
        )
    if trees is None:
        notes.append(
            {
                "da": "Hverken overflade med terræn eller enkelte træer er kendt: kronedækket i dag er ukendt.",
                "en": "Neither surface with terrain nor single trees are known: today's canopy is unknown.",
            }
        )
        return None
    return crowns_of(trees)


def _resampled(surface: Raster, terrain: Raster) -> Words:
    one, other = surface.cell_size_m[0], terrain.cell_size_m[0]
    return {
        "da": f"Overfladen har et andet net ({one:g} m) end terrænet ({other:g} m): læst ved terrænets cellers midte.",
        "en": f"The surface has another grid ({one:g} m) than the terrain ({other:g} m): read at that one's cells.",
    }
