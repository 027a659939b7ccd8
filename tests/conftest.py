"""Fixtures shared by the tests, and the one rule about what a machine lacks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent))  # tests import project_maker and each other's helpers by plain name

from project_maker import ProjectMaker

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
TOY_TOWN = Path(__file__).resolve().parent / "toy_town"
# as in pyproject.toml: an error, but for rasterio, which multiplies affine transforms the old way
WARNINGS = "error,ignore:Use `@` matmul:PendingDeprecationWarning"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def lacking(what: str) -> None:
    """Skip a test because the machine lacks a component; with CI=true that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: with CI=true this is a failure", pytrace=False)
    pytest.skip(what)


@pytest.fixture
def maker(tmp_path: Path) -> ProjectMaker:
    """A project in the making, with a square municipality of 1 km²."""
    return ProjectMaker(tmp_path / "project")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def toy_town() -> Path:
    """Lilleby, the project whose answers are on paper; not to be written to."""
    return TOY_TOWN


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real layers, read where they lie: $BALLERUP_GEO_SHARED, or ../shared beside the checkout."""
    folder = Path(os.environ.get("BALLERUP_GEO_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no real layers: {folder} is absent (BALLERUP_GEO_SHARED names another place)")
    return folder


# ---------------------------------------------------------------- the command line


@dataclass(frozen=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Finished]


def command_environment() -> dict[str, str]:
    """The environment of a command in a process of its own: this checkout, wherever the command runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BALLERUP_GEO_")}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": WARNINGS}


@pytest.fixture(scope="session")
def process() -> Command:
    """``process("run", …, cwd=folder)``: the command line in a process of its own."""

    def start(*args: object, cwd: Path, python: Path = Path(sys.executable), **environment: str) -> Finished:
        done = subprocess.run(
            [str(python), "-m", "ballerup_geo", *map(str, args)],
            cwd=cwd,
            env=command_environment() | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=900,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return start


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """``cli("check", …)``: the command line in this process, which spares the time of starting Python."""
    from ballerup_geo.cli import main

    for hook in ("excepthook", "unraisablehook"):  # main() sets its own: put these back afterwards
        monkeypatch.setattr(sys, hook, getattr(sys, hook))
    monkeypatch.delenv("BALLERUP_GEO_PROJECT", raising=False)

    def call(*args: object) -> Finished:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        said = capsys.readouterr()
        return Finished(int(left.value.code or 0), said.out, said.err)

    return call


def _run_once(folders: pytest.TempPathFactory, name: str, run: Callable[[Path], Finished]) -> Path:
    """The output folder of a run that all workers of the suite share: the first to ask makes it, the others wait."""
    base = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # the folder of this run of the suite; each worker has one of its own within
    out, done = base / name, base / f"{name}.done"
    with FileLock(base / f"{name}.lock"):
        if not done.is_file():
            out.mkdir(exist_ok=True)
            finished = run(out)
            assert finished.code == 0, finished.err
            done.touch()
    return out


@pytest.fixture(scope="session")
def lilleby(tmp_path_factory: pytest.TempPathFactory, process: Command) -> Path:
    """The output folder of ``ballerup-geo run`` on the toy town; not to be written to."""
    return _run_once(
        tmp_path_factory, "lilleby", lambda out: process("run", "--project", TOY_TOWN, "--out", out, cwd=out)
    )


@pytest.fixture(scope="session")
def modelled(tmp_path_factory: pytest.TempPathFactory, process: Command) -> Path:
    """The output folder of ``ballerup-geo run --data model`` at 20 m cells; not to be written to."""
    asked = ("run", "--project", ROOT, "--data", "model", "--cell", 20, "--out")
    return _run_once(tmp_path_factory, "modelled", lambda out: process(*asked, out, cwd=out))


# ---------------------------------------------------------------- the browser


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, driven by Playwright."""
    chromium = shutil.which("chromium")
    if chromium is None:
        lacking("Chromium is missing (Debian package chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which looks for faults of accessibility; ``make test`` brings it."""
    script = Path(sys.prefix) / "npm/node_modules/axe-core/axe.min.js"
    if not script.is_file():
        lacking("axe-core is missing (make test brings it)")
    return script.read_text(encoding="utf-8")


@dataclass
class Watched:
    """A page with what it asked for, and what went wrong on it."""

    page: "Page"
    foreign: list[str]
    """Requests that left the machine; every test asserts that there are none."""
    errors: list[str]
    """Messages of the console and of uncaught exceptions."""

    def leave(self) -> None:
        """Wait for what the page still loads, and leave it: a server may stop only then."""
        if not self.page.is_closed():
            self.page.wait_for_load_state("load")
            self.page.goto("about:blank")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Let the page finish loading and leave it, while the server of the test still answers."""
    seen = getattr(item, "funcargs", {}).get("watched")
    if seen is not None:
        seen.leave()


@pytest.fixture
def watched(browser: "Browser") -> Iterator[Watched]:
    """A fresh page; the test fails if any request leaves the machine or the page reports an error."""
    context = browser.new_context(locale="da-DK", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    seen = Watched(page, [], [])

    def note(request: Any) -> None:
        if not request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")):
            seen.foreign.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: seen.errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    yield seen
    context.close()
    assert seen.foreign == []
    assert seen.errors == []


@pytest.fixture
def toy(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    """The project with two analyses of toy methods, the second reading the first's result."""
    import toy_methods

    monkeypatch.setattr("ballerup_geo.methods.get_method", toy_methods.get_method)
    toy_methods.CALLS.clear()
    toy_methods.add_layers(maker)
    toy_methods.add_analyses(maker)
    return maker
