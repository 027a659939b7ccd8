"""A map file (``maps/<id>.toml``): what is shown, how it looks, and the words around it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ballerup_geo.spec._model import Identifier, Model, Text

__all__ = [
    "Categories",
    "Classes",
    "Colour",
    "Field_",
    "Flow",
    "HandoutPart",
    "HandoutPicture",
    "Handouts",
    "Headline",
    "Map",
    "MapLayer",
    "Place",
    "Search",
    "Single",
    "Slider",
    "Style",
    "Table",
]

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
    """A layer of the map: a project layer, a table of a result or a raster of a result, with its style."""

    id: Identifier
    title: Text
    layer: Identifier | None = None
    result: Identifier | None = None
    table: Identifier | None = None
    raster: Annotated[
        Identifier | None,
        Field(description='its cells are the column "value" of the style; one made for each step follows the slider'),
    ] = None
    from_step: Annotated[
        Identifier | None,
        Field(description="column: a feature is shown where this is at most the slider's value"),
    ] = None
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
        if (self.result is None) != (self.table is None and self.raster is None):
            raise ValueError("result goes together with table or raster")
        if self.table is not None and self.raster is not None:
            raise ValueError("name either a table or a raster of the result")
        return self

    @model_validator(mode="after")
    def _raster_has_cells_only(self) -> MapLayer:
        if self.raster is None:
            return self
        if self.name or self.fields or self.labels or self.from_step:
            raise ValueError("a raster has no features: name, fields, labels and from_step are for tables and layers")
        if isinstance(self.style, Single) or self.style.column != "value":
            raise ValueError('a raster is drawn by kind = "classes" or "categories" with column = "value"')
        return self


class Slider(Model):
    """One control that steps through the rows of a table: events, years, budgets, numbers of sites."""

    title: Text
    result: Identifier
    table: Identifier
    label: Annotated[tuple[Field_, ...], Field(min_length=1, strict=False, description="what names a step")]
    value: Annotated[Identifier | None, Field(description="column that from_step is compared with")] = None
    start: Annotated[int, Field(ge=1, description="the step a page opens with; the first row is 1")] = 1


class Flow(Model):
    """Asking the terrain in the page: where a drop runs, what drains to a place, and rain that fills the hollows.

    The rasters lie on one grid; ``nodes`` is the hierarchy of hollows on it, and ``recipients`` says what the labels of
    ``outlets`` are called.
    """

    title: Text
    result: Identifier
    height: Identifier
    directions: Identifier
    basins: Identifier
    outlets: Identifier
    nodes: Identifier
    recipients: Identifier
    loss: Annotated[Identifier, Field(description="assumption of the analysis: mm of rain that never run off")]
    most_mm: Annotated[float, Field(gt=0, le=1000, description="the rain slider's upper end, mm")]
    hides: Annotated[
        tuple[Identifier, ...],
        Field(strict=False, description="layers of the map that are hidden while it rains: its water stands for them"),
    ] = ()


class Headline(Model):
    """A headline figure: an indicator of an analysis."""

    analysis: Identifier
    indicator: Identifier


class Table(Model):
    """The map's equivalent as a table: the rows of one of its layers, or of a table of a result."""

    map_layer: Annotated[Identifier | None, Field(description="a row selects its feature on the map")] = None
    result: Identifier | None = None
    table: Identifier | None = None
    step_column: Annotated[
        Identifier | None,
        Field(description="the slider's step decides the rows: those where this column is what its row says"),
    ] = None
    caption: Text
    fields: Annotated[tuple[Field_, ...], Field(min_length=1, strict=False)]
    sort: Identifier | None = None
    descending: bool = True
    rows: Annotated[
        int,
        Field(ge=1, le=5000, description="at most this many rows, of each step; the page says how many there are"),
    ] = 200

    @model_validator(mode="after")
    def _one_origin(self) -> Table:
        if (self.map_layer is None) == (self.result is None):
            raise ValueError('name either map_layer = "…" or result = "…" with table = "…"')
        if (self.result is None) != (self.table is None):
            raise ValueError("result goes together with table")
        return self


class Search(Model):
    """What a reader can search for by name: features of a layer of the map, or a project layer that is not drawn."""

    map_layer: Annotated[Identifier | None, Field(description="choosing a name selects its feature")] = None
    layer: Annotated[
        Identifier | None,
        Field(description="choosing a name shows what the map says there; only name and place travel with the page"),
    ] = None
    column: Annotated[Identifier, Field(description="the names, e.g. an address")]

    @model_validator(mode="after")
    def _one_origin(self) -> Search:
        if (self.map_layer is None) == (self.layer is None):
            raise ValueError('name either map_layer = "…" or layer = "…"')
        return self


