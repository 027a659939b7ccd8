"""Files as sources: every kind is read alike, and what cannot be read says why and what to do."""

import os

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from project_maker import CRS, EAST, NORTH, SOUTH, SQUARE, TEXT, WEST, frame, points, squares

from ballerup_geo import sources
from ballerup_geo.errors import DataError, ProjectError, SourceError
from ballerup_geo.sources import Request
from ballerup_geo.spec import FileSource, Layer


def ask(folder, *, bounds=SQUARE.bounds, geometry="point", wanted=("name", "pupils"), **kept):
    """Return a file source and the request that a layer of these columns makes of it."""
    about = {"kind": "file", "licence": "CC0", "attribution": TEXT, **kept}
    columns = {name: {"type": "text", "title": TEXT} for name in wanted}
    fields = {"title": TEXT, "description": TEXT, "geometry": geometry, "columns": columns}
    layer = Layer.model_validate({**fields, "source": {"kept": about}})
    assert isinstance(layer.source.kept, FileSource)
    return layer.source.kept, Request("schools", layer, folder, 2.0, bounds, lambda label, share: None)


def read(folder, **fields):
    return sources.read_source(*ask(folder, **fields))


def schools(number=3):
    return frame(points(number), name=[f"skole {i}" for i in range(number)], pupils=range(number))


@pytest.mark.parametrize("name", ["a.gpkg", "a.parquet", "a.shp", "a.geojson", "a.fgb"])
def test_every_vector_format_gives_the_same(tmp_path, name):
    if name.endswith("parquet"):
        schools().to_parquet(tmp_path / name)
    else:
        schools().to_file(tmp_path / name, **({"SPATIAL_INDEX": "NO"} if name.endswith("fgb") else {}))
    delivery = read(tmp_path, path=name)
    assert delivery.data["name"].tolist() == ["skole 0", "skole 1", "skole 2"]
    home = delivery.data.to_crs(CRS)
    assert np.allclose(home.geometry.x, [WEST + 5, WEST + 15, WEST + 25], atol=0.01)
    assert delivery.columns == {"name": 'column "name"', "pupils": 'column "pupils"'}
    assert "pupils" in delivery.offered


def test_columns_values_constants_and_numbers_are_translated(tmp_path):
    data = frame(points(3), bygning=[110.0, 120.0, None], ejer=["k", "x", None])
    data.to_file(tmp_path / "a.gpkg")
    delivery = read(
        tmp_path,
        path="a.gpkg",
        wanted=("use_code", "owner", "status", "id"),
        columns={"use_code": "bygning", "owner": "ejer"},
        values={"use_code": {"110": 120}, "owner": {"k": "municipality"}},
        constants={"status": 6},
        number="id",
    )
    assert delivery.data["use_code"].tolist()[:2] == [120, 120.0]
    assert delivery.data["owner"].tolist()[:2] == ["municipality", "x"]
    assert delivery.data["status"].tolist() == [6, 6, 6]
    assert delivery.data["id"].tolist() == ["1", "2", "3"], "feature numbers of the file"
    assert delivery.columns["owner"] == 'column "ejer", values replaced'
    assert delivery.columns["id"] == "the file's row number"


def test_row_numbers_do_not_depend_on_what_is_asked(tmp_path):
    schools(3).to_file(tmp_path / "a.gpkg")
    part = read(tmp_path, path="a.gpkg", bounds=(WEST + 14, SOUTH, EAST, NORTH), wanted=("id",), number="id")
    assert part.data["id"].tolist() == ["2", "3"]
    assert part.total == 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("navn;pupils\nSømosen;1,5\n\nÅen;2\n", "utf-8-sig"),
        ("navn,pupils\nSømosen,1.5\n\nÅen,2\n", "utf-8"),
        ("navn\tpupils\nSømosen\t1,5\n\nÅen\t2\n", "cp1252"),
    ],
)
def test_csv_separator_and_encoding_are_found_out(tmp_path, text, encoding):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    delivery = read(tmp_path, geometry="table", path="a.csv", wanted=("navn", "pupils"))
    assert delivery.data["navn"].tolist() == ["Sømosen", "Åen"]
    assert delivery.data.index.tolist() == [2, 4], "lines of the file; the header is line 1"
    assert bool(delivery.notes) == (encoding == "cp1252")


def test_table_layer_may_be_parquet_or_geopackage(tmp_path):
    pd.DataFrame({"name": ["a"], "pupils": [1]}).to_parquet(tmp_path / "a.parquet")
    schools(1).to_file(tmp_path / "a.gpkg")
    for name in ("a.parquet", "a.gpkg"):
        data = read(tmp_path, geometry="table", path=name).data
        assert not isinstance(data, gpd.GeoDataFrame)
        assert data["pupils"].tolist() in ([0], [1])


def test_missing_file_names_the_nearest(tmp_path):
    schools().to_file(tmp_path / "schools.gpkg")
    with pytest.raises(SourceError, match=r'schoolz\.gpkg does not exist .* did you mean "schools\.gpkg"\?') as caught:
        read(tmp_path, path="schoolz.gpkg")
    assert caught.value.faults[0].where == "layers/schools.toml"
    assert caught.value.faults[0].key == "source.kept.path"
    with pytest.raises(SourceError, match=r"make the folder .*data and put the file there"):
        read(tmp_path, path="data/schools.gpkg")


@pytest.mark.parametrize("name", ["a.gpkg", "a.parquet", "a.geojson", "a.tif"])
def test_broken_file_is_a_source_error(tmp_path, name):
    (tmp_path / name).write_bytes(b"this is something else altogether")
    geometry = "raster" if name == "a.tif" else "point"
    with pytest.raises(SourceError, match="cannot be read"):
        read(tmp_path, path=name, geometry=geometry, wanted=())


