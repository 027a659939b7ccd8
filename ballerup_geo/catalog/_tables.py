"""A table against its layer's contract: its features, its columns, at once or some rows at a time."""

from __future__ import annotations

from collections.abc import Container

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ballerup_geo.catalog._casting import has_decimal_comma
from ballerup_geo.catalog._columns import ColumnsTally
from ballerup_geo.catalog._findings import Findings
from ballerup_geo.catalog._geometry import GeometryTally, one_type
from ballerup_geo.catalog._place import Region
from ballerup_geo.raster import CRS
from ballerup_geo.sources import Delivery
from ballerup_geo.spec import FileSource, Layer, ModelSource

__all__ = ["TableTally", "check_table", "number_texts"]


class TableTally:
    """Checks the rows of a layer some at a time; what is wrong with all of them is said at the end.

    Parameters
    ----------
    commas
        Columns of numbers whose texts write decimals with a comma.
    """

    def __init__(self, layer: Layer, region: Region | None, *, commas: Container[str]) -> None:
        self._layer = layer
        self._rows = 0
        self._geometry = None if layer.geometry == "table" else GeometryTally(layer, region)
        self._columns = ColumnsTally(layer, commas=commas)

    def add(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that the layer keeps, under the source's row numbers; geometry stands last."""
        self._rows += len(frame)
        if self._geometry is None:
            plain = pd.DataFrame(frame)
            return pd.DataFrame(self._columns.add(plain), index=plain.index)
        features = self._geometry.add(gpd.GeoDataFrame(frame))
        checked = pd.DataFrame(self._columns.add(features), index=features.index)
        kept: pd.DataFrame = gpd.GeoDataFrame(checked, geometry=features.geometry.to_numpy(), crs=CRS)
        return kept

    def report(self, findings: Findings, *, delivery: Delivery, source: FileSource | ModelSource) -> dict[str, str]:
        """Say what was mended and what stops the layer; return where each column came from."""
        if self._geometry is not None:
            self._geometry.report(findings, delivery)
        elif not self._rows and not self._layer.may_be_empty:
            findings.fault("", "the source has no rows", "replace it, or set may_be_empty = true in the layer's file")
        return self._columns.report(findings, delivery=delivery, source=source)

    @property
    def becomes_multi(self) -> bool:
        """Say whether all features are to be multi-part, so that the layer is of one type."""
        return self._geometry is not None and self._geometry.becomes_multi

    def of_one_type(self, shapes: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return geometries as multi-part ones."""
        return one_type(shapes, self._layer.geometry)


def number_texts(layer: Layer, frame: pd.DataFrame) -> list[str]:
    """Return the columns of numbers that come as texts, or as values of several types."""
    numbers = [name for name, column in layer.columns.items() if column.type in {"integer", "number"}]
    return [name for name in numbers if name in frame and frame[name].dtype.kind in "OTU"]


def check_table(
    frame: pd.DataFrame,
    layer: Layer,
    findings: Findings,
    *,
    delivery: Delivery,
    region: Region | None,
    source: FileSource | ModelSource,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return what the layer keeps of a whole table, and where each column came from."""
    texts = number_texts(layer, frame)
    tally = TableTally(layer, region, commas={name for name in texts if has_decimal_comma(frame[name])})
    checked = tally.add(frame)
    origins = tally.report(findings, delivery=delivery, source=source)
    if layer.municipality is not None:
        checked = _only_municipality(checked, layer.municipality.code, findings)
    checked = checked.reset_index(drop=True)
    if tally.becomes_multi:
        shapes = tally.of_one_type(gpd.GeoDataFrame(checked).geometry.to_numpy())
        checked = gpd.GeoDataFrame(checked).set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    return checked, origins


def _only_municipality(checked: pd.DataFrame, code: str, findings: Findings) -> pd.DataFrame:
    """Keep the municipality's own rows, where the file holds those of others too."""
    if "code" not in checked or not len(checked):
        return checked
    codes = checked["code"].str.zfill(len(code))
    if (codes == code).any():
        return checked[codes == code].assign(code=code)
    if any(fault.key == "code" for fault in findings.faults):  # that is why no row is this municipality's
        return checked
    present = ", ".join(sorted(set(codes.dropna()))[:12])
    findings.fault(
        "code",
        f"no row is municipality {code}; the file has {present or 'no codes'}",
        "correct [municipality] code, or the file",
    )
    return checked
