"""What the catalog does with features and columns: mends and counts, or stops and says why."""

import datetime
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from project_maker import CRS, EAST, NORTH, SOUTH, SQUARE, WEST, frame, points, squares

from ballerup_geo import sources, storage
from ballerup_geo.catalog import Provenance
from ballerup_geo.errors import DataError, SourceError
from ballerup_geo.spec.notice import MODEL_NOTICE

ID = {"id": {"type": "text", "required": True, "unique": True}}
BOWTIE = shapely.Polygon([(WEST, SOUTH), (WEST + 20, SOUTH + 20), (WEST + 20, SOUTH), (WEST, SOUTH + 20)])


def faults(maker, layer="lakes"):
    """Read a layer that must be refused; return each fault as (column, text)."""
    with pytest.raises(DataError) as caught:
        maker.catalog().read(layer)
    return [(fault.key, f"{fault.what} → {fault.todo}") for fault in caught.value.faults]


def read(maker, layer="lakes"):
    return maker.catalog().read(layer)


def test_layer_is_renamed_cast_clipped_and_in_order(maker):
    shapes = [*squares(2), shapely.box(EAST + 10, SOUTH, EAST + 20, NORTH)]
    data = frame(
        shapes, navn=["Åen", "Søen", "udenfor"], aar=[1990.0, 2001.0, 2002.0], extra=[1, 2, 3], lake=["a", "b", "c"]
    )
    columns = {"id": ID["id"], "year": {"type": "integer"}, "name": {"type": "text"}, "depth_m": {"type": "number"}}
    maker.layer(
        "lakes",
        data,
        geometry="polygon",
        columns=columns,
        kept={"columns": {"id": "lake", "year": "aar", "name": "navn"}},
    )
    lakes = read(maker)
    assert lakes.data.columns.tolist() == ["id", "year", "name", "depth_m", "geometry"]
    assert lakes.data["name"].tolist() == ["Åen", "Søen"]
    assert lakes.data["year"].dtype == "Int64"
    assert lakes.data["year"].tolist() == [1990, 2001]
    assert lakes.data["depth_m"].isna().all(), "optional and not delivered: there, and missing in every row"
    assert lakes.data.crs == CRS
    assert lakes.provenance.columns["depth_m"] == "not delivered"
    assert lakes.provenance.columns["year"] == 'column "aar"'
    assert lakes.provenance.rows == 2
    assert lakes.provenance.notes == ()
    assert not lakes.provenance.modelled


def test_surroundings_and_none_keep_more(maker):
    shapes = [shapely.box(EAST + far, SOUTH, EAST + far + 5, NORTH) for far in (0, 90, 110, 50_000)]
    for clip, kept in (("municipality", ["a"]), ("surroundings", ["a", "b"]), ("none", ["a", "b", "c", "d"])):
        maker.layer("lakes", frame(shapes, id=list("abcd")), geometry="polygon", columns=ID, clip=clip, margin_m=100.0)
        assert read(maker).data["id"].tolist() == kept


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:25833", "EPSG:3857", "EPSG:7416"])
def test_other_crs_is_brought_home(maker, crs):
    data = frame(squares(2), id=["a", "b"]).to_crs(crs)
    maker.layer("lakes", data, geometry="polygon", columns=ID)
    lakes = read(maker).data
    assert lakes.crs == CRS
    assert np.allclose(lakes.total_bounds, (WEST, SOUTH, WEST + 70, SOUTH + 20), atol=0.01)


def test_heights_are_dropped_and_single_parts_unwrapped(maker):
    shapes = [shapely.multipolygons([shapely.force_3d(shape, 7.0)]) for shape in squares(2)]
    maker.layer("lakes", frame(shapes, id=["a", "b"]), geometry="polygon", columns=ID)
    lakes = read(maker).data
    assert not lakes.has_z.any()
    assert lakes.geom_type.tolist() == ["Polygon", "Polygon"]


