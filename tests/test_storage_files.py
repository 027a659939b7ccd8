"""Files are written whole or not at all, and the same content gives the same bytes."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from geopandas.testing import assert_geodataframe_equal

from ballerup_geo import storage
from ballerup_geo.errors import BallerupGeoError, DataError
from ballerup_geo.storage import _rasters

NOTICE = {"notice": "Modelberegnede data – ikke virkelige bygninger"}


def make_frame(rows: int = 3) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name": pd.Series([f"sø {i}" for i in range(rows)], dtype="str"),
            "dwellings": pd.array([None, *range(rows - 1)], dtype="Int64"),
            "lit": pd.array([True] * (rows - 1) + [None], dtype="boolean"),
            "day": pd.Series(pd.to_datetime(["2026-02-03"] * rows)).astype("datetime64[ms]"),
            "area_m2": np.arange(rows) / 3,
        },
        geometry=shapely.box(range(rows), 0, np.arange(rows) + 1, 1),
        crs="EPSG:25832",
    )


def make_array() -> np.ndarray:
    return np.add.outer(np.arange(600), np.arange(700)).astype("float32")


def write_all(folder: Path) -> None:
    frame = make_frame()
    grid = Affine(2, 0, 710_000, 0, -2, 6_180_000)
    storage.write_table(folder / "a.parquet", frame, metadata=NOTICE)
    storage.write_geopackage(folder / "a.gpkg", {"lakes": frame, "none": frame[:0]}, metadata=NOTICE)
    storage.write_csv(folder / "a.csv", frame, notice=NOTICE["notice"])
    storage.write_json(folder / "a.json", {"å": 1.5})
    storage.write_cog(
        folder / "a.tif", make_array(), transform=grid, crs="EPSG:25832", nodata=float("nan"), metadata=NOTICE
    )


def test_same_content_same_bytes(tmp_path):
    write_all(tmp_path / "first")
    write_all(tmp_path / "second")
    names = sorted(path.name for path in (tmp_path / "first").iterdir())
    assert names == ["a.csv", "a.gpkg", "a.json", "a.parquet", "a.tif"]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes(), name


@pytest.mark.parametrize("rows", [3, 0])
def test_table_comes_back_as_it_was(tmp_path, rows):
    frame = make_frame()[:rows]
    storage.write_table(tmp_path / "a.parquet", frame, metadata=NOTICE)
    assert_geodataframe_equal(storage.read_table(tmp_path / "a.parquet"), frame)
    assert storage.read_table_metadata(tmp_path / "a.parquet") == NOTICE
    assert gpd.read_parquet(tmp_path / "a.parquet").crs == "EPSG:25832"


def test_table_without_geometry_or_columns_comes_back(tmp_path):
    plain = pd.DataFrame(make_frame().drop(columns="geometry"))
    storage.write_table(tmp_path / "plain.parquet", plain, metadata={})
    pd.testing.assert_frame_equal(storage.read_table(tmp_path / "plain.parquet"), plain)
    bare = make_frame()[["geometry"]]
    storage.write_table(tmp_path / "bare.parquet", bare, metadata={})
    assert_geodataframe_equal(storage.read_table(tmp_path / "bare.parquet"), bare)


def test_raster_comes_back_with_tags_and_overviews(tmp_path):
    grid = Affine(16, 0, 720_000, 0, -15.957, 6_193_000)
    storage.write_cog(tmp_path / "a.tif", make_array(), transform=grid, crs="EPSG:25832", nodata=-1, metadata=NOTICE)
    array, transform, crs, nodata = storage.read_cog(tmp_path / "a.tif")
    assert np.array_equal(array, make_array())
    assert (transform, crs, nodata) == (grid, "EPSG:25832", -1)
    assert storage.read_cog_metadata(tmp_path / "a.tif") == NOTICE


@pytest.mark.parametrize(
    "array",
    [
        np.array([[True, False, True]]),
        np.arange(12, dtype="int16").reshape(3, 4)[:, ::2],
        np.arange(12, dtype="uint8").reshape(3, 4)[::-1],
        np.array([[1.5, np.nan], [-0.0, np.inf]]),
        np.arange(2_000_000, dtype="int32").reshape(2000, 1000),
    ],
    ids=["boolean", "every other column", "from south to north", "not finite", "several strips"],
)
def test_any_array_comes_back_bit_by_bit(tmp_path, monkeypatch, array):
    monkeypatch.setattr(_rasters, "_STRIP_BYTES", 3_000_000)
    grid = Affine(0.4, 0, 710_000.1, 0, -0.4, 6_180_000.7)
    storage.write_cog(tmp_path / "a.tif", array, transform=grid, crs="EPSG:25832", nodata=None, metadata={})
    read, transform, _, nodata = storage.read_cog(tmp_path / "a.tif")
    assert read.tobytes() == array.tobytes()
    assert read.dtype == ("uint8" if array.dtype == bool else array.dtype)
    assert (transform, nodata) == (grid, None)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


MEMORY = """
    import sys
    from pathlib import Path
    import numpy as np
    from affine import Affine
    from ballerup_geo import storage

    def peak_mib():
        status = Path("/proc/self/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) / 1024

    place = {{"transform": Affine.scale(2, -2), "crs": "EPSG:25832", "nodata": None, "metadata": {{}}}}
    storage.write_cog(Path({path!r}), np.ones((9, 9), "float32"), **place)
    array = np.full((11_000, 11_000), 1.5, "float32")
    before = peak_mib()
    storage.write_cog(Path({path!r}), array, **place)
    print(peak_mib() - before)
    storage.write_cog(Path({path!r}), array > 1, **place)
    array = None
    before = peak_mib()
    storage.read_cog(Path({path!r}))
    print(peak_mib() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the largest memory is read as Linux tells it")
def test_large_raster_is_not_copied(tmp_path):
    script = textwrap.dedent(MEMORY.format(path=str(tmp_path / "a.tif")))
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    written, read = map(float, ran.stdout.split())
    assert written < 200, "MiB beyond the array of 462"
    assert read < 50, "an array of 115 in place of one of 577"


def test_geopackage_is_1_2_described_and_styled(tmp_path):
    path = tmp_path / "a.gpkg"
    tables = {
        "lakes": make_frame(),
        "named": make_frame().rename_geometry("geom"),
        "figures": pd.DataFrame({"value": [1.5]}),
    }
    storage.write_geopackage(path, tables, metadata=NOTICE, styles={"lakes": "<qgis/>"})
    assert pyogrio.list_layers(path)[:, 0].tolist() == ["lakes", "named", "figures", "layer_styles"]
    assert pyogrio.read_info(path, layer="lakes")["layer_metadata"]["DESCRIPTION"] == "notice: " + NOTICE["notice"]
    styles = pyogrio.read_dataframe(path, layer="layer_styles")
    assert styles[["f_table_name", "f_geometry_column", "styleQML"]].to_numpy().tolist() == [
        ["lakes", "geom", "<qgis/>"]
    ]
    assert path.read_bytes()[60:64] == (10200).to_bytes(4)
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_csv_opens_in_a_danish_spreadsheet_and_runs_no_formula(tmp_path):
    frame = pd.DataFrame(
        {"navn": ["=1+1", "Sømosen"], "areal_m2": [1.5, None], "antal": pd.array([None, 2], dtype="Int64")}
    )
    storage.write_csv(tmp_path / "a.csv", frame, notice="Modelberegnet")
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8")
    assert text == "\ufeffnotice;navn;areal_m2;antal\r\nModelberegnet;'=1+1;1,5;\r\nModelberegnet;Sømosen;;2\r\n"
    storage.append_csv(tmp_path / "b.csv", frame)
    storage.append_csv(tmp_path / "b.csv", frame)
    assert storage.read_csv(tmp_path / "b.csv")["navn"].tolist() == ["'=1+1", "Sømosen"] * 2


def test_hash_of_json_ignores_order_and_hash_of_files_ignores_folder(tmp_path):
    assert storage.sha256_json({"a": 1, "b": [1, 2]}) == storage.sha256_json({"b": [1, 2], "a": 1})
    assert storage.sha256_json({"a": 1}) != storage.sha256_json({"a": 1.5})
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "f").write_text("same")
    hashes = {storage.sha256_files([tmp_path / name / "f"], root=tmp_path / name) for name in ("x", "y")}
    assert len(hashes) == 1


def test_broken_file_of_ours_is_a_data_error(tmp_path):
    for name, read in (("a.parquet", storage.read_table), ("a.tif", storage.read_cog), ("a.json", storage.read_json)):
        (tmp_path / name).write_text("not what it should be")
        with pytest.raises(DataError, match=r"cannot be read .* → delete it and run again"):
            read(tmp_path / name)


FULL_DISK = """
    import resource, sys
    from pathlib import Path
    import numpy as np
    from ballerup_geo import storage
    from ballerup_geo.errors import BallerupGeoError
    sys.path.insert(0, {tests!r})
    from test_storage_files import make_array, make_frame
    from affine import Affine

    folder = Path({folder!r})
    grid = Affine(2, 0, 710_000, 0, -2, 6_180_000)
    tif = folder / "a.tif"
    noise = np.random.default_rng(1).random((600, 700))
    writers = [
        lambda: storage.write_table(folder / "a.parquet", make_frame(20_000), metadata={{}}),
        lambda: storage.write_geopackage(folder / "a.gpkg", {{"lakes": make_frame(20_000)}}, metadata={{}}),
        lambda: storage.write_csv(folder / "a.csv", make_frame(20_000), notice=None),
        lambda: storage.write_json(folder / "a.json", list(range(200_000))),
        lambda: storage.write_cog(tif, noise, transform=grid, crs="EPSG:25832", nodata=None, metadata={{}}),
    ]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    for write in writers:
        try:
            write()
        except BallerupGeoError as error:
            print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to stand in for a full disk")
def test_full_disk_leaves_the_last_good_files_and_nothing_else(tmp_path):
    write_all(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    script = textwrap.dedent(FULL_DISK.format(folder=str(tmp_path), tests=str(Path(__file__).parent)))
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    messages = ran.stdout.splitlines()
    assert len(messages) == 5
    for message in messages:
        assert "cannot be written" in message
        assert "disk is full" in message
        assert "make room, or choose another folder with --out; what was there before is unchanged" in message
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert ran.stderr == ""


DISK_FILLS_UP = """
    import resource
    from pathlib import Path
    import numpy as np
    from affine import Affine
    from ballerup_geo import storage
    from ballerup_geo.errors import BallerupGeoError

    noise = np.random.default_rng(1).random((600, 700))
    resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
    place = {{"transform": Affine.scale(2, -2), "crs": "EPSG:25832", "nodata": None, "metadata": {{}}}}
    try:
        storage.write_cog(Path({path!r}), noise, **place)
    except BallerupGeoError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limit to stand in for a full disk")
@pytest.mark.parametrize("most", [1_500_000, 2_600_000, 3_300_000])
def test_disk_that_fills_up_while_a_raster_is_written_is_noticed(tmp_path, most):
    path = tmp_path / "a.tif"
    path.write_text("the last good one")
    script = textwrap.dedent(DISK_FILLS_UP.format(path=str(path), most=most))
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "a.tif: cannot be written: the disk is full" in ran.stdout
    assert [other.name for other in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_text() == "the last good one"


def test_mostly_even_raster_is_packed_as_it_is_and_a_rough_one_as_differences(tmp_path):
    place = {"transform": Affine.scale(2, -2), "crs": "EPSG:25832", "nodata": None, "metadata": {}}
    dry, rough = np.zeros((600, 700), np.float32), np.random.default_rng(2).random((600, 700), np.float32)
    dry[100:200, 100:200] = rough[:100, :100]
    for name, array, predictor in (("dry", dry, None), ("rough", rough, "3")):
        path = tmp_path / f"{name}.tif"
        storage.write_cog(path, array, **place)
        with rasterio.open(path) as dataset:
            assert dataset.tags(ns="IMAGE_STRUCTURE").get("PREDICTOR") == predictor
        assert np.array_equal(storage.read_cog(path)[0], array)


@pytest.mark.parametrize("harm", ["cut off", "another cell", "cut off overview"])
def test_raster_is_read_back_before_it_takes_its_place(tmp_path, monkeypatch, harm):
    whole = _rasters.copy_to_cog

    def harmed(source, target, **how):
        whole(source, target, **how)
        content = target.read_bytes()
        if harm == "cut off":
            target.write_bytes(content[:-100])
        elif harm == "cut off overview":  # overviews lie before the cells
            target.write_bytes(content[: len(content) // 8] + bytes(2000) + content[len(content) // 8 + 2000 :])
        else:
            array = make_array()
            array[599, 699] += 1
            monkeypatch.setattr(_rasters, "copy_to_cog", whole)
            grid = Affine(2, 0, 710_000, 0, -2, 6_180_000)
            storage.write_cog(target, array, transform=grid, crs="EPSG:25832", nodata=None, metadata={})

    monkeypatch.setattr(_rasters, "copy_to_cog", harmed)
    with pytest.raises(BallerupGeoError, match=r"a\.tif: cannot be written: GDAL: "):
        storage.write_cog(
            tmp_path / "a.tif", make_array(), transform=Affine.scale(2, -2), crs="EPSG:25832", nodata=None, metadata={}
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions work otherwise on Windows")
def test_no_permission_is_said(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_bytes", refuse)  # root may write everywhere, so the refusal is played
    with pytest.raises(BallerupGeoError, match=r"a\.json: cannot be written: no permission") as caught:
        storage.write_json(tmp_path / "a.json", {})
    assert caught.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_csv_without_rows_says_its_notice_too(tmp_path: Path) -> None:
    empty = pd.DataFrame({"a": pd.Series(dtype="Int64"), "b": pd.Series(dtype=str)})
    storage.write_csv(tmp_path / "a.csv", empty, notice="Modelberegnet")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8-sig").splitlines() == ["notice;a;b", "Modelberegnet;;"]
    storage.write_csv(tmp_path / "b.csv", empty, notice=None)
    assert (tmp_path / "b.csv").read_text(encoding="utf-8-sig").splitlines() == ["a;b"]


@pytest.mark.parametrize("left", ["\ufeffa;b\r\n1;2", "\ufeffa;b\r\n1;2\r\n", "a;b\n1;2\n"])
def test_rows_added_after_an_editor_begin_a_line_of_their_own(tmp_path: Path, left: str) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(left.encode())
    storage.append_csv(path, pd.DataFrame({"a": ["3"], "b": ["4"]}))
    assert storage.read_csv(path).to_dict("list") == {"a": ["1", "3"], "b": ["2", "4"]}


@pytest.mark.parametrize("left", [b"", b"\xef\xbb\xbf"])
def test_an_emptied_file_gets_its_heading_again(tmp_path: Path, left: bytes) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(left)
    storage.append_csv(path, pd.DataFrame({"a": ["3"]}))
    assert storage.read_csv(path).to_dict("list") == {"a": ["3"]}
