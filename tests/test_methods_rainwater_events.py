"""Rain events by hand: volumes on the ridge, culverts, sewers, the chain of recipients, and what is left unknown."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from ridge_maker import answer, cells, frame, given_of, rains, raster_of, way, west_and_east

from ballerup_geo.methods.rainwater import METHOD, rainwater
from ballerup_geo.methods.rainwater._ground import scene_of
from ballerup_geo.methods.rainwater._rain import rains_of
from ballerup_geo.methods.rainwater._storms import Storms
from ballerup_geo.spec import Outcome

HOUR_OF_100_MM = rains(("t10", 10.0, 60.0, 100.0, 1.0, "a paper"))
NO_SEWER: dict[str, Any] = {"sewer_areas": frame([], sewer_area_id=[], system=[])}
"""Sewers are known, and there are none."""


def beside() -> gpd.GeoDataFrame:
    """West of the ridge's municipality lies Vestby, east of it Østby."""
    return frame([cells(0, 0, 6, 0), cells(0, 10, 6, 10)], name=["Vestby", "Østby"], code=["0001", "0002"])


def volumes(outcome: Outcome, table: str, key: str, column: str, event: str = "t10") -> dict[str, float]:
    rows = outcome.tables[table]
    rows = rows[rows["event_id"] == event]
    return dict(zip(rows[key], rows[column], strict=True))


def test_the_rain_ends_where_paper_says() -> None:
    # 100 mm on 63 cells of 100 m²: 630 m³. Columns 1-3 drain west: 210 m³. The rest, 420 m³, runs east; the hollow
    # keeps what falls on it and runs in, at most 300 m³.
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), **NO_SEWER)
    (event,) = outcome.tables["events"].to_dict("records")
    assert event["volume_m3"] == pytest.approx(630.0)
    assert event["lost_m3"] == pytest.approx(0.0, abs=1e-9)
    neighbours = volumes(outcome, "event_neighbours", "name", "volume_m3")
    assert neighbours["Vestby"] == pytest.approx(210.0)
    assert neighbours["Vestby"] + neighbours["Østby"] + event["stored_m3"] == pytest.approx(630.0)
    assert neighbours["Ingen kendt nabokommune"] == 0.0
    assert 0.0 < event["stored_m3"] <= 300.0
    depth = raster_of(outcome, "event_depth_m-1")
    assert depth.array.sum() * depth.cell_area_m2 == pytest.approx(event["stored_m3"])
    assert volumes(outcome, "event_recipients", "recipient_id", "first_m3") == pytest.approx(
        {"west": 210.0, "east": neighbours["Østby"], "none": 0.0}
    )


def test_initial_loss_and_coefficients_are_what_does_not_run() -> None:
    # 0.6 mm of 100.6 mm wet the ground; of the rest gravel sheds 0.6 and roofs 1.0, both times 0.9
    land = frame([cells(0, 1, 6, 3), cells(0, 4, 6, 9)], cover=["gravel", "roof"])
    values = {"initial_loss_mm": 0.6, "hydrological_reduction": 0.9, "runoff_gravel": 0.6, "runoff_roof": 1.0}
    events = rains(("t10", 10.0, 60.0, 100.6, 1.0, "a paper"))
    given = given_of(assumptions=values, rain_events=events, neighbours=beside(), land_cover=land, **NO_SEWER)
    outcome = rainwater(given)
    assert volumes(outcome, "event_neighbours", "name", "volume_m3")["Vestby"] == pytest.approx(0.1 * 0.9 * 0.6 * 2100)
    (event,) = outcome.tables["events"].to_dict("records")
    running = 0.1 * 0.9 * (0.6 * 2100 + 1.0 * 4200)
    assert event["running_m3"] == pytest.approx(running)
    assert event["lost_m3"] == pytest.approx(0.1006 * 6300 - running)
    assert outcome.tables["catchments"].set_index("recipient_id")["sealed_pct"].to_dict() == pytest.approx(
        {"east": 100.0, "west": 0.0}
    )


def test_the_climate_factor_multiplies_the_rain_and_the_gravest_event_is_told() -> None:
    events = rains(("today", 10.0, 60.0, 50.0, 1.0, "a paper"), ("later", 10.0, 60.0, 50.0, 1.5, "unverified"))
    outcome = answer(rain_events=events, neighbours=beside(), **NO_SEWER)
    assert outcome.tables["events"]["rain_mm"].tolist() == [50.0, 75.0]
    assert outcome.tables["events"]["sourced"].tolist() == [True, False]
    assert outcome.indicators["design_running_m3"] == pytest.approx(0.075 * 6300)
    told = outcome.answers["neighbours_and_standing"]
    assert "Ved en 10-års-regn (75 mm på 60 minutter med klimafaktor 1,5, uden kilde) sender Toftby ca." in told["da"]
    assert "In a 10-year rain (75 mm in 60 minutes with climate factor 1.5, no source), Toftby sends" in told["en"]


