"""The rainwater analysis' answers in words: one for each map, short, with what is unknown left out or said."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from ridge_maker import answer, cells, frame, rains

from ballerup_geo.methods.rainwater._answer import ANSWERS, retention_answer
from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.run import check

SITES = pd.DataFrame({"area_id": ["g1", "g2"], "name": ["Engen", "Parken"]})


def test_each_shipped_rainwater_map_opens_with_an_answer_of_its_own() -> None:
    project = read_project(shipped_root())
    asked = [found.answer for found in project.maps.values() if found.analysis == "rainwater"]
    assert len(asked) == 3
    assert set(asked) == {None, *ANSWERS}
    assert check(project) == ()


def test_without_rain_or_green_areas_the_answers_say_so() -> None:
    outcome = answer()
    assert tuple(outcome.answers) == ANSWERS
    assert outcome.answers["neighbours_and_standing"]["da"].endswith("vandmængderne er ukendte.")
    assert outcome.answers["retention"]["en"].endswith("it is unknown where water can be held back.")
    assert "sender" not in outcome.answer["da"]


@pytest.mark.parametrize(
    ("figures", "da", "en"),
    [
        (
            {"green_best_m3": 29_275.0, "green_free": 138.0, "measures_held_m3": 5_430.0},
            "Øverst på listen over grønne områder står Engen, som efter terrænet kan holde ca. 29.000 m³. 138 grønne "
            "områder er uden kendte konflikter. Med alle tegnede tiltag løber ca. 5.400 m³ mindre ud af "
            "kommunen i den største regn.",
            "First on the list of green areas stands Engen, which by the terrain could hold about 29,000 m³. 138 green "
            "areas have no known conflicts. With all drawn measures, about 5,400 m³ less runs out of the "
            "municipality in the greatest rain.",
        ),
        (
            {"green_free": 1.0, "measures_held_m3": -12.0},
            "1 grønt område er uden kendte konflikter. Med alle tegnede tiltag løber ca. 12 m³ mere ud af kommunen i "
            "den største regn.",
            "1 green area has no known conflicts. With all drawn measures, about 12 m³ more runs out of the "
            "municipality in the greatest rain.",
        ),
        (
            {"measures_held_m3": 0.0},
            "Med alle tegnede tiltag løber der lige så meget ud af kommunen som før i den største regn.",
            "With all drawn measures, as much runs out of the municipality as before in the greatest rain.",
        ),
    ],
)
def test_what_can_be_held_back_in_words(figures: dict[str, float], da: str, en: str) -> None:
    assert retention_answer("da", green_sites=SITES, indicators=figures) == da
    assert retention_answer("en", green_sites=SITES, indicators=figures) == en
    assert max(len(sentence.split()) for sentence in re.split(r"(?<=\w\.) ", en)) <= 20


def test_a_green_area_without_a_name_is_called_by_its_id_and_conflicts_are_said() -> None:
    sites = pd.DataFrame({"area_id": ["g7"], "name": pd.Series([None], dtype="str")})
    said = {
        language: retention_answer(
            language, green_sites=sites, indicators={"green_best_m3": 120.0, "green_free": 0.0, "measures_held_m3": 0.2}
        )
        for language in ("da", "en")
    }
    held = "står et område uden navn (g7), som efter terrænet kan holde ca. 120 m³. Alle har kendte konflikter."
    assert held in said["da"]
    assert "Alle har kendte konflikter." in said["da"]
    assert "løber der lige så meget ud af kommunen som før" in said["da"]
    held = "stands an area without a name (g7), which by the terrain could hold about 120 m³. All have known conflicts."
    assert held in said["en"]


def test_a_green_area_that_holds_nothing_is_not_given_a_figure() -> None:
    figures = {"green_best_m3": 0.0}
    told = retention_answer("da", green_sites=SITES, indicators=figures)
    assert told == "Øverst på listen over grønne områder står Engen, som ikke kan holde vand."
    assert "could hold no water" in retention_answer("en", green_sites=SITES, indicators=figures)


def test_nothing_is_said_as_nothing_not_as_a_figure() -> None:
    # Rain on the west side of the ridge alone: no hollow there, and no building.
    houses = frame([cells(0, 1, 0, 1)], building_id=["b"], use_code=[120], status=[6])
    event = rains(("t10", 10.0, 60.0, 100.0, 1.0, "a paper"))
    west = frame([cells(0, 1, 6, 3)], name=["Toftby"])
    outcome = answer(municipality=west, rain_events=event, buildings=houses, neighbours=None)
    told = outcome.answers["neighbours_and_standing"]
    assert told["da"] == (
        "Ved en 10-års-regn (100 mm på 60 minutter) bliver intet vand stående i lavninger. "
        "Ingen bygninger bliver berørt af regnhændelserne."
    )
    assert told["en"] == (
        "In a 10-year rain (100 mm in 60 minutes), no water stays in hollows. "
        "None of the rain events touches a building."
    )