class Place(Model):
    """What the page says about a place that a reader searched for: of one layer of the map, worked out in the page.

    ``within``: the areas that the place lies in. ``nearest``: the nearest feature, with its distance as the crow flies.
    ``way``: the way from the place along the layer's lines, with its length; each line runs towards the goal and names
    the line that comes after it.
    """

    map_layer: Identifier
    say: Literal["within", "nearest", "way"]
    title: Annotated[Text | None, Field(description="without it: the layer's title")] = None
    fields: Annotated[
        tuple[Field_, ...],
        Field(strict=False, description="what is said of the feature; without them: the layer's own"),
    ] = ()
    otherwise: Annotated[Text | None, Field(description="said where there is none; without it: that none is known")] = (
        None
    )
    most_m: Annotated[float | None, Field(gt=0, description="nearest, way: what lies farther away is not said")] = None
    next: Annotated[
        Identifier | None,
        Field(description="way: column with the key of the line that comes after, missing at the goal"),
    ] = None
    worst: Annotated[Identifier | None, Field(description="way: column whose largest value along the way is said")] = (
        None
    )
    same: Annotated[
        Identifier | None,
        Field(description="only features where this column says what it says of the area that the place lies in"),
    ] = None
    same_as: Annotated[Identifier | None, Field(description="the map layer of that area")] = None
    same_column: Annotated[
        Identifier | None, Field(description="what the area calls the column; without it: what the feature does")
    ] = None

    @model_validator(mode="after")
    def _fitting_parts(self) -> Place:
        if (self.say == "way") != (self.next is not None):
            raise ValueError('say = "way" and next = "<column>" go together')
        if self.worst is not None and self.say != "way":
            raise ValueError('worst is the largest value along a way: say = "way"')
        if self.say == "within" and self.most_m is not None:
            raise ValueError('most_m is a distance, and say = "within" has none')
        if (self.same is None) != (self.same_as is None):
            raise ValueError("same names a column, and same_as the map layer that it is compared with: give both")
        if self.same_column is not None and self.same is None:
            raise ValueError("same_column is compared with the column that same names: give both")
        return self

    @property
    def area_column(self) -> str | None:
        """The column of ``same_as`` that ``same`` is compared with."""
        return self.same_column or self.same


