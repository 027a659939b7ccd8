"""The slider in the panel, and words that belong to one step of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.steps import Steps
from ballerup_geo.publish.text import both
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text

__all__ = ["listed", "now", "slider_section"]


def slider_section(content: MapContent) -> Markup:
    """Return the slider: what it steps through, the step shown in words, and the control."""
    found = content.slider
    if found is None:
        return Markup("")
    first, last, start = found.names[0], found.names[-1], found.names[found.start - 1]
    return Markup(
        '<section class="steps"><h2><label for="step">{title}</label></h2><p class="step-now">{names}</p>'
        '<input type="range" id="step" min="1" max="{last_step}" step="1" value="{start}" autocomplete="off" '
        'aria-valuetext="{start_name}" disabled>'
        '<p class="ends" aria-hidden="true"><span>{first}</span><span>{last}</span></p>{hint}</section>'
    ).format(
        title=both(found.slider.title),
        names=now(found.names, start=found.start),
        last_step=len(found.names),
        start=found.start,
        start_name=start.da,
        first=both(first),
        last=both(last),
        hint=Markup("<noscript><p>{}</p></noscript>").format(both(WORDS["no_script_step"])),
    )


def now(texts: Sequence[Text], *, start: int) -> Markup:
    """Return a text for each step, of which the page shows the present one's; without a script the first one shown."""
    return Markup("").join(
        Markup('<span data-now="{}"{}>{}</span>').format(
            listed([step]), Markup("") if step == start else Markup(" hidden"), both(text)
        )
        for step, text in enumerate(texts, start=1)
    )


def listed(steps: Steps | Iterable[int]) -> str:
    """Return steps as the page's script reads them."""
    return " ".join(str(step) for step in steps)
