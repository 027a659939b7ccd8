"""Answers 1 and 2: the ground for trees on each parcel and what took the rest, and a place for each tree by size."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from ballerup_geo.compiled import side_by_side
from ballerup_geo.methods._code_words import OWNERS
from ballerup_geo.methods._columns import count, figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part, Words
from ballerup_geo.methods.trees._checks import unchecked_ties
from ballerup_geo.methods.trees._exclusions import (
    EXCLUSION_ASSUMPTIONS,
    EXCLUSION_INPUTS,
    REASONS,
    carriageways,
    kinds_of,
    utility_lines,
)
from ballerup_geo.methods.trees._ground import Ground, ground_of
from ballerup_geo.methods.trees._near import nearest_m, nearest_tree_m
from ballerup_geo.methods.trees._reports import KINDS, Report, notes_of, reports_of, reports_table
from ballerup_geo.methods.trees._sizes import SIZE_ASSUMPTIONS, SIZES, Size, sizes_of
from ballerup_geo.methods.trees._town import PLACES, TOWN_ASSUMPTIONS, TOWN_INPUTS, TreeTown, layer_of
from ballerup_geo.raster import CRS
from ballerup_geo.siting import SizedPacking, pack_sizes
from ballerup_geo.spec import Assumption, Given, Indicator, OutputTable

__all__ = ["SITES"]

Shapes = NDArray[np.object_]
HECTARE_M2 = 10_000.0
ROUNDS = 24
"""Tries to better the trees of a parcel; forty gain about one per cent more crown."""
FULL = 0.99
"""Share of a parcel that building must take for it to be all building."""


def _sites(given: Given, town: TreeTown, _found: Found) -> Found:
    sizes = sizes_of(given)
    ground = ground_of(given, town, sizes)
    given.progress("placing trees", 0.5)
    radii = np.array([size.crown_m for size in sizes])
    packed = pack_sizes(ground.free, radii_m=radii, benefits=np.pi * radii**2, rounds=ROUNDS, bounded=False)
    given.progress("distances", 0.7)
    sites = _site_table(given, town, sizes, packed)
    parcels = _parcel_table(town, ground, packed)
    reports = (*town.culprits, *_found_out(given, town, parcels))
    place = sites["place"]
    return Found(
        tables={"sites": sites, "parcels": parcels, "tree_reports": reports_table(reports)},
        indicators={
            "sites": float(len(sites)),
            "garden_sites": float((place == "garden").sum()),
            "association_sites": float((place == "association").sum()),
            "plantable_ha": float(parcels["plantable_m2"].sum()) / HECTARE_M2,
        },
        notes=(*town.notes, *_unknown(town), *notes_of(reports)),
    )


def _site_table(given: Given, town: TreeTown, sizes: tuple[Size, ...], packed: SizedPacking) -> gpd.GeoDataFrame:
    """Return a row for each place, by parcel, then from south to north."""
    points = shapely.points(packed.points)
    reach = number_of(given, "distance_reach_m")
    lines, _ = utility_lines(given, town)
    roads, half_m, _ = carriageways(given, town.roads)
    parcel = town.parcels.iloc[packed.area]
    own = parcel.geometry.to_numpy()
    standing = np.empty((0, 2)) if town.trees is None else shapely.get_coordinates(town.trees.geometry.to_numpy())
    wide = max(6, len(str(len(points))))
    houses = town.buildings.geometry.to_numpy()
    told = {
        "building_m": lambda: nearest_m(points, houses, reach_m=reach),
        "utility_m": lambda: nearest_m(points, lines, reach_m=reach),
        "boundary_m": lambda: shapely.distance(points, shapely.boundary(own)),
        "tree_m": lambda: nearest_tree_m(packed.points, standing, reach_m=reach),
        "road_m": lambda: nearest_m(points, roads, reach_m=reach, half_m=half_m),
        "unchecked": lambda: unchecked_ties(given, town, points),
    }
    columns = side_by_side(lambda tell: tell(), ((tell,) for tell in told.values()))
    return gpd.GeoDataFrame(
        {
            "site_id": [f"T{number:0{wide}d}" for number in range(1, len(points) + 1)],
            **{name: parcel[name].to_numpy(object) for name in ("parcel_id", "owner_kind", "owner_name")},
            **{name: parcel[name].to_numpy(object) for name in ("place", "street", "area_id")},
            "size": np.array([size.name for size in sizes], dtype=object)[packed.size],
            "crown_radius_m": np.array([size.crown_m for size in sizes])[packed.size],
            **dict(zip(told, columns, strict=True)),
        },
        geometry=points,
        crs=CRS,
    )


def _parcel_table(town: TreeTown, ground: Ground, packed: SizedPacking) -> gpd.GeoDataFrame:
    """Return a row for each parcel: what is left, and what took the rest; the columns add up to the parcel."""
    parcels = town.parcels
    return gpd.GeoDataFrame(
        {
            **{name: parcels[name].to_numpy(object) for name in ("parcel_id", "owner_kind", "owner_name", "place")},
            **{name: parcels[name].to_numpy(object) for name in ("street", "area_id")},
            "area_m2": shapely.area(parcels.geometry.to_numpy()) + parcels["overlap_m2"].to_numpy(),
            "plantable_m2": shapely.area(ground.free[0]),
            "sites": np.bincount(packed.area, minlength=len(parcels)).astype(np.int64),
            **{f"removed_by_{name}_m2": ground.removed_m2[name].to_numpy() for name in REASONS},
        },
        geometry=parcels.geometry.to_numpy(),
        crs=CRS,
    )


def _found_out(given: Given, town: TreeTown, parcels: gpd.GeoDataFrame) -> tuple[Report, ...]:
    """Return what is odd about parcels, lines and roads."""
    shapes = town.parcels.geometry.to_numpy()
    houses = town.buildings.geometry.to_numpy()
    one, other = shapely.STRtree(houses).query(shapes, predicate="intersects")
    under = np.bincount(one, shapely.area(shapely.intersection(shapes[one], houses[other])), minlength=len(shapes))
    full = under >= FULL * np.maximum(shapely.area(shapes), 1e-9)
    found = reports_of("all_building", "parcels", parcels["parcel_id"][full & (shapely.area(shapes) > 0)])
    for layer, name, column in (
        (town.utilities, "utilities", "utility_id"),
        (layer_of(given, "dug_lines"), "dug_lines", "line_id"),
    ):
        if layer is not None:
            found = (*found, *reports_of("utility_unknown", name, layer[column][kinds_of(layer) == "utility_unknown"]))
    if "carriageway_m" in town.roads:
        bare = ~(town.roads["carriageway_m"] > 0).fillna(False).to_numpy(bool)
        found = (*found, *reports_of("road_without_width", "roads", town.roads["road_id"][bare]))
    return found


def _unknown(town: TreeTown) -> tuple[Words, ...]:
    """Say which layers nothing could be held against."""
    named = {
        "utilities": (town.utilities, "Ledninger", "Utility lines"),
        "protected": (town.protected, "Beskyttet natur", "Protected nature"),
        "cover": (town.cover, "Arealdækket", "Land cover"),
    }
    return tuple(
        {
            "da": f"{da} er ukendt: ingen plads er holdt op mod det.",
            "en": f"{en} is unknown: no site is held against it.",
        }
        for layer, da, en in named.values()
        if layer is None
    )


_PARCEL = (
    text("parcel_id", "matrikel", "parcel"),
    text("owner_kind", "ejerforhold", "kind of owner", OWNERS),
    text("owner_name", "ejer", "owner"),
    text("place", "jord", "ground", PLACES),
    text("street", "vej", "street"),
    text("area_id", "statistikområde", "statistics area"),
)

SITES = Part(
    compute=_sites,
    inputs=(*TOWN_INPUTS, *EXCLUSION_INPUTS),
    assumptions=(
        *TOWN_ASSUMPTIONS,
        *SIZE_ASSUMPTIONS,
        *EXCLUSION_ASSUMPTIONS,
        Assumption("distance_reach_m", "m", minimum=1.0, maximum=500.0),
    ),
    tables=(
        OutputTable(
            "sites",
            "point",
            (
                text("site_id", "plads", "site"),
                *_PARCEL,
                text("size", "størrelse", "size", SIZES),
                figure("crown_radius_m", "m", "kronens radius som udvokset", "radius of the crown when grown"),
                text("species", "art", "species"),
                text("species_why", "hvorfor arten", "why the species"),
                figure("building_m", "m", "til nærmeste bygning", "to the nearest building"),
                figure("utility_m", "m", "til nærmeste ledning", "to the nearest utility line"),
                figure("boundary_m", "m", "til skel", "to the boundary"),
                figure("tree_m", "m", "til nærmeste træ", "to the nearest tree"),
                figure("road_m", "m", "til nærmeste kørebane eller sti", "to the nearest carriageway or path"),
                text("unchecked", "ikke undersøgt", "not checked"),
                count("rank", "nummer blandt de valgte", "number among the chosen"),
                figure("benefit", "1", "gavn", "benefit"),
                figure("canopy_gain", "1", "gavn for kronedækket", "benefit to the canopy"),
                figure("heat_gain", "1", "gavn i varme", "benefit in heat"),
                figure("runoff_gain", "1", "gavn for regnvandet", "benefit to rain water"),
                figure("shade_gain", "1", "gavn som skygge på veje", "benefit as shade on ways"),
            ),
            homes=True,
        ),
        OutputTable(
            "parcels",
            "polygon",
            (
                *_PARCEL,
                figure("area_m2", "m²", "areal", "area"),
                figure("plantable_m2", "m²", "jord til træer", "ground for trees"),
                count("sites", "pladser", "sites"),
                *(
                    figure(f"removed_by_{name}_m2", "m²", f"taget af: {words.da}", f"taken by: {words.en}")
                    for name, words in REASONS.items()
                ),
            ),
            homes=True,
        ),
        OutputTable(
            "tree_reports",
            "table",
            (
                text("kind", "slags", "kind", KINDS),
                text("layer", "lag", "layer"),
                text("row_id", "række", "row"),
            ),
            homes=True,
        ),
    ),
    indicators=(
        Indicator(
            "sites", "1", "Pladser til træer uden kendte konflikter", "Sites without known conflicts", significant=3
        ),
        Indicator("garden_sites", "1", "Pladser i private haver", "Sites in private gardens", significant=3),
        Indicator(
            "association_sites",
            "1",
            "Pladser på boligforeningers jord",
            "Sites on housing associations' land",
            significant=3,
        ),
        Indicator(
            "plantable_ha", "ha", "Jord, hvor der kan stå et lille træ", "Ground for a small tree", significant=3
        ),
    ),
    limits=(
        {
            "da": (
                "Oversigt ved kryds: i trekanten fra den ventende til så langt, den anden vej skal kunne ses, står "
                "ingen stamme. Trekanten følger vejenes midte med rette sider; kroner, der rager ind, sving, bakker, "
                "hække og huse, der allerede dækker, er ikke undersøgt."
            ),
            "en": (
                "Sight at junctions: no stem stands in the triangle from whoever waits to as far as the other road is "
                "to be seen. The triangle follows the roads' middles with straight sides; crowns that reach in, bends, "
                "hills, and hedges and houses that hide the view already are not checked."
            ),
        },
        {
            "da": (
                "En plads er uden kendte konflikter, aldrig lovlig: byrder, kabler og lokalplaner står som ikke "
                "undersøgt, til et lag bringer dem."
            ),
            "en": (
                "A site is without known conflicts, never lawful: easements, cables and local plans stand as not "
                "checked until a layer brings them."
            ),
        },
        {
            "da": (
                "Afstandene er til stammen og gælder det udvoksede træ; rødder, skygge på vinduer og jordens tilstand "
                "ses på stedet."
            ),
            "en": (
                "Distances are to the stem and hold for the grown tree; roots, shade on windows and the state of the "
                "soil are seen on the spot."
            ),
        },
    ),
)
