"""Answer 8: energy communities, a first list of candidates: neighbouring buildings of one kind of owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ballerup_geo.methods._columns import figure, text
from ballerup_geo.methods._given import number_of
from ballerup_geo.methods._part import Found, Part
from ballerup_geo.methods.heating._present import FOSSIL
from ballerup_geo.methods.heating._stock import Stock
from ballerup_geo.methods.heating._tables import OWNERS
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Assumption, Given, Indicator, OutputColumn, OutputTable
from ballerup_geo.spec.words import Language, known_digits, number

__all__ = ["COMMUNITIES", "community_words", "neighbour_groups"]

Shapes = NDArray[np.object_]

SHARING = ("housing_association", "cooperative", "municipality", "company")
"""Kinds of owners that may share a roof's power among several buildings."""
ALONE = -1
PERCENT = 100.0
MWH = 1000.0


def neighbour_groups(shape: Shapes, kind: NDArray[np.object_], *, near_m: float, least: float) -> NDArray[np.int64]:
    """Return the group of each building, ``ALONE`` for none: chains of buildings of one kind that lie near each other.

    Parameters
    ----------
    shape, kind
        Footprint (EPSG:25832) and kind of owner of each building, [n].
    near_m
        Two buildings of the same kind no farther apart, wall to wall, are in one group.
    least
        Smaller groups are left out. Groups are numbered from 0 in the order of their first building.

    Examples
    --------
    >>> boxes = shapely.box(np.array([0.0, 15.0, 20.0]), 0.0, np.array([10.0, 18.0, 30.0]), 10.0)
    >>> kind = np.array(["company", "municipality", "company"], dtype=object)
    >>> neighbour_groups(boxes, kind, near_m=10.0, least=2).tolist()
    [0, -1, 0]
    """
    group = np.full(len(shape), ALONE, dtype=np.int64)
    rows = np.flatnonzero(np.isin(kind, SHARING))
    if not rows.size:
        return group
    one, other = shapely.STRtree(shape[rows]).query(shape[rows], predicate="dwithin", distance=near_m)
    same = kind[rows[one]] == kind[rows[other]]
    pairs = (np.ones(int(same.sum()), dtype=np.int8), (one[same], other[same]))
    chain = connected_components(coo_array(pairs, shape=(rows.size, rows.size)).tocsr(), directed=False)[1]
    kept = np.bincount(chain)[chain] >= least
    group[rows[kept]] = pd.factorize(chain[kept])[0]
    return group


def _communities(given: Given, stock: Stock, _found: Found) -> Found:
    group = neighbour_groups(
        stock.shape,
        stock.owner_kind,
        near_m=number_of(given, "community_near_m"),
        least=number_of(given, "community_least_buildings"),
    )
    rows = np.flatnonzero(group != ALONE)
    on, size = group[rows], int(group.max(initial=ALONE)) + 1
    roof = shapely.area(stock.shape[rows])
    sums = {
        "roof_m2": roof,
        "usable_roof_m2": roof * number_of(given, "roof_usable_pct") / PERCENT,
        "solar_mwh": roof * number_of(given, "roof_usable_pct") / PERCENT * number_of(given, "solar_kwh_m2") / MWH,
        "heat_mwh": stock.demand.kwh[rows] / MWH,
        "heat_mwh_low": stock.demand.low[rows] / MWH,
        "heat_mwh_high": stock.demand.high[rows] / MWH,
    }
    counts = {
        "buildings": np.ones(rows.size),
        "dwellings": stock.dwellings[rows],
        "fossil_buildings": np.isin(stock.present[rows], FOSSIL),
    }
    first = rows[np.unique(on, return_index=True)[1]]
    hulls = [shapely.convex_hull(shapely.union_all(stock.shape[rows[on == one]])) for one in range(size)]
    table = gpd.GeoDataFrame(
        {
            "owner_kind": stock.owner_kind[first],
            **{name: np.bincount(on, values, size).astype(np.int64) for name, values in counts.items()},
            **{name: np.bincount(on, values, size) for name, values in sums.items()},
        },
        geometry=np.array(hulls, dtype=object),
        crs=CRS,
    ).sort_values("usable_roof_m2", ascending=False, kind="stable", ignore_index=True)
    table.insert(0, "community_id", [f"E{place:03d}" for place in range(1, size + 1)])
    table["community_id"] = table["community_id"].astype(object)
    known = bool((stock.owner_kind != "unknown").any())
    return Found(
        tables={"energy_communities": table},
        indicators={
            "communities": float(size) if known else None,
            "community_buildings": float(rows.size) if known else None,
            "community_roof_ha": float(table["usable_roof_m2"].sum()) / 1e4 if known else None,
            "community_solar_gwh": float(table["solar_mwh"].sum()) / MWH if known else None,
        },
        notes=()
        if known
        else (
            {
                "da": "Matriklernes ejere er ukendte: der er ikke ledt efter energifællesskaber.",
                "en": "The owners of parcels are unknown: energy communities were not looked for.",
            },
        ),
    )