def test_real_multi_parts_make_the_whole_layer_multi(maker):
    one, two, three = squares(3)
    maker.layer(
        "lakes", frame([one, shapely.multipolygons([two, three])], id=["a", "b"]), geometry="polygon", columns=ID
    )
    assert read(maker).data.geom_type.tolist() == ["MultiPolygon", "MultiPolygon"]


def test_invalid_polygons_are_repaired_and_counted(maker):
    maker.layer("lakes", frame([squares(2)[1], BOWTIE], id=["a", "b"]), geometry="polygon", columns=ID)
    lakes = read(maker)
    assert lakes.data.is_valid.all()
    assert lakes.data.area.tolist() == [400.0, 200.0], "the two triangles of the bow tie"
    (note,) = lakes.provenance.notes
    assert note.startswith("geometry: 1 invalid feature repaired (first: row 2, Self-intersection[")


def test_wrong_types_missing_and_collapsed_geometry_are_left_out_and_counted(maker):
    flat = shapely.Polygon([(WEST, SOUTH), (WEST + 5, SOUTH), (WEST + 9, SOUTH)])
    shapes = [squares(1)[0], points(1)[0], shapely.LineString(points(2)), None, flat]
    maker.layer("lakes", frame(shapes, id=list("abcde")), geometry="polygon", columns=ID, clip="none")
    lakes = read(maker)
    assert lakes.data["id"].tolist() == ["a"]
    assert lakes.provenance.notes == (
        "geometry: 1 feature without geometry left out (first: row 4)",
        "geometry: 2 features that are no polygon left out (LineString, Point; first: row 2)",
        "geometry: 1 feature without length or area left out (first: row 5)",
    )


def test_all_of_the_wrong_type_is_refused(maker):
    maker.layer("lakes", frame(points(3), id=list("abc")), geometry="polygon", columns=ID)
    assert faults(maker) == [
        (
            "geometry",
            "none of 3 features is a polygon: they are Point → point to another table, or correct geometry in the "
            "layer's file",
        )
    ]


def test_empty_file_and_nothing_here_are_told_apart(maker):
    maker.layer("lakes", frame([], id=[]), geometry="polygon", columns=ID)
    ((_, said),) = faults(maker)
    assert said == "the source has no features → replace it, or set may_be_empty = true in the layer's file"
    far = [shapely.box(600_000, 6_100_000, 600_100, 6_100_100)]
    maker.layer("lakes", frame(far, id=["a"]), geometry="polygon", columns=ID)
    ((_, said),) = faults(maker)
    assert said == (
        "none of 1 feature lies in the area wanted: they cover x 600000–600100, y 6100000–6100100, the area "
        "x 710000–711000, y 6180000–6181000 (EPSG:25832) → point to data of the municipality, or set may_be_empty = "
        "true"
    )
    maker.layer("lakes", frame(far, id=["a"]), geometry="polygon", columns=ID, may_be_empty=True)
    lakes = read(maker).data
    assert (len(lakes), lakes.crs, lakes.columns.tolist()) == (0, CRS, ["id", "geometry"])


@pytest.mark.parametrize("may_be_empty", [True, False])
@pytest.mark.parametrize(
    ("change", "crs", "said"),
    [
        (lambda x, y: (y, x), CRS, "x and y are swapped"),
        (lambda x, y: (12.3, 55.7), CRS, "the coordinates look like degrees"),
        (lambda x, y: (x, y), "EPSG:4326", "the coordinates are no degrees"),
        (lambda x, y: (55.7, 12.3), "EPSG:4326", "x and y are swapped"),
        (lambda x, y: (x, y + 9_000_000), CRS, "lie outside the area where EPSG:25832 holds"),
    ],
)
def test_wrong_crs_is_recognised(maker, change, crs, said, may_be_empty):
    shapes = [shapely.Point(change(WEST + 5, SOUTH + 5)).buffer(0.001)]
    maker.layer("lakes", frame(shapes, crs, id=["a"]), geometry="polygon", columns=ID, may_be_empty=may_be_empty)
    found = faults(maker)
    assert len(found) == 1
    assert said in found[0][1]


