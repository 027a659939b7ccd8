"""Figures about persons and homes are not told where few stand behind them, nor where two would give few back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from ballerup_geo.methods.lokalplan._figures import Figure, Theme
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._heat import left_of
from ballerup_geo.methods.lokalplan._situation import Situation
from ballerup_geo.spec import Text

__all__ = ["withheld"]

Behind = tuple[float, float]
"""How many stand behind a figure as it is, and how many of them the proposal takes away."""


def withheld(themes: tuple[Theme, ...], situation: Situation, ground: Ground) -> tuple[Theme, ...]:
    """Return the themes without what would tell about fewer persons or homes than the assumption asks for."""
    least = ground.number("least_behind")
    hidden = {
        name: _hidden(behind(situation, ground), least) for names, behind in _BEHIND.items() for name in names.split()
    }
    for part in ("heat_co2_t", "cars_co2_t"):  # the sum of both less the other gives one back
        hidden["co2_t"] = _worst(hidden["co2_t"], hidden[part])
    return tuple(
        replace(theme, figures=tuple(_without(figure, hidden.get(figure.id, ""), least) for figure in theme.figures))
        for theme in themes
    )


def _hidden(behind: Behind, least: float) -> str:
    """Say what is hidden: ``all`` of a figure, the ``proposed`` value alone, or nothing."""
    there, gone = behind
    if 0 < there < least:
        return "all"
    return "proposed" if 0 < gone < least else ""


def _worst(one: str, other: str) -> str:
    return "all" if "all" in (one, other) else one or other


def _without(figure: Figure, hidden: str, least: float) -> Figure:
    if figure.missing is not None or not hidden or (hidden == "proposed" and figure.proposed is None):
        return figure
    words = Text(da=f"skjult: færre end {least:g} står bag", en=f"withheld: fewer than {least:g} stand behind it")
    existing = figure.existing if hidden == "proposed" else None
    return replace(figure, existing=existing, proposed=None, standing="unknown", missing=words)


def _pupils(situation: Situation, ground: Ground) -> Behind:
    return _at_addresses("trips", "pupils_exact", situation, ground)


def _dwellings(situation: Situation, ground: Ground) -> Behind:
    return _at_addresses("addresses", "dwellings", situation, ground)


def _residents(situation: Situation, ground: Ground) -> Behind:
    return _at_addresses("addresses", "residents", situation, ground)


def _at_addresses(name: str, column: str, situation: Situation, ground: Ground) -> Behind:
    if not ground.has(name) or situation.addresses is None:
        return 0.0, 0.0
    rows = ground.inside(name, situation.plan.shape)
    behind = ground.column(name, column, rows)
    ids = ground.table("addresses")["address_id"].to_numpy(object)[situation.addresses[situation.homes_gone]]
    gone = np.isin(ground.table(name)["address_id"].to_numpy(object)[rows], ids)
    return float(behind.sum()), float(behind[gone].sum())


def _near(situation: Situation, ground: Ground) -> Behind:
    if not ground.has("trips"):
        return 0.0, 0.0
    rows = ground.near("trips", situation.plan.shape, ground.number("school_near_m"))
    return float(ground.column("trips", "pupils_exact", rows).sum()), 0.0


def _heated(situation: Situation, ground: Ground) -> Behind:
    if not ground.has("heat_buildings") or situation.buildings is None:
        return 0.0, 0.0
    rows, left = left_of(situation, ground, "heat_buildings")
    count = ground.column("heat_buildings", "buildings", rows)
    return float(count.sum()), float(count[~left].sum())


_BEHIND: Mapping[str, Callable[[Situation, Ground], Behind]] = {
    "pupils calm_pct": _pupils,
    "calm_near_pct": _near,
    "cars plugs_advisable covered_pct cars_co2_t": _dwellings,
    "three_trees_pct": _residents,
    "heat_mwh heat_co2_t co2_t": _heated,
}
"""Figures (names with spaces between) → who stands behind them."""