def community_words(indicators: Mapping[str, float | None]) -> dict[Language, str]:
    """Return the answer to "where could neighbours share energy" as the headline figures give it."""
    found, roof = indicators["communities"], indicators["community_roof_ha"]
    if found is None or roof is None:
        return {
            "da": "Matriklernes ejere er ukendte: mulige energifællesskaber kan ikke vises.",
            "en": "The owners of parcels are unknown: possible energy communities cannot be shown.",
        }
    digits = known_digits(roof, significant=2)
    return {
        "da": (
            f"{number(found)} grupper af nabobygninger med samme slags ejer kunne undersøges som energifællesskaber; "
            f"de har omkring {number(roof, digits=digits)} ha tag, der måske kan bruges til solceller."
        ),
        "en": (
            f"{number(found, language='en')} groups of neighbouring buildings with one kind of owner could be looked "
            f"into as energy communities; they have about {number(roof, digits=digits, language='en')} ha of roof that "
            "may serve for solar cells."
        ),
    }


def _summed(kind: Any, name: str, unit: str | None, da: str, en: str) -> OutputColumn:
    return OutputColumn(name, kind, unit, da, en, behind="buildings")


COMMUNITIES: Part[Stock] = Part(
    compute=_communities,
    assumptions=(
        Assumption("community_near_m", "m", minimum=0.0, maximum=1000.0),
        Assumption("community_least_buildings", "1", minimum=2.0),
        Assumption("roof_usable_pct", "%", minimum=0.0, maximum=100.0),
        Assumption("solar_kwh_m2", "kWh/m²", minimum=0.0, maximum=400.0),
    ),
    tables=(
        OutputTable(
            "energy_communities",
            "polygon",
            (
                text("community_id", "gruppe", "group"),
                text("owner_kind", "ejer", "owner", OWNERS),
                OutputColumn("buildings", "integer", None, "opvarmede bygninger", "heated buildings"),
                _summed("integer", "dwellings", None, "boliger", "dwellings"),
                _summed("integer", "fossil_buildings", None, "bygninger på olie og gas", "buildings on oil and gas"),
                figure("roof_m2", "m²", "tag (grundplan)", "roof (footprint)"),
                figure("usable_roof_m2", "m²", "tag, der måske kan bruges", "roof that may serve"),
                figure("solar_mwh", "MWh", "el fra det tag om året", "power from that roof a year"),
                _summed("number", "heat_mwh", "MWh", "varmebehov", "heat demand"),
                _summed("number", "heat_mwh_low", "MWh", "varmebehov, mindst", "heat demand, at least"),
                _summed("number", "heat_mwh_high", "MWh", "varmebehov, højst", "heat demand, at most"),
            ),
        ),
    ),
    indicators=(
        Indicator(
            "communities",
            "1",
            "Grupper, der kunne undersøges som energifællesskaber",
            "Groups to be looked into as energy communities",
        ),
        Indicator("community_buildings", "1", "Bygninger i grupperne", "Buildings of the groups", significant=3),
        Indicator("community_roof_ha", "ha", "Tag i grupperne, der måske kan bruges", "Roof that may serve", digits=1),
        Indicator(
            "community_solar_gwh", "GWh", "El fra gruppernes tage om året", "Power of their roofs a year", significant=2
        ),
    ),
    limits=(
        {
            "da": (
                "Energifællesskaberne er en første liste efter slags ejer og afstand: ejere med samme slags er ikke "
                "nødvendigvis den samme, og elforbrug, skygge, tagets hældning og bæreevne, fredning og elnettets "
                "regler er ikke set på."
            ),
            "en": (
                "The energy communities are a first list by kind of owner and distance: owners of one kind need not be "
                "the same, and use of electricity, shade, pitch and strength of roofs, protection and the rules of the "
                "electricity net are not looked at."
            ),
        },
    ),
)
"""Energy communities, a first list."""
