"""A run computes what has changed, in order, and leaves the last good result whatever happens."""

import json
import signal
import subprocess
import sys
import textwrap
import weakref
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pyogrio
import pytest
import toy_methods
from affine import Affine
from project_maker import TEXT, frame, squares
from toy_methods import ASSUMPTIONS, CALLS, METHODS, add_analyses, add_places, assumption

from ballerup_geo import storage
from ballerup_geo.errors import BallerupGeoError, DataError, MethodError, ProjectError, SourceError
from ballerup_geo.results import read_result
from ballerup_geo.run import run
from ballerup_geo.spec import Input, OutputRaster


def go(toy, **options):
    return run(toy.project(), out=toy.out, **options)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def change_method(monkeypatch, name, **fields):
    monkeypatch.setitem(METHODS, name, replace(METHODS[name], **fields))


def test_analyses_run_after_those_they_read_and_report(toy):
    heard = []
    report = go(toy, progress=lambda label, share: heard.append(label))
    assert report.data == "kept"
    assert report.done == ("areas", "doubled") == tuple(CALLS)
    assert report.skipped == ()
    assert report.results["doubled"].table("twice")["area_m2"].tolist() == [800.0, 800.0, 800.0]
    assert "areas: measuring" in heard
    assert set(report.seconds) == {"areas", "doubled"}


def test_asking_for_one_runs_what_it_needs_and_no_more(toy):
    assert go(toy, analyses=("areas",)).done == ("areas",)
    assert go(toy, analyses=("doubled",)).skipped == ("areas",)
    assert CALLS == ["areas", "doubled"]
    with pytest.raises(ProjectError, match=r'analyses/: araes: there is no such analysis → did you mean "areas"\?'):
        go(toy, analyses=("araes",))


def test_unchanged_is_skipped_and_changes_nothing_on_disk(toy):
    go(toy)
    before = contents(toy.out)
    report = go(toy)
    assert (report.done, report.skipped) == ((), ("areas", "doubled"))
    assert contents(toy.out) == before, "history too: a run that changed nothing adds nothing"


def test_change_runs_the_analysis_and_its_dependants_only(toy):
    go(toy)
    add_places(toy)
    assert go(toy).done == ("doubled",), "an optional layer has become known"
    add_analyses(toy, areas={"assumptions": {**ASSUMPTIONS, "factor": assumption(2.0)}})
    assert go(toy).done == ("areas", "doubled")
    (toy.root / "data" / "lakes.gpkg").touch()
    assert go(toy).done == (), "touched is not changed"
    frame(squares(2), id=["a", "b"]).to_file(toy.root / "data" / "lakes.gpkg", layer="lakes")
    assert go(toy).results["areas"].indicators["total_m2"]["value"] == 1600.0


def test_new_version_of_a_method_runs_again(toy, monkeypatch):
    go(toy)
    change_method(monkeypatch, "doubled", version="2")
    assert go(toy).done == ("doubled",)


def test_damaged_result_is_computed_again(toy):
    go(toy)
    table = toy.out / "results" / "areas" / "areas.parquet"
    whole = table.read_bytes()
    table.write_bytes(whole[:-1])
    assert go(toy).done == ("areas",)
    assert table.read_bytes() == whole


def test_same_inputs_same_bytes_but_for_times(toy):
    go(toy)
    first = contents(toy.out / "results")
    again = toy.root / "again"
    run(toy.project(), out=again)
    second = contents(again / "results")
    assert first.keys() == second.keys()
    timed = {"areas/run.json", "doubled/run.json", "history.csv"}
    records = {name for name in first if name.startswith("layers/") and name.endswith(".json")}
    same = first.keys() - timed - records
    assert len(same) == 13
    assert all(first[name] == second[name] for name in same)
    for name in timed - {"history.csv"}:
        assert _untimed(json.loads(first[name])) == _untimed(json.loads(second[name]))


def _untimed(data):
    if isinstance(data, dict):
        return {key: _untimed(value) for key, value in data.items() if key != "time"}
    return data


def test_history_keeps_every_run_that_changed_something(toy):
    go(toy)
    add_analyses(toy, areas={"assumptions": {**ASSUMPTIONS, "factor": assumption(2.0)}})
    go(toy)
    history = storage.read_csv(toy.out / "results" / "history.csv")
    lines = history[["analysis", "method", "data", "indicator", "value", "unit"]].to_numpy().tolist()
    assert lines == [
        ["areas", "areas 1", "kept", "total_m2", "1200,0", "m²"],
        ["doubled", "doubled 1", "kept", "places", "", "1"],
        ["areas", "areas 1", "kept", "total_m2", "2400,0", "m²"],
        ["doubled", "doubled 1", "kept", "places", "", "1"],
    ]


