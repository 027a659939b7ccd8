"""Answer 3: what a tree gives at each site: near homes, to the canopy of quarters, in heat, to rain water, as shade."""

from __future__ import annotations

from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray

from ballerup_geo.compiled import side_by_side
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._grid import burn_centres, mask_of
from ballerup_geo.methods._part import Words
from ballerup_geo.methods.trees._aims import Aim, CrownCells, near_pairs, one_each
from ballerup_geo.methods.trees._town import TreeTown, layer_of
from ballerup_geo.raster import Raster
from ballerup_geo.spec import Assumption, Given, Input

__all__ = ["AIMS", "BENEFIT_ASSUMPTIONS", "BENEFIT_INPUTS", "Homes", "aims_of", "crown_cells", "homes_of"]

Floats = NDArray[np.float64]
AIMS = ("near", "cover", "heat", "runoff", "shade")
PERCENT, MM = 100.0, 1000.0
ASIDE_M = 0.001
"""Middles of squares stand this far south-east of round metres, where the outlines of a surface model's cells run: of
middles on an outline GDAL counts those on both sides of a crown, 14 % too many in the modelled town."""
STEPS = 3
NOT_WALKED = ("motorway",)

BENEFIT_INPUTS = (
    Input(
        "rain_bluespots",
        "polygon",
        columns=("bluespot_id", "volume_m3"),
        optional_columns=("buildings", "critical"),
        required=False,
    ),
    Input("rain_basins", "raster", required=False),
    Input("school_links", "line", columns=("link_id", "pupils"), required=False),
)
BENEFIT_ASSUMPTIONS = (
    Assumption("near_trees", "1", minimum=1.0, maximum=20.0),
    Assumption("near_reach_m", "m", minimum=5.0, maximum=200.0),
    Assumption("near_crown_m2", "m²", minimum=1.0, maximum=500.0),
    Assumption("cover_target_pct", "%", minimum=1.0, maximum=100.0),
    Assumption("canopy_cell_m", "m", minimum=0.5, maximum=20.0),
    Assumption("heat_reach_m", "m", minimum=5.0, maximum=300.0),
    Assumption("heat_target_pct", "%", minimum=1.0, maximum=100.0),
    Assumption("heat_income_weight", "1", minimum=0.0, maximum=10.0),
    Assumption("shade_reach_m", "m", minimum=2.0, maximum=100.0),
    Assumption("shade_target_pct", "%", minimum=1.0, maximum=100.0),
    Assumption("shade_step_m", "m", minimum=2.0, maximum=200.0),
    Assumption("shade_pupils", "1", minimum=1.0, maximum=1000.0),
    Assumption("crown_storage_mm", "mm", minimum=0.0, maximum=20.0),
    Assumption("critical_buildings", "1", minimum=0.0, maximum=1000.0),
)


class Homes:
    """Places with residents: addresses at one place are one."""

    __slots__ = ("area", "residents", "vulnerable", "xy")

    def __init__(self, xy: Floats, residents: Floats, area: NDArray[np.int64], vulnerable: Floats) -> None:
        """Keep places [n, 2], residents, row of the statistics area (−1: none), and residents weighed by heat."""
        self.xy, self.residents, self.area, self.vulnerable = xy, residents, area, vulnerable


def homes_of(given: Given, town: TreeTown) -> Homes:
    """Return the homes, by place; a dwelling whose residents nobody knows counts one for each dwelling."""
    lived = town.addresses[town.addresses["dwellings"].fillna(0) > 0]
    xy, place = np.unique(shapely.get_coordinates(lived.geometry.to_numpy()), axis=0, return_inverse=True)
    known = lived["residents"].astype("Float64").fillna(lived["dwellings"].astype("Float64")).to_numpy(np.float64)
    residents = np.bincount(np.asarray(place).ravel(), weights=known, minlength=len(xy)).astype(np.float64)
    area = _holding(town, xy)
    return Homes(xy, residents, area, residents * _vulnerability(given, town)[area])


