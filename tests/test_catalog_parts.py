"""A large table or raster checked in parts gives what it gives at once: the same bytes, notes and faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.affinity
from affine import Affine
from project_maker import CRS, SOUTH, WEST, ProjectMaker, frame

from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.sources.file import batches, raster
from ballerup_geo.storage import read_json

BOWTIE = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
COLUMNS: dict[str, dict[str, Any]] = {
    "house_id": {"type": "text", "required": True, "unique": True},
    "floors": {"type": "integer", "minimum": 0, "maximum": 30},
    "height_m": {"type": "number"},
    "listed": {"type": "boolean"},
    "built": {"type": "date"},
    "use": {"type": "text", "codes": {"a": {"da": "a", "en": "a"}, "b": {"da": "b", "en": "b"}}},
    "owner": {"type": "text"},
}
Make = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]


def plain(number: int = 40) -> gpd.GeoDataFrame:
    """A table in which little is wrong, and nothing before the eighth row."""
    late = np.arange(number) > number // 2
    return frame(
        [
            shapely.box(
                WEST + 20 * (at % 45), SOUTH + 20 * (at // 45), WEST + 20 * (at % 45) + 9, SOUTH + 20 * (at // 45) + 9
            )
            for at in range(number)
        ],
        house_id=[f"H{at:03d}" for at in range(number)],
        floors=np.where(late, 99, 2),
        height_m=[f"{at}.5" if at < 20 else "1.234" for at in range(number)],
        listed=["ja" if at % 2 else None for at in range(number)],
        built=pd.to_datetime(["2001-02-03"] * number),
        use=["a" if at != 33 else "z" for at in range(number)],
    )


def with_comma_last(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows.assign(height_m=[*rows["height_m"][:-1], "12,5"])


def with_all_sorts(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = rows.geometry.to_numpy().copy()
    shapes[12], shapes[13] = None, shapely.Point(WEST, SOUTH)
    shapes[25] = shapely.affinity.translate(BOWTIE, WEST + 30, SOUTH + 30)
    shapes[30] = shapely.multipolygons([shapes[30], shapely.box(WEST, SOUTH, WEST + 5, SOUTH + 5)])
    shapes[36] = shapely.box(WEST + 1e5, SOUTH, WEST + 1e5 + 5, SOUTH + 5)
    return rows.set_geometry(gpd.GeoSeries(shapes, crs=CRS))


def with_duplicates(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ids = rows["house_id"].tolist()
    ids[35], ids[38], ids[5] = ids[2], ids[3], None
    return rows.assign(house_id=ids)


def elsewhere(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows.set_geometry(rows.translate(5e4, 0))


def swapped(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return rows.set_geometry(
        gpd.GeoSeries(shapely.transform(rows.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=CRS)
    )


def in_degrees(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return with_all_sorts(rows).to_crs(4326)


def outcome(maker: ProjectMaker) -> tuple[bytes, list[str], dict[str, Any]] | str:
    """What is kept (file, notes, record), or what is said."""
    try:
        provenance = maker.catalog().keep("houses")
    except DataError as error:
        return str(error)
    folder = maker.out / "results" / "layers"
    record = read_json(folder / "houses.json")["provenance"]
    return (folder / "houses.parquet").read_bytes(), list(provenance.notes), {**record, "time": ""}


@pytest.mark.parametrize(
    ("change", "clip"),
    [
        (plain, "none"),
        (with_comma_last, "none"),
        (with_all_sorts, "none"),
        (with_all_sorts, "municipality"),
        (with_duplicates, "none"),
        (elsewhere, "municipality"),
        (swapped, "none"),
        (in_degrees, "municipality"),
    ],
)
def test_in_parts_as_at_once(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch, change: Make, clip: str) -> None:
    rows = plain() if change is plain else change(plain())
    rows.to_parquet(maker.root / "data" / "houses.parquet")
    kept = {"path": "data/houses.parquet"}
    maker.layer("houses", geometry="polygon", clip=clip, columns=COLUMNS, kept=kept)
    at_once = outcome(maker)
    monkeypatch.setattr(batches, "LARGE_ROWS", 0)
    monkeypatch.setattr(batches, "BATCH_ROWS", 7)
    for path in (maker.out / "results" / "layers").glob("houses.*"):
        path.unlink()
    assert outcome(maker) == at_once
    assert [path.name for path in (maker.out / "results" / "layers").glob(".houses*")] == []
    told = at_once if isinstance(at_once, str) else " ".join(at_once[1])
    expected = {
        plain: '19 values of 40 are outside 0–30 and left out (first: "99" in row 22)',
        with_comma_last: "19 values",
        with_all_sorts: "1 invalid feature repaired (first: row 26",
        with_duplicates: '2 values stand more than once (first: "H002" in rows 3, 36)',
        elsewhere: "lies in the area wanted",
        swapped: "x and y are swapped",
        in_degrees: "1 invalid feature repaired",
    }
    assert expected[change] in told
    if change is with_comma_last:
        heights = maker.catalog().read("houses").data["height_m"]
        assert heights.iloc[-2:].tolist() == [1234.0, 12.5], "a comma in the last row tells what the points are"


def test_a_damaged_file_leaves_what_was_kept(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LARGE_ROWS", 0)
    path = maker.root / "data" / "houses.parquet"
    plain(3000).to_parquet(path, row_group_size=500)
    maker.layer("houses", geometry="polygon", clip="none", columns=COLUMNS, kept={"path": "data/houses.parquet"})
    first = outcome(maker)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 400] = bytes(400)
    path.write_bytes(content)
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        maker.catalog().keep("houses")
    assert (maker.out / "results" / "layers" / "houses.parquet").read_bytes() == first[0]
    assert list((maker.out / "results" / "layers").glob(".houses*")) == []


def test_a_table_without_geometry_in_parts(
    maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pd.DataFrame({"year": range(50), "share": [0.5] * 49 + [None]}).to_parquet(maker.root / "data" / "years.parquet")
    columns = {"year": {"type": "integer", "unique": True}, "share": {"type": "number", "required": True}}
    maker.layer("years", geometry="table", columns=columns, kept={"path": "data/years.parquet"})
    with pytest.raises(DataError, match="1 row of 50 has no value") as at_once:
        maker.catalog().keep("years")
    monkeypatch.setattr(batches, "LARGE_ROWS", 0)
    monkeypatch.setattr(batches, "BATCH_ROWS", 7)
    with pytest.raises(DataError) as in_parts:
        maker.catalog().keep("years")
    assert str(in_parts.value) == str(at_once.value)


# ---------------------------------------------------------------- rasters


def land(change: str) -> tuple[np.ndarray, Affine, float | None]:
    """A terrain of 5 m cells that reaches 100 m beyond the municipality, with something wrong."""
    array = np.random.default_rng(2).uniform(0, 60, (240, 240)).astype("float32")
    grid, nodata = Affine(5, 0, WEST - 100, 0, -5, SOUTH + 1100), None
    if change == "holes":
        array[50:70, 100:120], nodata = -9999, -9999.0
        array[200, 100], array[201, 70] = 4000, np.inf
    if change == "feet":
        array *= 30
    if change == "empty":
        array[:], nodata = -9999, -9999.0
    if change == "misses":
        grid = grid @ Affine.translation(60, 0)
    return array, grid, nodata


@pytest.mark.parametrize("change", ["plain", "holes", "feet", "empty", "misses"])
def test_a_raster_in_strips_as_at_once(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    array, grid, nodata = land(change)
    maker.raster("land", array, transform=grid, nodata=nodata)

    def kept() -> tuple[bytes, tuple[str, ...], int] | str:
        try:
            provenance = maker.catalog().keep("land")
        except DataError as error:
            return str(error)
        return (maker.out / "results" / "layers" / "land.tif").read_bytes(), provenance.notes, provenance.rows

    at_once = kept()
    assert isinstance(at_once, str) == (change in {"feet", "empty", "misses"})
    for path in (maker.out / "results" / "layers").glob("land.*"):
        path.unlink()
    monkeypatch.setattr(raster, "LARGE_CELLS", 0)
    monkeypatch.setattr(raster, "_FEW_CELLS", 240 * 37)
    assert kept() == at_once
    assert [path.name for path in (maker.out / "results" / "layers").glob(".land*")] == []
    if change == "holes":
        assert "2 of 40000 cells lie outside" in " ".join(at_once[1])
