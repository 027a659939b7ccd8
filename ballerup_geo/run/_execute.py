"""Run analyses: in order, only what has changed, each result whole or not at all."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from ballerup_geo import methods
from ballerup_geo.catalog import NOT_DELIVERED, Catalog, DataKind, choose_data
from ballerup_geo.errors import DataError, Fault, ProjectError, SourceError
from ballerup_geo.project import Project
from ballerup_geo.raster import Raster
from ballerup_geo.results import (
    Made,
    Result,
    has_result,
    read_result,
    record_history,
    restyle_result,
    write_account,
    write_result,
)
from ballerup_geo.run._check import check
from ballerup_geo.run._order import in_order, needs
from ballerup_geo.run._verify import expectations, verified
from ballerup_geo.spec import Analysis, Given, Input, InputChoice, Layer, Method, Outcome, Progress
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest
from ballerup_geo.storage import lock_folder, recover, sha256_files, sha256_json

__all__ = ["Prepared", "RunReport", "prepare", "run"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did."""

    data: DataKind
    done: tuple[str, ...]
    """Analyses computed, in the order they were."""
    skipped: tuple[str, ...]
    """Analyses whose inputs, assumptions and code have not changed."""
    results: Mapping[str, Result]
    """The result of each, computed or skipped."""
    recovered: tuple[str, ...] = ()
    """What an interrupted run had left, and what became of it."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """How long each computed analysis took, reading and writing included."""
    waiting: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    """Analyses that were not asked for by name and could not be computed: what each needs and is unknown."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One run: what all steps of it share."""

    project: Project
    out: Path
    catalog: Catalog
    progress: Progress
    keys: dict[str, str] = field(default_factory=dict)
    """Freshness key of each analysis, once known."""


def run(
    project: Project,
    *,
    out: Path,
    analyses: tuple[str, ...] = (),
    data: DataKind | None = None,
    cell_m: float = 2.0,
    progress: Progress | None = None,
) -> RunReport:
    """Compute analyses and write their results to ``out/results``.

    Parameters
    ----------
    project
        Checked first; nothing runs while a file of it has a fault.
    out
        Output folder, locked while the run lasts.
    analyses
        Which; those whose results they read are added. Empty: all of the project whose layers are known.
    data
        ``"model"`` or ``"kept"``; None: kept if any kept layer is there, else model.
    cell_m
        Cell size of modelled rasters, metres.
    progress
        Told what is being done.

    Raises
    ------
    ProjectError
        A content file is wrong, or there is no such analysis.
    SourceError
        A layer that an analysis asked for by name (or every analysis of the project) needs is unknown: all such layers
        are named, before anything is computed. Or a layer cannot be read.
    DataError
        Data break a layer's contract, or lack a column that a method needs.
    MethodError
        A method has no answer, or an expectation does not hold; the last result stays.
    BallerupGeoError
        The disk is full, may not be written, or another run is at work.
    """
    faults = [*check(project), *_asked_faults(project, analyses)]
    if faults:
        raise ProjectError(faults)
    kind = choose_data(project, out, data)
    results = out / "results"
    with lock_folder(results):
        recovered = (*recover(out), *recover(results), *recover(results / "layers"))
        told = progress or _silent
        catalog = Catalog(project, out=out, data=kind, cell_m=cell_m, progress=told)
        job = _Job(project, out, catalog, told)
        order, waiting = _possible(job, analyses)
        seconds = {name: spent for name in order if (spent := _run_one(job, name)) is not None}
        written = {name: read_result(out, name) for name in order}
        write_account(results, project, _of_kind(job, kind))
    skipped = tuple(name for name in order if name not in seconds)
    return RunReport(kind, tuple(seconds), skipped, written, recovered, seconds, waiting)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an analysis on request is given: layers as they are, results as they stand on disk."""

    given: Given
    data: DataKind
    used: Mapping[str, Mapping[str, Any] | None]
    """Where each input comes from; None: unknown."""


def prepare(
    project: Project,
    analysis: str,
    *,
    out: Path,
    data: DataKind | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Read what an analysis needs without computing anything: results that are not there are unknown.

    Results that were computed from another kind of data count as not there: the two are never mixed.

    Raises
    ------
    ProjectError
        A content file is wrong, or there is no such analysis.
    SourceError, DataError
        A layer cannot be read, or breaks its contract.
    """
    faults = [*check(project), *_asked_faults(project, (analysis,))]
    if faults:
        raise ProjectError(faults)
    kind = choose_data(project, out, data)
    told = progress or _silent
    job = _Job(project, out, Catalog(project, out=out, data=kind, progress=told), told)
    for name in needs(project.analyses[analysis]):
        if has_result(out, name) and read_result(out, name).run["data"] == kind:
            job.keys[name] = read_result(out, name).key
    inputs, used, _ = _load(job, analysis, _method(job, analysis))
    values = {name: value.value for name, value in project.analyses[analysis].assumptions.items()}
    return Prepared(Given(inputs, values, told, _untold(used)), kind, used)


