"""Find and read a project: a folder with layers/, analyses/ and maps/. All faults of its files come at once."""

from __future__ import annotations

import os
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.spec import IDENTIFIER, Analysis, Layer, Map, Mapped, Municipality, OgcPart
from ballerup_geo.spec.faults import model_faults, nearest
from ballerup_geo.storage import make_folder, write_bytes

__all__ = ["FOLDERS", "Project", "copy_shipped", "find_project", "project_faults", "read_project", "shipped_root"]

FOLDERS = ("layers", "analyses", "maps")
_RESERVED = {"layers": "results/layers/ holds the checked layers"}
_RESERVED_MAPS = frozenset(
    {"ark", "assets", "cards", "data", "editions", "embed", "hent", "index", "kortbilag", "metode", "tiles"}
)
"""Names of files and folders of the site."""
_NOT_FOR_GIT = b".env\n/data/kept/\n/results/\n/site/\n"
"""Keys above all, and what can be made or fetched again."""

Content = TypeVar("Content", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Project:
    """A project as read: each content file by its stem, in the files' alphabetical order."""

    root: Path
    shipped: bool
    layers: Mapping[str, Layer]
    analyses: Mapping[str, Analysis]
    maps: Mapping[str, Map]

    @property
    def municipality(self) -> Municipality:
        """Name and code of the municipality the project is about."""
        found = self.layers["municipality"].municipality
        if found is None:  # read_project refuses such a project
            raise ProjectError(_no_municipality())
        return found

    def for_audience(self, audience: Literal["public", "planners"]) -> Project:
        """Return the project with the maps that are made for an audience; all else is the same."""
        return replace(self, maps={name: found for name, found in self.maps.items() if found.audience == audience})

    def data_folder(self, out: Path) -> Path:
        """Return the folder that file sources are relative to: the project's, or ``out`` for the shipped one."""
        return out if self.shipped else self.root


def shipped_root() -> Path:
    """Return the shipped project: in a checkout the repository, in a wheel ``ballerup_geo/_project``."""
    package = Path(__file__).resolve().parent
    installed = package / "_project"
    return installed if installed.is_dir() else package.parent


def is_project(folder: Path) -> bool:
    """Say whether a folder has the three content folders."""
    return all((folder / name).is_dir() for name in FOLDERS)


def find_project(explicit: Path | None = None, *, start: Path | None = None) -> Path:
    """Return the project's folder.

    That is the one given, ``$BALLERUP_GEO_PROJECT``, the nearest parent that is one, or the shipped one.

    Raises
    ------
    ProjectError
        The folder given (or named by the environment) is no project.
    """
    for folder, origin in ((explicit, "--project"), (os.environ.get("BALLERUP_GEO_PROJECT"), "$BALLERUP_GEO_PROJECT")):
        if folder:
            return _existing(Path(folder), origin)
    here = (start or Path.cwd()).resolve()
    return next((folder for folder in (here, *here.parents) if is_project(folder)), shipped_root())


def _existing(folder: Path, origin: str) -> Path:
    missing = [name for name in FOLDERS if not (folder / name).is_dir()]
    if missing:
        what = f"no project: {', '.join(f'{name}/' for name in missing)} not found in it"
        raise ProjectError(
            Fault(
                str(folder),
                origin,
                what,
                "name a folder with layers/, analyses/ and maps/, or make one: ballerup-geo new DIR",
            )
        )
    found = folder.resolve()
    try:
        str(found).encode()
    except UnicodeEncodeError:
        what = "the name of the folder holds bytes that are no text (an archive from another system?)"
        raise ProjectError(Fault(str(found), origin, what, "rename the folder")) from None
    return found


def copy_shipped(to: Path) -> Path:
    """Copy the shipped project's three folders into ``to``, which must be empty or not exist; return it.

    A ``.gitignore`` beside them keeps keys out of a repository.

    Raises
    ------
    ProjectError
        The folder exists and is not empty, or is a file.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise ProjectError(
            Fault(str(to), "", "exists and is not an empty folder", "name a new folder; nothing was copied")
        )
    there = to.exists()
    make_folder(to)
    whole = False
    try:
        for name in FOLDERS:
            shutil.copytree(shipped_root() / name, to / name, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
        write_bytes(to / ".gitignore", _NOT_FOR_GIT)
        whole = True
    except shutil.Error as error:  # holds a fault of the system for each file
        what = f"the project cannot be copied here ({error.args[0][0][2]})"
        raise ProjectError(Fault(str(to), "", what, "make room, or name another folder; nothing was left")) from error
    finally:
        if not whole:  # also after Ctrl-C: what is there would be refused next time
            for name in FOLDERS if there else ("",):
                shutil.rmtree(to / name, ignore_errors=True)
    return to


def read_project(root: Path) -> Project:
    """Read a project.

    Raises
    ------
    ProjectError
        With every fault of every file: file, key path, what is wrong, what to do.
    """
    project, faults = project_faults(root)
    if faults or project is None:
        raise ProjectError(faults)
    return project


def project_faults(root: Path) -> tuple[Project | None, tuple[Fault, ...]]:
    """Read what can be read of a project: the project (None where a file is broken) and all faults of its files."""
    faults: list[Fault] = []
    layers = _read_folder(root, "layers", Layer, faults)
    analyses = _read_folder(root, "analyses", Analysis, faults)
    maps = _read_folder(root, "maps", Map, faults)
    faults.extend(_municipality_faults(root, layers))
    for name, layer in layers.items():
        faults.extend(_layer_faults(f"layers/{name}.toml", layer))
    for name in analyses.keys() & _RESERVED.keys():
        faults.append(Fault(f"analyses/{name}.toml", "", f"the name is taken: {_RESERVED[name]}", "rename the file"))
    for name in maps.keys() & _RESERVED_MAPS:
        faults.append(Fault(f"maps/{name}.toml", "", "the name is taken by a part of the site", "rename the file"))
    if faults:
        return None, tuple(sorted(faults))
    shipped = root.resolve() == shipped_root()
    project = Project(
        root=root.resolve(),
        shipped=shipped,
        layers=MappingProxyType(layers),
        analyses=MappingProxyType(analyses),
        maps=MappingProxyType(maps),
    )
    return project, ()


def _read_folder(root: Path, folder: str, model: type[Content], faults: list[Fault]) -> dict[str, Content]:
    contents: dict[str, Content] = {}
    for path in sorted((root / folder).glob("*.toml")):
        where = f"{folder}/{path.name}"
        if not re.fullmatch(IDENTIFIER, path.stem):
            faults.append(
                Fault(
                    where,
                    "",
                    "the file's name is no identifier",
                    "use lower-case letters, digits and underscores, e.g. green_areas.toml",
                )
            )
            continue
        content = _read_file(path, where, model, faults)
        if content is not None:
            contents[path.stem] = content
    return contents


def _read_file(path: Path, where: str, model: type[Content], faults: list[Fault]) -> Content | None:
    try:
        return model.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        faults.append(
            Fault(where, "", f"cannot be read ({error.strerror})", "check that it is a file and its permissions")
        )
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start + 1} is 0x{error.object[error.start]:02x})"
        faults.append(Fault(where, "", what, "save the file as UTF-8 in the editor"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault(where, "", *_toml_advice(str(error))))
    except ValidationError as error:
        faults.extend(model_faults(error, model=model, where=where))
    except RecursionError:
        faults.append(Fault(where, "", "is nested too deeply to be read", "no value here needs tables inside tables"))
    except ValueError as error:  # tomllib lets through what Python says of an integer of thousands of digits
        faults.append(Fault(where, "", *_toml_advice(str(error))))
    return None


def _toml_advice(message: str) -> tuple[str, str]:
    """Return what is wrong and what to do for a message of tomllib."""
    if "Cannot overwrite a value" in message or "Cannot declare" in message:
        return f"a key stands twice ({message})", "keep one of the two"
    return f"is not valid TOML ({message})", 'mend the line; texts stand in quotes, e.g. unit = "m"'


def _no_municipality() -> Fault:
    return Fault(
        "layers/municipality.toml", "municipality", "missing", 'add [municipality] with name = "…" and code = "0151"'
    )


def _municipality_faults(root: Path, layers: Mapping[str, Layer]) -> Iterator[Fault]:
    if not (root / "layers" / "municipality.toml").is_file():
        yield Fault(
            "layers/municipality.toml",
            "",
            "the file is missing",
            "add it: a polygon layer with a [municipality] table (name, code)",
        )
    for name, layer in layers.items():
        where = f"layers/{name}.toml"
        if name == "municipality" and layer.municipality is None:
            yield _no_municipality()
        if name == "municipality" and layer.geometry != "polygon":
            yield Fault(where, "geometry", f'is "{layer.geometry}"', 'a municipality is geometry = "polygon"')
        if name != "municipality" and layer.municipality is not None:
            yield Fault(
                where,
                "municipality",
                "stands in a layer that is not the municipality",
                "move it to layers/municipality.toml",
            )


def _layer_faults(where: str, layer: Layer) -> Iterator[Fault]:
    """Faults inside one layer file that its parts do not show alone."""
    if layer.geometry == "raster" and layer.cell is None:
        yield Fault(
            where, "cell", "a raster does not say what its cells hold", "add [cell] with type, title, unit and range"
        )
    if layer.geometry == "raster" and layer.columns:
        yield Fault(where, "columns", "a raster has no columns", "describe the cells in [cell]")
    if layer.geometry != "table" and "geometry" in layer.columns:
        what = "the name is taken by the features' shapes"
        yield Fault(
            where, "columns.geometry", what, 'name it otherwise, e.g. shape_text = "geometry" in source columns'
        )
    if layer.geometry != "raster" and layer.cell is not None:
        yield Fault(where, "cell", "only a raster has cells", 'remove [cell], or set geometry = "raster"')
    if layer.source.model is None and layer.source.kept is None and not layer.source.fetch:
        todo = "add [source.model], [source.kept] or [[source.fetch]]"
        yield Fault(where, "source", "the layer has no source", todo)
    for name, column in layer.columns.items():
        if column.codes is not None and column.register_codes is not None:
            yield Fault(where, f"columns.{name}", "has both codes and register_codes", "keep one of the two")
        if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
            yield Fault(
                where,
                f"columns.{name}",
                f"minimum {column.minimum:g} lies above maximum {column.maximum:g}",
                "swap them",
            )
    if layer.source.kept is not None:
        yield from _mapping_faults(where, layer, layer.source.kept, "source.kept")
    for number, source in enumerate(layer.source.fetch):
        yield from _mapping_faults(where, layer, source, f"source.fetch[{number}]")
        for part in getattr(source, "parts", ()):
            yield from _mapping_faults(where, layer, part, f"source.fetch[{number}].parts")


def _mapping_faults(where: str, layer: Layer, source: Mapped | OgcPart, place: str) -> Iterator[Fault]:
    number = source.number if isinstance(source, Mapped) else None
    named: dict[str, Iterable[str]] = {
        "columns": source.columns,
        "values": source.values,
        "constants": source.constants,
        "number": (number,) if number else (),
    }
    for key, names in named.items():
        for name in names:
            if name not in layer.columns:
                path = f"{place}.{key}" if key == "number" else f"{place}.{key}.{name}"
                yield Fault(where, path, f'the layer has no column "{name}"', nearest(name, layer.columns))
    if number in layer.columns and layer.columns[number].type != "text":
        yield Fault(where, f"{place}.number", f'column "{number}" is not a text', "number a column of type text")