def test_content_is_checked_before_anything_runs(toy):
    add_analyses(toy, areas={"assumptions": {}})
    with pytest.raises(ProjectError) as caught:
        go(toy)
    assert len(caught.value.faults) == 3
    assert CALLS == []


def test_unknown_layer_that_is_needed_stops_by_name_before_anything_runs(toy):
    (toy.root / "data" / "lakes.gpkg").unlink()
    with pytest.raises(
        SourceError, match=r'the layer "lakes" is unknown: the file .* does not exist; analysis areas needs it'
    ):
        go(toy)
    assert CALLS == []


def test_what_lacks_an_unknown_layer_waits_while_the_rest_is_computed(toy):
    columns = {"id": {"type": "text"}}
    toy.layer("ponds", geometry="polygon", columns=columns, kept={"path": "data/ponds.gpkg"})
    toy.analysis("ponds", method="areas", inputs={"lakes": {"layer": "ponds"}}, assumptions=ASSUMPTIONS)
    reads = {"areas": {"result": "ponds", "table": "areas"}}
    toy.analysis("pondsdoubled", method="doubled", inputs=reads)
    report = go(toy)
    assert set(report.done) == {"areas", "doubled"}
    assert set(report.waiting) == {"ponds", "pondsdoubled"}
    for faults in report.waiting.values():
        assert [str(fault) for fault in faults] == [str(report.waiting["ponds"][0])]
        assert 'the layer "ponds" is unknown' in str(faults[0])
    with pytest.raises(SourceError, match="analysis ponds needs it"):
        go(toy, analyses=("pondsdoubled",))


def test_column_that_is_not_delivered_stops_by_name(toy):
    columns = {"id": {"type": "text"}}
    toy.layer("lakes", frame(squares(1), other=["x"]), geometry="polygon", columns=columns)
    with pytest.raises(DataError, match=r"layer lakes \(lakes\.gpkg\): id: the source does not deliver this column"):
        go(toy)


def test_expectation_that_fails_keeps_the_last_result(toy):
    go(toy)
    before = contents(toy.out / "results" / "areas")
    expected = {"total_m2": {"minimum": 5000.0, "why": {"da": "Søerne er større.", "en": "The lakes are larger."}}}
    add_analyses(toy, areas={"expectations": expected})
    with pytest.raises(MethodError) as caught:
        go(toy)
    assert str(caught.value) == (
        "analyses/areas.toml: expectations.total_m2: is 1200 m², expected at least 5000: The lakes are larger. → check "
        "the inputs; if the figure is right, change the expectation. The last result is unchanged"
    )
    assert contents(toy.out / "results" / "areas") == before
    add_analyses(toy, areas={"expectations": {"total_m2": {"maximum": 5000.0, "why": TEXT}}})
    assert go(toy).results["areas"].run["checks"] == [
        {"indicator": "total_m2", "minimum": None, "maximum": 5000.0, "value": 1200.0, "holds": True}
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda made: replace(made, tables={}), "tables: areas is missing"),
        (
            lambda made: replace(made, rasters={**made.rasters, "more": made.rasters["wet"]}),
            "rasters: more is not declared",
        ),
        (lambda made: replace(made, indicators={"total_m2": float("nan")}), "indicator total_m2 is nan"),
        (
            lambda made: replace(made, tables={"areas": made.tables["areas"].to_crs("EPSG:4326")}),
            "table areas is in EPSG:4326",
        ),
        (
            lambda made: replace(made, tables={"areas": made.tables["areas"].assign(area_m2="much")}),
            "table areas: area_m2 holds str, declared is number",
        ),
        (
            lambda made: replace(
                made, tables={"areas": made.tables["areas"].set_geometry(made.tables["areas"].centroid)}
            ),
            "table areas has Point, declared is polygon",
        ),
    ],
)
def test_method_that_breaks_its_declaration_is_a_bug_and_writes_nothing(toy, monkeypatch, broken, said):
    change_method(monkeypatch, "areas", function=lambda given: broken(toy_methods.areas(given)))
    with pytest.raises(RuntimeError, match=said):
        go(toy)
    assert not (toy.out / "results" / "areas").exists()


def one_a_row(change=lambda raster, row: raster):
    """Return fields of a method like ``areas`` that makes one raster for each lake, when its file is written."""

    def many(given):
        outcome = toy_methods.areas(given)
        wet = outcome.rasters["wet"]
        rows = range(1, len(outcome.tables["areas"]) + 1)

        def maker(row):
            return lambda: change(wet.with_array(wet.array * row, nodata=wet.nodata), row)

        return replace(outcome, rasters={"wet": lambda: wet, **{f"lake_wet-{row}": maker(row) for row in rows}})

    declared = OutputRaster("lake_wet", "-", each="areas")
    return {"function": many, "rasters": (*METHODS["areas"].rasters, declared)}


