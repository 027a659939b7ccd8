"""A few gardens whose ground for trees is computed on paper.

Coordinates are metres east and north of 700000, 6180000. Every layer is unknown unless it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely import affinity

from ballerup_geo.methods import get_method
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.spec import Given, Outcome

EAST, NORTH = 700_000.0, 6_180_000.0
CRS = "EPSG:25832"


def placed(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Rows with shapes in local metres."""
    moved = [affinity.translate(shape, EAST, NORTH) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=CRS)


def parcels(*shapes: Any, owners: list[str] | None = None) -> gpd.GeoDataFrame:
    """Parcels M1, M2 …, private unless told."""
    names = [f"M{place}" for place in range(1, len(shapes) + 1)]
    kinds = owners or ["private"] * len(shapes)
    return placed(list(shapes), parcel_id=names, owner_kind=kinds, owner_name=[None] * len(shapes))


def houses(*shapes: Any) -> gpd.GeoDataFrame:
    """Buildings H1, H2 …, built."""
    return placed(list(shapes), building_id=[f"H{k}" for k in range(1, len(shapes) + 1)], status=[6] * len(shapes))


def homes(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    """Addresses A1, A2 … with one dwelling and two residents."""
    many = len(places)
    names = [f"A{k}" for k in range(1, many + 1)]
    shapes = [shapely.Point(place) for place in places]
    return placed(shapes, address_id=names, building_id=["H1"] * many, dwellings=[1] * many, residents=[2] * many)


def roads(*lines: list[tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Residential streets V1, V2 …, 6 m wide and 36 km/h, of one name."""
    many = len(lines)
    told = {
        "road_id": [f"V{k}" for k in range(1, many + 1)],
        "class": ["residential"] * many,
        "name": ["Birkevej"] * many,
        "carriageway_m": [6.0] * many,
        "speed_kmh": [36] * many,
        "level": [0] * many,
    }
    return placed([shapely.LineString(line) for line in lines], **{**told, **columns})


SPECIES = pd.DataFrame(
    [
        ("Eg", "Quercus", "Fagaceae", True, "tree", "any", 2, 2, 2, 35.0, 6.0, None),
        ("Birk", "Betula", "Betulaceae", True, "tree", "any", 3, 0, None, 25.0, 4.0, None),
        ("El", "Alnus", "Betulaceae", True, "tree", "rich", 1, 3, 2, 25.0, 4.0, None),
        ("Røn", "Sorbus", "Rosaceae", True, "tree", None, None, None, None, 12.0, 3.0, None),
        ("Ask", "Fraxinus", "Oleaceae", True, "tree", "any", 3, 3, 3, 35.0, 3.0, "asketoptørre"),
        ("Slåen", "Prunus", "Rosaceae", True, "shrub", "any", 3, 3, 3, 4.0, 1.5, None),
    ],
    columns=[
        *("species", "genus", "family", "native", "form", "soil", "dry", "wet", "salt"),
        *("height_m", "crown_radius_m", "excluded"),
    ],
)


def given_of(*, assumptions: Mapping[str, Any] | None = None, **layers: Any) -> Given:
    """What the analysis is given: the shipped assumptions, changed as told, and the layers that are told."""
    method = get_method("trees")
    shipped = read_project(shipped_root()).analyses["trees"].assumptions
    inputs: dict[str, Any] = {each.name: None for each in method.inputs}
    inputs |= {
        "municipality": placed([shapely.box(-500, -500, 1500, 1500)], name=["Lilleby"]),
        "buildings": houses(shapely.box(-400, -400, -390, -390)),
        "addresses": homes((-395, -395)),
        "roads": roads([(-450, -450), (-440, -450)]),
    }
    values = {name: value.value for name, value in shipped.items()} | dict(assumptions or {})
    return Given(inputs | layers, values, lambda _label, _share: None)


def planted(*, assumptions: Mapping[str, Any] | None = None, **layers: Any) -> Outcome:
    """The whole analysis."""
    return get_method("trees").function(given_of(assumptions=assumptions, **layers))
