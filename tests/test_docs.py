"""The documentation is true: its commands, options, targets, links, examples and lists exist."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer

import ballerup_geo
from ballerup_geo.cli import app
from ballerup_geo.methods import METHOD_IDS, get_method
from ballerup_geo.project import read_project
from ballerup_geo.publish.dictionary import layers_markdown
from ballerup_geo.spec import Accessibility, AssumptionValue, FileSource, Place, Target
from ballerup_geo.spec.layer import AccountYear
from ballerup_geo.spec.schema import schemas

PAGES = (
    "README.md",
    "CHANGELOG.md",
    "docs/brugervejledning.md",
    "docs/udvikling.md",
    "docs/benchmarks.md",
    "docs/layers.md",
    "tests/toy_town/README.md",
)
COMMAND = typer.main.get_command(app)


@pytest.fixture(scope="module")
def pages(root: Path) -> dict[str, str]:
    return {name: (root / name).read_text(encoding="utf-8") for name in PAGES}


def code_of(page: str) -> list[str]:
    """Indented lines and everything between backticks."""
    outside = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    return re.findall(r"^ {4}(\S.*)$", outside, flags=re.MULTILINE) + re.findall(r"`([^`\n]+)`", outside)


def commands_in(pages: dict[str, str], program: str) -> list[list[str]]:
    lines = [line for page in pages.values() for line in code_of(page) if line.startswith(program + " ")]
    return [shlex.split(line[len(program) :].replace("\\", "/"), comments=True) for line in lines]


def test_every_documented_command_and_option_exists(pages: dict[str, str]) -> None:
    documented = [*commands_in(pages, "ballerup-geo"), *commands_in(pages, "py -m ballerup_geo")]
    assert len(documented) > 15
    seen = set()
    for words in documented:
        words = [word for word in words if word not in {"--traceback", "…"}]
        if not words or words[0] == "--help":
            continue
        assert words[0] in COMMAND.commands, words
        seen.add(words[0])
        known = {name for option in COMMAND.commands[words[0]].params for name in option.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, words
    assert seen == set(COMMAND.commands), "a command that no page shows"


def test_every_option_of_run_stands_in_the_guide(pages: dict[str, str]) -> None:
    options = {name for option in COMMAND.commands["run"].params for name in option.opts if name.startswith("--")}
    assert len(options) == 6
    assert [name for name in options if name not in pages["docs/brugervejledning.md"]] == []


def test_every_documented_make_target_exists(pages: dict[str, str], root: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    documented = {words[0] for words in commands_in(pages, "make") if not words[0].startswith("PYTHON")}
    assert {"maps", "test", "wheel"} <= documented <= targets


def test_the_two_commands_come_first(pages: dict[str, str]) -> None:
    assert [line.strip() for line in pages["README.md"].splitlines()[1:5] if line.strip()] == ["make maps", "make test"]


def test_every_link_leads_somewhere(pages: dict[str, str], root: Path) -> None:
    links = [
        (name, target)
        for name, page in pages.items()
        for target in re.findall(r"\]\(([^)#]+)\)", page)
        if not target.startswith("http")
    ]
    assert len(links) > 8
    assert [link for link in links if not (root / link[0]).parent.joinpath(link[1]).exists()] == []


def test_the_screenshot_is_light(root: Path) -> None:
    pictures = list((root / "docs" / "img").glob("*.png"))
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 400_000] == []


def test_the_data_dictionary_is_in_step_with_the_layers(pages: dict[str, str], root: Path) -> None:
    project = read_project(root)
    assert pages["docs/layers.md"] == layers_markdown(project), (
        "make it anew: ballerup-geo layers --project . --markdown > docs/layers.md"
    )
    assert re.findall(r"^## `(\w+)`", pages["docs/layers.md"], flags=re.MULTILINE) == list(project.layers)
    assert sum(len(layer.columns) for layer in project.layers.values()) > 50


@pytest.mark.parametrize("kind", ["layer", "analysis", "map", "assessment"])
def test_the_schemas_are_in_step_with_the_models(kind: str, root: Path) -> None:
    kept = json.loads((root / "docs" / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert kept == schemas()[kind], "make them anew: ballerup-geo schema docs/schemas"


def test_every_analysis_stands_in_the_readme(pages: dict[str, str]) -> None:
    assert METHOD_IDS
    assert [name for name in METHOD_IDS if f"| `{name}` |" not in pages["README.md"]] == []


def test_every_analysis_has_a_picture_in_the_guide(pages: dict[str, str]) -> None:
    assert METHOD_IDS
    assert [name for name in METHOD_IDS if f"](img/{name}.png)" not in pages["docs/brugervejledning.md"]] == []


def test_the_guides_examples_are_valid(pages: dict[str, str]) -> None:
    examples = re.findall(r"```toml\n(.*?)```", pages["docs/brugervejledning.md"], flags=re.DOTALL)
    target, account, source, assumption, contact, places = examples
    (told,) = tomllib.loads(target)["targets"]
    assert Target.model_validate(told).kind == "registered"
    (year,) = tomllib.loads(account)["municipality"]["co2_account"]
    AccountYear.model_validate(year)
    FileSource.model_validate(tomllib.loads(source)["source"]["kept"])
    declared = {each.name: each for method_id in METHOD_IDS for each in get_method(method_id).assumptions}
    values = tomllib.loads(assumption)["assumptions"]
    assert values
    for name, value in values.items():
        assert AssumptionValue.model_validate(value).unit == declared[name].unit
    Accessibility.model_validate(tomllib.loads(contact)["municipality"]["accessibility"])
    assert [Place.model_validate(place).say for place in tomllib.loads(places)["place"]] == ["within", "nearest", "way"]


def test_the_readmes_python_names_exist(pages: dict[str, str]) -> None:
    names = re.findall(r"\bbg\.(\w+)", pages["README.md"])
    assert len(names) > 3
    assert [name for name in names if not hasattr(ballerup_geo, name)] == []


def test_every_test_file_that_the_developer_page_names_exists(pages: dict[str, str], root: Path) -> None:
    named = re.findall(r"`(test_\w+\.py)`", pages["docs/udvikling.md"])
    assert len(named) > 4
    assert [name for name in named if not (root / "tests" / name).is_file()] == []


def test_the_doctests_hold() -> None:
    attempted = 0
    for module in pkgutil.walk_packages(ballerup_geo.__path__, "ballerup_geo."):
        if module.name.endswith("__main__"):
            continue
        found = doctest.testmod(importlib.import_module(module.name))
        assert found.failed == 0, module.name
        attempted += found.attempted
    assert attempted > 10
