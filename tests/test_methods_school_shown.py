"""Links in tables of their own for the map: those with pupils, those not sure, and those that give most."""

from __future__ import annotations

import pytest
from school_maker import crossing, roads, village

from ballerup_geo.methods.school_routes import school_routes


def test_bands_are_links_with_pupils_the_busiest_last() -> None:
    tables = school_routes(village()).tables
    flows, links = tables["flows"], tables["links"]
    assert len(flows) == (links["pupils"] > 0).sum() >= 4
    assert flows["pupils"].is_monotonic_increasing
    assert flows["pupils"].min() >= 5  # less is told as none
    assert "pupils" not in tables["unsure_links"]


def test_a_link_is_not_sure_where_its_interval_is_open() -> None:
    assert len(school_routes(village()).tables["unsure_links"]) == 0
    unsure = school_routes(village(roads=roads(skolegade={"speed_kmh": None}))).tables["unsure_links"]
    assert unsure["missing"].tolist() == ["speed_kmh"] * len(unsure)
    assert (unsure["stress_low"] < unsure["stress"]).all()
    assert unsure.length.sum() == pytest.approx(300)


def test_what_gives_most_is_told_by_class_group_where_enough_gain() -> None:
    """h8's six small and four older pupils wait for the crossing of Ringvejen: six are told, four are too few."""
    tables = school_routes(village(crossings=crossing("none"))).tables
    best = tables["best_crossings"]
    assert best[["group", "gain"]].to_numpy().tolist() == [["0_3", 6]]
    assert (tables["best_links"]["gain"] >= 5).all()
    ranks = tables["fix_links"].set_index("link_id")["rank"]
    assert (ranks[tables["best_links"]["link_id"]].to_numpy() == tables["best_links"]["rank"].to_numpy()).all()
