"""What a map names: layers, results, columns, rasters, indicators, analyses — do they exist?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from ballerup_geo.errors import Fault
from ballerup_geo.project import Project
from ballerup_geo.spec import (
    Categories,
    Flow,
    Map,
    MapLayer,
    Method,
    OutputRaster,
    OutputTable,
    Place,
    Search,
    Single,
    Slider,
    Table,
)
from ballerup_geo.spec.codelists import codes_of
from ballerup_geo.spec.faults import nearest
from ballerup_geo.spec.privacy import homes_shown, shows_homes

__all__ = ["map_faults"]

_DRAWN = {"point", "line", "polygon", "any"}

Columns = frozenset[str] | None
"""The columns of something a map shows; None where nobody can say."""


def map_faults(project: Project, known: Mapping[str, Method]) -> Iterator[Fault]:
    """Find what maps name and nobody has; ``known`` are the methods of those analyses whose method exists."""
    for name, found in project.maps.items():
        yield from _One(f"maps/{name}.toml", project, known, found).faults()


class _One:
    """One map, and what it is held against."""

    def __init__(self, where: str, project: Project, known: Mapping[str, Method], found: Map) -> None:
        self.where, self.project, self.known, self.map = where, project, known, found

    def faults(self) -> Iterator[Fault]:
        yield from self._analyses()
        yield from self._homes()
        yield from self._slider()
        yield from self._flow()
        columns: dict[str, Columns] = {}
        for number, shown in enumerate(self.map.layers):
            key = f"layers.{number} ({shown.id})"
            if shown.raster is not None:
                yield from self._raster(key, shown)
                continue
            origin = self._origin(key, shown)
            columns[shown.id] = None if isinstance(origin, Fault) else origin
            if isinstance(origin, Fault):
                yield origin
            elif origin is not None:
                yield from self._layer_columns(key, shown, origin)
        for number, table in enumerate(self.map.tables):
            yield from self._table(f"tables.{number}", table, columns)
        yield from self._handouts()
        for number, search in enumerate(self.map.search):
            yield from self._search(f"search.{number}", search, columns)
        for number, place in enumerate(self.map.place):
            yield from self._place(f"place.{number}", place, columns)

    def _fault(self, key: str, what: str, todo: str) -> Fault:
        return Fault(self.where, key, what, todo)

    # ------------------------------------------------------------ analyses and their results

    def _analyses(self) -> Iterator[Fault]:
        if self.map.analysis is not None:
            yield from self._analysis("analysis", self.map.analysis)
            yield from self._answer(self.map.analysis)
        for number, line in enumerate(self.map.headlines):
            key = f"headlines.{number}"
            yield from self._analysis(f"{key}.analysis", line.analysis)
            if line.analysis in self.known:
                names = [indicator.name for indicator in self.known[line.analysis].indicators]
                if line.indicator not in names:
                    what = f'analysis "{line.analysis}" has no indicator "{line.indicator}"'
                    yield self._fault(f"{key}.indicator", what, nearest(line.indicator, names))

    def _homes(self) -> Iterator[Fault]:
        """Single homes are not shown by mistake, and nothing is opened that is not there."""
        layers, analysis = self.project.layers, self.map.analysis
        yield from homes_shown(self.where, self.map, layers)
        if self.map.homes is None or shows_homes(self.map, layers):
            return
        if analysis is None:
            what = "the map shows no column that tells about single homes"
            yield self._fault("homes", what, "leave the line out")
        elif analysis in self.known and not any(table.homes for table in self.known[analysis].tables):
            what = f'analysis "{analysis}" has no table about single homes'
            yield self._fault("homes", what, "leave the line out")

    def _answer(self, analysis: str) -> Iterator[Fault]:
        if self.map.answer is None or analysis not in self.known:
            return
        names = self.known[analysis].answers
        if self.map.answer not in names:
            what = f'analysis "{analysis}" has no answer "{self.map.answer}"'
            todo = nearest(self.map.answer, names) if names else "leave the line out: it gives its main answer alone"
            yield self._fault("answer", what, todo)

    def _analysis(self, key: str, name: str) -> Iterator[Fault]:
        if name not in self.project.analyses:
            yield self._fault(key, f'the project has no analysis "{name}"', nearest(name, self.project.analyses))

    def _result_table(self, key: str, result: str, table: str) -> OutputTable | Fault | None:
        """Return a table of a result as its method declares it, the fault where there is none, None if unknown."""
        if result not in self.project.analyses:
            return next(self._analysis(f"{key}.result", result))
        if result not in self.known:  # the analysis file says why
            return None
        tables = {entry.name: entry for entry in self.known[result].tables}
        if table not in tables:
            what = f'result "{result}" has no table "{table}"'
            return self._fault(f"{key}.table", what, nearest(table, tables))
        if tables[table].homes and not self.map.single_homes:
            what = f'table "{table}" tells about single homes, which are not published'
            return self._fault(f"{key}.table", what, "show a table that aggregates them")
        return tables[table]

    def _result_raster(self, key: str, result: str, raster: str) -> OutputRaster | Fault | None:
        """Return a raster of a result as its method declares it, the fault where there is none, None if unknown."""
        if result not in self.project.analyses:
            return next(self._analysis(key.rpartition(".")[0] + ".result", result))
        if result not in self.known:
            return None
        rasters = {entry.name: entry for entry in self.known[result].rasters}
        if raster not in rasters:
            what = f'result "{result}" has no raster "{raster}"'
            return self._fault(key, what, nearest(raster, rasters) if rasters else "its method gives no rasters")
        return rasters[raster]

    def _columns(
        self, key: str, has: Columns, named: Collection[tuple[str, str | None]], of: str = ""
    ) -> Iterator[Fault]:
        """Find columns that are named and not there; ``of`` says whose they would be."""
        for part, column in named:
            if has is not None and column is not None and column not in has:
                what = f'{of} has no column "{column}"' if of else f'there is no column "{column}"'
                yield self._fault(f"{key}.{part}", what, nearest(column, has))

    # ------------------------------------------------------------ layers

    def _origin(self, key: str, shown: MapLayer) -> Columns | Fault:
        """Return the columns of what a map layer shows, or the fault where there is none such."""
        if shown.layer is not None:
            if shown.layer not in self.project.layers:
                what = f'the project has no layer "{shown.layer}"'
                return self._fault(f"{key}.layer", what, nearest(shown.layer, self.project.layers))
            layer = self.project.layers[shown.layer]
            if layer.geometry not in _DRAWN:
                what = f'layer "{shown.layer}" is a {layer.geometry}, and a map draws features'
                return self._fault(f"{key}.layer", what, "show a layer of points, lines or polygons")
            return frozenset(layer.columns)
        table = self._result_table(key, str(shown.result), str(shown.table))
        if table is None or isinstance(table, Fault):
            return table
        if table.geometry not in _DRAWN:
            what = f'table "{shown.table}" has no geometry, and a map draws features'
            return self._fault(f"{key}.table", what, "show a table of points, lines or polygons")
        return _names(table)

    def _layer_columns(self, key: str, shown: MapLayer, has: frozenset[str]) -> Iterator[Fault]:
        named = [("name", shown.name), ("labels", shown.labels), ("from_step", shown.from_step)]
        named += [(f"fields.{place}", field.column) for place, field in enumerate(shown.fields)]
        if not isinstance(shown.style, Single):
            named.append(("style.column", shown.style.column))
        yield from self._columns(key, has, named)
        if isinstance(shown.style, Categories) and shown.layer is not None and shown.style.column in has:
            codes = codes_of(self.project.layers[shown.layer].columns[shown.style.column])
            for number, category in enumerate(shown.style.categories):
                if codes is not None and str(category.value) not in codes:
                    what = f'column "{shown.style.column}" has no value "{category.value}"'
                    todo = nearest(str(category.value), codes)
                    yield self._fault(f"{key}.style.categories.{number}", what, todo)

    def _raster(self, key: str, shown: MapLayer) -> Iterator[Fault]:
        raster = self._result_raster(f"{key}.raster", str(shown.result), str(shown.raster))
        if isinstance(raster, Fault):
            yield raster
        elif raster is not None and raster.each is not None and not _steps_through(self.map.slider, shown, raster):
            what = (
                f'there is a raster "{raster.name}" for each row of "{raster.each}", and no slider steps through them'
            )
            todo = f'give the map [slider] with result = "{shown.result}" and table = "{raster.each}"'
            yield self._fault(f"{key}.raster", what, todo)
        if isinstance(shown.style, Categories):
            for number, category in enumerate(shown.style.categories):
                if isinstance(category.value, str):
                    what = f'cells are numbers, and "{category.value}" is a text'
                    yield self._fault(
                        f"{key}.style.categories.{number}", what, "write the number that the raster holds"
                    )

    # ------------------------------------------------------------ slider, terrain questions, tables

    def _slider(self) -> Iterator[Fault]:
        slider = self.map.slider
        if slider is None:
            return
        table = self._result_table("slider", slider.result, slider.table)
        if isinstance(table, Fault):
            yield table
        elif table is not None:
            named = [(f"label.{place}", field.column) for place, field in enumerate(slider.label)]
            yield from self._columns("slider", _names(table), [*named, ("value", slider.value)])

    def _flow(self) -> Iterator[Fault]:
        flow = self.map.flow
        if flow is None:
            return
        if flow.result not in self.project.analyses:
            yield from self._analysis("flow.result", flow.result)
            return
        for part in ("height", "directions", "basins", "outlets"):
            raster = self._result_raster(f"flow.{part}", flow.result, getattr(flow, part))
            if isinstance(raster, Fault):
                yield raster
        yield from self._flow_tables(flow)
        if flow.result in self.known:
            names = [assumption.name for assumption in self.known[flow.result].assumptions]
            if flow.loss not in names:
                what = f'analysis "{flow.result}" has no assumption "{flow.loss}"'
                yield self._fault("flow.loss", what, nearest(flow.loss, names))

    def _flow_tables(self, flow: Flow) -> Iterator[Fault]:
        if flow.result not in self.known:
            return
        names = [table.name for table in self.known[flow.result].tables]
        for part in ("nodes", "recipients"):
            table = getattr(flow, part)
            if table not in names:
                what = f'result "{flow.result}" has no table "{table}"'
                yield self._fault(f"flow.{part}", what, nearest(table, names))

    def _table(self, key: str, table: Table, layers: Mapping[str, Columns]) -> Iterator[Fault]:
        of, has = f'map layer "{table.map_layer}"', None
        if table.map_layer is not None:
            has = layers[table.map_layer]
        else:
            declared = self._result_table(key, str(table.result), str(table.table))
            of = f'table "{table.table}"'
            if isinstance(declared, Fault):
                yield declared
            elif declared is not None:
                has = _names(declared)
        named = [(f"fields.{place}", field.column) for place, field in enumerate(table.fields)]
        yield from self._columns(key, has, [*named, ("sort", table.sort), ("step_column", table.step_column)], of)
        yield from self._step_column(key, table)

    def _handouts(self) -> Iterator[Fault]:
        sheets = self.map.handouts
        if sheets is None:
            return
        table = self._result_table("handouts", sheets.result, sheets.table)
        if isinstance(table, Fault):
            yield table
        elif table is not None:
            named = [
                (f"parts.{part}.fields.{place}", field.column)
                for part, each in enumerate(sheets.parts)
                for place, field in enumerate(each.fields)
            ]
            yield from self._columns("handouts", _names(table), [("name", sheets.name), *named])
        picture = sheets.picture
        if picture is None:
            return
        for place, layer in enumerate(picture.around):
            if layer not in self.project.layers:
                what = f'the project has no layer "{layer}"'
                yield self._fault(f"handouts.picture.around.{place}", what, nearest(layer, self.project.layers))
        if picture.table is not None and picture.style is not None:
            points = self._result_table("handouts.picture", sheets.result, picture.table)
            if isinstance(points, Fault):
                yield points
            elif points is not None:
                wanted = (("of", picture.of), ("style.column", picture.style.column))
                named = [(place, column) for place, column in wanted if column is not None]
                yield from self._columns("handouts.picture", _names(points), named)

    def _search(self, key: str, search: Search, layers: Mapping[str, Columns]) -> Iterator[Fault]:
        if search.map_layer is not None:
            of = f'map layer "{search.map_layer}"'
            yield from self._columns(key, layers[search.map_layer], [("column", search.column)], of)
        elif search.layer not in self.project.layers:
            what = f'the project has no layer "{search.layer}"'
            yield self._fault(f"{key}.layer", what, nearest(str(search.layer), self.project.layers))
        else:
            has = frozenset(self.project.layers[str(search.layer)].columns)
            yield from self._columns(key, has, [("column", search.column)], f'layer "{search.layer}"')

    def _place(self, key: str, place: Place, layers: Mapping[str, Columns]) -> Iterator[Fault]:
        of = f'map layer "{place.map_layer}"'
        named = [(f"fields.{number}", field.column) for number, field in enumerate(place.fields)]
        named += [
            (part, getattr(place, part)) for part in ("next", "worst", "same") if getattr(place, part) is not None
        ]
        yield from self._columns(key, layers[place.map_layer], named, of)
        if place.same_as is not None:
            part = "same" if place.same_column is None else "same_column"
            asked = [(part, place.area_column)]
            yield from self._columns(key, layers[place.same_as], asked, f'map layer "{place.same_as}"')
            yield from self._shape(f"{key}.same_as", place.same_as, "polygon", "a place lies in areas")
        if place.say == "within":
            yield from self._shape(f"{key}.map_layer", place.map_layer, "polygon", "a place lies in areas")
        elif place.say == "way":
            yield from self._shape(f"{key}.map_layer", place.map_layer, "line", "a way goes along lines")

    def _shape(self, key: str, map_layer: str, asked: str, why: str) -> Iterator[Fault]:
        """Find a map layer whose features cannot be what is asked of them."""
        shown = next(layer for layer in self.map.layers if layer.id == map_layer)
        kind = None
        if shown.layer is not None and shown.layer in self.project.layers:
            kind = self.project.layers[shown.layer].geometry
        elif shown.result is not None and shown.result in self.known:
            kind = next((each.geometry for each in self.known[shown.result].tables if each.name == shown.table), None)
        if kind not in (None, "any", asked):
            yield self._fault(key, f'map layer "{map_layer}" has {kind}s, and {why}', "name another map layer")

    def _step_column(self, key: str, table: Table) -> Iterator[Fault]:
        """The slider's table must have the column, too."""
        slider = self.map.slider
        if slider is None or table.step_column is None:
            return
        rows = self._result_table("slider", slider.result, slider.table)
        if isinstance(rows, OutputTable):
            of = f'the slider\'s table "{slider.table}"'
            yield from self._columns(key, _names(rows), [("step_column", table.step_column)], of)


def _names(table: OutputTable) -> frozenset[str]:
    return frozenset(column.name for column in table.columns)


def _steps_through(slider: Slider | None, shown: MapLayer, raster: OutputRaster) -> bool:
    return slider is not None and (slider.result, slider.table) == (shown.result, raster.each)