def _of_kind(job: _Job, kind: DataKind) -> dict[str, Result]:
    """Return the results that stand, of this and of former runs, from one kind of data."""
    there = {name: read_result(job.out, name) for name in job.project.analyses if has_result(job.out, name)}
    return {name: result for name, result in there.items() if result.run["data"] == kind}


def _silent(label: str, share: float, /) -> None:
    """Progress for whoever does not want any."""


def _asked_faults(project: Project, analyses: tuple[str, ...]) -> list[Fault]:
    return [
        Fault("analyses/", name, "there is no such analysis", nearest(name, project.analyses))
        for name in analyses
        if name not in project.analyses
    ]


def _possible(job: _Job, asked: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, tuple[Fault, ...]]]:
    """Return what is computed, in its order, and what waits for a layer or a column; refuse what cannot be answered.

    An analysis that others only profit from, or that nobody asked for by name, waits; what is asked for is refused.
    """
    every = [name for name in job.project.analyses if not _method(job, name).on_request]
    order = in_order(job.project.analyses, asked or every)
    needed = _cannot_wait(job, asked)
    waiting: dict[str, tuple[Fault, ...]] = {}
    lacking: set[str] = set()
    for name in order:
        faults = [fault for wanted in _choices(job, name) for fault in _lacking(job, name, *wanted, waiting)]
        if not faults and name not in needed:
            faults = [fault for wanted in _choices(job, name) for fault in _lacking_columns(job, name, *wanted)]
            lacking |= {name} if faults else set()
        if faults:
            waiting[name] = tuple(dict.fromkeys(faults))
    if len(waiting) == len(order):  # nothing is left to compute: each says itself which column it misses
        waiting = {name: faults for name, faults in waiting.items() if name not in lacking}
    refused = list(waiting) if len(waiting) == len(order) else [name for name in waiting if name in needed]
    if refused:
        raise SourceError(dict.fromkeys(fault for name in refused for fault in waiting[name]))
    return tuple(name for name in order if name not in waiting), waiting


def _cannot_wait(job: _Job, asked: tuple[str, ...]) -> set[str]:
    """Return the analyses asked for by name, with those whose results they cannot do without."""
    found: set[str] = set()
    open_names = list(asked)
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            choices = [choice for wanted, choice in _choices(job, name) if wanted.required and choice is not None]
            open_names += [choice.result for choice in choices if choice.result is not None]
    return found


def _lacking_columns(job: _Job, name: str, wanted: Input, choice: InputChoice | None) -> tuple[Fault, ...]:
    """Return which columns an analysis cannot do without its layer does not have, though the layer is there."""
    if choice is None or choice.layer is None or not wanted.columns or not job.catalog.has(choice.layer):
        return ()
    origins = job.catalog.read(choice.layer).provenance.columns
    where, todo = f"layers/{choice.layer}.toml", "deliver it, or run the other analyses alone"
    return tuple(
        Fault(where, column, f"its source does not deliver this column; analysis {name} needs it", todo)
        for column in wanted.columns
        if origins.get(column) == NOT_DELIVERED
    )


