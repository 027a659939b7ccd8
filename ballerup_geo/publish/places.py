"""What a page says about a place that a reader searched for; it is worked out in the page, and nothing leaves it.

What may be said is what the map's layers may show: values withheld for the sake of few persons are withheld here too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ballerup_geo.errors import DataError, Fault
from ballerup_geo.publish.columns import Shown, shown_fields
from ballerup_geo.spec import Field_, Place, Text

if TYPE_CHECKING:
    from ballerup_geo.publish.content import LayerContent

__all__ = ["PlaceContent", "columns_told", "place_contents"]


@dataclass(frozen=True, slots=True)
class PlaceContent:
    """One thing that is said about a place."""

    place: Place
    title: Text
    fields: tuple[Shown, ...]
    worst: Shown | None

    def for_page(self) -> dict[str, Any]:
        """Return what the page's script reads; a layer that could not be read is not among the page's layers."""
        said: dict[str, Any] = {
            "layer": self.place.map_layer,
            "say": self.place.say,
            "title": self.title.model_dump(),
            "fields": [field.for_page() for field in self.fields],
        }
        if self.place.otherwise is not None:
            said["otherwise"] = self.place.otherwise.model_dump()
        if self.worst is not None:
            said["worst"] = self.worst.for_page()
        for part, value in (
            ("mostM", self.place.most_m),
            ("next", self.place.next),
            ("same", self.place.same),
            ("sameAs", self.place.same_as),
            ("sameColumn", self.place.area_column),
        ):
            if value is not None:
                said[part] = value
        return said


def columns_told(places: Sequence[Place], map_layer: str) -> list[str]:
    """Return the columns of a map layer that its features must bring along."""
    found: set[str] = set()
    for place in places:
        if place.map_layer == map_layer:
            found |= {field.column for field in place.fields}
            found |= {name for name in (place.next, place.worst, place.same) if name is not None}
        if place.same_as == map_layer and place.area_column is not None:
            found.add(place.area_column)
    return sorted(found)


def place_contents(
    places: Sequence[Place], *, layers: Mapping[str, LayerContent], titles: Mapping[str, Text], where: str
) -> Iterator[PlaceContent]:
    """Say what is told about places.

    Parameters
    ----------
    layers
        The map's layers that could be read, by id; what would be said of another is that it is not mapped.
    titles
        Titles of all layers of the map, by id.

    Raises
    ------
    ProjectError
        A field names a column that is not there.
    DataError
        A way goes along lines whose names do not tell them apart.
    """
    for number, place in enumerate(places):
        own = f"{where}: place.{number}"
        title = place.title or titles[place.map_layer]
        layer = layers.get(place.map_layer)
        if layer is None:
            yield PlaceContent(place, title, (), None)
            continue
        if place.say == "way" and layer.key_column is None:
            what = "no column names each line, so that none can name the one after it"
            raise DataError(Fault(own, "next", what, "make the lines' first column their name: text, no two alike"))
        fields = shown_fields(place.fields, layer.columns, where=own) if place.fields else layer.fields
        worst = None
        if place.worst is not None:
            (worst,) = shown_fields([Field_(column=place.worst)], layer.columns, where=own)
        yield PlaceContent(place, title, fields if place.say != "way" or place.fields else (), worst)
