"""What a result holds, and that nothing in it can be taken for real when it is modelled."""

import geopandas as gpd
import pyogrio
import pytest
from project_maker import SOUTH, SQUARE, TEXT, WEST, frame, squares
from step_maker import STORMS
from step_maker import outcome as storms_outcome
from toy_methods import add_analyses

from ballerup_geo import storage
from ballerup_geo.errors import DataError
from ballerup_geo.results import has_result, read_result
from ballerup_geo.results._rows import row_metadata
from ballerup_geo.run import run

NOTICE = "Modelberegnede data – ikke virkelige bygninger"
TARGET = {"title": TEXT, "section": "1", "source": "plan"}
MEASURED = {**TARGET, "kind": "measured", "indicator": "total_m2", "unit": "m²"}
TARGETS = [
    {**MEASURED, "id": "later", "year": 2040, "value": 2000.0},
    {**MEASURED, "id": "sooner", "year": 2030, "value": 1000.0},
    {**MEASURED, "id": "little", "year": 2050, "value": 1500.0, "direction": "at_most"},
    {
        **TARGET,
        "id": "entered",
        "year": 2026,
        "kind": "registered",
        "status": "on_the_way",
        "status_date": "2026-01-15",
    },
]


class StubTown:
    """Stands for the modelled municipality, which has its own tests."""

    def layer(self, name):
        if name == "municipality":
            return frame([SQUARE], name=["Firkant"], code=["0151"])
        return frame(squares(3), id=list("abc"))


@pytest.fixture
def modelled_toy(toy, monkeypatch):
    """The toy project with modelled layers, and only the first analysis."""
    add_analyses(toy, areas={"targets": TARGETS})
    for path in ("analyses/doubled.toml", "layers/places.toml"):
        (toy.root / path).unlink()
    about = {"model": {"kind": "model", "licence": "MIT", "attribution": TEXT}}
    text = {"type": "text", "required": True}
    town = {"name": "Firkant", "code": "0151"}
    toy.layer(
        "municipality",
        geometry="polygon",
        clip="none",
        municipality=town,
        columns={"name": text, "code": text},
        sources=about,
    )
    toy.layer("lakes", geometry="polygon", columns={"id": text}, sources=about)
    monkeypatch.setattr("ballerup_geo.sources.model.town", lambda cell_m: StubTown())
    return toy


def test_result_is_read_back_as_it_was_written(toy):
    run(toy.project(), out=toy.out)
    result = read_result(toy.out, "areas")
    table = result.table("areas")
    assert isinstance(table, gpd.GeoDataFrame)
    assert table.columns.tolist() == ["id", "area_m2", "geometry"]
    assert table["area_m2"].tolist() == [400.0, 400.0, 400.0]
    assert result.raster("wet").bounds == (WEST, SOUTH, WEST + 1000, SOUTH + 1000)
    assert result.indicators["total_m2"]["value"] == 1200.0
    assert result.indicators["total_m2"]["unit"] == "m²"
    assert not result.modelled
    assert sorted(path.name for path in result.folder.iterdir()) == [
        "areas.gpkg",
        "areas.parquet",
        "indicators.json",
        "run.json",
        "wet.tif",
    ]


def test_a_raster_of_a_row_says_which_and_of_no_row_says_nothing():
    events = storms_outcome().tables["events"]
    said = row_metadata(STORMS, "depth-2", {"events": events})
    assert said["table"] == "events"
    assert said["row"] == "2"
    assert said["events.rain_mm"] == "40.0 mm"
    assert row_metadata(STORMS, "depth-4", {"events": events}) == {}
    assert row_metadata(STORMS, "depth-1", {"events": events.iloc[:0]}) == {}
    assert row_metadata(STORMS, "depth-1", {}) == {}


