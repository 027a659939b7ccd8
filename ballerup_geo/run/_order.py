"""Which analysis must come before which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from ballerup_geo.spec import Analysis

__all__ = ["cycle", "in_order", "needs"]


def needs(analysis: Analysis) -> tuple[str, ...]:
    """Return the analyses whose results one reads."""
    return tuple(sorted({choice.result for choice in analysis.inputs.values() if choice.result is not None}))


def in_order(analyses: Mapping[str, Analysis], asked: Iterable[str]) -> tuple[str, ...]:
    """Return the analyses asked for and all that they need, each after those it needs, else alphabetically."""
    wanted: set[str] = set()
    waiting = sorted(asked)
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting.extend(needs(analyses[name]))
    return tuple(TopologicalSorter({name: needs(analyses[name]) for name in sorted(wanted)}).static_order())


def cycle(analyses: Mapping[str, Analysis]) -> tuple[str, ...]:
    """Return analyses that need each other in a circle, the first again at the end; empty where there is no circle."""
    graph = {name: [need for need in needs(analysis) if need in analyses] for name, analysis in analyses.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return tuple(reversed(error.args[1]))  # graphlib names each before the one that needs it
    return ()
