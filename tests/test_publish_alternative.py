"""A map in three sentences, made from what every map has; and a map's own answer."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from map_maker import EVERYTHING, add_hostile_map
from project_maker import TEXT, ProjectMaker, frame, squares

from ballerup_geo.errors import DataError
from ballerup_geo.project import read_project
from ballerup_geo.publish.alternative import DESCRIPTION_ID, in_words, sentences, unseen_words
from ballerup_geo.publish.answers import answer_of
from ballerup_geo.publish.content import MapContent, Reader, gather
from ballerup_geo.results import Result
from ballerup_geo.run import check
from ballerup_geo.spec import Map
from ballerup_geo.spec.notice import MODEL_NOTICE

SINGLE = {"kind": "single", "fill": "#0072b2"}
LEAD = {
    "da": "Kortet viser søer, f.eks. Lillesø. Træk i skyderen.",
    "en": "The map shows lakes, e.g. Lillesø. Move the slider.",
}


def content_of(maker: ProjectMaker, sizes: list[float | None], **fields: Any) -> MapContent:
    names = [f"sø {at}" for at in range(len(sizes))]
    columns: dict[str, Any] = {"name": {"type": "text"}, "size": {"type": "number", "unit": "m²"}}
    shapes = frame(squares(len(sizes)), name=names, size=sizes)
    maker.layer("lakes", shapes, geometry="polygon", clip="none", columns=columns)
    table = {
        "map_layer": "lakes",
        "caption": {"da": "Søer", "en": "Lakes"},
        "sort": "size",
        "fields": [{"column": "name"}, {"column": "size", "digits": 0}],
    }
    title = {"da": "Søer", "en": "Lakes"}
    layers = [{"id": "lakes", "title": title, "layer": "lakes", "name": "name", "style": SINGLE}]
    maker.map("lakes", lead=LEAD, layers=layers, **{"tables": [table], **fields})
    return gather(Reader(maker.project(), maker.catalog(), _no_result), "lakes")


def _no_result(name: str) -> Result:
    raise AssertionError(name)


def test_a_map_without_an_analysis_says_what_it_shows_how_much_and_what_is_largest(maker: ProjectMaker) -> None:
    said = sentences(content_of(maker, [5.0, None, 1234.0, 7.0, 6.0]))
    assert [each.da for each in said] == [
        "Kortet viser søer, f.eks. Lillesø.",
        "Kortets lag er »Søer« (5).",
        "Øverst i tabellen »Søer« står sø 2 (1.234\u00a0m²), sø 3 (7\u00a0m²) og sø 4 (6\u00a0m²).",
    ]
    assert [each.en for each in said] == [
        "The map shows lakes, e.g. Lillesø.",
        "The map's layers are “Lakes” (5).",
        "First in the table “Lakes” stand sø 2 (1,234\u00a0m²), sø 3 (7\u00a0m²) and sø 4 (6\u00a0m²).",
    ]


def test_an_alphabetical_table_and_unknown_sizes_tell_nothing(maker: ProjectMaker) -> None:
    assert len(sentences(content_of(maker, [None, None]))) == 2
    assert len(sentences(content_of(maker, [1.0], tables=[]))) == 2


def test_modelled_data_are_named_in_words_too(maker: ProjectMaker) -> None:
    content = content_of(maker, [1.0])
    assert MODEL_NOTICE.da not in "".join(each.da for each in sentences(content))
    assert sentences(replace(content, modelled=True))[-1].da == f"{MODEL_NOTICE.da}."


def test_texts_stay_texts_and_the_region_is_described_by_them(maker: ProjectMaker, root: Path) -> None:
    add_hostile_map(maker)
    content = gather(Reader(maker.project(), maker.catalog(), _no_result), "hostile")
    for shown in (in_words(content), unseen_words(content)):
        assert "<img" not in shown
        assert shown.count(f'id="{DESCRIPTION_ID}"') == 1
    assert EVERYTHING in sentences(content)[0].da
    element = (root / "ballerup_geo/publish/templates/map_element.html.j2").read_text()
    assert f'aria-describedby="{DESCRIPTION_ID}"' in element


def test_a_maps_own_answer_is_its_answer(tmp_path: Path) -> None:
    run = {"answer": {"da": "Hoved 5 %.", "en": "Main 5 %."}, "answers": {"other": {"da": "Andet.", "en": "Other."}}}
    results = {"areas": Result("areas", tmp_path, run, {}, [])}
    layers = [{"id": "lakes", "title": TEXT, "layer": "lakes", "style": SINGLE}]

    def asked(**fields: Any) -> Map:
        return Map.model_validate({"title": TEXT, "lead": TEXT, "layers": layers, **fields})

    main = answer_of(asked(analysis="areas"), results)
    assert main is not None
    assert main.da == "Hoved 5\u00a0%."
    other = answer_of(asked(analysis="areas", answer="other"), results)
    assert other is not None
    assert other.en == "Other."
    assert answer_of(asked(), {}) is None
    with pytest.raises(DataError, match='did you mean "other"'):
        answer_of(asked(analysis="areas", answer="othr"), results)
    with pytest.raises(ValueError, match="answer is one of an analysis"):
        asked(answer="other")


def test_check_finds_an_answer_that_the_method_does_not_give(toy_town: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(toy_town, tmp_path / "town")
    path = folder / "maps/rainwater.toml"
    line = 'analysis = "rainwater"\n'
    path.write_text(path.read_text().replace(line, f'{line}answer = "retenton"\n', 1))
    (fault,) = check(read_project(folder))
    assert fault.key == "answer"
    assert 'did you mean "retention"' in fault.todo
