"""Figures and kortbilag: everything is on them, they are at the scale they state, and hostile texts are only texts."""

from __future__ import annotations

import io
import re
import time
import warnings
import zlib
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pytest
import shapely
from map_maker import PAYLOADS, add_hostile_map
from PIL import Image
from project_maker import EAST, NORTH, SOUTH, SQUARE, TEXT, WEST, ProjectMaker, frame, squares
from step_maker import DARK, LIGHT, MIDDLE, add_storms, get_method

from ballerup_geo.errors import ProjectError
from ballerup_geo.publish.content import MapContent, Reader, gather
from ballerup_geo.publish.figure import Backdrop, draw_card, draw_figure, draw_kortbilag, read_backdrop
from ballerup_geo.publish.figure._grey import for_print, lightness
from ballerup_geo.publish.figure._kortbilag import frame_mm
from ballerup_geo.publish.figure._layers import Look
from ballerup_geo.publish.figure._sheet import PT_PER_MM, Ink
from ballerup_geo.publish.figure._type import clean, fit, width_mm, wrap
from ballerup_geo.results import read_result
from ballerup_geo.spec import MapLayer
from ballerup_geo.spec.notice import MODEL_NOTICE

MIDDLE_OF_TOWN = ((WEST + EAST) / 2, (SOUTH + NORTH) / 2)
GROUND = {
    "id": "ground",
    "title": {"da": "Kommunen", "en": "The municipality"},
    "layer": "municipality",
    "role": "ground",
    "style": {"kind": "single", "fill": "#ffffff", "fill_opacity": 1.0, "line": "#8f979c"},
}


def reader_of(maker: ProjectMaker) -> Reader:
    return Reader(maker.project(), maker.catalog(), lambda name: read_result(maker.out, name))


def content_of(maker: ProjectMaker, name: str) -> MapContent:
    return gather(reader_of(maker), name)


def backdrop_of(maker: ProjectMaker) -> Backdrop:
    return read_backdrop(reader_of(maker))


def things(maker: ProjectMaker, shapes: list[Any], *, geometry: str, style: dict[str, Any], **more: Any) -> MapContent:
    """A map of the municipality and one layer."""
    columns = {name: {"type": "text" if name == "name" else "number"} for name in more}
    maker.layer(
        "things",
        frame(shapes, **more),
        geometry=geometry,
        clip="none",
        may_be_empty=not shapes,
        columns=columns,
        kept={"date": "2024-05-01", "licence": "CC BY 4.0", "attribution": {"da": "Kilden", "en": "The source"}},
    )
    layer = {"id": "things", "title": {"da": "Ting", "en": "Things"}, "layer": "things", "style": style}
    maker.map(
        "things",
        title={"da": "Hvor er tingene?", "en": "Where are the things?"},
        caution={"da": "Screening, ikke prognose", "en": "Screening, not a forecast"},
        layers=[GROUND, layer],
    )
    return content_of(maker, "things")


def with_shapes(content: MapContent, shapes: list[Any]) -> MapContent:
    """The same map with other shapes: ones that no catalog lets through."""
    full = content.layers[1]
    layer = replace(full, frame=frame(shapes), styled=replace(full.styled, classes=(0,) * len(shapes)))
    return replace(content, layers=(content.layers[0], layer))


SINGLE = {"kind": "single", "fill": "#d55e00", "fill_opacity": 1.0}


def svg_texts(content: bytes) -> list[str]:
    """The texts of an SVG, in the order they are drawn."""
    tree = ElementTree.fromstring(content)
    return ["".join(text.itertext()).replace("\u00a0", " ") for text in tree.iter("{http://www.w3.org/2000/svg}text")]


def pixels(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture.convert("RGB"))


def has(picture: np.ndarray, colour: str) -> bool:
    return bool((picture == [int(colour[at : at + 2], 16) for at in (1, 3, 5)]).all(axis=2).any())


def streams(pdf: bytes) -> str:
    """The drawing instructions of a PDF."""
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(raw).decode("latin-1"))
        except zlib.error:
            continue
    return "\n".join(found)


