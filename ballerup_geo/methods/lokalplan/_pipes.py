"""Pipes and cables in the ground, and those that a proposal builds on."""

from __future__ import annotations

import shapely

from ballerup_geo.methods.lokalplan._figures import Figure, Standing, compared, unknown
from ballerup_geo.methods.lokalplan._ground import Ground
from ballerup_geo.methods.lokalplan._situation import Situation
from ballerup_geo.spec import Text

__all__ = ["pipe_figures"]

_HOW = Text(
    da="Meter fjernvarmerør og andre kendte ledninger. Med forslaget: inden for afstanden fra et byggefelt.",
    en="Metres of district-heating pipe and other known pipes and cables. With the proposal: within the distance of a "
    "building field.",
)
_HOW_LER = Text(
    da="Meter ledning i de svar fra Ledningsejerregistret, kommunen har samlet; de kan være de samme som ovenfor. "
    "Spørg igen, før der graves.",
    en="Metres of line in the answers of the register of utility owners that the municipality has gathered; they may "
    "be those above. Ask again before digging.",
)


def pipe_figures(situation: Situation, ground: Ground) -> list[Figure]:
    """Return known pipes and, apart from them since they may be the same, the lines of the register LER."""
    pipes = Text(
        da="Ledninger i jorden; med forslaget: under byggefelter",
        en="Pipes in the ground; with the proposal: under building fields",
    )
    ler = Text(
        da="Ledninger fra LER; med forslaget: under byggefelter",
        en="Lines from the register LER; with the proposal: under building fields",
    )
    return [
        _metres("pipes_m", pipes, _HOW, ("heat_network", "utilities"), situation, ground),
        _metres("ler_m", ler, _HOW_LER, ("dug_lines",), situation, ground),
    ]


def _metres(
    figure_id: str, title: Text, how: Text, names: tuple[str, ...], situation: Situation, ground: Ground
) -> Figure:
    known = [name for name in names if ground.has(name)]
    if not known:
        return unknown(figure_id, title, "m", how, ground.why_not(*names))
    before = sum(float(shapely.length(ground.within(name, situation.plan.shape)[1]).sum()) for name in known)
    after: float | None = None
    standing: Standing = "told"
    if situation.proposal is not None:
        near = shapely.buffer(situation.proposal.union("building"), ground.number("pipe_clearance_m"))
        room = shapely.intersection(near, situation.plan.shape)
        after = sum(float(shapely.length(ground.within(name, room)[1]).sum()) for name in known)
        standing = compared(after, 0.5, at_least=False, otherwise="look")
    return Figure(
        figure_id,
        title,
        "m",
        before,
        after,
        _with_gaps(how, names, ground),
        rule=Text(da="ingen kendte konflikter med ledninger", en="no known conflicts with pipes"),
        target=0.0 if after is not None else None,
        standing=standing,
        adds_up=True,
    )


def _with_gaps(how: Text, names: tuple[str, ...], ground: Ground) -> Text:
    """Return words that also say which lines were not looked at."""
    gaps = ground.why_not(*names)
    if not gaps:
        return how
    da, en = ("; ".join(words) for words in zip(*((each.da, each.en) for each in gaps), strict=True))
    return Text(da=f"{how.da} Ikke undersøgt: {da}.", en=f"{how.en} Not looked at: {en}.")
