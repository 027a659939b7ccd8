"""Which of a layer's services is asked: the first whose key is there; the others stand in for it where it fails."""

from __future__ import annotations

from dataclasses import dataclass

from ballerup_geo.errors import Fault
from ballerup_geo.sources import KEYS, Keys
from ballerup_geo.spec import Layer, Service

__all__ = ["Choice", "choose_source", "choose_sources"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A service, and where it stands in the layer's file."""

    source: Service
    number: int
    """Counted from 0, the most preferred."""

    @property
    def place(self) -> str:
        """Where it stands: ``source.fetch[0]``."""
        return f"source.fetch[{self.number}]"


def choose_sources(layer_id: str, layer: Layer, keys: Keys, *, open_only: bool = False) -> tuple[Choice, ...] | Fault:
    """Return the services whose key is there (with ``open_only``: that want none), in order, or what is missing."""
    found = tuple(
        Choice(source, number)
        for number, source in enumerate(layer.source.fetch)
        if source.key is None or (keys.has(source.key) and not open_only)
    )
    if found:
        return found
    wanted = dict.fromkeys(source.key for source in layer.source.fetch if source.key is not None)
    variables = " or ".join(KEYS[name].variable for name in wanted)
    what = f"waits for the key {variables}"
    if open_only and any(keys.has(name) for name in wanted):
        return Fault(
            f"layers/{layer_id}.toml", "source.fetch", f"is not open: it needs {variables}", "run without --open"
        )
    return Fault(f"layers/{layer_id}.toml", "source.fetch", what, "; or: ".join(KEYS[name].advice for name in wanted))


def choose_source(layer_id: str, layer: Layer, keys: Keys, *, open_only: bool = False) -> Choice | Fault:
    """Return the service that is asked first, or what is missing for one."""
    found = choose_sources(layer_id, layer, keys, open_only=open_only)
    return found if isinstance(found, Fault) else found[0]