def test_one_stray_feature_does_not_condemn_a_layer(maker):
    shapes = [*squares(3), shapely.box(0, 0, 1, 1)]
    maker.layer("lakes", frame(shapes, id=list("abcd")), geometry="polygon", columns=ID, clip="none")
    assert len(read(maker).data) == 4


def test_nan_coordinates_are_left_out_and_counted(maker):
    shapes = [*points(2), shapely.Point(float("nan"), 5)]
    data = frame(shapes, id=list("abc"))
    maker.layer("lakes", geometry="point", columns=ID, clip="none", kept={"path": "data/lakes.parquet"})
    data.to_parquet(maker.root / "data" / "lakes.parquet")
    lakes = read(maker)
    assert lakes.data["id"].tolist() == ["a", "b"]
    assert len(lakes.provenance.notes) == 1
    assert "1 feature" in lakes.provenance.notes[0]


def test_bad_values_of_optional_columns_become_missing_and_are_counted(maker):
    columns = {
        "year": {"type": "integer", "minimum": 1000, "maximum": 2100},
        "kind": {"type": "text", "codes": {"a": {"da": "a", "en": "a"}, "b": {"da": "b", "en": "b"}}},
        "use": {"type": "integer", "register_codes": "bbr_056"},
        "area_m2": {"type": "number", "minimum": 0},
        "lit": {"type": "boolean"},
        "day": {"type": "date"},
    }
    data = frame(
        squares(4),
        year=["1990", "nineteen", "12", None],
        kind=["a", "c", "", "b"],
        use=[1, 2, 3, 999],
        area_m2=["1.234,5", "-1", "7", "8.5"],
        lit=["ja", "nej", "måske", "1"],
        day=["2024-02-03", "03-02-2024", "31.02.2024", None],
    )
    maker.layer("lakes", data, geometry="polygon", columns=columns)
    lakes = read(maker)
    table = lakes.data.drop(columns="geometry").astype(object)
    table = table.where(table.notna(), None)
    assert table["year"].tolist() == [1990, None, None, None]
    assert table["kind"].tolist() == ["a", None, None, "b"]
    assert table["use"].tolist() == [1, 2, 3, None]
    assert table["area_m2"].tolist() == [1234.5, None, 7.0, 8.5]
    assert table["lit"].tolist() == [True, False, None, True]
    assert [None if day is None else day.date() for day in table["day"]] == [datetime.date(2024, 2, 3)] * 2 + [None] * 2
    assert lakes.provenance.notes == (
        'year: 1 value of 4 is no whole number and left out (first: "nineteen" in row 2)',
        'year: 1 value of 4 is outside 1000–2100 and left out (first: "12" in row 3)',
        'kind: 1 value of 4 is not in the code list (a, b) and left out (first: "c" in row 2)',
        'use: 1 value of 4 is not in the register\'s code list BBR 056 and left out (first: "999" in row 4)',
        'area_m2: 1 value of 4 is below 0 and left out (first: "-1" in row 2)',
        'lit: 1 value of 4 is no true or false and left out (first: "måske" in row 3)',
        'day: 1 value of 4 is no date and left out (first: "31.02.2024" in row 3)',
    )


def test_all_faults_of_a_layer_come_at_once(maker):
    columns = {
        "id": ID["id"],
        "name": {"type": "text", "required": True},
        "storeys": {"type": "integer", "required": True, "maximum": 60},
        "kind": {"type": "text", "required": True},
        "year": {"type": "integer"},
    }
    data = frame(
        squares(4), id=["a", "a", "b", "b"], nam=list("abcd"), storeys=[1, 99, 88, None], kind=["x", "", None, "y"]
    )
    maker.layer("lakes", data, geometry="polygon", columns=columns, kept={"columns": {"year": "nma"}})
    assert faults(maker) == [
        (
            "id",
            '2 values stand more than once (first: "a" in rows 1, 2) → give every row its own, or name another column',
        ),
        (
            "name",
            'the required column is missing → name the source\'s column: source.kept.columns.name = "…"; '
            'did you mean "nam"?',
        ),
        (
            "storeys",
            '2 values of 4 are above 60 (first: "99" in row 2) → correct the data, or translate the values: '
            "[source.kept.values.storeys]",
        ),
        (
            "storeys",
            "1 row of 4 has no value (first: row 4) → fill it in, or leave the rows out of the file; the column is "
            "required",
        ),
        (
            "kind",
            "2 rows of 4 have no value (first: row 2) → fill it in, or leave the rows out of the file; the column is "
            "required",
        ),
        ("year", 'the source has no column "nma", which source.kept.columns.year names → did you mean "nam"?'),
    ]


