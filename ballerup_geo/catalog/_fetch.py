"""``fetch``: services are asked side by side, each answer is held against its layer's contract, and only then kept."""

from __future__ import annotations

import logging
import shutil
import threading
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ballerup_geo import sources
from ballerup_geo.catalog._brought import Brought, kept_folder
from ballerup_geo.catalog._catalog import Catalog
from ballerup_geo.catalog._choice import Choice, choose_sources
from ballerup_geo.catalog._place import Region
from ballerup_geo.catalog._staging import keep_delivery
from ballerup_geo.errors import BallerupGeoError, Fault, ProjectError, SourceError
from ballerup_geo.project import Project
from ballerup_geo.sources import Delivery, FetchRequest, HttpClient, Keys, Limits, RasterFile, UnansweredError
from ballerup_geo.spec import Layer, Progress
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.sources import FactsSource
from ballerup_geo.storage import lock_folder, make_folder

__all__ = ["FetchReport", "Fetched", "fetch"]

_log = logging.getLogger(__name__)

_AREA = "municipality"
_SIDE_BY_SIDE = 6
BUG, FAILED, FIXABLE = 70, 3, 1
_LONGEST = 4000
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one layer.

    ``kept``: a new copy is in its place; its faults say why a service before the one that was used could not be.
    ``failed``: the last good copy, if any, stays. ``refused``: something came, and was not good enough to replace it.
    ``waiting``: no source whose key is there. ``bug``: this package is at fault.
    """

    layer: str
    state: Literal["kept", "failed", "refused", "waiting", "bug"]
    kept: Brought | None
    """The copy that is there now."""
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What came of a fetch, layer by layer."""

    layers: tuple[Fetched, ...]
    open_only: bool

    @property
    def exit_code(self) -> int:
        """70: a bug struck; 3: a source failed, or what it sent was refused, even where another stood in for it; 1: a
        key is missing; 0: all is kept.
        """
        states = {fetched.state for fetched in self.layers}
        if "bug" in states:
            return BUG
        stood_in = any(fetched.state == "kept" and fetched.faults for fetched in self.layers)
        if states & {"failed", "refused"} or stood_in:
            return FAILED
        return FIXABLE if "waiting" in states and not self.open_only else 0