def segments_mm(pdf: bytes) -> list[tuple[float, float, float, float]]:
    """All lines of two points on the paper, mm from the lower left corner."""
    number = r"(-?[\d.]+)"
    found = re.findall(rf"{number} {number} m\s+{number} {number} l\s+S", streams(pdf))
    return [tuple(float(part) / PT_PER_MM for part in one) for one in found]  # type: ignore[misc]


# ---------------------------------------------------------------- what stands on a figure


def test_a_figure_carries_everything(maker: ProjectMaker) -> None:
    content = things(maker, squares(3), geometry="polygon", style=SINGLE)
    texts = svg_texts(draw_figure(content, form="svg"))
    for said in (
        "Hvor er tingene?",
        "Screening, ikke prognose",
        "Tekst",
        "Signaturforklaring",
        "Ting",
        "3",
        "Baggrund",
        "N",
    ):
        assert said in texts
    assert "Firkant · Data fra: 2024-05-01" in texts
    assert any("Kilden (CC BY 4.0, 2024-05-01)" in text for text in texts)
    assert texts[texts.index("0") :][:3] == ["0", "100", "200 m"]
    assert MODEL_NOTICE.da not in texts
    assert "Where are the things?" in svg_texts(draw_figure(content, form="svg", language="en"))


def test_the_scale_bar_is_as_long_as_it_says(maker: ProjectMaker) -> None:
    content = things(maker, [SQUARE], geometry="polygon", style=SINGLE)
    tree = ElementTree.fromstring(draw_figure(content, form="svg"))
    paths = [path.get("d") or "" for path in tree.iter("{http://www.w3.org/2000/svg}path")]
    boxes = []
    for path in paths:
        points = np.array([float(part) for part in re.findall(r"-?[\d.]+", path)])
        if points.size % 2 == 0 and points.size:
            corners = points.reshape(-1, 2)
            boxes.append((*corners.min(axis=0), *corners.max(axis=0)))
    town = max(
        (box for box in boxes if abs((box[2] - box[0]) - (box[3] - box[1])) < 0.1), key=lambda box: box[2] - box[0]
    )
    halves = [box for box in boxes if abs((box[3] - box[1]) - 1.3 * PT_PER_MM) < 0.02]
    assert len(halves) == 2
    long = sum(box[2] - box[0] for box in halves)
    assert long / (town[2] - town[0]) == pytest.approx(200 / 1000, rel=0.002)


def test_the_legend_counts_each_class_and_says_0(maker: ProjectMaker) -> None:
    style = {
        "kind": "classes",
        "column": "size",
        "classes": [
            {"minimum": 0, "colour": LIGHT, "label": {"da": "lille", "en": "small"}},
            {"minimum": 10, "colour": MIDDLE, "label": {"da": "mellem", "en": "middle"}},
            {"minimum": 20, "colour": DARK, "label": {"da": "stor", "en": "large"}},
        ],
    }
    content = things(maker, squares(4), geometry="polygon", style=style, size=[1.0, 2.0, 25.0, np.nan])
    texts = svg_texts(draw_figure(content, form="svg"))
    counts = {label: texts[texts.index(label) + 1] for label in ("lille", "mellem", "stor", "ukendt")}
    assert counts == {"lille": "2", "mellem": "0", "stor": "1", "ukendt": "1"}


