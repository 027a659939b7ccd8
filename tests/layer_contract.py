"""What every layer of the modelled town keeps to, whatever it is about: the layer file's columns, and whole shapes."""

from __future__ import annotations

import geopandas as gpd
import shapely

from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.sources.model import Town
from ballerup_geo.sources.model.frame import outline


def assert_as_the_layer_file_says(town: Town, layer_id: str, *, least_rows: int = 2) -> None:
    """The layer's columns are the file's; what the file requires, calls unique or gives codes for is so."""
    table, layer = town.layer(layer_id), read_project(shipped_root()).layers[layer_id]
    assert len(table) >= least_rows
    assert set(table.columns) - {"geometry"} == set(layer.columns)
    for name, column in layer.columns.items():
        values = table[name]
        assert not (column.required and values.isna().any()), name
        assert not (column.unique and not values.is_unique), name
        assert not column.codes or set(values.dropna()) <= set(column.codes), name
    if isinstance(table, gpd.GeoDataFrame):
        assert table.crs.to_epsg() == 25832
        assert table.geometry.is_valid.all()
        assert not table.geometry.is_empty.any()


def assert_inside_the_municipality(town: Town, layer_id: str) -> None:
    """No part of a shape lies beyond the outline."""
    assert shapely.covered_by(town.table(layer_id).geometry.to_numpy(), outline().buffer(0.01)).all()
