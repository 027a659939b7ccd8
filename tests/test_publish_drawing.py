"""Figures and cards drawn beside the rest of a site: the same bytes, and no process that outlives it."""

from __future__ import annotations

import subprocess
import threading

import pytest
from map_maker import add_hostile_map
from project_maker import ProjectMaker

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish import drawing
from ballerup_geo.publish.content import MapContent, Reader, gather
from ballerup_geo.publish.drawing import Drawer, DrawnMap, draw_all
from ballerup_geo.results import read_result


@pytest.fixture
def content(maker: ProjectMaker) -> MapContent:
    add_hostile_map(maker)
    return gather(Reader(maker.project(), maker.catalog(), lambda name: read_result(maker.out, name)), "hostile")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started, whatever the machine's cores."""
    found: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def note(*args: object, **options: object) -> subprocess.Popen[bytes]:
        found.append(start(*args, **options))  # type: ignore[call-overload]
        return found[-1]

    monkeypatch.setattr(drawing.subprocess, "Popen", note)
    monkeypatch.setattr(drawing.os, "cpu_count", lambda: 2)
    return found


def test_another_process_draws_the_same_bytes_and_ends_with_the_site(
    content: MapContent, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = draw_all(content)
    monkeypatch.setattr(drawing, "draw_all", lambda _: pytest.fail("drawn here"))
    with Drawer(worth=0) as drawer:
        pictures = drawer.begin(content)
        assert pictures() == here
        assert [process.poll() for process in started] == [None]
    assert started[0].poll() is not None
    assert set(here.figures) == {"hostile.png", "hostile.svg", "hostile.pdf"}


def test_a_small_map_starts_no_process(content: MapContent, started: list[subprocess.Popen[bytes]]) -> None:
    with Drawer() as drawer:
        assert isinstance(drawer.begin(content)(), DrawnMap)
    assert started == []


def test_where_the_other_process_fails_the_error_is_raised_here(
    content: MapContent, monkeypatch: pytest.MonkeyPatch, started: list[subprocess.Popen[bytes]]
) -> None:
    monkeypatch.setattr(drawing, "_START", "raise SystemExit(1)")

    def refuse(_: MapContent) -> DrawnMap:
        raise DataError(Fault("results/x/depth_m.tif", "", "cannot be read", "run the analysis again"))

    monkeypatch.setattr(drawing, "draw_all", refuse)
    with Drawer(worth=0) as drawer, pytest.raises(DataError, match="cannot be read"):
        drawer.begin(content)()
    assert len(started) == 1


def test_a_map_that_the_other_process_has_not_come_to_is_drawn_here(
    content: MapContent, started: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    there, here = DrawnMap({}, b"there"), DrawnMap({}, b"here")

    def slow(_: object) -> DrawnMap:
        begun.set()
        assert go_on.wait(20)
        return there

    monkeypatch.setattr(drawing, "_receive", slow)
    monkeypatch.setattr(drawing, "_send", lambda *_: None)
    monkeypatch.setattr(drawing, "draw_all", lambda _: here)
    with Drawer(worth=0) as drawer:
        first, last = drawer.begin(content), drawer.begin(content)
        assert begun.wait(20)
        assert last() == here
        go_on.set()
        assert first() == there
    assert len(started) == 1


@pytest.mark.parametrize("error", [RecursionError, OverflowError, MemoryError, TypeError])
def test_a_map_that_cannot_be_sent_is_drawn_here_and_the_log_says_why(
    content: MapContent,
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
    caplog: pytest.LogCaptureFixture,
    error: type[Exception],
) -> None:
    def refuse(*_: object) -> None:
        raise error("too deep")

    monkeypatch.setattr(drawing, "_send", refuse)
    monkeypatch.setattr(drawing, "draw_all", lambda _: DrawnMap({}, b"here"))
    with caplog.at_level("INFO"), Drawer(worth=0) as drawer:
        assert drawer.begin(content)().card == b"here"
        assert drawer.begin(content)().card == b"here"
    assert len(started) == 1
    assert f"{error.__name__}: too deep" in caplog.text


def test_a_site_that_is_given_up_leaves_no_process_behind(
    content: MapContent, started: list[subprocess.Popen[bytes]]
) -> None:
    def give_up() -> None:
        with Drawer(worth=0) as drawer:
            drawer.begin(content)()
            drawer.begin(content)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()
    assert [process.poll() is not None for process in started] == [True]
