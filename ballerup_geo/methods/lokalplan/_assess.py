"""One area, all themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ballerup_geo.methods.lokalplan._area import Area
from ballerup_geo.methods.lokalplan._charging import charging_theme
from ballerup_geo.methods.lokalplan._drawn import drawn_of
from ballerup_geo.methods.lokalplan._energy import co2_theme, solar_theme
from ballerup_geo.methods.lokalplan._figures import Assessment, Theme
from ballerup_geo.methods.lokalplan._green import green_theme
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._heat import heat_theme
from ballerup_geo.methods.lokalplan._nature import nature_theme
from ballerup_geo.methods.lokalplan._proposal import Proposal
from ballerup_geo.methods.lokalplan._rain import rain_theme
from ballerup_geo.methods.lokalplan._school import school_theme
from ballerup_geo.methods.lokalplan._situation import Plan, situation_of
from ballerup_geo.methods.lokalplan._withheld import withheld

__all__ = ["assess"]

_GROUND = frozenset({"sealed_share", "floor_area_m2", "storeys"})
_HOMES = frozenset({"dwellings", "floor_area_m2", "use"})
_STANDS_ON: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("sealed_pct", "runoff_5_m3", "runoff_10_m3", "runoff_100_m3", "downstream_more_m3"), _GROUND),
    **dict.fromkeys(("hot_pct", "solar_roof_m2", "solar_mwh"), _GROUND),
    "retention_m3": _GROUND | {"volume_m3"},
    "heat_mwh": frozenset({"floor_area_m2"}),
    "heat_co2_t": frozenset({"floor_area_m2"}),
    **dict.fromkeys(("cars", "plugs_advisable", "cars_co2_t", "pupils"), _HOMES),
    "co2_t": _HOMES,
    "parking_spaces": frozenset({"parking_spaces"}),
    "plugs_required": frozenset({"parking_spaces", "floor_area_m2", "use"}),
}
"""What of a proposal each figure stands on."""
_PARTS = (
    rain_theme,
    heat_theme,
    charging_theme,
    school_theme,
    green_theme,
    nature_theme,
    solar_theme,
    co2_theme,
)
"""The themes in the order in which they are told."""


def assess(area: Area, ground: Ground, *, proposal: Proposal | None = None, drawn: bool = True) -> Assessment:
    """Assess an area, as it is and with a proposal.

    What an analysis or layer would have to say that is not there stands in the assessment as unknown, with what was
    missing; nothing is left out silently. ``drawn``: whether shapes for small maps come with it.
    """
    plan = Plan(area.shape, proposal)
    situation = situation_of(plan, ground)
    themes = withheld(tuple(_marked(part(situation, ground), proposal) for part in _PARTS), situation, ground)
    said = proposal.notes if proposal is not None else ()
    return Assessment(
        area=area.shape,
        proposed=proposal is not None,
        themes=themes,
        notes=(*area.notes, *said, *situation.notes),
        lines=drawn_of(situation, ground) if drawn else {},
    )


def _marked(theme: Theme, proposal: Proposal | None) -> Theme:
    """Mark the figures that stand on what the proposal did not say."""
    if proposal is None or not proposal.assumed:
        return theme
    figures = [
        replace(figure, assumed=True)
        if figure.proposed is not None and _STANDS_ON.get(figure.id, frozenset()) & proposal.assumed
        else figure
        for figure in theme.figures
    ]
    return replace(theme, figures=tuple(figures))
