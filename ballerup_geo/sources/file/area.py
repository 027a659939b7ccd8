"""A planner's own drawing: a plan area or a proposal, in any of the formats that plan authors use, as EPSG:25832."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj.exceptions import CRSError, ProjError

from ballerup_geo.errors import DataError, Fault, SourceError
from ballerup_geo.raster import CRS
from ballerup_geo.spec import Text

__all__ = ["Drawing", "read_drawing"]

Bounds = tuple[float, float, float, float]
_DEGREES = 360.0
_FORMATS = "GeoPackage, GeoJSON, shapefile, MapInfo TAB or GML"


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """The features of a drawing in EPSG:25832, and what was done to bring them there."""

    frame: gpd.GeoDataFrame
    notes: tuple[Text, ...]


def read_drawing(path: Path, *, town: shapely.Geometry, crs: str | None = None) -> Drawing:
    """Read the features of a file.

    Parameters
    ----------
    town
        The municipality, EPSG:25832: tells swapped or mistaken coordinates from those that only lie elsewhere.
    crs
        What the coordinates are, where the file does not say it.

    Raises
    ------
    SourceError
        The file is not there or cannot be read.
    DataError
        It states no coordinate reference system, several tables, or coordinates that cannot be those of that system.
    """
    frame = _read(path)
    if not len(frame):
        raise DataError(Fault(path.name, "", "has no features", "draw the area as a polygon and save it again"))
    reference, notes = _reference(frame, path, crs)
    _plausible(frame, reference, path, town)
    if reference.equals(pyproj.CRS(CRS), ignore_axis_order=True):
        return Drawing(frame.set_crs(CRS, allow_override=True), notes)
    try:
        moved = frame.set_crs(reference, allow_override=True).to_crs(CRS)
    except ProjError as error:
        what = f"is in {reference.name}, from which there is no way to {CRS}"
        raise DataError(Fault(path.name, "crs", what, f"save it in {CRS}")) from error
    _lands(frame, moved, path, town)
    return Drawing(
        moved,
        (
            *notes,
            Text(
                da=f"Tegningen er i {reference.name} og er regnet om til {CRS}.",
                en=f"The drawing is in {reference.name} and was brought to {CRS}.",
            ),
        ),
    )


def _read(path: Path) -> gpd.GeoDataFrame:
    if not path.exists():
        raise SourceError(Fault(str(path), "", "is not there", "name a file, or the id of a plan in lokalplaner"))
    try:
        tables = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None and name != "layer_styles"]
        if len(tables) > 1:
            todo = f"save one of them alone: {', '.join(sorted(tables))}"
            raise DataError(Fault(path.name, "", "holds several tables", todo))
        if not tables:
            raise DataError(Fault(path.name, "", "holds no features with shapes", f"save it as {_FORMATS}"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return gpd.GeoDataFrame(pyogrio.read_dataframe(path, layer=tables[0]))
    except (DataSourceError, DataLayerError) as error:
        what = f"cannot be read ({error})"
        raise SourceError(Fault(str(path), "", what, f"save it as {_FORMATS}")) from error


def _reference(frame: gpd.GeoDataFrame, path: Path, stated: str | None) -> tuple[pyproj.CRS, tuple[Text, ...]]:
    """Return the reference system: the file's, else the one that the planner states."""
    geojson_in_metres = path.suffix.lower() in (".json", ".geojson") and _in_metres(frame)
    if frame.crs is not None and not geojson_in_metres and not (frame.crs.is_engineering):
        return frame.crs, ()
    if stated is None:
        what = "does not say its coordinate reference system"
        todo = f"save it in {CRS}, or say which it is: --crs {CRS}"
        raise DataError(Fault(path.name, "crs", what, todo))
    try:
        found = pyproj.CRS.from_user_input(stated)
    except CRSError as error:
        todo = f"write an EPSG code, e.g. {CRS}"
        raise DataError(Fault("--crs", stated, "is no coordinate reference system", todo)) from error
    return found, (
        Text(
            da=f"Filen siger ikke sit koordinatsystem; {found.name} er brugt, som bedt om.",
            en=f"The file does not say its coordinate reference system; {found.name} was used, as asked.",
        ),
    )


def _in_metres(frame: gpd.GeoDataFrame) -> bool:
    """Say whether coordinates that GeoJSON takes for degrees are too large for that."""
    return frame.crs is not None and frame.crs.is_geographic and bool(abs(frame.total_bounds).max() > _DEGREES)


def _plausible(frame: gpd.GeoDataFrame, reference: pyproj.CRS, path: Path, town: shapely.Geometry) -> None:
    """Refuse coordinates that cannot be those of the reference system."""
    bounds = frame.total_bounds
    largest = float(abs(bounds).max())
    if reference.is_projected and largest <= _DEGREES:
        what = f"says {reference.name}, whose coordinates are metres, but they look like degrees"
        raise DataError(Fault(path.name, "crs", what, "save it anew with the right system (EPSG:4326 is degrees)"))
    if reference.is_geographic and largest > _DEGREES:
        what = f"says {reference.name}, whose coordinates are degrees, but they look like metres"
        raise DataError(Fault(path.name, "crs", what, f"save it anew with the right system, often {CRS}"))
    if reference.is_projected and _swapped(frame).intersects(town):
        what = "has north before east: exchanged, the coordinates lie in the municipality"
        raise DataError(Fault(path.name, "geometry", what, "save it anew with east (x) before north (y)"))


def _swapped(frame: gpd.GeoDataFrame) -> shapely.Geometry:
    west, south, east, north = frame.total_bounds
    return shapely.box(south, west, north, east)


def _lands(frame: gpd.GeoDataFrame, moved: gpd.GeoDataFrame, path: Path, town: shapely.Geometry) -> None:
    """Tell swapped degrees, which land far away, from an area that lies elsewhere."""
    if shapely.box(*moved.total_bounds).intersects(town) or not frame.crs or not frame.crs.is_geographic:
        return
    west, south, east, north = frame.total_bounds
    swapped = gpd.GeoSeries([shapely.box(south, west, north, east)], crs=frame.crs).to_crs(CRS)
    if swapped.iloc[0].is_valid and swapped.intersects(town).iloc[0]:
        what = "has latitude before longitude: exchanged, the coordinates lie in the municipality"
        raise DataError(Fault(path.name, "geometry", what, "save it anew with longitude before latitude"))