class HandoutPart(Model):
    """A part of a printed sheet: a heading, words that are the same on all sheets, and columns of the sheet's row."""

    title: Text
    text: Text | None = None
    fields: Annotated[tuple[Field_, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _says_something(self) -> HandoutPart:
        if self.text is None and not self.fields:
            raise ValueError("a part has text or fields, or both")
        return self


class HandoutPicture(Model):
    """The picture on a sheet: the row's own area or line, quiet layers around it, and points that belong to it."""

    title: Text
    around: Annotated[
        tuple[Identifier, ...], Field(strict=False, description="project layers drawn in grey near the row's own place")
    ] = ()
    table: Annotated[Identifier | None, Field(description="a table of points of the same result")] = None
    of: Annotated[
        Identifier | None, Field(description="its column that names the sheet's row, as the sheets' name does")
    ] = None
    style: Annotated[Categories | None, Field(description="how the points are told apart")] = None

    @model_validator(mode="after")
    def _points_together(self) -> HandoutPicture:
        if len({self.table is None, self.of is None, self.style is None}) > 1:
            raise ValueError("table, of and style go together: the points, whose they are, and how they look")
        return self


class Handouts(Model):
    """A page of sheets beside the map, one for each row of a table, on one A4 when printed: an offer, a data sheet."""

    title: Annotated[Text, Field(description="the page's, and above each sheet's heading")]
    lead: Annotated[Text, Field(description="what the page is for; not on the sheets")]
    result: Identifier
    table: Identifier
    name: Annotated[Identifier, Field(description="column: the heading of each sheet")]
    intro: Annotated[Text, Field(description="the first words of each sheet")]
    parts: Annotated[tuple[HandoutPart, ...], Field(min_length=1, strict=False)]
    picture: HandoutPicture | None = None
    most: Annotated[int, Field(ge=1, le=500, description="at most this many sheets, in the table's order")] = 100


class Map(Model):
    """One question a map."""

    title: Annotated[Text, Field(description="the question, or a plain noun")]
    lead: Annotated[Text, Field(description="one sentence: what the map shows; an analysis' answer is put before it")]
    order: Annotated[int, Field(description="place on the site's front page")] = 100
    analysis: Annotated[
        Identifier | None, Field(description="whose answer, method page and targets stand on the page")
    ] = None
    answer: Annotated[
        Identifier | None, Field(description="one of the analysis' further answers; without it, the main one")
    ] = None
    caution: Annotated[Text | None, Field(description="e.g. Screening, ikke prognose")] = None
    audience: Annotated[
        Literal["public", "planners"],
        Field(
            description="planners: the map stands in a folder of its own beside the site, and in no edition; with "
            'homes = "individual" it may show the analysis\' tables about single homes'
        ),
    ] = "public"
    homes: Annotated[
        Literal["individual"] | None,
        Field(
            description="the analysis' tables about single homes may be downloaded, and columns that tell about the "
            "single homes of a layer may be shown, where k or more stand behind a row; without it neither is published"
        ),
    ] = None
    k: Annotated[
        int,
        Field(
            ge=3,
            le=1000,
            description="a value that tells about persons or homes is shown where at least so many stand behind it",
        ),
    ] = 5
    headlines: Annotated[tuple[Headline, ...], Field(strict=False)] = ()
    layers: Annotated[tuple[MapLayer, ...], Field(min_length=1, strict=False)]
    slider: Slider | None = None
    flow: Flow | None = None
    handouts: Annotated[Handouts | None, Field(description="a page of printed sheets beside the map")] = None
    tables: Annotated[tuple[Table, ...], Field(strict=False)] = ()
    search: Annotated[tuple[Search, ...], Field(strict=False, description="names a reader can search for")] = ()
    place: Annotated[
        tuple[Place, ...],
        Field(
            strict=False,
            description="what is said about a place that was searched for, in this order; without it: what the "
            "answer's layers show there, and their nearest points",
        ),
    ] = ()

    @property
    def single_homes(self) -> bool:
        """Whether the map may show tables about single homes."""
        return self.audience == "planners" and self.homes is not None

    @model_validator(mode="after")
    def _own_layers(self) -> Map:
        ids = [layer.id for layer in self.layers]
        if len(ids) != len(set(ids)):
            raise ValueError("two layers of the map share an id")
        for hidden in self.flow.hides if self.flow is not None else ():
            if hidden not in ids:
                raise ValueError(f"flow hides {hidden!r}, which the map does not have ({', '.join(ids)})")
        rasters = {layer.id for layer in self.layers if layer.raster is not None}
        for table in self.tables:
            if table.map_layer is not None and table.map_layer not in ids:
                raise ValueError(
                    f"table shows map_layer {table.map_layer!r}, which the map does not have ({', '.join(ids)})"
                )
            if table.map_layer in rasters:
                raise ValueError(f"table shows map_layer {table.map_layer!r}, a raster: it has no rows")
        return self

    @model_validator(mode="after")
    def _homes_of_an_analysis(self) -> Map:
        if self.homes is not None and self.analysis is None and not any(layer.layer for layer in self.layers):
            raise ValueError('homes = "individual" is about the tables of an analysis: name it with analysis = "…"')
        return self

    @model_validator(mode="after")
    def _answer_of_an_analysis(self) -> Map:
        if self.answer is not None and self.analysis is None:
            raise ValueError('answer is one of an analysis: name it with analysis = "…"')
        return self

    @model_validator(mode="after")
    def _searches_own_layers(self) -> Map:
        ids = [layer.id for layer in self.layers if layer.raster is None]
        for search in self.search:
            if search.map_layer is not None and search.map_layer not in ids:
                raise ValueError(f"search names map_layer {search.map_layer!r}, which has no names ({', '.join(ids)})")
        return self

    @model_validator(mode="after")
    def _places_of_own_layers(self) -> Map:
        ids = [layer.id for layer in self.layers if layer.raster is None]
        for place in self.place:
            for part, name in (("map_layer", place.map_layer), ("same_as", place.same_as)):
                if name is not None and name not in ids:
                    raise ValueError(f"place names {part} {name!r}, which has no features ({', '.join(ids)})")
        if self.place and not self.search:
            raise ValueError("a place is one that was searched for: give the map [[search]]")
        return self

    @model_validator(mode="after")
    def _slider_is_there(self) -> Map:
        if any(layer.from_step for layer in self.layers) and (self.slider is None or self.slider.value is None):
            raise ValueError("from_step is compared with the value of a slider: give the map [slider] with value")
        if self.slider is None and any(table.step_column for table in self.tables):
            raise ValueError("step_column follows a slider, and the map has none")
        return self
