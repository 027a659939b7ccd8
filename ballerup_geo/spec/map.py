"""A map file (``maps/<id>.toml``): what is shown, how it looks, and the words around it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ballerup_geo.spec._model import Identifier, Model, Text

__all__ = ["Categories", "Classes", "Colour", "Field_", "Headline", "Map", "MapLayer", "Single", "Style", "Table"]

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$", description="#rrggbb in lower case")]
Opacity = Annotated[float, Field(ge=0, le=1)]


class Look(Model):
    """How a feature is drawn, where the class or category does not say otherwise."""

    fill: Colour | None = None
    fill_opacity: Opacity = 0.8
    line: Colour | None = None
    line_width_px: Annotated[float, Field(ge=0, le=20)] = 1.0
    dash: Literal["solid", "dashed", "dotted"] = "solid"
    radius_px: Annotated[float, Field(ge=1, le=30, description="points: radius at the map's start zoom")] = 5.0


class Single(Look):
    """Every feature looks the same."""

    kind: Literal["single"]


class Category(Model):
    """One value of a column, drawn in its colour."""

    value: str | int | bool
    colour: Colour
    label: Text


class Categories(Look):
    """A colour a value. Readers tell six colours apart: group what is rare under ``other``."""

    kind: Literal["categories"]
    column: Identifier
    categories: Annotated[tuple[Category, ...], Field(min_length=1, strict=False)]
    other: Annotated[Text | None, Field(description="label of all further values; without it they are a fault")] = None
    paint: Annotated[Literal["fill", "line"], Field(description="what the colour is put on")] = "fill"


class Class(Model):
    """One class of a quantity: from ``minimum`` (included) up to the next class's."""

    minimum: float
    colour: Colour
    label: Text


class Classes(Look):
    """Classes of a quantity: one hue from light to dark, five to seven round limits read best."""

    kind: Literal["classes"]
    column: Identifier
    classes: Annotated[tuple[Class, ...], Field(min_length=1, strict=False)]
    paint: Literal["fill", "line"] = "fill"

    @model_validator(mode="after")
    def _ascending(self) -> Classes:
        limits = [entry.minimum for entry in self.classes]
        if limits != sorted(set(limits)):
            raise ValueError("the classes' minimum values must rise")
        return self


Style = Annotated[Single | Categories | Classes, Field(discriminator="kind")]


class Field_(Model):  # noqa: N801  (pydantic owns the name Field)
    """A column shown in the panel, popup or table, with how it is written."""

    column: Identifier
    title: Annotated[Text | None, Field(description="without it: the column's own title")] = None
    digits: Annotated[
        int | None, Field(ge=-6, le=6, description="decimals shown; negative rounds to tens, hundreds …")
    ] = None


class MapLayer(Model):
    """A layer of the map: a project layer or a table of a result, with its style."""

    id: Identifier
    title: Text
    layer: Identifier | None = None
    result: Identifier | None = None
    table: Identifier | None = None
    role: Annotated[
        Literal["ground", "answer"],
        Field(description="ground is quiet and cannot be selected; only the answer has colour"),
    ] = "answer"
    visible: bool = True
    style: Style
    name: Annotated[Identifier | None, Field(description="column shown on hover and as the panel's heading")] = None
    fields: Annotated[tuple[Field_, ...], Field(strict=False)] = ()
    labels: Annotated[Identifier | None, Field(description="column written on the map")] = None
    minimum_zoom: Annotated[int | None, Field(ge=5, le=19, description="drawn from this zoom on")] = None

    @model_validator(mode="after")
    def _one_origin(self) -> MapLayer:
        if (self.layer is None) == (self.result is None):
            raise ValueError('name either layer = "…" or result = "…" with table = "…"')
        if (self.result is None) != (self.table is None):
            raise ValueError("result and table go together")
        return self


class Headline(Model):
    """A headline figure: an indicator of an analysis."""

    analysis: Identifier
    indicator: Identifier


class Table(Model):
    """The map's equivalent as a table: the rows of one of its layers."""

    map_layer: Identifier
    caption: Text
    fields: Annotated[tuple[Field_, ...], Field(min_length=1, strict=False)]
    sort: Identifier | None = None
    descending: bool = True
    rows: Annotated[
        int, Field(ge=1, le=5000, description="at most this many rows; the page says how many there are")
    ] = 200


class Map(Model):
    """One question a map."""

    title: Annotated[Text, Field(description="the question, or a plain noun")]
    lead: Annotated[Text, Field(description="one sentence: what the map shows; an analysis' answer is put before it")]
    order: Annotated[int, Field(description="place on the site's front page")] = 100
    analysis: Annotated[
        Identifier | None, Field(description="whose answer, method page and targets stand on the page")
    ] = None
    caution: Annotated[Text | None, Field(description="e.g. Screening, ikke prognose")] = None
    headlines: Annotated[tuple[Headline, ...], Field(strict=False)] = ()
    layers: Annotated[tuple[MapLayer, ...], Field(min_length=1, strict=False)]
    tables: Annotated[tuple[Table, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _own_layers(self) -> Map:
        ids = [layer.id for layer in self.layers]
        if len(ids) != len(set(ids)):
            raise ValueError("two layers of the map share an id")
        for table in self.tables:
            if table.map_layer not in ids:
                raise ValueError(
                    f"table shows map_layer {table.map_layer!r}, which the map does not have ({', '.join(ids)})"
                )
        return self