def test_rasters_of_rows_are_made_when_they_are_written_and_say_which_row_they_are(toy, monkeypatch):
    change_method(monkeypatch, "areas", **one_a_row())
    result = go(toy).results["areas"]
    assert result.run["rasters"] == ["wet", "lake_wet-1", "lake_wet-2", "lake_wet-3"]
    assert [float(result.raster(name).array.max()) for name in result.run["rasters"]] == [1.0, 1.0, 2.0, 3.0]
    about = storage.read_cog_metadata(result.folder / "lake_wet-2.tif")
    assert {"table": "areas", "row": "2", "areas.id": "b", "areas.area_m2": "400.0 m²"}.items() <= about.items()
    assert "row" not in storage.read_cog_metadata(result.folder / "wet.tif")


def test_rows_about_homes_are_not_told_in_a_raster(toy, monkeypatch):
    (table,) = METHODS["areas"].tables
    change_method(monkeypatch, "areas", **one_a_row(), tables=(replace(table, homes=True),))
    about = storage.read_cog_metadata(go(toy).results["areas"].folder / "lake_wet-2.tif")
    assert about["row"] == "2"
    assert not [key for key in about if key.startswith("areas.")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda raster, row: replace(raster, crs="EPSG:4326"), "raster lake_wet-1 is in EPSG:4326"),
        (lambda raster, row: raster.array, "raster lake_wet-1 is a ndarray"),
        (lambda raster, row: replace(raster, array=raster.array[0]), r"raster lake_wet-1 has the shape \(50,\)"),
        (lambda raster, row: replace(raster, array=raster.array.astype("int64")), "raster lake_wet-1 holds int64"),
        (
            lambda raster, row: replace(raster, array=raster.array.astype("uint8"), nodata=-1),
            "raster lake_wet-1 holds uint8, which knows no -1",
        ),
        (
            lambda raster, row: replace(raster, transform=raster.transform * Affine.scale(1, -1)),
            "raster lake_wet-1 has not north up",
        ),
        (
            lambda raster, row: replace(raster, array=raster.array[row:]),
            "raster lake_wet-2 lies on another grid than lake_wet-1, or holds other numbers",
        ),
    ],
)
def test_raster_made_late_is_checked_too_and_nothing_is_left_of_the_result(toy, monkeypatch, change, said):
    change_method(monkeypatch, "areas", **one_a_row(change))
    with pytest.raises(RuntimeError, match=f"method areas breaks its declaration: {said}"):
        go(toy)
    assert [path.name for path in (toy.out / "results").iterdir() if "areas" in path.name] == []


def test_rasters_of_rows_are_no_input_of_another_analysis(toy, monkeypatch):
    change_method(monkeypatch, "areas", **one_a_row())
    change_method(monkeypatch, "doubled", inputs=(Input("areas", "raster"),))
    add_analyses(toy, doubled={"inputs": {"areas": {"result": "areas", "raster": "lake_wet"}}})
    with pytest.raises(ProjectError, match=r'result "areas" has no raster "lake_wet" → use one of: wet'):
        go(toy)


@pytest.mark.parametrize(("cells", "beside"), [(0, 0), (1 << 26, 1)], ids=["large", "small"])
def test_inputs_and_rasters_are_let_go_when_they_are_no_longer_needed(toy, monkeypatch, cells, beside):
    monkeypatch.setattr("ballerup_geo.results._write._FEW_CELLS", cells)
    alive, held = [], []

    def watched(raster, row):
        held.append([reference() is not None for reference in alive])
        alive.append(weakref.ref(raster.array))
        return raster

    fields = one_a_row(watched)
    change_method(monkeypatch, "areas", **fields)

    def watching(given):
        lakes = given.inputs["lakes"].copy()
        alive.append(weakref.ref(lakes))
        return fields["function"](replace(given, inputs={**given.inputs, "lakes": lakes}))

    monkeypatch.setitem(METHODS, "areas", replace(METHODS["areas"], function=watching))
    go(toy)
    assert [len(each) for each in held] == [1, 2, 3]
    assert all(not inputs for inputs, *_ in held)
    assert all(sum(rasters) <= beside for _, *rasters in held)


