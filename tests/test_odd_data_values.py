"""Values as municipal systems really write them: nothing is misread in silence, nothing ends in a traceback."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from affine import Affine
from project_maker import SOUTH, TEXT, WEST, frame, points

from ballerup_geo.errors import DataError, SourceError

TEXT_AND_NUMBER = {"a": {"type": "text"}, "b": {"type": "number"}}


def csv_layer(maker, content, columns=None):
    data = content if isinstance(content, bytes) else content.encode()
    (maker.root / "data" / "x.csv").write_bytes(data)
    maker.layer("x", geometry="table", columns=columns or TEXT_AND_NUMBER, kept={"path": "data/x.csv"})
    return maker.catalog().read("x")


def column(maker, values, kind, **contract):
    """The values of a column as the catalog gives them, missing ones None, and the notes."""
    pq.write_table(pa.table({"a": values}), maker.root / "data" / "x.parquet")
    maker.layer("x", geometry="table", columns={"a": {"type": kind, **contract}}, kept={"path": "data/x.parquet"})
    checked = maker.catalog().read("x")
    values = checked.data["a"].astype(object)
    return [None if pd.isna(value) else value for value in values], checked.provenance.notes


# ---------------------------------------------------------------- CSV


def test_separators_at_the_end_of_lines_do_not_shift_values(maker):
    """pandas alone takes the first value of each line for an index: a = 1, b missing."""
    checked = csv_layer(maker, "a;b\nx;1;\ny;2,5;\n")
    assert checked.data.to_dict("list") == {"a": ["x", "y"], "b": [1.0, 2.5]}


def test_more_values_than_names_is_refused(maker):
    with pytest.raises(SourceError, match="2 names of columns, and 3 values in a line → check that every line"):
        csv_layer(maker, "a;b\nx;1;what\ny;2;\n")


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        ("a;b\nGrøn;1,5\n".encode("utf-16"), "Grøn", "read as UTF-16"),
        (b"a;b\nGr\xf8n\x81;1,5\n", "Grøn�", "read as Windows-1252"),
    ],
)
def test_encodings_of_old_systems_are_read_and_told(maker, content, text, note):
    checked = csv_layer(maker, content)
    assert checked.data.to_dict("list") == {"a": [text], "b": [1.5]}
    assert note in checked.provenance.notes[0]


@pytest.mark.parametrize("content", ["", "\n\na;b\nx;1\n"])
def test_a_file_without_header_is_refused(maker, content):
    with pytest.raises(SourceError, match=r"begins with an empty line.* → let the file begin with its header"):
        csv_layer(maker, content)


def test_a_table_without_any_of_the_columns_is_refused(maker):
    """What an Excel file's first line does to a table all of whose columns are optional."""
    with pytest.raises(DataError, match=r"none of the layer's columns; it has: sep=, .* → the header is line 1"):
        csv_layer(maker, "sep=;\na;b\nx;1\n")


# ---------------------------------------------------------------- values


def test_numbers_from_a_danish_spreadsheet(maker):
    values = ["1.250,5", "1.250", "980", "1\u00a0234,5", "\u22125"]
    assert column(maker, values, "number")[0] == [1250.5, 1250.0, 980.0, 1234.5, -5.0]


def test_a_point_is_a_decimal_point_where_no_comma_says_otherwise(maker):
    assert column(maker, ["1.250", "980"], "number")[0] == [1.25, 980.0]


def test_long_identifiers_keep_their_last_digits(maker):
    values = ["1234567890123456789", "9007199254740993"]
    assert column(maker, values, "integer", unique=True)[0] == [1234567890123456789, 9007199254740993]


@pytest.mark.parametrize(
    "values",
    [["99999999999999999999", "1"], ["1e30", "1"], [1e30, 1.0], pa.array([2**63 + 1, 1], pa.uint64())],
)
def test_a_number_too_large_for_an_integer_is_counted(maker, values):
    found, notes = column(maker, values, "integer")
    assert found == [None, 1]
    assert notes[0].startswith("a: 1 value of 2 is no whole number and left out")


def test_lists_and_bytes_in_cells_are_texts(maker):
    assert column(maker, [[1, 2], [3]], "text")[0] == ["[1, 2]", "[3]"]
    assert column(maker, [b"bl\xc3\xa5", b"\xff"], "text")[0] == ["blå", "�"]


def test_a_moment_belongs_to_the_danish_day(maker):
    """The registers write 1 January as the evening before in UTC; without a zone a time is Danish already."""
    values = ["2019-12-31T23:00:00.000000Z", "2019-12-31T23:00:00", "9999-12-31T23:30:00Z"]
    days = ["2020-01-01", "2019-12-31", "9999-12-31"]
    assert [f"{day:%Y-%m-%d}" for day in column(maker, values, "date")[0]] == days


def test_days_written_as_whole_numbers(maker):
    found, notes = column(maker, [20200131, 2020], "date")
    assert found == [pd.Timestamp("2020-01-31"), None]
    assert notes[0] == 'a: 1 value of 2 is no date and left out (first: "2020" in row 2)'


# ---------------------------------------------------------------- names and shapes


@pytest.mark.parametrize(("theirs", "ours"), [("NAME", "name"), ("floor_area", "floor_area_m2")])
def test_a_column_that_is_only_written_otherwise_is_named(maker, theirs, ours):
    maker.layer("x", frame(points(1), **{theirs: ["7"]}), geometry="point", columns={ours: {"type": "text"}})
    notes = " ".join(maker.catalog().read("x").provenance.notes)
    assert f'{ours}: not delivered; is it the source\'s "{theirs}"?' in notes


def test_shapes_that_are_nothing_are_no_layer(maker):
    flat = shapely.Polygon([(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST, SOUTH)])
    maker.layer("x", frame([flat], a=["1"]), geometry="polygon", columns={"a": {"type": "text"}})
    with pytest.raises(DataError, match="none of 1 feature has length or area → point to data whose shapes are whole"):
        maker.catalog().read("x")


@pytest.mark.parametrize("crs", ['LOCAL_CS["byggeplads",UNIT["metre",1]]', "EPSG:5799", "EPSG:4978"])
def test_a_crs_without_a_way_home_is_named(maker, crs):
    maker.layer(
        "x",
        frame(points(1), crs=None, a=["1"]).set_crs(crs),
        geometry="point",
        columns={"a": {"type": "text"}},
    )
    with pytest.raises(DataError, match="from which there is no way to EPSG:25832 → write the file in another"):
        maker.catalog().read("x")


def test_endless_cells_are_emptied_whatever_the_range(maker):
    array = np.full((100, 100), 20.0, dtype="float32")
    array[0, 0] = np.inf
    maker.raster("x", array, transform=Affine(10, 0, WEST, 0, -10, SOUTH + 1000))
    cell = {"type": "number", "title": TEXT, "unit": "m"}
    maker.layer("x", geometry="raster", cell=cell, kept={"path": "data/x.tif"})
    checked = maker.catalog().read("x")
    assert np.isnan(checked.data.array[0, 0])
    assert "1 of 10000 cells" in checked.provenance.notes[0]


@pytest.mark.parametrize(
    ("dtype", "height", "said"),
    [("complex64", -10.0, "holds complex numbers"), ("float32", 0.0, "cells without width or height")],
)
def test_rasters_that_are_no_map_are_refused(maker, dtype, height, said):
    maker.raster("x", np.zeros((9, 9), dtype), transform=Affine(10, 0, WEST, 0, height, SOUTH))
    with pytest.raises(DataError, match=said):
        maker.catalog().read("x")