def test_run_json_says_how_the_result_came_about(toy):
    result = run(toy.project(), out=toy.out).results["areas"]
    lakes = result.run["inputs"]["lakes"]
    assert (lakes["layer"], lakes["origin"], lakes["rows"]) == ("lakes", "lakes.gpkg", 3)
    assert lakes["sha256"] == storage.sha256_file(toy.out / "results" / "layers" / "lakes.parquet")
    assert result.run["assumptions"]["factor"]["source"] == "chosen for the test"
    assert result.run["method"] == {"id": "areas", "version": "1"}
    assert {"ballerup-geo", "python", "geopandas", "numpy"} <= result.run["versions"].keys()
    doubled = read_result(toy.out, "doubled").run
    assert doubled["inputs"]["areas"]["key"] == result.key
    assert doubled["inputs"]["places"] is None
    assert doubled["notes"] == [
        {
            "da": "Laget »Tekst« er ukendt; beregningen er lavet uden.",
            "en": "The layer “Text” is unknown; the analysis was made without it.",
        }
    ]


def test_targets_are_judged_on_real_data(toy):
    add_analyses(toy, areas={"targets": TARGETS})
    result = run(toy.project(), out=toy.out).results["areas"]
    assert {target["id"]: target["status"] for target in result.targets} == {
        "later": "not_reached",
        "sooner": "reached",
        "little": "reached",
        "entered": "on_the_way",
    }
    figure = result.indicators["total_m2"]
    assert [target["id"] for target in figure["targets"]] == ["sooner", "later", "little"]
    assert (figure["target"]["id"], figure["status"]) == ("sooner", "reached")
    assert figure["target"]["status_text"] == {"da": "nået", "en": "reached"}


def test_modelled_data_say_so_in_every_file_and_judge_no_target(modelled_toy):
    result = run(modelled_toy.project(), out=modelled_toy.out, data="model").results["areas"]
    assert result.modelled
    assert {target["status"] for target in result.targets} == {"unknown"}
    assert {target["status_text"]["da"] for target in result.targets} == {"ukendt – modeldata"}
    folder = result.folder
    layers = modelled_toy.out / "results" / "layers"
    assert NOTICE in storage.read_table_metadata(folder / "areas.parquet")["notice"]
    assert NOTICE in storage.read_cog_metadata(folder / "wet.tif")["notice"]
    assert NOTICE in pyogrio.read_info(folder / "areas.gpkg", layer="areas")["layer_metadata"]["DESCRIPTION"]
    assert NOTICE in storage.read_table_metadata(layers / "lakes.parquet")["notice"]
    for name in ("indicators.json", "run.json"):
        assert storage.read_json(folder / name)["notice"]["da"] == NOTICE
    assert storage.read_csv(modelled_toy.out / "results" / "history.csv")["notice"].tolist() == [NOTICE]


def test_missing_or_foreign_result_says_what_to_do(toy):
    assert not has_result(toy.out, "areas")
    with pytest.raises(
        DataError, match=r"results/areas: there is no result of this analysis → make it: ballerup-geo run areas"
    ):
        read_result(toy.out, "areas")
    run(toy.project(), out=toy.out)
    with pytest.raises(DataError, match=r'the result has no "area" among its tables → did you mean "areas"\?'):
        read_result(toy.out, "areas").table("area")
    storage.write_json(toy.out / "results" / "areas" / "indicators.json", {})
    with pytest.raises(DataError, match="another version wrote it → make it anew: ballerup-geo run areas"):
        read_result(toy.out, "areas")


@pytest.mark.parametrize("name", ["run.json", "indicators.json"])
@pytest.mark.parametrize("content", [{}, [], {"analysis": "areas"}, {"indicators": [], "targets": 3}])
def test_result_of_another_version_is_made_anew(toy, name, content):
    run(toy.project(), out=toy.out)
    storage.write_json(toy.out / "results" / "areas" / name, content)
    with pytest.raises(DataError, match=r"results/areas: lacks .* → make it anew: ballerup-geo run areas"):
        read_result(toy.out, "areas")
    assert "areas" in run(toy.project(), out=toy.out).done
    assert read_result(toy.out, "areas").is_whole()


def test_result_of_another_analysis_is_not_taken_for_this_one(toy):
    run(toy.project(), out=toy.out)
    storage.write_json(toy.out / "results/areas/run.json", storage.read_json(toy.out / "results/doubled/run.json"))
    assert not has_result(toy.out, "areas")
