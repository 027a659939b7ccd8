"""Makes small projects in a temporary folder: a square municipality of 1 km² and whatever a test adds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine

from ballerup_geo.catalog import Catalog
from ballerup_geo.project import Project, read_project

CRS = "EPSG:25832"
WEST, SOUTH, EAST, NORTH = 710_000.0, 6_180_000.0, 711_000.0, 6_181_000.0
SQUARE = shapely.box(WEST, SOUTH, EAST, NORTH)
TEXT = {"da": "Tekst", "en": "Text"}


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class ProjectMaker:
    """A project under construction: ``maker.layer(…)``, ``maker.analysis(…)``, then ``maker.catalog()``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = root / "out"
        for name in ("layers", "analyses", "maps", "data"):
            (root / name).mkdir(parents=True)
        town = gpd.GeoDataFrame({"name": ["Firkant"], "code": ["0151"]}, geometry=[SQUARE], crs=CRS)
        self.layer(
            "municipality",
            town,
            geometry="polygon",
            clip="none",
            municipality={"name": "Firkant", "code": "0151"},
            columns={name: {"type": "text", "required": True} for name in ("name", "code")},
        )

    def content(self, folder: str, name: str, fields: dict[str, Any]) -> None:
        lines = [f"{key} = {toml(value)}\n" for key, value in fields.items()]
        (self.root / folder / f"{name}.toml").write_text("".join(lines), encoding="utf-8")

    def layer(
        self,
        name: str,
        data: gpd.GeoDataFrame | None = None,
        *,
        columns: dict[str, dict[str, Any]] | None = None,
        kept: dict[str, Any] | None = None,
        sources: dict[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        """Add a layer; ``data`` are written to ``data/<name>.gpkg`` and become its kept source."""
        if data is not None:
            data.to_file(self.root / "data" / f"{name}.gpkg", layer=name)
        about = {"kind": "file", "path": f"data/{name}.gpkg", "licence": "CC0", "attribution": TEXT}
        titled = {key: {"title": TEXT, **column} for key, column in (columns or {}).items()}
        source = {"kept": {**about, **(kept or {})}} if sources is None else sources
        fields = {"title": TEXT, "description": TEXT, **fields, "columns": titled, "source": source}
        self.content("layers", name, fields)

    def raster(self, name: str, array: np.ndarray, *, transform: Affine, crs: str | None = CRS, **fields: Any) -> None:
        """Add a raster layer with its GeoTIFF."""
        profile = {key: fields.pop(key) for key in ("nodata", "scales", "offsets") if key in fields}
        path = self.root / "data" / f"{name}.tif"
        bands = array if array.ndim == 3 else array[None]
        shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
        with rasterio.open(path, "w", transform=transform, crs=crs, nodata=profile.get("nodata"), **shape) as dataset:
            dataset.write(bands)
        cell = {"type": "number", "title": TEXT, "unit": "m", "minimum": -10.0, "maximum": 100.0}
        kept = {"path": f"data/{name}.tif", **fields.pop("kept", {})}
        self.layer(name, geometry="raster", cell=cell, kept=kept, **fields)

    def analysis(self, name: str, **fields: Any) -> None:
        self.content("analyses", name, {"title": TEXT, "question": TEXT, "use": TEXT, **fields})

    def map(self, name: str, **fields: Any) -> None:
        self.content("maps", name, {"title": TEXT, "lead": TEXT, **fields})

    def project(self) -> Project:
        return read_project(self.root)

    def catalog(self, **options: Any) -> Catalog:
        return Catalog(self.project(), out=self.out, **{"data": "kept", **options})


def frame(shapes: list[Any], crs: str | None = CRS, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def squares(number: int, *, size: float = 20.0) -> list[Any]:
    """Squares in a row inside the municipality, which do not touch."""
    return [shapely.box(WEST + 50 * i, SOUTH, WEST + 50 * i + size, SOUTH + size) for i in range(number)]


def points(number: int) -> list[Any]:
    return [shapely.Point(WEST + 10 * i + 5, SOUTH + 5) for i in range(number)]
