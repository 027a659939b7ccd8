"""The site's pages beside its maps and methods, and the pictures on its front page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ballerup_geo.project import Project
from ballerup_geo.publish import assets
from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.contrast import faint_classes
from ballerup_geo.publish.foot import ACCESSIBILITY, PRIVACY
from ballerup_geo.publish.statements import accessibility_page, privacy_page
from ballerup_geo.publish.targets import History, summary, targets_page
from ballerup_geo.publish.words import WORDS
from ballerup_geo.results import climate_of, measured_before, standings
from ballerup_geo.spec import Text

if TYPE_CHECKING:
    from ballerup_geo.results import Result

__all__ = ["FurtherPage", "card_path", "card_targets", "further_pages"]


@dataclass(frozen=True, slots=True)
class FurtherPage:
    """A page, and where it stands from the site's root."""

    path: str
    title: Text
    page: str
    at_foot: bool = True
    """Every page links to it at its foot."""


def further_pages(
    project: Project,
    results: Mapping[str, Result],
    *,
    ready: Sequence[str],
    site: Text,
    modelled: bool,
    account: Sequence[str] = (),
) -> tuple[FurtherPage, ...]:
    """Return the page on targets, the accessibility statement and the privacy note, in the front page's order.

    Parameters
    ----------
    results
        The results that the site shows, by analysis.
    ready
        The maps that the site has, in the front page's order.
    modelled
        The site's layers are those of the modelled municipality.
    account
        Addresses of the yearly account's files.
    """
    maps: dict[str, list[tuple[str, Text]]] = {}
    for name in ready:
        analysis = project.maps[name].analysis
        if analysis is not None:
            maps.setdefault(analysis, []).append((f"{name}/index.html", project.maps[name].title))
    faint = [(f"{name}/index.html", project.maps[name].title) for name in ready if faint_classes(project.maps[name])]
    town = project.municipality
    targets = targets_page(
        standings(project, results, modelled=modelled),
        site=site,
        maps=maps,
        climate=climate_of(project, results),
        history=_history(results),
        files=account,
    )
    return (
        FurtherPage("maal.html", WORDS["targets"], targets, at_foot=False),
        FurtherPage(
            "tilgaengelighed.html", ACCESSIBILITY, accessibility_page(town, site=site, modelled=modelled, faint=faint)
        ),
        FurtherPage("privatliv.html", PRIVACY, privacy_page(site=site, modelled=modelled)),
    )


def _history(results: Mapping[str, Result]) -> History:
    """Return what all runs on real data measured."""
    return {
        (name, indicator): points
        for name, result in results.items()
        for indicator, points in measured_before(result.folder.parent.parent, name).items()
    }


def card_path(content: MapContent, picture: bytes) -> str:
    """Return where a map's picture for the front page stands, from the site's root; its content names it."""
    return f"cards/{assets.content_name(content.id, 'png', picture)}"


def card_targets(project: Project, content: MapContent) -> Text | None:
    """Return where the targets of a map's analysis stand, for its card; None where it has none."""
    found = standings(project, content.results, modelled=content.modelled)
    return summary([each for each in found if each.analysis_id == content.map.analysis])
