"""The catalog on real layers, read where they lie: what it says of them has been looked up in the files."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from project_maker import ProjectMaker, frame

pytestmark = pytest.mark.shared

TEXT = {"type": "text"}
ID = {"type": "text", "required": True, "unique": True}


@pytest.fixture
def ballerup(maker: ProjectMaker, shared_data) -> ProjectMaker:
    """A project whose municipality is Ballerup's real boundary."""
    kept = {"path": str(shared_data / "boundary.gpkg"), "table": "ballerup_dagi500k"}
    kept["columns"] = {"name": "KOMNAVN", "code": "KOMKODE"}
    town = {"name": "Ballerup", "code": "0151"}
    columns = {"name": TEXT, "code": TEXT}
    maker.layer("municipality", geometry="polygon", clip="none", municipality=town, columns=columns, kept=kept)
    return maker


def test_real_boundary(ballerup):
    town = ballerup.catalog().read("municipality")
    assert town.data[["name", "code"]].to_numpy().tolist() == [["Ballerup", "0151"]]
    assert gpd.GeoDataFrame(town.data).area.sum() == pytest.approx(34.16e6, rel=0.001)
    assert not gpd.GeoDataFrame(town.data).has_z.any()


@pytest.mark.parametrize(
    ("file", "table", "geometry", "columns", "least"),
    [
        ("water.gpkg", "beskyttet_vandloeb", "line", {}, 100),
        ("roads.gpkg", "vej_myndighed", "line", {"owner": "type"}, 1000),
        ("landcover.gpkg", "land_anvendelse", "polygon", {"cover": "type"}, 1000),
        ("places.gpkg", "s_stations", "point", {"name": "navn"}, 4),
    ],
)
def test_real_layers(ballerup, shared_data, file, table, geometry, columns, least):
    kept = {"path": str(shared_data / file), "table": table, "columns": columns, "number": "id"}
    wanted = {"id": ID, **dict.fromkeys(columns, TEXT)}
    ballerup.layer("real", geometry=geometry, columns=wanted, kept=kept)
    catalog = ballerup.catalog()
    real = catalog.read("real")
    shapes = gpd.GeoDataFrame(real.data).geometry
    assert len(shapes) >= least
    assert shapes.is_valid.all()
    assert shapes.intersects(catalog.area).all()
    whole = gpd.read_file(shared_data / file, layer=table)
    repaired = whole.geometry.force_2d().make_valid()
    assert len(shapes) == repaired.intersects(catalog.area).sum(), "no feature of the municipality is lost"
    assert real.provenance.origin == f"{file}, table {table}"


def test_real_terrain_keeps_its_cells_that_are_not_square(maker, shared_data):
    path = shared_data / "terrain_dhm_16m_sample.tif"
    with rasterio.open(path) as dataset:
        heights = dataset.read(1, masked=True)
        extent = shapely.box(*dataset.bounds)
    town = frame([extent], name=["Udsnit"], code=["0151"])
    town.to_file(maker.root / "data" / "municipality.gpkg", layer="municipality")
    cell = {"type": "number", "title": {"da": "kote", "en": "height"}, "unit": "m", "minimum": -20.0, "maximum": 200.0}
    maker.layer("terrain", geometry="raster", cell=cell, kept={"path": str(path)}, clip="surroundings", margin_m=3000.0)
    terrain = maker.catalog().read("terrain")
    assert terrain.data.shape == (188, 250)
    assert terrain.data.cell_size_m == pytest.approx((16.0, 15.957), abs=0.001)
    assert np.isnan(terrain.data.array).sum() == heights.mask.sum()
    assert np.array_equal(terrain.data.array[~heights.mask], heights.compressed())