def _lacking(
    job: _Job, name: str, wanted: Input, choice: InputChoice | None, waiting: Mapping[str, tuple[Fault, ...]]
) -> tuple[Fault, ...]:
    """Return why an input that an analysis cannot do without cannot be had; nothing where it can."""
    if choice is None or not wanted.required:
        return ()
    if choice.layer is None:
        return waiting.get(str(choice.result), ())
    unknown = job.catalog.why_unknown(choice.layer)
    if unknown is None:
        return ()
    return (Fault(unknown.where, unknown.key, f"{unknown.what}; analysis {name} needs it", unknown.todo),)


def _choices(job: _Job, name: str) -> list[tuple[Input, InputChoice | None]]:
    """Pair each input of an analysis' method with what the analysis file chooses for it."""
    chosen = job.project.analyses[name].inputs
    return [(wanted, chosen.get(wanted.name)) for wanted in _method(job, name).inputs]


def _method(job: _Job, name: str) -> Method:
    return methods.get_method(job.project.analyses[name].method)


def _run_one(job: _Job, name: str) -> float | None:
    """Compute an analysis unless its result is fresh; return how long it took, None where it was skipped."""
    began = perf_counter()
    key = job.keys[name] = _key(job, name)
    if has_result(job.out, name):
        last = read_result(job.out, name)
        if last.key == key and last.is_whole():
            _log.info("analysis %s: unchanged, skipped", name)
            restyle_result(last, job.project.maps, _method(job, name))
            record_history(job.out, last)
            return None
    result = _compute(job, name, key)
    record_history(job.out, result)
    seconds = perf_counter() - began
    _log.info("analysis %s: done in %.1f s", name, seconds)
    return seconds


def _key(job: _Job, name: str) -> str:
    """Hash all that a result follows from: code, analysis file, and the keys of its inputs."""
    analysis, method = job.project.analyses[name], _method(job, name)
    inputs: dict[str, str | None] = {}
    for wanted, choice in _choices(job, name):
        if choice is None:
            inputs[wanted.name] = None
        elif choice.layer is not None:
            inputs[wanted.name] = job.catalog.key(choice.layer) if job.catalog.has(choice.layer) else None
        else:
            inputs[wanted.name] = job.keys.get(str(choice.result))
    return sha256_json([_code_hash(), method.id, method.version, analysis.model_dump(mode="json"), inputs])


@cache
def _code_hash() -> str:
    """Hash of the code that a result follows from, its words too; the catalog's keys hold the reading of layers."""
    package = Path(__file__).resolve().parent.parent
    folders = [
        package / name for name in ("methods", "hydrology", "network", "siting", "run", "results", "storage", "spec")
    ]
    parts = [path for folder in folders for ending in ("*.py", "*.toml", "*.csv") for path in folder.rglob(ending)]
    return sha256_files([*parts, package / "raster.py", package / "compiled.py"], root=package)


def _compute(job: _Job, name: str, key: str) -> Result:
    analysis, method = job.project.analyses[name], _method(job, name)
    outcome, used, notes = _outcome(job, name, analysis, method)
    checks = expectations(f"analyses/{name}.toml", analysis, method, outcome)
    job.progress(f"{name}: writing", 1.0)
    made = Made(inputs=used, data=job.catalog.data, key=key, checks=checks, notes=notes)
    maps = job.project.maps
    return write_result(job.out, name, analysis=analysis, method=method, outcome=outcome, made=made, maps=maps)


def _outcome(
    job: _Job, name: str, analysis: Analysis, method: Method
) -> tuple[Outcome, dict[str, dict[str, Any] | None], list[dict[str, str]]]:
    """Call the method; return what it gave, where its inputs come from, and notes on those that are unknown.

    The inputs end here: large rasters among them are not held while the result is written.
    """
    inputs, used, notes = _load(job, name, method)
    given = Given(
        inputs=inputs,
        assumptions={wanted: value.value for wanted, value in analysis.assumptions.items()},
        progress=lambda label, share: job.progress(f"{name}: {label}", share),
        untold=_untold(used),
    )
    return verified(method, method.function(given)), used, notes


Inputs = dict[str, pd.DataFrame | Raster | None]