def _holding(town: TreeTown, xy: Floats) -> NDArray[np.int64]:
    """Return the statistics area of each place, −1 for none."""
    area = np.full(len(xy), -1, dtype=np.int64)
    if town.areas is not None and len(xy):
        point, shape = shapely.STRtree(town.areas.geometry.to_numpy()).query(shapely.points(xy), predicate="intersects")
        area[point[::-1]] = shape[::-1]
    return area


def _vulnerability(given: Given, town: TreeTown) -> Floats:
    """Return what a resident of each statistics area counts in heat; the last entry is for homes in none.

    (share over 75 + share under 5) · (1 + weight · shortfall of income from the mean, as a share of it), 1 on average.
    """
    if town.areas is None or not {"residents_over_75", "residents_under_5"} <= set(town.areas.columns):
        return np.ones(1 if town.areas is None else len(town.areas) + 1)
    residents = _floats(town.areas, "residents")
    old, young = _floats(town.areas, "residents_over_75"), _floats(town.areas, "residents_under_5")
    share = np.nan_to_num((old + young) / np.where(residents > 0, residents, np.nan))
    if "income_dkk" in town.areas:
        income = _floats(town.areas, "income_dkk")
        mean = np.nanmean(income) if np.isfinite(income).any() else np.nan
        share = share * (1.0 + number_of(given, "heat_income_weight") * np.nan_to_num(np.maximum(0, 1 - income / mean)))
    people = np.nan_to_num(residents)
    average = float((share * people).sum() / people.sum()) if people.sum() > 0 else 0.0
    return np.ones(len(share) + 1) if average <= 0 else np.asarray(np.append(share / average, 1.0), dtype=np.float64)


def _floats(frame: pd.DataFrame, name: str) -> Floats:
    return np.asarray(frame[name].astype("Float64").to_numpy(np.float64, na_value=np.nan), dtype=np.float64)


def crown_cells(given: Given, town: TreeTown) -> CrownCells:
    """Return today's crowns as squares; none where the canopy is unknown."""
    cell = number_of(given, "canopy_cell_m")
    if town.canopy is None or town.canopy.empty:
        return CrownCells(np.empty((0, 2)), cell * cell)
    west, south, east, north = town.canopy.total_bounds
    west, north = np.floor(west / cell) * cell + ASIDE_M, np.ceil(north / cell) * cell - ASIDE_M
    shape = (max(1, int(np.ceil((north - south) / cell))), max(1, int(np.ceil((east - west) / cell))))
    transform = Affine(cell, 0.0, west, 0.0, -cell, north)
    grid = Raster(np.empty(shape, np.uint8), transform)
    row, col = np.nonzero(mask_of(town.canopy.geometry, grid=grid))
    return CrownCells(np.column_stack([west + (col + 0.5) * cell, north - (row + 0.5) * cell]), cell * cell)


def aims_of(
    given: Given, town: TreeTown, sites: gpd.GeoDataFrame, homes: Homes, cells: CrownCells
) -> tuple[tuple[Aim, ...], tuple[Words, ...]]:
    """Return the five aims with what each site gives to them, and notes on what is unknown.

    An aim that nothing is known of has no receivers, and decides nothing.
    """
    xy = shapely.get_coordinates(sites.geometry.to_numpy())
    radius = sites["crown_radius_m"].to_numpy(np.float64)
    crown = np.pi * radius**2
    notes: list[Words] = []
    aims = (
        _near(given, town, xy, homes, cells),
        _cover(given, town, sites, crown, notes),
        _heat(given, town, xy, crown, homes, cells, notes),
        _runoff(given, xy, crown, notes),
        _shade(given, town, xy, crown, cells, notes),
    )
    return aims, tuple(notes)


def _near(given: Given, town: TreeTown, xy: Floats, homes: Homes, cells: CrownCells) -> Aim:
    """Three trees near each home: single trees are counted, or so much crown where more of it stands there."""
    reach, wanted = number_of(given, "near_reach_m"), number_of(given, "near_trees")
    have = np.floor(cells.within(homes.xy, reach) / number_of(given, "near_crown_m2"))
    if town.trees is not None and len(town.trees):
        standing = CrownCells(shapely.get_coordinates(town.trees.geometry.to_numpy()), 1.0)
        have = np.maximum(have, standing.within(homes.xy, reach))
    gains = near_pairs(xy, homes.xy, reach, np.ones(len(xy)))
    return Aim("near", gains, np.full(len(homes.xy), wanted), have, homes.residents)