def test_a_culvert_carries_the_hollow_away_up_to_its_capacity() -> None:
    # From the hollow's floor under its dam to the slope at 15.0 m. In an hour 10 l/s are 36 m³.
    without = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), **NO_SEWER)
    stored = without.tables["events"]["stored_m3"].iloc[0]
    for capacity, carried in ((None, stored), (10.0, 36.0), (1e6, stored)):
        culvert = frame([way(3, 9, 7)], culvert_id=["c"], capacity_l_s=[capacity])
        outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), culverts=culvert, **NO_SEWER)
        event = outcome.tables["events"].iloc[0]
        spilled = without.tables["events"]["outflow_m3"].iloc[0]
        assert event["stored_m3"] + event["outflow_m3"] == pytest.approx(stored + spilled)
        if capacity == 10.0 and stored < 300.0:
            assert event["stored_m3"] == pytest.approx(stored - carried)
        elif capacity != 10.0:
            assert event["stored_m3"] == pytest.approx(0.0, abs=1e-9)


def test_a_culvert_across_the_boundary_takes_water_to_the_neighbour_it_ends_in() -> None:
    # the hollow lies in the municipality, the culvert ends beyond it, in Østby
    culvert = frame([way(3, 7, 10)], culvert_id=["c"])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), culverts=culvert, **NO_SEWER)
    (event,) = outcome.tables["events"].to_dict("records")
    assert event["stored_m3"] == pytest.approx(0.0, abs=1e-9)
    assert volumes(outcome, "event_neighbours", "name", "volume_m3")["Østby"] == pytest.approx(420.0)


def test_the_sewer_takes_the_rain_of_its_service_level() -> None:
    # The west side has separate sewers with the assumed level of 5 years: 30 mm of the 100 mm, less 2 mm of wetting.
    sewers = frame([cells(0, 1, 6, 3)], sewer_area_id=["k"], system=["separate"], outlet_recipient=["east"])
    events = rains(("t5", 5.0, 60.0, 30.0, 1.0, "x"), ("t10", 10.0, 60.0, 100.0, 1.0, "x"))
    values = {"service_level_separate_y": 5.0, "service_level_combined_y": 10.0, "initial_loss_mm": 2.0}
    values["sewer_climate_factor"] = 1.0
    outcome = rainwater(given_of(assumptions=values, rain_events=events, neighbours=beside(), sewer_areas=sewers))
    table = outcome.tables["events"].set_index("event_id")
    assert table["sewer_m3"].tolist() == pytest.approx([0.028 * 2100, 0.028 * 2100])
    west = [volumes(outcome, "event_neighbours", "name", "volume_m3", event)["Vestby"] for event in ("t5", "t10")]
    assert west == pytest.approx([0.0, 0.070 * 2100])
    assert volumes(outcome, "event_recipients", "recipient_id", "sewer_m3")["east"] == pytest.approx(0.028 * 2100)
    assert outcome.indicators["design_sewer_m3"] == pytest.approx(0.028 * 2100)


def test_combined_sewers_have_their_own_level_and_none_is_none() -> None:
    sewers = frame(
        [cells(0, 1, 2, 3), cells(3, 1, 6, 3)],
        sewer_area_id=["a", "b"],
        system=["combined", "none"],
        service_level_y=[np.nan, 5.0],
    )
    events = rains(("t10", 10.0, 60.0, 40.0, 1.0, "x"), ("t100", 100.0, 60.0, 100.0, 1.0, "x"))
    values = {"service_level_separate_y": 5.0, "service_level_combined_y": 10.0, "sewer_climate_factor": 1.0}
    outcome = rainwater(given_of(assumptions=values, rain_events=events, neighbours=beside(), sewer_areas=sewers))
    west = [volumes(outcome, "event_neighbours", "name", "volume_m3", event)["Vestby"] for event in ("t10", "t100")]
    assert west == pytest.approx([0.040 * 1200, 0.060 * 900 + 0.100 * 1200])


def test_a_service_level_that_no_event_tells_deducts_nothing_and_says_so() -> None:
    sewers = frame([cells(0, 1, 6, 9)], sewer_area_id=["k"], system=["separate"], service_level_y=[7.0])
    events = rains(("t10", 10.0, 60.0, 100.0, 1.0, "x"), ("long", 7.0, 120.0, 5.0, 1.0, "x"))
    outcome = answer(rain_events=events, neighbours=beside(), sewer_areas=sewers)
    table = outcome.tables["events"].set_index("event_id")
    assert np.isnan(table.loc["t10", "sewer_m3"])
    assert table.loc["long", "running_m3"] == pytest.approx(0.0, abs=1e-9)
    assert table.loc["t10", "running_m3"] == pytest.approx(630.0)
    assert outcome.indicators["design_sewer_m3"] is None
    assert any("serviceniveauet 7 år tager af en regn så lang som t10;" in note["da"] for note in outcome.notes)