def fetch(
    project: Project,
    layers: Sequence[str] = (),
    *,
    out: Path | None = None,
    open_only: bool = False,
    accept: Collection[str] = (),
    keys: Keys | None = None,
    progress: Progress | None = None,
    stand_ins: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> FetchReport:
    """Bring layers from their services into ``data/kept``.

    The municipality's boundary comes first, since it says where the others are wanted.

    Parameters
    ----------
    project
        Whose layers.
    layers
        Which; all that have a ``[[source.fetch]]`` where none is named.
    out
        Output folder, the working directory without it: the shipped project keeps its data there.
    open_only
        Ask only services that want no key.
    accept
        Layers whose new copy is kept even where it has more than 20 % fewer rows than the old one.
    keys
        Without them: those of the environment and the project's ``.env``.
    progress
        Told what is being fetched, from several threads.
    stand_ins
        Beginning of an address → what takes its place, for trials against other servers.
    limits
        How long and how often services are waited for.

    Returns
    -------
    FetchReport
        What became of each layer; a service that fails stops no other. The layer's next service stands in for it,
        unless a copy from a more preferred one is kept.

    Raises
    ------
    ProjectError
        A layer named is unknown, or has no service to be fetched from.
    BallerupGeoError
        Another fetch is writing here, or the disk refuses.
    """
    out = out or Path()
    data_folder = project.data_folder(out)
    wanted = _wanted(project, layers, accept)
    keys = keys or Keys.read(data_folder)
    folder = kept_folder(data_folder)
    make_folder(folder)
    told = _in_turn(progress)
    with lock_folder(folder), HttpClient(keys, stand_ins=stand_ins, limits=limits) as client:
        task = _Task(project, out, folder, keys, client, open_only, frozenset(accept), told)
        found = dict(task.fetch([name for name in wanted if name == _AREA] or task.area_first()))
        found |= dict(task.fetch([name for name in wanted if name not in found]))
    shown = [found[name] for name in (*wanted, *(name for name in found if name not in wanted))]
    return FetchReport(tuple(shown), open_only)


def _wanted(project: Project, layers: Sequence[str], accept: Collection[str]) -> list[str]:
    faults = [
        Fault("layers/", name, f'the project has no layer "{name}"', nearest(name, project.layers))
        for name in dict.fromkeys((*layers, *accept))
        if name not in project.layers
    ]
    known = [name for name in dict.fromkeys(layers) if name in project.layers]
    for name in known:
        if not project.layers[name].source.fetch:
            todo = "add [[source.fetch]], or point [source.kept] to a file that has it"
            faults.append(Fault(f"layers/{name}.toml", "source.fetch", "no service is named for this layer", todo))
    if faults:
        raise ProjectError(faults)
    return known or [name for name, layer in project.layers.items() if layer.source.fetch]


def _in_turn(progress: Progress | None) -> Progress:
    """Let several threads tell progress, one at a time."""
    guard = threading.Lock()

    def told(label: str, share: float, /) -> None:
        if progress is not None:
            with guard:
                progress(label, share)

    return told


@dataclass(frozen=True, slots=True)
class _Shown:
    """Makes a text that a service may have had a hand in fit to be shown: no secret, no control codes, no book."""

    redact: Callable[[str], str]

    def __call__(self, text: str) -> str:
        plain = "".join(letter if letter.isprintable() else " " for letter in self.redact(text[:_LONGEST]))
        return plain if len(text) <= _LONGEST else f"{plain} …"


@dataclass(frozen=True, slots=True)
class _Try:
    """A layer's service that is being asked, those that may stand in for it, and what came of those before."""

    layer: str
    choice: Choice
    others: tuple[Choice, ...]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


_Asked = dict[Future[Delivery | RasterFile], _Try]


@dataclass(slots=True)
class _Task:
    """One call of :func:`fetch`."""

    project: Project
    out: Path
    folder: Path
    keys: Keys
    client: HttpClient
    open_only: bool
    accept: frozenset[str]
    progress: Progress
    _shelf: Catalog | None = None

    def area_first(self) -> list[str]:
        """Name the municipality where it is not known yet and can be fetched: the others need its bounds."""
        has_service = bool(self.project.layers[_AREA].source.fetch)
        return [_AREA] if has_service and not self._catalog().has(_AREA) else []

    def fetch(self, names: Sequence[str]) -> Iterator[tuple[str, Fetched]]:
        """Fetch layers side by side; what has come is checked and kept one by one, in the order of coming."""
        asked: _Asked = {}
        pool = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="fetch")
        keeper = ThreadPoolExecutor(1, thread_name_prefix="keep")
        self._shelf = None  # the boundary may have come since
        try:
            for name in names:
                choices = choose_sources(name, self.project.layers[name], self.keys, open_only=self.open_only)
                if isinstance(choices, Fault):
                    yield name, Fetched(name, "waiting", self._kept(name), (choices,))
                    continue
                last = self._begun(_Try(name, choices[0], choices[1:]), pool, asked)
                if last is not None:
                    yield name, last
            while asked:
                for future in wait(asked, return_when=FIRST_COMPLETED).done:
                    one = asked.pop(future)
                    last = self._onward(one, self._settled(one, future, keeper), pool, asked)
                    if last is not None:
                        yield one.layer, last
        finally:
            if any(not future.done() for future in asked):  # Ctrl-C
                self.client.stop()
            pool.shutdown(cancel_futures=True)
            keeper.shutdown()

    def _begun(self, one: _Try, pool: ThreadPoolExecutor, asked: _Asked) -> Fetched | None:
        """Ask a service; return what became of the layer where it is settled already."""
        try:
            request = self._request(one.layer, one.choice)
        except BallerupGeoError as error:
            return self._onward(one, self._failed(one.layer, error), pool, asked)
        asked[pool.submit(sources.fetch_source, one.choice.source, request)] = one
        return None

    def _onward(self, one: _Try, outcome: Fetched, pool: ThreadPoolExecutor, asked: _Asked) -> Fetched | None:
        """Ask the layer's next service where this one failed, or return what became of the layer.

        A good copy is never replaced by one from a service further down the list than the one it came from: old data
        of the building register are better than none of it.
        """
        faults = (*one.faults, *outcome.faults)
        following = one.others[0] if one.others and outcome.state in {"failed", "refused"} else None
        if following is None or (outcome.kept is not None and not self._came_from(one.layer, outcome.kept, following)):
            return replace(outcome, faults=faults)
        why = " / ".join(str(fault) for fault in outcome.faults)
        note = f"{one.choice.place} ({one.choice.source.kind}) could not be used, so {following.place} was asked: {why}"
        return self._begun(_Try(one.layer, following, one.others[1:], faults, (*one.notes, note)), pool, asked)

    def _came_from(self, name: str, kept: Brought, choice: Choice) -> bool:
        """Say whether a kept copy came from this service of the layer or one after it."""
        of = [kept.record.is_of(source) for source in self.project.layers[name].source.fetch]
        return any(of[choice.number :]) and not any(of[: choice.number])

    def _settled(self, one: _Try, future: Future[Delivery | RasterFile], keeper: ThreadPoolExecutor) -> Fetched:
        """Keep what came, or say why not; what nobody foresaw is a bug of this layer, and leaves the others be."""
        name = one.layer
        error = future.exception()
        if isinstance(error, BallerupGeoError):
            return self._failed(name, error)
        if error is not None:
            return self._struck(name, error)
        former = self._kept(name)
        keeping = keeper.submit(
            keep_delivery,
            self._catalog(),
            future.result(),
            name,
            one.choice,
            folder=self.folder,
            former=former,
            accepted=name in self.accept,
            redact=_Shown(self.keys.redact),
            notes=one.notes,
        )
        error = keeping.exception()
        shutil.rmtree(self._work(name), ignore_errors=True)
        if isinstance(error, BallerupGeoError):
            return Fetched(name, "refused", former, self._redacted(error.faults))
        if error is not None:
            return self._struck(name, error)
        kept = keeping.result()
        _log.info("layer %s: %d rows kept from %s", name, kept.record.rows, kept.record.service)
        self.progress(name, 1.0)
        return Fetched(name, "kept", kept)

    def _failed(self, name: str, error: BallerupGeoError) -> Fetched:
        if not isinstance(error, UnansweredError):  # what cannot be used is brought anew the next time
            shutil.rmtree(self._work(name), ignore_errors=True)
        return Fetched(name, "failed", self._kept(name), self._redacted(error.faults))

    def _struck(self, name: str, error: BaseException) -> Fetched:
        """Tell what no connector foresaw: the system's refusal, or a bug and where it struck."""
        if not isinstance(error, Exception):  # Ctrl-C
            raise error
        shutil.rmtree(self._work(name), ignore_errors=True)
        if isinstance(error, OSError | MemoryError):
            what = f"the system refused ({error.strerror or error})" if isinstance(error, OSError) else "memory is full"
            faults = self._redacted(
                [Fault(f"layer {name}", "", what, "make room, and fetch again; the kept copy stays")]
            )
            return Fetched(name, "failed", self._kept(name), faults)
        trace = "".join(traceback.format_exception(error))
        _log.info("layer %s: %s", name, self.keys.redact(trace))
        at = traceback.extract_tb(error.__traceback__)[-1]
        what = f"this is a bug in ballerup-geo ({type(error).__name__}: {error}; {Path(at.filename).name}:{at.lineno})"
        faults = self._redacted([Fault(f"layer {name}", "", what, "please report it; the kept copy stays")])
        return Fetched(name, "bug", self._kept(name), faults)

    def _redacted(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        clean = _Shown(self.keys.redact)
        return tuple(Fault(clean(f.where), clean(f.key), clean(f.what), clean(f.todo)) for f in faults)

    def _kept(self, name: str) -> Brought | None:
        return Brought.find(self.folder, name, self.project.layers[name])

    def _catalog(self) -> Catalog:
        if self._shelf is None:
            self._shelf = Catalog(self.project, out=self.out, data="kept")
        return self._shelf

    def _work(self, name: str) -> Path:
        return self.folder / ".work" / name

    def _request(self, name: str, choice: Choice) -> FetchRequest:
        layer = self.project.layers[name]
        area = None if name == _AREA or isinstance(choice.source, FactsSource) else self._area(name, layer)
        work = self._work(name) / str(choice.number)  # no service resumes what another began
        make_folder(work)
        self.progress(f"{name}: {choice.source.kind}", 0.0)
        unclipped = name == _AREA or layer.clip == "none" or layer.geometry == "table"
        return FetchRequest(
            layer_id=name,
            layer=layer,
            folder=self.project.data_folder(self.out),
            cell_m=0.0,
            bounds=None if unclipped else area,
            progress=self.progress,
            client=self.client,
            keys=self.keys,
            municipality=self.project.municipality,
            area=area,
            outline=None if area is None else self._catalog().area,
            work=work,
            place=choice.place,
        )

    def _area(self, name: str, layer: Layer) -> tuple[float, float, float, float]:
        """Return the bounds of the municipality with the layer's margin."""
        shelf = self._catalog()
        if not shelf.has(_AREA):
            what = "the municipality's boundary is not known, and says where this layer is wanted"
            todo = "fetch it first (ballerup-geo fetch municipality), or point its [source.kept] to a file"
            raise SourceError(Fault(f"layers/{name}.toml", "", what, todo))
        around = layer.clip == "surroundings" or layer.geometry == "raster"
        return Region(shelf.area, layer.margin_m if around else 0.0).bounds
