"""The commands. Each reads its options, calls the Python API and writes what came of it; no science here.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ballerup_geo.cli.output import Output

if TYPE_CHECKING:
    from ballerup_geo.catalog import Catalog
    from ballerup_geo.project import Project
    from ballerup_geo.publish import Site
    from ballerup_geo.spec import Progress

__all__ = ["app"]

app = typer.Typer(
    name="ballerup-geo",
    help="From a municipality's layers to interactive maps: analyses held against the climate plan.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


DataKind = Literal["model", "kept"]

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="The project: a folder with layers/, analyses/ and maps/. Without it: $BALLERUP_GEO_PROJECT, "
        "the nearest parent folder that is one, or the one that comes with the package.",
    ),
]
DataOption = Annotated[
    DataKind | None,
    typer.Option(
        "--data", help="The modelled municipality, or the kept real layers. Without it: kept if there are any."
    ),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for results/ and site/.")]
CellOption = Annotated[
    float, typer.Option("--cell", metavar="METRES", min=0.4, max=100.0, help="Cell size of modelled rasters.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print the path of the index page only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text, errors too.")]


def _version(asked: bool) -> None:
    if asked:
        from ballerup_geo import __version__

        typer.echo(f"ballerup-geo {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    traceback: Annotated[
        bool, typer.Option("--traceback", help="Show where a bug struck (also: BALLERUP_GEO_TRACEBACK=1).")
    ] = False,
) -> None:
    """Options before the command; --traceback is read in main()."""


@app.command()
def run(
    analyses: Annotated[
        list[str] | None, typer.Argument(metavar="ANALYSIS", help="Which analyses; all without it.")
    ] = None,
    project: ProjectOption = None,
    data: DataOption = None,
    out: OutOption = Path(),
    cell: CellOption = 2.0,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Compute the analyses and publish the site.

    What has not changed since the last run is skipped.
    """
    from ballerup_geo import run as engine
    from ballerup_geo.spec.notice import MODEL_NOTICE

    output = Output(quiet=quiet, as_json=as_json)
    found = _read_project(project)
    with output.progress() as told:
        report = engine.run(found, out=out, analyses=tuple(analyses or ()), data=data, cell_m=cell, progress=told)
        site = _build_site(found, out=out, data=report.data, cell_m=cell, told=told)
    for message in report.recovered:
        output.line(message)
    output.line(_data_line(report.data))
    for name, result in report.results.items():
        spent = (
            f"computed in {report.seconds[name]:.1f} s" if name in report.seconds else "unchanged, not computed again"
        )
        output.line(f"{found.analyses[name].title.en} ({spent}): {result.run['answer']['en']}")
    for name, faults in report.waiting.items():
        output.line(f'The analysis "{name}" was not computed:')
        for fault in faults:
            output.line(f"  {fault}")
    for name in site.waiting:
        output.line(f'The map "{name}" waits for an analysis that has not been computed from {report.data} data.')
    if site.unchanged:
        output.line("The site has not changed.")
    if site.planners is not None:
        output.line(f"Maps for planners, not for publication: {site.planners.absolute()}")
    output.answer(
        str(site.index.absolute()),
        {
            "project": str(found.root),
            "data": report.data,
            "notice": MODEL_NOTICE.model_dump() if report.data == "model" else None,
            "computed": list(report.done),
            "unchanged": list(report.skipped),
            "recovered": list(report.recovered),
            "answers": {name: result.run["answer"] for name, result in report.results.items()},
            "indicators": {name: result.indicators for name, result in report.results.items()},
            "not_computed": {name: [str(fault) for fault in faults] for name, faults in report.waiting.items()},
            "waiting": list(site.waiting),
            "site_unchanged": site.unchanged,
            "index": str(site.index.absolute()),
        },
    )


@app.command()
def check(project: ProjectOption = None, as_json: JsonOption = False) -> None:
    """Report all faults of the project's files.

    Each with its file and key, what is wrong and what to do. Colours of maps that some may not see are warnings.
    """
    from dataclasses import asdict

    from ballerup_geo import run as engine
    from ballerup_geo.errors import ProjectError
    from ballerup_geo.publish.contrast import colour_warnings

    found = _read_project(project)
    faults = engine.check(found)
    if faults:
        raise ProjectError(faults)
    counts = {"layers": len(found.layers), "analyses": len(found.analyses), "maps": len(found.maps)}
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    warnings = colour_warnings(found)
    lines = [f"No faults: {said} in {found.root}", *(f"  warning: {warning}" for warning in warnings)]
    Output(as_json=as_json).answer(
        "\n".join(lines),
        {"project": str(found.root), "faults": [], "warnings": [asdict(warning) for warning in warnings], **counts},
    )