def test_sewers_take_at_least_the_service_rain_of_a_shorter_event() -> None:
    # By hand, 30 mm of a 5-year rain in 10 minutes. Of 80 mm in 30 minutes the sewers of the west side take at least
    # those 30, so 50 mm of 21 cells of 100 m² leave: 105 m³. What they take in 5 minutes is unknown: all 40 mm leave,
    # 84 m³. A 5-year rain of 2 hours tells nothing of either.
    sewers = frame([cells(0, 1, 6, 3)], sewer_area_id=["k"], system=["separate"])
    events = rains(
        ("t5", 5.0, 10.0, 30.0, 1.0, "x"),
        ("burst", 50.0, 5.0, 40.0, 1.0, "x"),
        ("long", 5.0, 120.0, 60.0, 1.0, "x"),
        ("cloudburst", 20.0, 30.0, 80.0, 1.0, "x"),
    )
    values = {"service_level_separate_y": 5.0, "service_level_combined_y": 10.0, "sewer_climate_factor": 1.0}
    outcome = rainwater(given_of(assumptions=values, rain_events=events, neighbours=beside(), sewer_areas=sewers))
    west = {
        event: volumes(outcome, "event_neighbours", "name", "volume_m3", event)["Vestby"]
        for event in ("t5", "burst", "long", "cloudburst")
    }
    assert west == pytest.approx({"t5": 0.0, "burst": 84.0, "long": 0.0, "cloudburst": 105.0})
    table = outcome.tables["events"].set_index("event_id")
    assert np.isnan(table.loc["burst", "sewer_m3"])
    assert table.loc["cloudburst", "sewer_m3"] == pytest.approx(63.0)
    said = " ".join(note["da"] for note in outcome.notes)
    assert "regn så lang som burst; intet er trukket fra" in said
    assert "tager mindst, hvad en 5-års-regn på 10 minutter giver. Det er trukket fra ved cloudburst:" in said
    assert any("a 5-year rain of 10 minutes brings. That is deducted for cloudburst:" in n["en"] for n in outcome.notes)


def test_without_sewers_there_is_no_everyday_answer() -> None:
    events = rains(("t2", 2.0, 60.0, 10.0, 1.0, "x"), ("t10", 10.0, 60.0, 30.0, 1.0, "x"))
    values = {"service_level_separate_y": 5.0, "service_level_combined_y": 10.0}
    outcome = rainwater(given_of(assumptions=values, rain_events=events, neighbours=beside()))
    assert outcome.tables["events"]["event_id"].tolist() == ["t10"]
    assert np.isnan(outcome.tables["events"]["sewer_m3"].iloc[0])
    assert any("hverdagsregn ikke regnet: t2." in note["da"] for note in outcome.notes)
    assert any("intet svar for hverdagsregn" in note["da"] for note in outcome.notes)


def test_what_is_unknown_stays_unknown() -> None:
    outcome = answer(recipients=None)
    names = [indicator.name for indicator in METHOD.indicators]
    assert {"to_neighbours_m3", "design_running_m3"} <= set(names)
    assert outcome.indicators["to_neighbours_m3"] is None
    assert len(outcome.tables["events"]) == len(outcome.tables["event_neighbours"]) == 0
    assert any("Regnhændelserne er ukendte" in note["da"] for note in outcome.notes)
    outcome = answer(rain_events=rains(("t100", 100.0, 60.0, 50.0, 1.0, "x")), **NO_SEWER)
    assert outcome.indicators["to_neighbours_m3"] is None
    assert len(outcome.tables["events"]) == 1
    assert len(outcome.tables["event_neighbours"]) == 0
    assert any("Nabokommunerne er ikke kortlagt" in note["da"] for note in outcome.notes)
    assert any("gentagelsesperioden 10 år: hovedtallet er ukendt" in note["da"] for note in outcome.notes)


def test_a_chain_hands_water_on() -> None:
    # the western brook is a reach that leads to the eastern one (in a pipe, say)
    recipients = west_and_east().assign(kind=["reach", "outlet"], downstream_id=["east", None])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), recipients=recipients, **NO_SEWER)
    first = volumes(outcome, "event_recipients", "recipient_id", "first_m3")
    final = volumes(outcome, "event_recipients", "recipient_id", "final_m3")
    assert final["west"] == first["west"] == pytest.approx(210.0)
    assert final["east"] == pytest.approx(first["east"] + 210.0)
    table = outcome.tables["recipients"].set_index("recipient_id")
    assert (table.loc["east", "first_area_m2"], table.loc["east", "final_area_m2"]) == (4200.0, 6300.0)
    catchments = outcome.tables["catchments"].set_index("recipient_id")
    assert catchments.loc["west", ["kind", "final_id", "final_name"]].tolist() == ["reach", "east", "Østbækken"]


