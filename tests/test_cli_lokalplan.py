"""What ``ballerup-geo lokalplan`` is asked: which area is meant, what proposals are called, what is refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import plan_maker as town
import pytest
import typer

from ballerup_geo.cli.lokalplan import _area, _check_options, _check_options_of_all, _labelled
from ballerup_geo.raster import CRS


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (("a.gpkg", "b.gpkg"), ["a", "b"]),
        (("a.gpkg", "a.geojson"), ["a.gpkg", "a.geojson"]),
        (("nord/a.gpkg", "syd/a.gpkg"), ["nord/a.gpkg", "syd/a.gpkg"]),
        (("x/nord/a.gpkg", "y/nord/a.gpkg"), ["a.gpkg (1)", "a.gpkg (2)"]),
    ],
)
def test_two_proposals_have_names_that_differ(files: tuple[str, ...], names: list[str]) -> None:
    labels = [label for label, _ in _labelled([Path(name) for name in files])]
    assert [label.da for label in labels if label is not None] == names


def test_a_proposal_is_not_compared_with_itself() -> None:
    with pytest.raises(typer.BadParameter, match="is the same file"):
        _check_options("P-1", Path("x/../a.gpkg"), Path("a.gpkg"), every=False)


@pytest.mark.parametrize(
    ("asked", "name"),
    [(("EPSG:25832", None, None), "--crs"), ((None, True, None), "--pdf"), ((None, None, ["rain"]), "--kortbilag")],
)
def test_all_plans_refuse_what_only_a_report_has(
    asked: tuple[str | None, bool | None, list[str] | None], name: str
) -> None:
    with pytest.raises(typer.BadParameter, match="no pages") as told:
        _check_options_of_all(*asked)
    assert told.value.param_hint == name
    _check_options_of_all(None, False, [])


def test_a_plan_goes_before_a_file_of_its_name_and_both_are_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ground = town.ground()
    assert _area("P-1", ground, None)[1].notes == ()
    gpd.GeoDataFrame(geometry=[town.box(300, 300, 400, 350)], crs=CRS).to_file("P-1", driver="GeoJSON")
    name, plan = _area("P-1", ground, None)
    assert (name, plan.shape.area) == ("P-1 Hjørnet", 10_000)
    assert plan.notes[0].da.endswith("ikke filen med samme navn; filen nås som ./P-1.")
    name, drawn = _area("./P-1", ground, None)
    assert (name, drawn.shape.area) == ("P-1", 5_000)
    Path("P-2").mkdir()
    assert _area("P-2", ground, None)[1].notes == ()