def test_municipality_is_picked_out_of_many_and_must_be_there(maker):
    many = frame([shapely.box(0, 6_000_000, 1, 6_000_001), SQUARE], name=["Anden", "Firkant"], code=[101, 151])
    many.to_file(maker.root / "data" / "municipality.gpkg", layer="municipality")
    town = read(maker, "municipality").data
    assert town[["name", "code"]].to_numpy().tolist() == [["Firkant", "0151"]]
    many[:1].to_file(maker.root / "data" / "municipality.gpkg", layer="municipality")
    assert faults(maker, "municipality")[0][1].startswith("no row is municipality 0151; the file has 0101")


def test_table_layer_has_no_geometry_and_the_same_checks(maker):
    path = maker.root / "data" / "events.csv"
    path.write_text("event;regn_mm;factor\na;30,5;1\na;x;2\n", encoding="utf-8")
    columns = {"event_id": ID["id"], "rain_mm": {"type": "number"}}
    kept = {"path": "data/events.csv", "columns": {"event_id": "event", "rain_mm": "regn_mm"}}
    maker.layer("events", geometry="table", columns=columns, kept=kept)
    assert faults(maker, "events") == [
        (
            "event_id",
            '1 value stands more than once (first: "a" in rows 2, 3) → give every row its own, or name another column',
        )
    ]
    path.write_text("event;regn_mm\na;30,5\nb;x\n", encoding="utf-8")
    events = read(maker, "events")
    assert type(events.data) is pd.DataFrame
    assert events.data["rain_mm"].tolist()[0] == 30.5
    assert events.provenance.notes == ('rain_mm: 1 value of 2 is no number and left out (first: "x" in row 3)',)


def test_kept_layer_is_read_back_the_same_until_its_source_changes(maker):
    data = frame(squares(3), id=list("abc"), year=[1, None, 3])
    columns = {**ID, "year": {"type": "integer"}, "day": {"type": "date"}, "lit": {"type": "boolean"}}
    maker.layer("lakes", data, geometry="polygon", columns=columns)
    first = read(maker)
    again = read(maker)
    assert_geodataframe_equal(first.data, again.data)
    assert first.provenance == again.provenance, "the time too: it was not read anew"
    keys = [maker.catalog().key("lakes")]
    (maker.root / "data" / "lakes.gpkg").touch()
    keys.append(maker.catalog().key("lakes"))
    data[:2].to_file(maker.root / "data" / "lakes.gpkg", layer="lakes")
    keys.append(maker.catalog().key("lakes"))
    assert len(read(maker).data) == 2
    maker.layer("lakes", geometry="polygon", columns={**columns, "year": {"type": "number"}})
    keys.append(maker.catalog().key("lakes"))
    assert keys[0] == keys[1], "touched is not changed"
    assert len(set(keys)) == 3


def test_damaged_kept_layer_is_made_anew(maker):
    maker.layer("lakes", frame(squares(3), id=list("abc")), geometry="polygon", columns=ID)
    first = read(maker)
    kept = maker.out / "results" / "layers" / "lakes.parquet"
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-10])
    assert_geodataframe_equal(read(maker).data, first.data)
    assert kept.read_bytes() == whole, "same inputs, same bytes"
    (maker.out / "results" / "layers" / "lakes.json").write_text("{")
    assert_geodataframe_equal(read(maker).data, first.data)