def test_a_raster_and_the_slider(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballerup_geo.methods.get_method", get_method)
    add_storms(maker)
    content = content_of(maker, "storms")
    opening, last = (draw_figure(content, form="svg", step=step) for step in (None, 3))
    assert "Regnhændelse: skybrud · 40 mm" in " ".join(svg_texts(opening))
    assert "Regnhændelse: stort skybrud · 80 mm" in " ".join(svg_texts(last))
    texts = svg_texts(last)
    assert [texts[texts.index(label) + 1] for label in ("0,1–0,5 m", "0,5–1 m", "1 m eller mere")] == [
        "0 ha",
        "4,0 ha",
        "4,0 ha",
    ]
    assert texts[texts.index("Afskårne veje") + 1] == "2"
    picture = pixels(draw_figure(content, form="png", step=3))
    map_alone = picture[:, : int(picture.shape[1] * 0.7)]
    assert has(map_alone, MIDDLE)
    assert has(map_alone, DARK)
    assert not has(map_alone, LIGHT)
    with pytest.raises(ProjectError, match="the slider has 3 steps"):
        draw_figure(content, form="png", step=4)


def test_the_same_map_gives_the_same_bytes_whatever_style_is_set(maker: ProjectMaker) -> None:
    content = things(maker, squares(3), geometry="polygon", style=SINGLE)
    for form in ("png", "svg", "pdf"):
        first = draw_figure(content, form=form)  # type: ignore[arg-type]
        with mpl.rc_context(
            {"font.size": 30.0, "svg.fonttype": "path", "lines.linewidth": 9.0, "text.parse_math": True}
        ):
            before = dict(mpl.rcParams)
            assert draw_figure(content, form=form) == first  # type: ignore[arg-type]
            assert dict(mpl.rcParams) == before
    options = {"backdrop": backdrop_of(maker), "scale": 1000, "centre": MIDDLE_OF_TOWN, "edition": "A"}
    assert draw_kortbilag(content, **options) == draw_kortbilag(content, **options)  # type: ignore[arg-type]


def test_modelled_data_say_so_inside_every_picture(maker: ProjectMaker) -> None:
    content = replace(things(maker, squares(2), geometry="polygon", style=SINGLE), modelled=True)
    assert MODEL_NOTICE.da in " ".join(svg_texts(draw_figure(content, form="svg")))
    assert MODEL_NOTICE.en in " ".join(svg_texts(draw_figure(content, form="svg", language="en")))
    assert has(pixels(draw_figure(content, form="png")), "#fff4d6")
    assert has(pixels(draw_card(content)), "#fff4d6")
    with Image.open(io.BytesIO(draw_card(content))) as card:
        assert card.size == (640, 400)
        assert card.mode == "P"
        assert MODEL_NOTICE.da in card.info["Description"]


def test_an_empty_layer_and_shapes_without_a_place(maker: ProjectMaker) -> None:
    content = things(maker, [], geometry="polygon", style=SINGLE)
    texts = svg_texts(draw_figure(content, form="svg"))
    assert texts[texts.index("Ting") + 1] == "0"
    odd = [shapely.Polygon(), None, shapely.box(WEST, SOUTH, WEST + 9, SOUTH + 9)]
    drawn = with_shapes(content, odd)
    assert "Ting" in svg_texts(draw_figure(drawn, form="svg"))


def test_a_huge_and_invalid_shape_is_cut_at_the_frame(maker: ProjectMaker) -> None:
    bow = shapely.Polygon([(-1e7, -1e7), (2e7, 2e7), (2e7, -1e7), (-1e7, 2e7)])
    angle = np.linspace(0, 2 * np.pi, 400_000)
    ring = np.column_stack([WEST + 500 + 400 * np.cos(angle), SOUTH + 500 + 400 * np.sin(angle)])
    style = {**SINGLE, "line": "#000000"}
    content = with_shapes(things(maker, squares(1), geometry="polygon", style=style), [bow, shapely.Polygon(ring)])
    begin = time.process_time()
    svg = draw_figure(content, form="svg")
    assert time.process_time() - begin < 10
    assert len(svg) < 200_000
    assert has(pixels(draw_figure(content, form="png")), "#d55e00")


# ---------------------------------------------------------------- hostile texts


def test_hostile_texts_are_shown_as_they_are(maker: ProjectMaker) -> None:
    add_hostile_map(maker)
    content = content_of(maker, "hostile")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svg = draw_figure(content, form="svg")
        draw_card(content)
        draw_kortbilag(
            content, backdrop=backdrop_of(maker), scale=1000, centre=MIDDLE_OF_TOWN, edition=" ".join(PAYLOADS)
        )
    said = " ".join(svg_texts(svg))
    assert "<img src=x onerror=window.__hit=1>" in said
    assert "{{ cycler.__init__.__globals__.os.getpid() }}" in said
    assert b"<img" not in svg
    assert b"<script" not in svg


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$\\frac{1}{0$ og $x^2$", "$\\frac{1}{0$ og $x^2$"),
        ("to\nlinjer\t\x00\x1b[31m", "to linjer \ufffd\ufffd[31m"),
        ("漢字 \U0001f984 Æøå", "\ufffd\ufffd \ufffd Æøå"),
        ("a\u202eb", "a\ufffdb"),
        ("\ud800", "\ufffd"),
    ],
)
def test_what_cannot_be_written_is_marked(maker: ProjectMaker, text: str, shown: str) -> None:
    assert clean(text) == shown
    maker.map("odd", title={"da": "Kort", "en": "Map"}, layers=[GROUND])
    content = content_of(maker, "odd")
    changed = content.map.model_copy(update={"title": content.map.title.model_copy(update={"da": text})})
    for form in ("png", "svg", "pdf"):
        draw_figure(replace(content, map=changed), form=form)  # type: ignore[arg-type]
    assert shown in svg_texts(draw_figure(replace(content, map=changed), form="svg"))


def test_a_text_of_10000_characters_stays_in_its_place() -> None:
    for text in ("ord " * 2500, "x" * 10_000):
        fitted = fit(text, 60.0, 12.0, sizes_pt=(9.0, 7.0))
        assert fitted.height_mm <= 12.0 + 1e-6
        assert all(width_mm(line, "plain", fitted.size_pt) <= 60.0 for line in fitted.lines)
        assert fitted.lines[-1].endswith("…")
    assert wrap("en to tre", 1000.0, "plain", 8.0) == ["en to tre"]
    assert "".join(wrap("x" * 200, 20.0, "plain", 8.0)) == "x" * 200


# ---------------------------------------------------------------- kortbilag


@pytest.mark.parametrize(("scale", "long_m"), [(500, 50.0), (1000, 100.0), (10_000, 900.0)])
@pytest.mark.parametrize(("paper", "orientation"), [("A4", "portrait"), ("A3", "landscape")])
def test_a_kortbilag_is_at_its_scale(
    maker: ProjectMaker, scale: int, long_m: float, paper: Any, orientation: Any
) -> None:
    x, y = MIDDLE_OF_TOWN
    line = shapely.LineString([(x - long_m / 2, y), (x + long_m / 2, y)])
    style = {"kind": "single", "line": "#d55e00", "line_width_px": 2.0}
    content = things(maker, [line], geometry="line", style=style)
    pdf = draw_kortbilag(
        content,
        backdrop=backdrop_of(maker),
        scale=scale,
        centre=(x, y),
        paper=paper,
        orientation=orientation,
        edition="A",
    )
    own = frame_mm(paper, orientation)
    middle = own.left + own.width / 2, own.bottom + own.height / 2
    half = long_m / scale * 1000 / 2
    expected = (middle[0] - half, middle[1], middle[0] + half, middle[1])
    off = [np.abs(np.subtract(found, expected)).max() for found in segments_mm(pdf)]
    assert min(off) < 0.01  # mm on the paper
    box = [float(part) / PT_PER_MM for part in re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)", pdf)[0]]
    sides = {"A4": (210, 297), "A3": (420, 297)}[paper]
    assert box == pytest.approx(sides, abs=0.01)


def test_a_kortbilag_says_what_it_is(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    content = things(maker, squares(3), geometry="polygon", style=SINGLE)
    said: list[str] = []
    from ballerup_geo.publish.figure._sheet import Sheet

    write = Sheet.text
    monkeypatch.setattr(
        Sheet, "text", lambda self, text, *args, **more: (said.append(text), write(self, text, *args, **more))[1]
    )
    common: dict[str, Any] = {"scale": 2000, "centre": MIDDLE_OF_TOWN, "edition": "Lokalplan 7"}
    pdf = draw_kortbilag(content, backdrop=backdrop_of(maker), **common)
    for text in (
        "Redegørelse: kortbilag",
        "Hvor er tingene?",
        "Firkant",
        "1:2.000",
        "ETRS89 / UTM 32N (EPSG:25832)",
        "Lokalplan 7",
        "2024-05-01",
        "N",
        "710 500",
        "6 180 500",
        "Matrikler: findes ikke i data",
    ):
        assert text in said
    assert not any("bestemmelse" in text.lower() for text in said)
    assert re.search(rb"/Lang \(da\)", pdf)
    assert b"/Type42" in pdf or b"/CIDFontType2" in pdf
    assert b"/ToUnicode" in pdf
    assert b"CreationDate" not in pdf
    parcels = frame(squares(5, size=40.0), parcel_id=list("abcde"))
    maker.layer("parcels", parcels, geometry="polygon", clip="none", columns={"parcel_id": {"type": "text"}})
    said.clear()
    draw_kortbilag(content, backdrop=backdrop_of(maker), **{**common, "centre": (WEST + 100, SOUTH + 100)})
    assert TEXT["da"] in said
    assert "Matrikler: findes ikke i data" not in said


def test_the_pdf_is_found_whole_with_its_language(maker: ProjectMaker) -> None:
    """The table at the end names the new catalogue, and the table before it."""
    content = things(maker, squares(1), geometry="polygon", style=SINGLE)
    pdf = draw_figure(content, form="pdf", language="en")
    at = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    assert pdf[at:].startswith(b"xref")
    number, place = re.match(rb"xref\s+0 1\s+0{10} 65535 f\s+(\d+) 1\s+(\d{10}) 00000 n", pdf[at:]).groups()  # type: ignore[union-attr]
    assert pdf[int(place) :].startswith(number + b" 0 obj")
    assert b"/Lang (en)" in pdf[int(place) : at]
    earlier = int(re.findall(rb"/Prev (\d+)", pdf)[-1])
    assert pdf[earlier:].startswith(b"xref")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scale": 499}, "use a whole number from 500 to 10000"),
        ({"scale": 20_000}, "use a whole number from 500 to 10000"),
        ({"paper": "A5"}, "use A4 or A3"),
        ({"orientation": "schräg"}, "use portrait or landscape"),
        ({"centre": (WEST - 10, SOUTH)}, "lies outside Firkant"),
        ({"centre": (float("nan"), SOUTH)}, "lies outside Firkant"),
        ({"centre": None}, "give the middle of the map"),
        ({"centre": None, "area": (WEST, SOUTH, EAST, NORTH)}, "use A4 landscape at 1:7500 or A3 portrait at 1:5000"),
        ({"centre": None, "area": (WEST - 9e5, SOUTH, EAST + 9e5, NORTH)}, "show a smaller area"),
    ],
)
def test_what_no_paper_can_show_is_refused_with_what_can(maker: ProjectMaker, asked: dict[str, Any], said: str) -> None:
    content = things(maker, squares(1), geometry="polygon", style=SINGLE)
    options: dict[str, Any] = {"backdrop": backdrop_of(maker), "scale": 1000, "centre": MIDDLE_OF_TOWN, "edition": "A"}
    with pytest.raises(ProjectError) as refused:
        draw_kortbilag(content, **{**options, **asked})
    assert said in str(refused.value)


def test_classes_stay_apart_in_black_and_white() -> None:
    shown = MapLayer.model_validate(
        {"id": "a", "title": TEXT, "layer": "a", "style": {"kind": "single", "fill": "#000000"}}
    )
    okabe_ito = ("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00")
    looks = tuple(Look(Ink(colour, 0.3), 1.0) for colour in okabe_ito)
    found = for_print(looks, (1,) * 6, "area", shown)
    kept = [(lightness(str(look.ink.fill), look.ink.fill_opacity), look.ink.hatch) for look in found]
    for at, (light, hatch) in enumerate(kept):
        for other, other_hatch in kept[:at]:
            assert abs(light - other) >= 9 or hatch != other_hatch
    marks = for_print(looks, (1,) * 6, "point", shown)
    assert len({look.corners for look in marks}) > 1
    quiet = shown.model_copy(update={"role": "ground"})
    (line,) = for_print((Look(Ink(line="#dcdfe1", width_pt=1.0), 1.0),), (1,), "line", quiet)
    assert lightness(str(line.ink.line)) <= 72