def test_file_cut_short_is_a_source_error(tmp_path):
    schools(5000).to_file(tmp_path / "a.gpkg")
    whole = (tmp_path / "a.gpkg").read_bytes()
    (tmp_path / "a.gpkg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match=r"a\.gpkg"):
        read(tmp_path, path="a.gpkg", bounds=None)


def test_several_tables_want_a_name_and_a_wrong_one_the_nearest(tmp_path):
    for table in ("roads", "lakes"):
        schools().to_file(tmp_path / "a.gpkg", layer=table)
    with pytest.raises(SourceError, match=r'several tables and none is named → add table = "…", one of: lakes, roads'):
        read(tmp_path, path="a.gpkg")
    with pytest.raises(SourceError, match=r'no table "raods" → did you mean "roads"\?'):
        read(tmp_path, path="a.gpkg", table="raods")
    assert len(read(tmp_path, path="a.gpkg", table="roads").data) == 3


def test_raster_for_features_and_features_for_raster(tmp_path, maker):
    maker.raster("terrain", np.ones((4, 4), "float32"), transform=Affine(250, 0, WEST, 0, -250, NORTH))
    with pytest.raises(SourceError, match=r"terrain\.tif is a raster, and the layer wants point features"):
        read(maker.root / "data", path="terrain.tif")
    with pytest.raises(SourceError, match=r"municipality\.gpkg holds features, and the layer is a raster"):
        read(maker.root / "data", path="municipality.gpkg", geometry="raster", wanted=())
    (tmp_path / "a.csv").write_text("name\nx\n")
    with pytest.raises(SourceError, match=r"a\.csv is a table without geometry"):
        read(tmp_path, path="a.csv")


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_crs_must_be_assumed_in_writing(tmp_path):
    schools().set_crs(None, allow_override=True).to_file(tmp_path / "a.shp")
    with pytest.raises(DataError, match=r'does not say its coordinate reference system → .* assume_crs = "EPSG:25832"'):
        read(tmp_path, path="a.shp")
    with pytest.raises(ProjectError, match='"EPSG:1" is no coordinate reference system'):
        read(tmp_path, path="a.shp", assume_crs="EPSG:1")
    delivery = read(tmp_path, path="a.shp", assume_crs=CRS)
    assert delivery.data.crs == CRS
    assert delivery.notes == ("the file states no coordinate reference system; EPSG:25832 was assumed",)


def test_raster_is_read_near_the_area_only_with_nodata_as_nan(maker):
    array = np.arange(10_000, dtype="float32").reshape(100, 100)
    maker.raster("terrain", array, transform=Affine(100, 0, WEST - 4550, 0, -99.5, NORTH + 4500), nodata=4648)
    raster = read(maker.root / "data", path="terrain.tif", geometry="raster", wanted=()).data
    assert raster.cell_size_m == (100, 99.5)
    assert raster.shape == (11, 11), "1000 m are met by 11 cells of 100 m and 11 of 99.5 m, neither beginning on a side"
    assert raster.bounds == (WEST - 50, NORTH + 22.5 - 11 * 99.5, EAST + 50, NORTH + 22.5)
    assert raster.array[0, 0] == 4545
    assert np.argwhere(np.isnan(raster.array)).tolist() == [[1, 3]], "row 46, column 48 of the file"


def test_raster_with_south_up_is_turned(maker):
    array = np.arange(100, dtype="float32").reshape(10, 10)
    maker.raster("up", array[::-1], transform=Affine(100, 0, WEST, 0, 100, SOUTH))
    delivery = read(maker.root / "data", path="up.tif", geometry="raster", wanted=())
    assert delivery.data.transform == Affine(100, 0, WEST, 0, -100, NORTH)
    assert np.array_equal(delivery.data.array, array)


@pytest.mark.filterwarnings("ignore:The given matrix is equal to Affine.identity")
def test_raster_without_place_or_with_bands(maker):
    maker.raster("picture", np.ones((3, 3), "uint8"), transform=Affine.identity(), crs=None)
    maker.raster("bands", np.ones((3, 4, 4), "uint8"), transform=Affine(250, 0, WEST, 0, -250, NORTH))
    folder = maker.root / "data"
    with pytest.raises(DataError, match="does not say where it lies"):
        read(folder, path="picture.tif", geometry="raster", wanted=())
    with pytest.raises(DataError, match="has 3 bands, and the layer is one quantity"):
        read(folder, path="bands.tif", geometry="raster", wanted=())


def test_touched_file_has_another_stamp_and_the_same_fingerprint(tmp_path):
    schools().to_file(tmp_path / "a.shp")
    asked = ask(tmp_path, path="a.shp")
    stamp, fingerprint = sources.stamp(*asked), sources.fingerprint(*asked)
    os.utime(tmp_path / "a.shp", (1, 1))
    assert sources.stamp(*asked) != stamp
    assert sources.fingerprint(*asked) == fingerprint
    (tmp_path / "a.dbf").write_bytes((tmp_path / "a.dbf").read_bytes().replace(b"skole 1", b"skole 9"))
    assert sources.fingerprint(*asked) != fingerprint, "the attributes of a shapefile stand in another file"


def test_polygons_keep_their_shape(tmp_path):
    frame(squares(2), name=["a", "b"]).to_file(tmp_path / "a.gpkg")
    delivery = read(tmp_path, geometry="polygon", path="a.gpkg")
    assert delivery.data.area.tolist() == [400.0, 400.0]