def test_an_area_tells_what_reaches_it_and_what_stays() -> None:
    # the hollow itself is a place: water that reaches it has arrived, and what stands on it is told
    recipients = frame([cells(3, 6, 3, 7)], recipient_id=["place"], name=["Stedet"], kind=["area"])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), recipients=recipients, **NO_SEWER)
    (row,) = outcome.tables["event_areas"].to_dict("records")
    without = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), recipients=None, **NO_SEWER)
    stood = without.tables["events"]["stored_m3"].iloc[0]
    assert row["stored_m3"] == pytest.approx(stood)
    assert row["inflow_m3"] >= stood
    assert outcome.tables["events"]["stored_m3"].iloc[0] == pytest.approx(0.0, abs=1e-9)


def test_water_that_stops_at_a_recipient_is_counted_for_the_neighbour_that_it_enters_next() -> None:
    # a brook inside the municipality, in column 8: its water runs on east, into Østby
    recipients = frame([cells(0, 8, 6, 8)], recipient_id=["brook"], name=["Bækken"])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), recipients=recipients, **NO_SEWER)
    assert volumes(outcome, "event_neighbours", "name", "volume_m3")["Vestby"] == pytest.approx(210.0)
    east = volumes(outcome, "event_neighbours", "name", "volume_m3")["Østby"]
    stored = outcome.tables["events"]["stored_m3"].iloc[0]
    assert east + stored == pytest.approx(420.0)
    brook = volumes(outcome, "event_recipients", "recipient_id", "first_m3")["brook"]
    assert brook == pytest.approx(east - 0.1 * 700)  # column 9 lies beyond the brook


def test_rain_outside_the_municipality_is_not_its_own() -> None:
    # the municipality is the eastern foot of the slope: all that runs in from above is not counted as its own
    inside = frame([cells(0, 8, 6, 9)], name=["Foden"])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), municipality=inside, **NO_SEWER)
    assert outcome.tables["events"]["volume_m3"].iloc[0] == pytest.approx(0.1 * 1400)


def test_storms_on_a_scene_with_more_loss_and_other_heights() -> None:
    given = given_of(rain_events=HOUR_OF_100_MM, neighbours=beside(), **NO_SEWER)
    scene = scene_of(given).scene
    rain_events, _ = rains_of(given)
    storms = Storms.of(given, scene, rain_events)
    balance = storms.balances["t10"]
    soaked = np.zeros(scene.grid.shape, np.float32)
    soaked[:, 1:4] = 40.0  # of 100 mm on the west side
    after = storms.on(scene.changed(extra_loss_mm=soaked)).balances["t10"]
    assert balance.by_neighbour_m3[1] - after.by_neighbour_m3[1] == pytest.approx(0.040 * 2100)
    assert after.by_neighbour_m3[2] == pytest.approx(balance.by_neighbour_m3[2])
    assert after.lost_m3 - balance.lost_m3 == pytest.approx(0.040 * 2100)
    lowered = scene.grid.array.copy()
    lowered[3, 2] -= 10.0  # a basin of 100 m² on the west side: it keeps what reaches it
    basin = storms.on(scene.changed(heights_m=lowered)).balances["t10"]
    assert basin.stored_m3 > balance.stored_m3
    assert basin.by_neighbour_m3[1] < balance.by_neighbour_m3[1]


def test_a_culvert_of_no_capacity_is_said_to_carry_all_water() -> None:
    culvert = frame([way(3, 9, 7)], culvert_id=["c"], capacity_l_s=[0.0])
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside(), culverts=culvert, **NO_SEWER)
    assert outcome.tables["events"]["stored_m3"].iloc[0] == pytest.approx(0.0, abs=1e-9)
    assert any(note["da"].startswith("1 underløb har kapaciteten 0. Den regnes for ukendt") for note in outcome.notes)


def test_water_onto_ground_of_no_known_neighbour_is_not_said_to_leave_the_map() -> None:
    outcome = answer(rain_events=HOUR_OF_100_MM, neighbours=beside().iloc[:1], **NO_SEWER)
    (event,) = outcome.tables["events"].to_dict("records")
    received = volumes(outcome, "event_neighbours", "name", "volume_m3")
    assert received["Vestby"] == pytest.approx(210.0)
    assert received["Ingen kendt nabokommune"] == pytest.approx(event["outflow_m3"] - 210.0)
