"""Colours of map files: what stands out, and what is told apart without red or green."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from project_maker import TEXT, ProjectMaker

from ballerup_geo.project import read_project, shipped_root
from ballerup_geo.publish.contrast import LEAST_TEXT, colour_warnings, difference, drawn_classes, faint_classes, seen_by
from ballerup_geo.publish.flow import DEPTH_CLASSES
from ballerup_geo.publish.styling import contrast
from ballerup_geo.spec import Map, MapLayer


def layer(style: dict[str, Any], **fields: Any) -> MapLayer:
    return MapLayer.model_validate({"id": "things", "title": TEXT, "layer": "things", "style": style, **fields})


def two(one: str, other: str, **look: Any) -> dict[str, Any]:
    entries = [{"value": str(at), "colour": colour, "label": TEXT} for at, colour in enumerate((one, other))]
    return {"kind": "categories", "column": "kind", "fill_opacity": 1.0, "categories": entries, **look}


def warned(maker: ProjectMaker, style: dict[str, Any], **fields: Any) -> list[str]:
    maker.map("map", layers=[{"id": "things", "title": TEXT, "layer": "things", "style": style, **fields}])
    return [str(warning) for warning in colour_warnings(maker.project())]


def test_the_shipped_maps_are_seen_and_told_apart() -> None:
    project = read_project(shipped_root())
    answers = [shown for found in project.maps.values() for shown in found.layers if shown.role == "answer"]
    assert len(answers) >= 12
    assert sum(len(drawn_classes(shown)) for shown in answers) >= 30
    assert colour_warnings(project) == ()


def test_depths_in_the_page_are_those_of_the_maps() -> None:
    project = read_project(shipped_root())
    (depth,) = [shown for shown in project.maps["cloudburst"].layers if shown.id == "event_depth"]
    assert [entry.colour for entry in depth.style.classes] == [colour for _, colour in DEPTH_CLASSES]  # type: ignore[union-attr]


def test_names_stand_out_from_their_halo(root: Path) -> None:
    script = (root / "ballerup_geo/publish/static/app/labels.js").read_text()
    (halo,) = re.findall(r'strokeStyle = "(#[0-9a-f]{6})"', script)
    (name,) = re.findall(r'fillStyle = what\.paint\.text \|\| "(#[0-9a-f]{6})"', script)
    assert contrast(name, halo) >= LEAST_TEXT


def test_translucency_outline_and_cells_count_as_they_look() -> None:
    (plain,) = drawn_classes(layer({"kind": "single", "fill": "#000000", "fill_opacity": 0.5}))
    assert plain.colour == "#808080"
    assert plain.stands_out == pytest.approx(contrast("#808080", "#ffffff"))
    outlined = {"kind": "single", "fill": "#ffffff", "line": "#000000"}
    assert drawn_classes(layer(outlined))[0].stands_out == pytest.approx(21)
    assert drawn_classes(layer({**outlined, "line_width_px": 0.0}))[0].stands_out == pytest.approx(1)
    cells = {
        "kind": "classes",
        "column": "value",
        "line": "#000000",
        "classes": [{"minimum": 0.0, "colour": "#9ecae1", "label": TEXT}],
    }
    raster = MapLayer.model_validate({"id": "depth", "title": TEXT, "result": "a", "raster": "depth", "style": cells})
    assert drawn_classes(raster)[0].stands_out < 2  # cells have no outline
    assert drawn_classes(layer({"kind": "single", "fill": "#000000", "fill_opacity": 0.0})) == []


def test_ground_is_quiet_and_not_held_to_it() -> None:
    pale = {"kind": "single", "fill": "#fafafa", "fill_opacity": 1.0}
    shown = [
        {"id": "things", "title": TEXT, "layer": "things", "style": pale, "role": role} for role in ("ground", "answer")
    ]
    faint = [faint_classes(Map.model_validate({"title": TEXT, "lead": TEXT, "layers": [each]})) for each in shown]
    assert [len(found) for found in faint] == [0, 1]


def test_red_and_green_of_one_lightness_are_warned_of_and_blue_and_orange_are_not(maker: ProjectMaker) -> None:
    # seen without green cones these two differ by less than a fifth of what others see
    red, green = "#b3471f", "#5f7a1c"
    assert difference(red, green) > 40
    assert difference(red, green, "deuteranopia") < 10
    (said,) = warned(maker, two(red, green))
    assert "maps/map.toml" in said
    assert "layers.0 (things).style" in said
    assert "look alike with deuteranopia" in said
    assert warned(maker, two(red, green), labels="name") == []  # names tell them apart
    assert warned(maker, two("#0072b2", "#d55e00")) == []


def test_neighbours_of_a_scale_are_compared_and_not_its_ends(maker: ProjectMaker) -> None:
    def scale(*colours: str) -> dict[str, Any]:
        entries = [{"minimum": float(at), "colour": colour, "label": TEXT} for at, colour in enumerate(colours)]
        return {"kind": "classes", "column": "size", "fill_opacity": 1.0, "classes": entries}

    assert warned(maker, scale("#4a4a4a", "#101010", "#4a4a4a")) == []
    (said,) = warned(maker, scale("#4a4a4a", "#505050"))
    assert "less than 10" in said


def test_sight_is_simulated_as_published() -> None:
    # grey stays grey (the matrices' rows add up to 1), and pure red is seen far darker without red cones
    for sight in ("protanopia", "deuteranopia"):
        assert seen_by("#777777", sight) == "#777777"
        assert seen_by("#ffffff", sight) == "#ffffff"
    assert seen_by("#ff0000", "protanopia") == "#6d5f00"
    assert contrast(seen_by("#ff0000", "protanopia"), "#000000") < contrast("#ff0000", "#000000")


def test_check_tells_warnings_apart_from_faults(maker: ProjectMaker, process: Any) -> None:
    maker.layer("things", geometry="polygon", columns={"kind": {"type": "text"}}, kept={"path": "data/things.gpkg"})
    assert len(warned(maker, two("#fafafa", "#101010"))) == 1
    done = process("check", "--project", str(maker.root), "--json", cwd=maker.root)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["faults"] == []
    (warning,) = said["warnings"]
    assert "stands out from the map's white by 1.0:1" in warning["what"]
    assert "warning: maps/map.toml" in process("check", "--project", str(maker.root), cwd=maker.root).out