def _cover(given: Given, town: TreeTown, sites: pd.DataFrame, crown: Floats, notes: list[Words]) -> Aim:
    """A share of each statistics area under crowns."""
    if town.areas is None:
        notes.append(
            {
                "da": "Statistikområder er ukendte: kronedækket er ikke opgjort for kvarterer.",
                "en": "Statistics areas are unknown: the canopy is not reckoned for quarters.",
            }
        )
        return _nothing("cover", len(sites))
    place = {name: row for row, name in enumerate(town.areas["area_id"])}
    receiver = np.array([place.get(name, -1) for name in sites["area_id"]], dtype=np.int64)
    have = _crowned(town.areas.geometry.to_numpy(), town.canopy)
    target = number_of(given, "cover_target_pct") / PERCENT * shapely.area(town.areas.geometry.to_numpy())
    people = np.nan_to_num(_floats(town.areas, "residents"))
    return Aim("cover", one_each(receiver, len(place), crown), target, have, people, STEPS)


def _crowned(areas: NDArray[np.object_], canopy: gpd.GeoDataFrame | None) -> Floats:
    """Return the ground under crowns in each area, m²: crowns that lie over each other count once."""
    if canopy is None or canopy.empty:
        return np.zeros(len(areas))
    crowns = canopy.geometry.to_numpy()
    tree = shapely.STRtree(crowns)
    shared = _sharing(crowns, tree)

    def one(area: shapely.Geometry) -> float:
        near = np.sort(tree.query(area, predicate="intersects"))
        once = shapely.union_all(crowns[near[shared[near]]])
        return float(shapely.area(shapely.intersection([once, *crowns[near[~shared[near]]]], area)).sum())

    return np.array(side_by_side(one, ((area,) for area in areas)), dtype=np.float64)


def _sharing(crowns: NDArray[np.object_], tree: shapely.STRtree) -> NDArray[np.bool_]:
    """Tell which crowns share ground with another; those of a surface model never do, those of single trees often."""
    one, other = tree.query(crowns, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    meets = shapely.relate_pattern(crowns[one], crowns[other], "T********")
    shared = np.zeros(len(crowns), dtype=np.bool_)
    shared[one[meets]] = shared[other[meets]] = True
    return shared


def _heat(
    given: Given,
    town: TreeTown,
    xy: Floats,
    crown: Floats,
    homes: Homes,
    cells: CrownCells,
    notes: list[Words],
) -> Aim:
    """Crowns around homes, by residents who bear heat badly."""
    if town.areas is None or not {"residents_over_75", "residents_under_5"} <= set(town.areas.columns):
        notes.append(
            {
                "da": "Alder er ukendt: i varme tæller alle beboere lige.",
                "en": "Age is unknown: all residents count alike in heat.",
            }
        )
    reach = number_of(given, "heat_reach_m")
    target = number_of(given, "heat_target_pct") / PERCENT * np.pi * reach**2
    gains = near_pairs(xy, homes.xy, reach, crown)
    have = cells.within(homes.xy, reach)
    return Aim("heat", gains, np.full(len(homes.xy), target), have, homes.vulnerable, STEPS)


def _shade(given: Given, town: TreeTown, xy: Floats, crown: Floats, cells: CrownCells, notes: list[Words]) -> Aim:
    """Crowns along streets and paths that are walked, school routes first; a receiver is a stretch of street."""
    step, reach = number_of(given, "shade_step_m"), number_of(given, "shade_reach_m")
    walked = town.roads[~town.roads["class"].isin(NOT_WALKED)]
    places, metres = _along(walked.geometry.to_numpy(), step)
    links = layer_of(given, "school_links")
    if links is None:
        notes.append(
            {
                "da": "Skolevejenes resultat er ukendt: alle veje tæller lige i skygge.",
                "en": "The result on school routes is unknown: all streets count alike in shade.",
            }
        )
    else:
        metres = metres * (1.0 + _pupils(links, places, step) / number_of(given, "shade_pupils"))
    target = number_of(given, "shade_target_pct") / PERCENT * np.pi * reach**2
    have = cells.within(places, reach)
    return Aim("shade", near_pairs(xy, places, reach, crown), np.full(len(places), target), have, metres, STEPS)


def _along(lines: NDArray[np.object_], step: float) -> tuple[Floats, Floats]:
    """Return places along lines about a step apart, and the metres that each stands for."""
    lines = shapely.get_parts(lines)
    length = shapely.length(lines)
    count = np.maximum(1, np.ceil(length / step)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), count)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    each = (length / count)[line]
    points = shapely.line_interpolate_point(lines[line], (nth + 0.5) * each)
    return shapely.get_coordinates(points).reshape(-1, 2), each