def _load(
    job: _Job, name: str, method: Method
) -> tuple[Inputs, dict[str, dict[str, Any] | None], list[dict[str, str]]]:
    """Read the inputs of a method; return them, where they come from, and notes on those that are unknown.

    The cells of rasters are read-only: a method changes none of its inputs, and may keep them without a copy.
    """
    inputs: Inputs = {}
    used: dict[str, dict[str, Any] | None] = {}
    notes: list[dict[str, str]] = []
    for wanted, choice in _choices(job, name):
        inputs[wanted.name], used[wanted.name] = None, None
        if choice is None:
            continue
        if choice.result is not None:
            if choice.result in job.keys:
                inputs[wanted.name], used[wanted.name] = _from_result(job, choice)
            else:
                notes.append(_waiting_note(job.project, choice.result))
        elif job.catalog.has(str(choice.layer)):
            inputs[wanted.name], used[wanted.name] = _from_layer(job, wanted, str(choice.layer), method)
            notes.extend(_untold_notes(job.project.layers[str(choice.layer)], _untold(used).get(wanted.name, {})))
        else:
            notes.append(_unknown_note(job.project, str(choice.layer)))
    for data in inputs.values():
        if isinstance(data, Raster):
            data.array.flags.writeable = False
    return inputs, used, notes


def _untold(used: Mapping[str, Mapping[str, Any] | None]) -> dict[str, dict[str, list[str]]]:
    """Return per input and column the codes that its source never delivers."""
    return {name: dict(about["untold"]) for name, about in used.items() if about is not None and about.get("untold")}


def _untold_notes(layer: Layer, untold: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Say what a layer's source never delivers: where nothing is drawn, it is unknown, not free."""
    for name, codes in untold.items():
        words = codes_of(layer.columns[name]) or {}
        da, en = ("; ".join(getattr(words[code], language) for code in codes) for language in ("da", "en"))
        yield {
            "da": f"Lagets kilde (»{layer.title.da}«) fortæller ikke om: {da}. Om de er der, er ukendt.",
            "en": f"The layer's source (“{layer.title.en}”) does not tell of: {en}. Whether there are any is unknown.",
        }


def _from_layer(
    job: _Job, wanted: Input, layer_id: str, method: Method
) -> tuple[pd.DataFrame | Raster, dict[str, Any]]:
    checked = job.catalog.read(layer_id)
    lacking = [column for column in wanted.columns if checked.provenance.columns.get(column) == NOT_DELIVERED]
    if lacking:
        todo = f"deliver it: source.{job.catalog.data}.columns in layers/{layer_id}.toml"
        where = f"layer {layer_id} ({checked.provenance.origin})"
        what = f"the source does not deliver this column, which method {method.id} needs"
        raise DataError(Fault(where, column, what, todo) for column in lacking)
    return checked.data, checked.provenance.as_json()


def _from_result(job: _Job, choice: InputChoice) -> tuple[pd.DataFrame | Raster, dict[str, Any]]:
    result = read_result(job.out, str(choice.result))
    if choice.raster is not None:
        data: pd.DataFrame | Raster = result.raster(choice.raster)
        name = f"{choice.raster}.tif"
    else:
        data = result.table(str(choice.table))
        name = f"{choice.table}.parquet"
    about = {
        "result": result.analysis,
        "file": name,
        "time": result.run["time"],
        "sha256": result.run["files"][name],
        "rows": int(data.array.size) if isinstance(data, Raster) else len(data),
        "modelled": result.modelled,
        "key": result.key,
    }
    return data, about


def _unknown_note(project: Project, layer_id: str) -> dict[str, str]:
    title = project.layers[layer_id].title
    return {
        "da": f"Laget »{title.da}« er ukendt; beregningen er lavet uden.",
        "en": f"The layer “{title.en}” is unknown; the analysis was made without it.",
    }


def _waiting_note(project: Project, analysis: str) -> dict[str, str]:
    title = project.analyses[analysis].title
    return {
        "da": f"Analysen »{title.da}« kunne ikke beregnes; beregningen er lavet uden den.",
        "en": f"The analysis “{title.en}” could not be computed; this one was made without it.",
    }
