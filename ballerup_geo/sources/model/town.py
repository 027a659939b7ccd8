"""The modelled town: one seed, one builder a layer, each layer built once."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.raster import Raster

__all__ = ["BUILDERS", "MODEL_VERSION", "SEED", "Builder", "Town", "town"]

MODEL_VERSION = "1"
"""Raised whenever the same seed gives other data."""

SEED = 151

Part = TypeVar("Part")

Builder = Callable[["Town"], "pd.DataFrame | Raster"]
"""Gives features as a GeoDataFrame, a layer without shapes as a DataFrame."""

BUILDERS: Mapping[str, str] = MappingProxyType(
    {
        "municipality": "outlines:build_municipality",
        "neighbours": "outlines:build_neighbours",
        "stations": "outlines:build_stations",
        "places": "outlines:build_places",
        "streams": "streams:build_streams",
        "recipients": "recipients:build_recipients",
        "lakes": "lakes:build_lakes",
        "culverts": "culverts:build_culverts",
        "terrain": "terrain:build_terrain",
        "roads": "roads:build_roads",
        "buildings": "buildings:build_buildings",
        "addresses": "addresses:build_addresses",
        "parcels": "parcels:build_parcels",
        "land_cover": "land_cover:build_land_cover",
        "schools": "schools:build_schools",
        "rain_events": "rain_events:build_rain_events",
        "basins": "basins:build_basins",
        "measures": "basins:build_measures",
        "sewer_areas": "sewers:build_sewer_areas",
        "green_areas": "green_areas:build_green_areas",
        "critical_functions": "critical_functions:build_critical_functions",
        "ground_conflicts": "ground_conflicts:build_ground_conflicts",
        "crossings": "crossings:build_crossings",
        "accidents": "accidents:build_accidents",
        "school_districts": "school_districts:build_school_districts",
        "statistics_areas": "statistics_areas:build_statistics_areas",
        "parking": "parking:build_parking",
        "fleet_bases": "fleet_bases:build_fleet_bases",
        "chargers": "chargers:build_chargers",
        "car_areas": "car_areas:build_car_areas",
        "power_areas": "power_areas:build_power_areas",
        "charging_rules": "charging_rules:build_charging_rules",
        "heat_areas": "heat_supply:build_heat_areas",
        "heat_network": "heat_supply:build_heat_network",
        "heat_plants": "heat_supply:build_heat_plants",
        "heat_rates": "heat_supply:build_heat_rates",
        "heat_customers": "heat_supply:build_heat_customers",
        "heat_meters": "heat_supply:build_heat_meters",
        "tree_species": "tree_species:build_tree_species",
        "protected_nature": "protected_nature:build_protected_nature",
        "utilities": "utilities:build_utilities",
        "trees": "trees:build_trees",
        "surface": "surface:build_surface",
        "pipe_sizes": "heat_supply:build_pipe_sizes",
        "lokalplaner": "lokalplaner:build_lokalplaner",
    }
)
"""Layer id → module of this package and its builder; modules are loaded when their layer is asked for."""


class Town:
    """A town that grows layer by layer, as layers are asked for.

    Parameters
    ----------
    cell_m
        Cell size of its rasters in metres. Nothing but rasters depends on it.
    seed
        Everything invented follows from it.
    """

    def __init__(self, cell_m: float, *, seed: int = SEED) -> None:
        self.cell_m = cell_m
        self.seed = seed
        self._layers: dict[str, pd.DataFrame] = {}
        self._parts: dict[Callable[[Town], Any], Any] = {}

    def rng(self, layer_id: str) -> np.random.Generator:
        """Return the generator of a layer (or of a named part of one): a new layer changes no other."""
        return np.random.default_rng([self.seed, zlib.crc32(layer_id.encode())])

    def layer(self, layer_id: str) -> pd.DataFrame | Raster:
        """Build a layer, or return it if it stands already; a raster is built each time, as it may be large.

        Raises
        ------
        SourceError
            The model has no such layer.
        """
        if layer_id not in self._layers:
            layer = _builder(layer_id)(self)
            if isinstance(layer, Raster):
                return layer
            self._layers[layer_id] = layer
        return self._layers[layer_id]

    def part(self, build: Callable[[Town], Part]) -> Part:
        """Return what several layers stand on (``town.part(build_relief)``), built once."""
        if build not in self._parts:
            self._parts[build] = build(self)
        part: Part = self._parts[build]
        return part

    def table(self, layer_id: str) -> gpd.GeoDataFrame:
        """Return a layer of features."""
        layer = self.layer(layer_id)
        if not isinstance(layer, gpd.GeoDataFrame):
            raise TypeError(f"{layer_id} has no features")
        return layer


def _builder(layer_id: str) -> Builder:
    if layer_id not in BUILDERS:
        todo = f"give the layer another source; modelled layers are {', '.join(BUILDERS)}"
        raise SourceError(Fault(f"layers/{layer_id}.toml", "source.model", "the model does not make this layer", todo))
    module, name = BUILDERS[layer_id].split(":")
    builder: Builder = getattr(import_module(f"{__package__}.{module}"), name)
    return builder


@lru_cache(maxsize=1)
def town(cell_m: float, seed: int = SEED) -> Town:
    """Return the town of a seed; the last one asked for is kept."""
    return Town(cell_m, seed=seed)
