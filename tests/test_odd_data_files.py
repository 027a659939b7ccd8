"""Files in odd places: every part of a source is watched, and what cannot be read is named."""

import os

import numpy as np
import pytest
import rasterio.shutil
import shapely
from affine import Affine
from project_maker import SOUTH, WEST, frame, points, squares

from ballerup_geo import sources, storage
from ballerup_geo.errors import BallerupGeoError, DataError, SourceError

TEXT_COLUMN = {"a": {"type": "text"}}


def test_a_change_in_a_companion_written_in_capitals_is_seen(maker):
    """ArcView and MapInfo write ROADS.SHP with ROADS.DBF."""
    for values in (["old", "b"], ["new", "b"]):
        folder = maker.root / "written"
        folder.mkdir(exist_ok=True)
        frame(points(2), a=values).to_file(folder / "roads.shp")
        for part in folder.iterdir():
            part.replace(maker.root / "data" / part.name.upper())
        os.utime(maker.root / "data" / "ROADS.SHP", (0, 0))
        maker.layer("x", geometry="point", columns=TEXT_COLUMN, kept={"path": "data/ROADS.SHP"})
        assert maker.catalog().read("x").data["a"].tolist() == values


def test_a_change_in_one_tile_of_a_mosaic_is_seen(maker):
    """The terrain model comes in tiles; a VRT over them stays the same when a tile changes."""
    grid = Affine(10, 0, WEST, 0, -10, SOUTH + 1000)
    maker.raster("x", np.full((100, 100), 20.0, "float32"), transform=grid)
    rasterio.shutil.copy(maker.root / "data" / "x.tif", maker.root / "data" / "all.vrt", driver="VRT")
    for height in (20.0, 30.0):
        maker.raster("x", np.full((100, 100), height, "float32"), transform=grid, kept={"path": "data/all.vrt"})
        assert maker.catalog().read("x").data.array[0, 0] == height


def test_a_file_that_may_not_be_read_is_named(maker, monkeypatch):
    """Root may read everything, so the system's answer is played."""
    maker.layer("x", frame(points(1), a=["1"]), geometry="point", columns=TEXT_COLUMN)

    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("ballerup_geo.sources.file.sha256_file", forbidden)
    with pytest.raises(SourceError, match=r"x.gpkg cannot be read \(Permission denied\) → check its permissions"):
        maker.catalog().read("x")


@pytest.mark.skipif(os.name == "nt", reason="a path with a drive letter is taken as it stands")
def test_an_exclamation_mark_in_a_path_is_named(maker, tmp_path):
    """Danish folder trees are full of them (!Vigtigt); GDAL's reader sees an archive there."""
    data = frame(points(1), a=["1"])
    maker.layer("x", data, geometry="point", columns=TEXT_COLUMN, kept={"path": "data/x!y.gpkg"})
    (maker.root / "data" / "x.gpkg").rename(maker.root / "data" / "x!y.gpkg")
    with pytest.raises(SourceError, match=r"has an exclamation mark in it, .* → rename the folder or the file"):
        maker.catalog().read("x")
    with (
        pytest.raises(BallerupGeoError, match="the exclamation mark in the path"),
        storage.lock_folder(tmp_path / "!vigtigt"),
    ):
        pytest.fail("a run would have begun")
    assert not (tmp_path / "!vigtigt").exists()
    with pytest.raises(BallerupGeoError, match=r"the exclamation mark in the path .* → rename the folder"):
        storage.write_geopackage(tmp_path / "!vigtigt" / "a.gpkg", {"t": data}, metadata={})


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps names as text")
def test_a_folder_name_that_is_no_text_is_named(cli, toy_town, tmp_path):
    name = os.fsdecode(b"byg\xf8rn")
    done = cli("run", "--project", toy_town, "--out", tmp_path / name)
    assert done.code == 1
    assert "the name holds bytes that are no text" in done.err
    (tmp_path / name).symlink_to(toy_town)
    assert "the name holds" not in cli("check", "--project", tmp_path / name).err
    (tmp_path / name).unlink()
    for folder in ("layers", "analyses", "maps"):
        (tmp_path / name / folder).mkdir(parents=True)
    done = cli("check", "--project", tmp_path / name)
    assert done.code == 1
    assert "the name of the folder holds bytes that are no text" in done.err


def test_a_shape_of_a_million_corners_is_read(maker):
    turn = np.linspace(0, 2 * np.pi, 1_000_001)
    turn[-1] = 0.0
    round_ = shapely.Polygon(np.column_stack([WEST + 500 + 400 * np.cos(turn), SOUTH + 500 + 400 * np.sin(turn)]))
    maker.layer("x", frame([round_, squares(1)[0]], a=["1", "2"]), geometry="polygon", columns=TEXT_COLUMN)
    assert shapely.get_num_coordinates(maker.catalog().read("x").data.geometry[0]) == 1_000_001


def test_sources_of_the_same_bytes_have_the_same_fingerprint(maker):
    maker.layer("x", frame(points(1), a=["1"]), geometry="point", columns=TEXT_COLUMN)
    catalog = maker.catalog()
    layer = maker.project().layers["x"]
    before = catalog.key("x")
    os.utime(maker.root / "data" / "x.gpkg", (0, 0))
    assert maker.catalog().key("x") == before
    assert layer.source.kept is not None
    assert sources.stamp(layer.source.kept, catalog._request("x")).count("x.gpkg") == 1


def test_a_municipality_without_its_code_is_said_once(maker):
    path = maker.root / "layers" / "municipality.toml"
    kept = '"path" = "data/municipality.gpkg"'
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(kept, kept + ', "columns" = { "code" = "KOMKODE" }'), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        maker.catalog().read("municipality")
    (fault,) = caught.value.faults
    assert fault.what == 'the source has no column "KOMKODE", which source.kept.columns.code names'
