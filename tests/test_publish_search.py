"""What a map may search: names that exist; anything else is a fault with the nearest name."""

from __future__ import annotations

from typing import Any

import pytest
from project_maker import ProjectMaker, frame, points, squares

from ballerup_geo.errors import ProjectError
from ballerup_geo.publish.content import Reader, gather
from ballerup_geo.publish.credits import credits_of
from ballerup_geo.run import check
from ballerup_geo.spec import Map


def add(maker: ProjectMaker, *search: dict[str, Any]) -> None:
    maker.layer("areas", frame(squares(3), name=["a", None, "c"]), geometry="polygon", clip="none", columns=NAME)
    maker.layer("doors", frame(points(4), name=["d", "a", None, "b"]), geometry="point", clip="none", columns=NAME)
    style = {"kind": "single", "fill": "#000000"}
    maker.map("one", layers=[{"id": "fields", "layer": "areas", "title": TEXT, "style": style}], search=list(search))


NAME = {"name": {"type": "text"}}
TEXT = {"da": "Tekst", "en": "Text"}


def test_names_that_are_not_there_are_faults(maker: ProjectMaker) -> None:
    add(
        maker,
        {"layer": "door", "column": "name"},
        {"layer": "doors", "column": "nam"},
        {"map_layer": "fields", "column": "nme"},
    )
    found = [str(fault) for fault in check(maker.project())]
    assert len(found) == 3
    for key, what in (("search.0.layer", "doors"), ("search.1.column", "name"), ("search.2.column", "name")):
        assert any(key in fault and what in fault for fault in found)
    with pytest.raises(ProjectError, match="nme"):
        gather(Reader(maker.project(), maker.catalog(), lambda name: pytest.fail(name)), "one")


@pytest.mark.parametrize("search", [{"column": "name"}, {"column": "name", "layer": "a", "map_layer": "b"}])
def test_a_search_names_one_origin(search: dict[str, Any]) -> None:
    layer = {"id": "b", "layer": "a", "title": TEXT, "style": {"kind": "single"}}
    with pytest.raises(ValueError, match="map_layer"):
        Map.model_validate({"title": TEXT, "lead": TEXT, "layers": [layer], "search": [search]})


def test_a_search_names_a_layer_of_the_map() -> None:
    layer = {"id": "b", "layer": "a", "title": TEXT, "style": {"kind": "single"}}
    fields = {"title": TEXT, "lead": TEXT, "layers": [layer], "search": [{"map_layer": "c", "column": "name"}]}
    with pytest.raises(ValueError, match="which has no names"):
        Map.model_validate(fields)


def test_names_are_packed_in_order_without_the_unknown_ones(maker: ProjectMaker) -> None:
    import gzip
    import json
    import struct

    add(maker, {"layer": "doors", "column": "name"}, {"map_layer": "fields", "column": "name"})
    content = gather(Reader(maker.project(), maker.catalog(), lambda name: pytest.fail(name)), "one")
    undrawn, drawn = content.searches
    assert drawn.packed is None
    packed = gzip.decompress(undrawn.packed or b"")
    (length,) = struct.unpack("<I", packed[:4])
    head = json.loads(packed[4 : 4 + length])
    assert head["size"] == 3
    assert head["columns"]["name"]["values"] == ["a", "b", "d"]
    assert head["columns"]["name"]["index"] == [0, 1, 2]


def test_a_layer_that_is_only_searched_is_credited(maker: ProjectMaker) -> None:
    add(maker, {"layer": "doors", "column": "name"})
    content = gather(Reader(maker.project(), maker.catalog(), lambda name: pytest.fail(name)), "one")
    assert content.searches[0].provenance is not None
    titles = {title.da for credit in credits_of(content) for title in credit.titles}
    assert maker.project().layers["doors"].title.da in titles


@pytest.mark.parametrize("name", ["embed", "index", "hent", "kortbilag"])
def test_a_map_may_not_be_called_like_a_part_of_the_site(maker: ProjectMaker, name: str) -> None:
    add(maker)
    (maker.root / "maps" / "one.toml").rename(maker.root / "maps" / f"{name}.toml")
    with pytest.raises(ProjectError, match="the name is taken by a part of the site"):
        maker.project()
