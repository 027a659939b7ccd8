"""Tables with coordinates: CSV, spreadsheets and tables of a database become points."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from project_maker import CRS
from test_sources_file import ask, read

from ballerup_geo import sources
from ballerup_geo.errors import DataError, SourceError

PLACE = {"x": "øst", "y": "nord", "assume_crs": CRS}


def test_csv_with_coordinates_in_either_writing(tmp_path):
    (tmp_path / "a.csv").write_text("name;øst;nord\nA;710000,5;6180000\nB;710.100,25;6.180.000,0\nC;;\nD;x;1\n")
    delivery = read(tmp_path, path="a.csv", wanted=("name",), **PLACE)
    assert delivery.data.geometry.x.tolist()[:2] == [710000.5, 710100.25]
    assert delivery.data.geometry.y.tolist()[:2] == [6180000, 6180000]
    assert delivery.data.geometry.isna().tolist() == [False, False, True, True], "the catalog counts these"
    assert delivery.data.index.tolist() == [2, 3, 4, 5], "lines of the file"
    assert delivery.data.crs == CRS


def test_degrees_are_degrees(tmp_path):
    (tmp_path / "a.csv").write_text("name,lon,lat\nA,12.36,55.73\n")
    delivery = read(tmp_path, path="a.csv", wanted=("name",), x="lon", y="lat", assume_crs="EPSG:4326")
    assert delivery.data.geometry[2].coords[0] == (12.36, 55.73)
    assert delivery.data.crs == "EPSG:4326"


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.gpkg", "a.parquet"])
def test_other_tables_with_coordinates(tmp_path, name):
    frame = pd.DataFrame(
        {"name": ["Å", "B"], "pupils": ["few", "many"], "øst": [710_000.5, 1.0], "nord": [6_180_000.0, 2.0]}
    )
    if name == "a.parquet":
        frame.to_parquet(tmp_path / name)
    else:
        pyogrio.write_dataframe(frame, tmp_path / name, layer="Ark1")
    delivery = read(tmp_path, path=name, **PLACE)
    assert delivery.data["name"].tolist() == ["Å", "B"]
    assert np.array_equal(delivery.data.geometry.x, [710_000.5, 1.0])


def test_a_spreadsheet_of_texts_has_its_header_in_the_first_row(tmp_path):
    pyogrio.write_dataframe(pd.DataFrame({"name": ["x", "y"], "pupils": ["a", "b"]}), tmp_path / "a.xlsx", layer="Ark1")
    delivery = read(tmp_path, geometry="table", path="a.xlsx")
    assert not isinstance(delivery.data, gpd.GeoDataFrame)
    assert delivery.data["pupils"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({**PLACE, "x": "ost"}, r'has no column "ost" → did you mean "øst"\?'),
        ({**PLACE, "assume_crs": None}, "by their size perhaps EPSG:25832"),
        ({"y": "nord", "assume_crs": CRS}, r'both coordinates are wanted → add x = "…"'),
        ({}, "is a table without geometry.*name the columns with coordinates"),
        ({**PLACE, "geometry": "polygon"}, "has coordinates of points, and the layer wants polygon features"),
    ],
)
def test_what_is_not_said_is_asked_for(tmp_path, fields, said):
    (tmp_path / "a.csv").write_text("name;øst;nord\nA;710000;6180000\n")
    with pytest.raises((DataError, SourceError), match=said):
        read(tmp_path, path="a.csv", wanted=("name",), **fields)


def test_the_municipalitys_own_table_of_voting_areas_is_read_where_it_lies(shared_data):
    asked = ask(shared_data, geometry="table", path="voting_areas_dst_2024.csv", wanted=())
    delivery = sources.read_source(*asked)
    assert len(delivery.data) >= 9
    assert "Windows-1252" not in "".join(delivery.notes)
