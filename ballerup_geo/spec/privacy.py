"""Which columns tell about persons or single homes, and what of them a map would show.

A column is private when it names, with ``behind``, the column that counts the persons or homes behind a row. The rows
of a layer with ``homes = true`` are single homes: their private columns stay off every map that does not say
``homes = "individual"``, and even there a value is shown only where at least ``k`` stand behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ballerup_geo.errors import Fault
from ballerup_geo.spec.layer import Layer
from ballerup_geo.spec.map import Map, MapLayer, Place, Single

__all__ = ["homes_shown", "shows_homes"]


def homes_shown(where: str, found: Map, layers: Mapping[str, Layer]) -> Iterator[Fault]:
    """Find private columns of single homes that a map shows without saying that it may.

    Parameters
    ----------
    where
        The map file, as faults name it.
    layers
        The project's layers, by id.
    """
    if found.homes is not None:
        return
    for key, layer, column in _columns_shown(found):
        if layer in layers and layers[layer].homes and column in _private(layers[layer]):
            what = f'column "{column}" of layer "{layer}" tells about single homes'
            todo = 'show a table of a result that aggregates them; to show those with k or more: homes = "individual"'
            yield Fault(where, key, what, todo)


def shows_homes(found: Map, layers: Mapping[str, Layer]) -> bool:
    """Say whether a map shows a private column of single homes, so that ``homes = "individual"`` has a meaning."""
    return any(
        layer in layers and layers[layer].homes and column in _private(layers[layer])
        for _, layer, column in _columns_shown(found)
    )


def _private(layer: Layer) -> set[str]:
    return {name for name, column in layer.columns.items() if column.behind is not None}


def _columns_shown(found: Map) -> Iterator[tuple[str, str, str]]:
    """Yield key, project layer and column of everything that a map shows of project layers."""
    origins = {shown.id: shown.layer for shown in found.layers if shown.layer is not None}
    for number, shown in enumerate(found.layers):
        if shown.layer is not None:
            for part, column in _columns_drawn(shown):
                yield f"layers.{number} ({shown.id}).{part}", shown.layer, column
    for number, table in enumerate(found.tables):
        if table.map_layer in origins:
            named = [(f"fields.{place}", field.column) for place, field in enumerate(table.fields)]
            named += [(part, each) for part, each in (("sort", table.sort), ("step_column", table.step_column)) if each]
            yield from ((f"tables.{number}.{part}", origins[table.map_layer], column) for part, column in named)
    for number, place in enumerate(found.place):
        for part, map_layer, column in _columns_told(place):
            if map_layer in origins:
                yield f"place.{number}.{part}", origins[map_layer], column
    for number, search in enumerate(found.search):
        layer = search.layer if search.map_layer is None else origins.get(search.map_layer)
        if layer is not None:
            yield f"search.{number}.column", layer, search.column


def _columns_told(place: Place) -> Iterator[tuple[str, str, str]]:
    """Yield key, map layer and column of what is said about a place."""
    for part, map_layer, column in (
        *((f"fields.{number}", place.map_layer, field.column) for number, field in enumerate(place.fields)),
        *((part, place.map_layer, getattr(place, part)) for part in ("next", "worst", "same")),
        ("same", place.same_as, place.area_column),
    ):
        if map_layer is not None and column is not None:
            yield part, map_layer, column


def _columns_drawn(shown: MapLayer) -> Iterator[tuple[str, str]]:
    named = [("name", shown.name), ("labels", shown.labels), ("from_step", shown.from_step)]
    named += [(f"fields.{place}", field.column) for place, field in enumerate(shown.fields)]
    if not isinstance(shown.style, Single):
        named.append(("style.column", shown.style.column))
    yield from ((part, column) for part, column in named if column is not None)