@app.command()
def layers(
    project: ProjectOption = None,
    data: DataOption = None,
    out: OutOption = Path(),
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The data dictionary: all columns, units, codes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the layers: which are there, from where, and how old what was fetched is."""
    from ballerup_geo import catalog
    from ballerup_geo.cli.layer_lines import layer_line, layer_row
    from ballerup_geo.publish.dictionary import layers_markdown
    from ballerup_geo.sources import Keys

    found = _read_project(project)
    if markdown:
        text = layers_markdown(found)
        Output(as_json=as_json).answer(text.rstrip(), {"project": str(found.root), "markdown": text})
        return
    kind = catalog.choose_data(found, out, data)
    shelf = catalog.Catalog(found, out=out, data=kind)
    keys = Keys.read(found.data_folder(out))
    rows = [layer_row(found, shelf, name, keys=keys) for name in found.layers]
    widths = {key: max(len(str(row[key])) for row in rows) for key in ("id", "geometry")}
    lines = [_data_line(kind), *(layer_line(row, widths) for row in rows)]
    Output(as_json=as_json).answer("\n".join(lines), {"project": str(found.root), "data": kind, "layers": rows})


@app.command()
def fetch(
    layers: Annotated[
        list[str] | None, typer.Argument(metavar="LAYER", help="Which layers; all that have a service without it.")
    ] = None,
    open_only: Annotated[bool, typer.Option("--open", help="Ask only services that need no key.")] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option("--accept", metavar="LAYER", help="Keep it even if it has over 20 % fewer rows; repeatable."),
    ] = None,
    project: ProjectOption = None,
    out: OutOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Bring the layers from registers and services, and keep them.

    Keys are read from the environment or the project's .env. A service that fails leaves the last good copy.
    """
    from ballerup_geo import catalog
    from ballerup_geo.cli.layer_lines import fetch_document, fetch_lines

    output = Output(as_json=as_json)
    found = _read_project(project)
    with output.progress() as told:
        report = catalog.fetch(
            found, tuple(layers or ()), out=out, open_only=open_only, accept=tuple(accept or ()), progress=told
        )
    output.answer("\n".join(fetch_lines(report)), {"project": str(found.root), **fetch_document(report)})
    if report.exit_code:
        raise typer.Exit(report.exit_code)


@app.command()
def explain(
    analysis: Annotated[str, typer.Argument(metavar="ANALYSIS", help="The stem of a file in analyses/.")],
    project: ProjectOption = None,
    language: Annotated[Literal["da", "en"], typer.Option("--language", help="Danish or English.")] = "da",
    as_json: JsonOption = False,
) -> None:
    """Print how an analysis is computed.

    With its inputs, assumptions and their sources, targets and limits.
    """
    from pydantic_core import to_jsonable_python

    from ballerup_geo import publish

    page = publish.explain(_read_project(project), analysis)
    text = publish.explain_text(page, language).rstrip()
    Output(as_json=as_json).answer(text, to_jsonable_python(page))


@app.command()
def targets(project: ProjectOption = None, out: OutOption = Path(), as_json: JsonOption = False) -> None:
    """Say where each target of the climate plan stands, as the last runs found it, and what is known of CO2."""
    from ballerup_geo import results
    from ballerup_geo.cli.target_lines import target_lines

    found = _read_project(project)
    there = {name: results.read_result(out, name) for name in found.analyses if results.has_result(out, name)}
    said = results.account(found, there)
    Output(as_json=as_json).answer("\n".join(target_lines(said)), said)


@app.command()
def publish(
    project: ProjectOption = None,
    data: DataOption = None,
    out: OutOption = Path(),
    cell: CellOption = 2.0,
    edition: Annotated[
        str | None,
        typer.Option("--edition", metavar="NAME", help="Write DIR/editions/NAME instead: a dated copy, never changed."),
    ] = None,
    allow_model: Annotated[
        bool, typer.Option("--allow-model", help="Let an edition be made from modelled data, for trial.")
    ] = False,
    kortbilag: Annotated[
        list[str] | None,
        typer.Option(
            "--kortbilag",
            metavar="SCALE[,PAPER[,E,N]]",
            help="A sheet of each map in the edition, e.g. 2000,A3,710500,6180500; may be repeated.",
        ),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Build the site again, without computing; with --edition, an edition of it."""
    output = Output(quiet=quiet, as_json=as_json)
    found = _read_project(project)
    if edition is not None:
        sheets = tuple(kortbilag or ())
        _publish_edition(
            found, edition, output, out=out, data=data, cell_m=cell, allow_model=allow_model, kortbilag=sheets
        )
        return
    if kortbilag:
        raise typer.BadParameter("goes together with --edition: a sheet belongs to one", param_hint="--kortbilag")
    if allow_model:
        raise typer.BadParameter(
            "goes together with --edition: the site itself shows modelled data anyway", param_hint="--allow-model"
        )
    with output.progress() as told:
        site = _build_site(found, out=out, data=data, cell_m=cell, told=told)
    output.answer(
        str(site.index.absolute()),
        {"project": str(found.root), "index": str(site.index.absolute()), "waiting": list(site.waiting)},
    )


def _publish_edition(
    found: Project,
    name: str,
    output: Output,
    *,
    out: Path,
    data: DataKind | None,
    cell_m: float,
    allow_model: bool,
    kortbilag: tuple[str, ...],
) -> None:
    from ballerup_geo import publish
    from ballerup_geo.spec.notice import MODEL_NOTICE

    sheets = tuple(publish.read_wish(text) for text in kortbilag)
    with output.progress() as told:
        layers = _catalog(found, out=out, data=data, cell_m=cell_m, told=told)
        made = publish.build_edition(
            found, name, out=out, catalog=layers, allow_model=allow_model, sheets=sheets, progress=told
        )
    for waiting in made.waiting:
        output.line(f'The map "{waiting}" is not in it: its analysis has not been computed from {layers.data} data.')
    output.answer(
        str(made.index.absolute()),
        {
            "project": str(found.root),
            "edition": name,
            "date": made.edition.date.isoformat(),
            "data": layers.data,
            "notice": MODEL_NOTICE.model_dump() if layers.data == "model" else None,
            "index": str(made.index.absolute()),
            "waiting": list(made.waiting),
        },
    )


@app.command()
def serve(
    out: OutOption = Path(),
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Without it: 8480, or any free port.")
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show the site in DIR/site to this machine only."""
    import sys

    from ballerup_geo.publish.serve import make_server

    with make_server(out / "site", port=port) as server:
        output = Output(quiet=quiet, as_json=as_json)
        output.answer(server.url, {"url": server.url, "folder": str(server.folder)})
        output.line("Only this machine can see it. Stop with Ctrl-C.")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            output.line("Stopped.")


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet, or is empty.")],
    as_json: JsonOption = False,
) -> None:
    """Copy the shipped project, to make one's own."""
    from ballerup_geo.project import copy_shipped

    made = copy_shipped(folder)
    Output(as_json=as_json).answer(f"{made}\nNext: ballerup-geo check --project {made}", {"project": str(made)})


@app.command()
def export(
    analyses: Annotated[
        list[str] | None, typer.Argument(metavar="ANALYSIS", help="Which analyses; all that are computed without it.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="ADDRESS",
            help="PostGIS: postgresql://user@host:5432/database. The password comes from BALLERUP_GEO_POSTGIS, "
            "PGPASSWORD or ~/.pgpass.",
        ),
    ] = None,
    schema: Annotated[
        str, typer.Option("--schema", metavar="NAME", help="Where in the database; a name a run keeps them apart.")
    ] = "ballerup_geo",
    qgis: Annotated[
        Path | None,
        typer.Option("--qgis", metavar="FILE.qgz", help="A QGIS project of all results; with --to it reads PostGIS."),
    ] = None,
    homes: Annotated[bool, typer.Option("--homes", help="Tables about single homes go to the database, too.")] = False,
    project: ProjectOption = None,
    out: OutOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Write results to PostGIS, or a QGIS project of them, or both.

    Tables of an earlier export are replaced in one transaction.
    """
    from ballerup_geo.publish import export as exporting

    made = exporting.export(
        _read_project(project), out=out, analyses=tuple(analyses or ()), to=to, schema=schema, qgis=qgis, homes=homes
    )
    Output(as_json=as_json).answer("\n".join(exporting.told(made)), exporting.as_document(made))


@app.command()
def schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written.")] = Path("schemas"),
    as_json: JsonOption = False,
) -> None:
    """Write JSON Schemas of the content files, and of a plan's assessment.json.

    Editors that know them complete and check while one types.
    """
    from ballerup_geo.spec.schema import schemas
    from ballerup_geo.storage import make_folder, write_json

    make_folder(folder)
    paths = []
    for name, content in schemas().items():
        paths.append(folder / f"{name}.schema.json")
        write_json(paths[-1], content)
    Output(as_json=as_json).answer("\n".join(map(str, paths)), {"files": [str(path) for path in paths]})


# ---------------------------------------------------------------- shared by the commands


def _read_project(folder: Path | None) -> Project:
    from ballerup_geo.project import find_project, read_project

    return read_project(find_project(folder))


def _data_line(data: DataKind) -> str:
    from ballerup_geo.spec.notice import MODEL_NOTICE

    return f"Data: model. {MODEL_NOTICE.en}." if data == "model" else "Data: kept, the project's own layers."


def _build_site(found: Project, *, out: Path, data: DataKind | None, cell_m: float, told: Progress | None) -> Site:
    from ballerup_geo import publish

    layers = _catalog(found, out=out, data=data, cell_m=cell_m, told=told)
    return publish.build_site(found, out=out, catalog=layers, progress=told)


def _catalog(found: Project, *, out: Path, data: DataKind | None, cell_m: float, told: Progress | None) -> Catalog:
    """Return the layers of the kind asked for, else of the kind that the results were computed from."""
    from ballerup_geo import publish
    from ballerup_geo.catalog import Catalog, choose_data

    kind = data or publish.data_behind(found, out=out) or choose_data(found, out, None)
    return Catalog(found, out=out, data=kind, cell_m=cell_m, progress=told)


from ballerup_geo.cli import lokalplan as _lokalplan  # noqa: E402, F401 - adds its command, with the options above
