"""What a reader can search a map for: names of its features, and of project layers that are not drawn.

The page carries names and places, nothing else of a row: no search leaves it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import geopandas as gpd
import shapely
from jinja2 import Template

from ballerup_geo.errors import Fault, ProjectError
from ballerup_geo.project import Project
from ballerup_geo.publish.frame import PayloadElement
from ballerup_geo.publish.pack import pack
from ballerup_geo.spec import Search, Text
from ballerup_geo.spec.faults import nearest

if TYPE_CHECKING:
    from ballerup_geo.catalog import Provenance

__all__ = ["SearchContent", "SearchIndex", "columns_searched", "search_contents"]


@dataclass(frozen=True, slots=True)
class SearchContent:
    """One kind of things that can be searched for."""

    search: Search
    title: Text
    packed: bytes | None
    """Names and places of a layer that is not drawn; None where the names travel with a layer of the map."""
    provenance: Provenance | None = None
    """Of a layer that is not drawn."""

    @property
    def key(self) -> str:
        """The payload's name: the hash of its content."""
        return hashlib.sha256(self.packed or b"").hexdigest()[:12]

    def for_page(self, file: str | None) -> dict[str, Any]:
        """Return what the page's script reads; ``file`` is the payload's script file, None if it is in the page."""
        said = {"title": self.title.model_dump(), "column": self.search.column, "layer": self.search.map_layer}
        return said if self.packed is None else {**said, "payload": self.key, "file": file}


class SearchIndex(PayloadElement):
    """The names of a layer that is not drawn, where the page stands alone."""

    _template: ClassVar[Template] = Template("")  # type: ignore[misc]

    def __init__(self, content: SearchContent) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Search"
        self._id = content.key
        self.payloads = {content.key: content.packed or b""}


def columns_searched(searches: Sequence[Search], map_layer: str) -> list[str]:
    """Return the columns of a map layer whose values are searched."""
    return [search.column for search in searches if search.map_layer == map_layer]


def search_contents(
    searches: Sequence[Search],
    *,
    project: Project,
    titles: Mapping[str, Text],
    read: Callable[[str], tuple[gpd.GeoDataFrame, Provenance] | None],
    where: str,
) -> Iterator[SearchContent]:
    """Pack what can be searched for.

    Parameters
    ----------
    titles
        Titles of the map's layers, by id.
    read
        Reads a project layer and where it comes from; None where it could not be read, and then it is not offered.

    Raises
    ------
    ProjectError
        A search names a layer or column that is not there.
    """
    for number, search in enumerate(searches):
        if search.map_layer is not None:
            yield SearchContent(search, titles[search.map_layer], None)
            continue
        layer = str(search.layer)
        if layer not in project.layers:
            what = f"there is no layer {layer!r}"
            raise ProjectError(Fault(where, f"search.{number}.layer", what, nearest(layer, project.layers)))
        if search.column not in project.layers[layer].columns:
            what = f"{layer} has no column {search.column!r}"
            todo = nearest(search.column, project.layers[layer].columns)
            raise ProjectError(Fault(where, f"search.{number}.column", what, todo))
        known = read(layer)
        if known is not None:
            packed = _packed(known[0], search.column, where=where)
            yield SearchContent(search, project.layers[layer].title, packed, known[1])


def _packed(frame: gpd.GeoDataFrame, column: str, *, where: str) -> bytes:
    """Return names and one place of each, in the order of their names: neighbours in it share most letters."""
    found = frame[frame[column].notna() & ~frame.geometry.is_empty & frame.geometry.notna()]
    places = gpd.GeoDataFrame(
        {column: found[column].astype(str)}, geometry=shapely.point_on_surface(found.geometry.array), crs=frame.crs
    )
    places = places.sort_values(column, kind="stable").reset_index(drop=True)
    return pack(places, classes=[], columns=[column], where=where)
