"""The command ``lokalplan``: an area in, a report out; or all plans of the layer in one table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ballerup_geo.cli.commands import DataOption, JsonOption, ProjectOption, QuietOption, app
from ballerup_geo.cli.output import Output

if TYPE_CHECKING:
    from ballerup_geo.methods.lokalplan import Area, Assessment, Ground
    from ballerup_geo.project import Project
    from ballerup_geo.publish.report import MapLink, Report
    from ballerup_geo.run import Prepared
    from ballerup_geo.spec import Text

__all__ = ["lokalplan"]

ANALYSIS = "lokalplan"


@app.command()
def lokalplan(
    area: Annotated[
        str | None,
        typer.Argument(metavar="AREA", help="A file (GeoPackage, GeoJSON, shapefile, TAB, GML) or a plan_id."),
    ] = None,
    proposal: Annotated[
        Path | None,
        typer.Option("--proposal", metavar="FILE", help="Planned building fields, roads, parking, green, basins."),
    ] = None,
    compare: Annotated[
        Path | None, typer.Option("--compare", metavar="FILE", help="A second proposal, shown beside the first.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every plan of the layer lokalplaner: a table, ranked, without pages.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder of the report; without it: RUN/lokalplan/NAME.")
    ] = None,
    results: Annotated[
        Path, typer.Option("--results", metavar="RUN", help="Folder where ballerup-geo run has written results/.")
    ] = Path(),
    crs: Annotated[
        str | None, typer.Option("--crs", help="The coordinates' system, where a file does not say it: EPSG:25832.")
    ] = None,
    pdf: Annotated[
        bool | None,
        typer.Option("--pdf/--no-pdf", help="Print the report as PDF (needs Chromium); the default."),
    ] = None,
    kortbilag: Annotated[
        list[str] | None,
        typer.Option("--kortbilag", metavar="MAP", help="A map of the site as a sheet to scale; may be repeated."),
    ] = None,
    project: ProjectOption = None,
    data: DataOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Assess a plan area against the climate plan, as it is and with a proposal.

    Reads results that have been computed; what is missing is called unknown.
    """
    _check_options(area, proposal, compare, every)
    if every:
        _check_options_of_all(crs, pdf, kortbilag)
    from dataclasses import replace

    from ballerup_geo import publish
    from ballerup_geo import run as engine
    from ballerup_geo.methods.lokalplan import Ground
    from ballerup_geo.project import find_project, read_project

    output = Output(quiet=quiet, as_json=as_json)
    found = read_project(find_project(project))
    with output.progress() as told:
        kind = data or publish.data_behind(found, out=results)
        ready = engine.prepare(found, ANALYSIS, out=results, data=kind, progress=told)
    ground = Ground(ready.given)
    if every:
        _all_plans(found, ready, results if out is None else out, output)
        return
    name, where = _area(str(area), ground, crs)
    files = [path for path in (proposal, compare) if path is not None]
    assessed = tuple((label, _assessed(where, ground, path, crs)) for label, path in _labelled(files))
    target = out or results / "lokalplan" / _file_name(name)
    report = replace(
        _report(found, ready, name, assessed, _maps(found, results, target, where)),
        sheets=_sheets(found, ready, results, name, where, tuple(kortbilag or ())),
    )
    _write(report, target, ground, output, pdf=pdf is not False)


def _check_options(area: str | None, proposal: Path | None, compare: Path | None, every: bool) -> None:
    if every and (area is not None or proposal is not None):
        raise typer.BadParameter("takes no AREA and no --proposal: it is about every plan", param_hint="--all")
    if not every and area is None:
        raise typer.BadParameter("name a file or a plan_id, or ask for --all", param_hint="AREA")
    if compare is not None and proposal is None:
        raise typer.BadParameter("compares with a first one: give --proposal, too", param_hint="--compare")
    if compare is not None and proposal is not None and compare.resolve() == proposal.resolve():
        raise typer.BadParameter("is the same file as --proposal: name another", param_hint="--compare")


def _check_options_of_all(crs: str | None, pdf: bool | None, kortbilag: list[str] | None) -> None:
    """Refuse what only a report has: all plans are a table."""
    for name, asked in (("--crs", crs is not None), ("--pdf", pdf is True), ("--kortbilag", bool(kortbilag))):
        if asked:
            raise typer.BadParameter("goes with one AREA: --all writes a table, no pages", param_hint=name)


def _area(asked: str, ground: Ground, crs: str | None) -> tuple[str, Area]:
    """Return the area and its name: that of a file, else of a plan of the layer."""
    from dataclasses import replace

    from ballerup_geo.errors import DataError, Fault
    from ballerup_geo.methods.lokalplan import area_of
    from ballerup_geo.sources.file.area import read_drawing
    from ballerup_geo.spec.faults import nearest

    path = Path(asked)
    plans = ground.frame("lokalplaner") if ground.has("lokalplaner") else None
    own = None if plans is None else plans[plans["plan_id"].astype(str) == asked]
    if own is not None and len(own):
        found = area_of(own, ground, where=f"plan {asked}")
        return f"{asked} {own['name'].iloc[0]}", replace(found, notes=(*_not_the_file(path), *found.notes))
    if path.exists() or path.suffix:
        drawing = read_drawing(path, town=ground.municipality, crs=crs)
        found = area_of(drawing.frame, ground, where=path.name)
        return path.stem, replace(found, notes=(*drawing.notes, *found.notes))
    if plans is None:
        what = "is no file, and the layer lokalplaner is unknown"
        raise DataError(Fault("AREA", asked, what, "name a file, or point layers/lokalplaner.toml to the plans"))
    known = nearest(asked, [str(each) for each in plans["plan_id"]])
    raise DataError(Fault("AREA", asked, "is neither a file nor a plan of the layer lokalplaner", known))