def test_a_method_cannot_write_into_a_raster_it_is_given(toy, monkeypatch):
    change_method(monkeypatch, "doubled", inputs=(Input("areas", "raster"),))

    def writing(given):
        given.inputs["areas"].array[0, 0] = 7.0

    change_method(monkeypatch, "doubled", function=writing)
    add_analyses(toy, doubled={"inputs": {"areas": {"result": "areas", "raster": "wet"}}})
    with pytest.raises(ValueError, match="read-only"):
        go(toy)


def test_ctrl_c_leaves_the_last_result_and_nothing_else(toy, monkeypatch):
    go(toy)
    before = contents(toy.out)
    add_analyses(toy, areas={"assumptions": {**ASSUMPTIONS, "factor": assumption(2.0)}})

    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("ballerup_geo.results._write.write_geopackage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        go(toy)
    assert contents(toy.out) == before


def test_map_colour_restyles_the_geopackage_without_computing(toy):
    go(toy)
    style = {"kind": "categories", "column": "id", "other": {"da": "<Resten>", "en": "Rest"}}
    style["categories"] = [{"value": "a'b", "colour": "#aabbcc", "label": TEXT}]
    toy.map("areas", layers=[{"id": "areas", "title": TEXT, "result": "areas", "table": "areas", "style": style}])
    assert go(toy).done == ()
    assert CALLS == ["areas", "doubled"]
    styles = pyogrio.read_dataframe(toy.out / "results" / "areas" / "areas.gpkg", layer="layer_styles")
    root = ElementTree.fromstring(styles["styleQML"].item())
    rules = [(rule.get("filter"), rule.get("label")) for rule in root.iter("rule")]
    assert rules == [("\"id\" = 'a''b'", "Tekst"), ('"id" IS NULL', "ukendt"), ("ELSE", "<\u2060Resten>")]
    colours = [option.get("value") for option in root.iter("Option") if option.get("name") == "color"]
    assert colours == ["170,187,204,204", "138,143,148,204", "138,143,148,204"]
    before = contents(toy.out)
    assert go(toy).done == ()
    assert contents(toy.out) == before
    (toy.root / "maps" / "areas.toml").unlink()
    go(toy)
    assert len(pyogrio.read_dataframe(toy.out / "results" / "areas" / "areas.gpkg", layer="layer_styles")) == 0


def test_two_runs_do_not_meet(toy):
    with storage.lock_folder(toy.out / "results"), pytest.raises(BallerupGeoError, match="another run is writing here"):
        go(toy)


CHILD = """
    import os, resource, signal, sys
    sys.path.insert(0, {tests!r})
    import toy_methods
    from pathlib import Path
    from ballerup_geo import methods
    from ballerup_geo.results import _write
    from ballerup_geo.errors import BallerupGeoError
    from ballerup_geo.project import read_project
    from ballerup_geo.run import run

    methods.get_method = toy_methods.get_method
    {trouble}
    try:
        run(read_project(Path({root!r})), out=Path({out!r}))
    except BallerupGeoError as error:
        print(error)
        sys.exit(error.exit_code)
"""


def child(toy, trouble):
    script = textwrap.dedent(CHILD).format(
        tests=str(Path(__file__).parent), root=str(toy.root), out=str(toy.out), trouble=trouble
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL, no file size limit")
def test_killed_run_is_recovered_by_the_next(toy):
    go(toy)
    before = contents(toy.out / "results" / "areas")
    add_analyses(toy, areas={"assumptions": {**ASSUMPTIONS, "factor": assumption(2.0)}})
    killed = child(toy, "_write.write_geopackage = lambda *args, **kwargs: os.kill(os.getpid(), signal.SIGKILL)")
    assert killed.returncode == -signal.SIGKILL
    assert [path for path in (toy.out / "results").iterdir() if path.name.startswith(".areas.new-")]
    assert contents(toy.out / "results" / "areas") == before, "the last good result stands"
    report = go(toy)
    assert len(report.recovered) == 1
    assert "removed an unfinished version" in report.recovered[0]
    assert report.done == ("areas", "doubled")
    assert read_result(toy.out, "areas").indicators["total_m2"]["value"] == 2400.0
    hidden = [path.name for path in (toy.out / "results").iterdir() if path.name.startswith(".")]
    assert hidden == [".ballerup-geo.lock"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL, no file size limit")
def test_full_disk_stops_with_a_message_and_keeps_the_last_result(toy):
    go(toy)
    before = contents(toy.out)
    add_analyses(toy, areas={"assumptions": {**ASSUMPTIONS, "factor": assumption(2.0)}})
    full = child(toy, "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))")
    assert full.returncode == 1, full.stderr
    assert "cannot be written" in full.stdout
    assert "the disk is full" in full.stdout
    assert "Traceback" not in full.stderr
    after = contents(toy.out)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= set()