def _pupils(links: gpd.GeoDataFrame, places: Floats, reach: float) -> Floats:
    """Return the pupils on the busiest link within reach of each place."""
    known = links[links["pupils"].notna()]
    pupils = np.zeros(len(places))
    if len(known) and len(places):
        tree = shapely.STRtree(known.geometry.to_numpy())
        point, link = tree.query_nearest(shapely.points(places), max_distance=reach, all_matches=True)
        np.maximum.at(pupils, point, _floats(known, "pupils")[link])
    return pupils


def _runoff(given: Given, xy: Floats, crown: Floats, notes: list[Words]) -> Aim:
    """Rain kept on crowns above hollows in which water touches buildings or critical functions."""
    spots, basins = layer_of(given, "rain_bluespots"), cast("Raster | None", given.inputs.get("rain_basins"))
    if spots is None or basins is None or "buildings" not in spots:
        notes.append(
            {
                "da": "Regnvandsanalysens resultat er ukendt: regn, der holdes tilbage, tæller ikke i valget.",
                "en": "The result of the rainwater analysis is unknown: rain kept back does not count in the choice.",
            }
        )
        return _nothing("runoff", len(xy))
    harm = np.nan_to_num(_floats(spots, "buildings"))
    if "critical" in spots:
        harm = harm + number_of(given, "critical_buildings") * np.nan_to_num(_floats(spots, "critical"))
    some = (harm > 0) & (_floats(spots, "volume_m3") > 0)
    spots, harm = gpd.GeoDataFrame(spots[some]).reset_index(drop=True), harm[some]
    receiver = _hollow_below(basins, spots, xy)
    kept = crown * number_of(given, "crown_storage_mm") / MM
    volume = _floats(spots, "volume_m3")
    return Aim("runoff", one_each(receiver, len(spots), kept), volume, np.zeros(len(spots)), harm)


def _hollow_below(basins: Raster, spots: gpd.GeoDataFrame, xy: Floats) -> NDArray[np.int64]:
    """Return the row of the hollow that water from each place meets first, −1 where that is none of them."""
    found = np.full(len(xy), -1, dtype=np.int64)
    if spots.empty or not len(xy):
        return found
    nodes = np.asarray(basins.array).astype(np.int64)
    spot = burn_centres(spots.geometry, range(1, len(spots) + 1), grid=basins).astype(np.int64)
    inside = (spot > 0) & (nodes > 1)
    pairs = pd.DataFrame({"node": nodes[inside], "spot": spot[inside]}).value_counts().reset_index(name="n")
    pairs = pairs.sort_values(["node", "n", "spot"], ascending=[True, False, True]).drop_duplicates("node")
    below = np.full(int(max(nodes.max(), 1)) + 1, -1, dtype=np.int64)
    below[pairs["node"].to_numpy()] = pairs["spot"].to_numpy() - 1
    west, _, _, north = basins.bounds
    dx, dy = basins.cell_size_m
    row, col = np.floor((north - xy[:, 1]) / dy).astype(int), np.floor((xy[:, 0] - west) / dx).astype(int)
    on = (row >= 0) & (row < nodes.shape[0]) & (col >= 0) & (col < nodes.shape[1])
    node = nodes[row[on], col[on]]
    found[on] = np.where(node > 1, below[np.maximum(node, 0)], -1)
    return found


def _nothing(name: str, sites: int) -> Aim:
    """Return an aim without receivers."""
    none = np.empty(0)
    return Aim(name, one_each(np.full(sites, -1, dtype=np.int64), 0, np.zeros(sites)), none, none, none)