def _not_the_file(path: Path) -> tuple[Text, ...]:
    """Say that a file called like the plan was not read."""
    from ballerup_geo.spec import Text

    if not path.is_file():
        return ()
    return (
        Text(
            da=f"Planen {path} fra laget lokalplaner er vurderet, ikke filen med samme navn; filen nås som ./{path}.",
            en=f"Plan {path} of the layer lokalplaner was assessed, not the file of that name; reach it as ./{path}.",
        ),
    )


def _labelled(files: list[Path]) -> list[tuple[Text | None, Path | None]]:
    from ballerup_geo.spec import Text

    if len(files) < 2:
        return [(None, files[0] if files else None)]
    return [(Text(da=name, en=name), path) for name, path in zip(_told_apart(files), files, strict=True)]


def _told_apart(files: list[Path]) -> list[str]:
    """Return the shortest names that differ: without ending, with it, with their folder, or the whole path."""
    ways = (
        [path.stem for path in files],
        [path.name for path in files],
        [f"{path.resolve().parent.name}/{path.name}" for path in files],
    )
    told = next((names for names in ways if len(set(names)) == len(names)), None)
    return told or [f"{path.name} ({place})" for place, path in enumerate(files, start=1)]


def _assessed(where: Area, ground: Ground, path: Path | None, crs: str | None) -> Assessment:
    from dataclasses import replace

    from ballerup_geo.methods.lokalplan import assess, proposal_of
    from ballerup_geo.sources.file.area import read_drawing

    if path is None:
        return assess(where, ground)
    drawing = read_drawing(path, town=ground.municipality, crs=crs)
    planned = proposal_of(drawing.frame, where.shape, ground, where=path.name)
    return assess(where, ground, proposal=replace(planned, notes=(*drawing.notes, *planned.notes)))


def _file_name(name: str) -> str:
    """Return a name that any system takes as a folder's."""
    letters = (letter if letter.isalnum() or letter in "-_" else "-" for letter in name.strip())
    return "".join(letters).strip("-")[:60] or "omraade"


def _maps(found: Project, results: Path, target: Path, where: Area) -> tuple[MapLink, ...]:
    """Return the site's maps at the area, where there is a site."""
    from ballerup_geo.publish.report import site_maps

    return site_maps(found, site=results / "site", target=target, shape=where.shape)


def _sheets(
    found: Project, ready: Prepared, results: Path, name: str, where: Area, maps: tuple[str, ...]
) -> dict[str, bytes]:
    """Return the kortbilag asked for."""
    from ballerup_geo.catalog import Catalog
    from ballerup_geo.publish.report import draw_sheets
    from ballerup_geo.results import has_result, read_result

    if not maps:
        return {}
    return draw_sheets(
        found,
        maps,
        catalog=Catalog(found, out=results, data=ready.data),
        result=lambda analysis: read_result(results, analysis),
        has_result=lambda analysis: has_result(results, analysis),
        shape=where.shape,
        name=name,
    )


def _report(
    found: Project,
    ready: Prepared,
    name: str,
    assessed: tuple[tuple[Text | None, Assessment], ...],
    maps: tuple[MapLink, ...],
) -> Report:
    from ballerup_geo.methods.lokalplan import METHOD
    from ballerup_geo.publish.report import Report, credits_of_inputs

    return Report(
        name=name,
        municipality=found.municipality.name,
        assessed=assessed,
        modelled=ready.data == "model",
        data=ready.data,
        summary=METHOD.summary,
        assumptions=tuple(found.analyses[ANALYSIS].assumptions.values()),
        credits=credits_of_inputs(found, ready.used),
        used=ready.used,
        maps=maps,
    )


def _write(report: Report, target: Path, ground: Ground, output: Output, *, pdf: bool) -> None:
    from ballerup_geo.publish.report import write_report
    from ballerup_geo.spec.notice import MODEL_NOTICE

    written = write_report(target, report, town=ground.municipality, pdf=pdf)
    if report.modelled:
        output.line(f"Data: model. {MODEL_NOTICE.en}.")
    for _, assessment in report.assessed:
        for note in assessment.notes:
            output.line(note.en)
    if pdf and written.pdf is None:
        output.line("No PDF: install Chromium (Debian: apt install chromium), or print the page from any browser.")
    output.answer(
        str(written.page.absolute()),
        {
            "name": report.name,
            "data": report.data,
            "notice": MODEL_NOTICE.model_dump() if report.modelled else None,
            "page": str(written.page.absolute()),
            "pdf": None if written.pdf is None else str(written.pdf.absolute()),
            "concern": [assessment.concern for _, assessment in report.assessed],
        },
    )


def _all_plans(found: Project, ready: Prepared, folder: Path, output: Output) -> None:
    from ballerup_geo.methods.lokalplan import METHOD
    from ballerup_geo.publish.report import table_of_plans

    made = METHOD.function(ready.given)
    table = made.tables["plans"]
    csv, parquet = table_of_plans(folder / "lokalplan", table, modelled=ready.data == "model")
    output.line(f"{found.analyses[ANALYSIS].title.en}: {made.answer['en']}")
    output.answer(
        str(csv.absolute()),
        {"plans": len(table), "data": ready.data, "csv": str(csv.absolute()), "parquet": str(parquet.absolute())},
    )
