"""Who says so: the sources of a map, layers of the same origin together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ballerup_geo.publish.content import MapContent
from ballerup_geo.publish.text import as_text, both
from ballerup_geo.spec import Text

__all__ = ["Credit", "credit_list", "credits_of"]


@dataclass(frozen=True, slots=True)
class Credit:
    """Layers that one source delivered: whom to name, under which licence, and what date the data describe."""

    attribution: Text
    licence: str
    date: str | None
    titles: tuple[Text, ...]


def credits_of(content: MapContent) -> list[Credit]:
    """Return the sources of a map's layers and of its results' inputs."""
    found: dict[tuple[str, str, str, str | None], dict[str, Text]] = {}
    for layer_id, said in _provenances(content):
        attribution = said["attribution"]
        origin = (attribution["da"], attribution["en"], said["licence"], said.get("date"))
        found.setdefault(origin, {})[layer_id] = content.titles.get(layer_id, Text(da=layer_id, en=layer_id))
    return [
        Credit(Text(da=da, en=en), licence, date, tuple(titles[name] for name in sorted(titles)))
        for (da, en, licence, date), titles in sorted(found.items(), key=lambda item: str(item[0]))
    ]


def _provenances(content: MapContent) -> Iterator[tuple[str, Mapping[str, Any]]]:
    read = [layer.provenance for layer in content.layers] + [found.provenance for found in content.searches]
    for known in read:
        if known is not None:
            said = {"attribution": known.attribution, "licence": known.licence, "date": known.date}
            yield known.layer, said
    for result in content.results.values():
        for said in result.run.get("inputs", {}).values():
            if said is not None and "layer" in said and said.get("attribution"):
                yield said["layer"], said


def credit_list(credits: list[Credit]) -> Markup:
    """Return the sources as a list: who, licence, date, and for what."""
    items = []
    for credit in credits:
        terms = ", ".join(part for part in (credit.licence, credit.date) if part)
        what = Text(da=", ".join(title.da for title in credit.titles), en=", ".join(t.en for t in credit.titles))
        items.append(
            Markup("<li><bdi>{}</bdi> (<bdi>{}</bdi>): {}</li>").format(
                both(as_text(credit.attribution)), terms, both(what)
            )
        )
    return Markup('<ul class="sources">{}</ul>').format(Markup("").join(items))