def test_kept_file_says_where_it_comes_from(maker):
    maker.layer("lakes", frame(squares(3), id=list("abc")), geometry="polygon", columns=ID)
    read(maker)
    metadata = storage.read_table_metadata(maker.out / "results" / "layers" / "lakes.parquet")
    assert metadata == {"layer": "lakes", "origin": "lakes.gpkg", "licence": "CC0", "attribution": "Tekst"}


def test_a_layer_made_anew_is_the_one_that_is_read_back_shapes_know_no_grid(maker, monkeypatch):
    """A shape that knows the grid it was rounded to has another buffer than the same shape read from a file."""
    lines = [shapely.LineString([(WEST + 9 * k, SOUTH + 1), (WEST + 9 * k + 7, SOUTH + 8)]) for k in range(3)]
    maker.layer("lakes", frame(lines, id=list("abc")), geometry="line", columns=ID)
    given = sources.read_source

    def on_a_grid(source, request):
        delivery = given(source, request)
        data = delivery.data.set_geometry(shapely.set_precision(delivery.data.geometry.to_numpy(), 0.5), crs=CRS)
        return replace(delivery, data=data)

    monkeypatch.setattr(sources, "read_source", on_a_grid)
    anew, back = read(maker).data.geometry, read(maker).data.geometry
    assert (
        shapely.get_precision(anew.to_numpy()).tolist() == shapely.get_precision(back.to_numpy()).tolist() == [0.0] * 3
    )
    assert shapely.to_wkb(anew.buffer(1.7)).tolist() == shapely.to_wkb(back.buffer(1.7)).tolist()


def test_unknown_layer_is_named_and_never_modelled_instead(maker):
    about = {"kind": "model", "licence": "MIT", "attribution": {"da": "Model", "en": "Model"}}
    maker.layer("places", geometry="point", columns=ID, sources={"model": about})
    maker.layer("lakes", geometry="polygon", columns=ID, kept={"path": "data/none.gpkg"})
    catalog = maker.catalog()
    assert not catalog.has("places")
    assert not catalog.has("lakes")
    with pytest.raises(
        SourceError, match=r'places\.toml: source\.kept: the layer "places" is unknown: it has no source'
    ):
        catalog.read("places")
    with pytest.raises(
        SourceError, match=r'the layer "lakes" is unknown: the file .*none\.gpkg does not exist'
    ) as caught:
        catalog.read("lakes")
    assert caught.value.exit_code == 3


def test_file_without_geometry_for_a_spatial_layer(maker):
    pd.DataFrame({"id": ["a"]}).to_parquet(maker.root / "data" / "lakes.parquet")
    maker.layer("lakes", geometry="polygon", columns=ID, kept={"path": "data/lakes.parquet"})
    ((key, said),) = faults(maker)
    assert (key, said.partition(" →")[0]) == (
        "source.kept.path",
        "lakes.parquet has no geometry (it is Parquet, not GeoParquet)",
    )


def test_layer_of_any_geometry_takes_points_lines_and_polygons(maker):
    shapes = [points(1)[0], shapely.LineString(points(2)), squares(1)[0]]
    maker.layer("recipients", frame(shapes, id=list("abc")), geometry="any", columns=ID)
    assert gpd.GeoDataFrame(read(maker, "recipients").data).geom_type.tolist() == ["Point", "LineString", "Polygon"]


def test_what_the_model_made_says_so_in_its_sidecar(tmp_path):
    layer = Provenance(
        layer="lakes", data="model", origin="modelled", date=None, time="2026-01-01T00:00:00Z", sha256="0", rows=1,
        modelled=True, licence="MIT", attribution={"da": "egen", "en": "own"}, notes=(), columns={},
    )  # fmt: skip
    assert layer.as_json()["notice"] == {"da": MODEL_NOTICE.da, "en": MODEL_NOTICE.en}
    assert replace(layer, modelled=False).as_json()["notice"] is None
    assert Provenance.from_json(layer.as_json()) == layer
