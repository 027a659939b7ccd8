"""What a reader may take home of a result: GeoPackage, GeoParquet, COG, CSV, the licences, and a page that lists them.

``hent/<analysis>/`` holds no table about single homes, unless a map file of the analysis says ``homes = "individual"``;
values that tell about fewer persons or homes than a map's ``k`` are withheld from every table.
A file of a modelled result says so itself: GeoPackage, GeoParquet and COG in their metadata, CSV in its first column.
Large files are linked to those of the result where the disk allows it, and take no room of their own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from ballerup_geo import methods
from ballerup_geo.project import Project
from ballerup_geo.publish.anonymous import Guard, guard_of_table
from ballerup_geo.publish.pages import text_page
from ballerup_geo.publish.text import as_text, both, quantity
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Method, OutputTable, Text
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage import read_table_metadata, write_csv, write_table

if TYPE_CHECKING:
    import pandas as pd

    from ballerup_geo.results import Result

__all__ = ["Download", "licence_text", "size_text", "tables_to_publish", "write_downloads"]

_FORMATS = {
    ".gpkg": Text(
        da="GeoPackage, åbnes i QGIS med kortets farver", en="GeoPackage, opens in QGIS in the map's colours"
    ),
    ".parquet": Text(da="GeoParquet", en="GeoParquet"),
    ".tif": Text(da="GeoTIFF (COG)", en="GeoTIFF (COG)"),
    ".csv": Text(da="CSV til regneark", en="CSV for spreadsheets"),
    ".txt": Text(da="Tekst", en="Text"),
}
_UNNAMED = Text(da="Uden titel", en="Untitled")


@dataclass(frozen=True, slots=True)
class Download:
    """A file that may be taken home."""

    name: str
    title: Text
    size: int
    """Bytes."""


def write_downloads(
    folder: Path, project: Project, result: Result, *, site: Text, share: Literal["link", "copy"] = "link"
) -> list[Download]:
    """Write ``<folder>/``: the files of a result that may be handed on, their licences, and the page that lists them.

    Parameters
    ----------
    folder
        ``hent/<analysis>`` of a site that is being written.
    share
        ``"link"``: a raster or GeoParquet file is the result's own file under a second name; ``"copy"``: every file is
        one of its own, as an edition needs it, which must not change with the result.
    """
    folder.mkdir(parents=True)
    analysis = project.analyses[result.analysis]
    method = methods.get_method(analysis.method)
    tables = tables_to_publish(project, result)
    guards = {table.name: guard_of_table(project, result.analysis, table.name) for table in tables}
    guarded = {name: guard for name, guard in guards.items() if guard.behind}
    frames = {name: guard.published(result.table(name)) for name, guard in guards.items()}
    own = [f"{name}.parquet" for name in frames if name not in guarded]
    for name in [*own, *(f"{name}.tif" for name in result.run["rasters"])]:
        _take(result.folder / name, folder / name, share)
    for name in guarded:
        metadata = read_table_metadata(result.folder / f"{name}.parquet")
        write_table(folder / f"{name}.parquet", frames[name], metadata=metadata)
    if tables:
        whole = len(tables) == len(result.run["tables"]) and not guarded
        _write_geopackage(folder / f"{result.analysis}.gpkg", project, result, None if whole else frames, method)
    notice = f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}" if result.modelled else None
    for name, frame in frames.items():
        write_csv(folder / f"{name}.csv", frame, notice=notice)
    (folder / "LICENS.txt").write_text(licence_text(result), encoding="utf-8", newline="\r\n")
    files = list(_listed(folder, result, tables, method))
    held_back = any(table.homes for table in method.tables if table not in tables)
    kept_back = [*([WORDS["homes_stay"]] if held_back else []), *_withheld_words(guarded.values())]
    page = _page(result, files, title=analysis.title, site=site, kept_back=kept_back)
    (folder / "index.html").write_text(page, encoding="utf-8", newline="\n")
    return files


def tables_to_publish(project: Project, result: Result) -> list[OutputTable]:
    """Return the tables of a result that may be handed on.

    Tables about single homes stay in ``results/`` unless a map of the analysis says ``homes = "individual"``.
    """
    declared = methods.get_method(project.analyses[result.analysis].method).tables
    allowed = any(found.analysis == result.analysis and found.homes == "individual" for found in project.maps.values())
    return [table for table in declared if table.name in result.run["tables"] and (allowed or not table.homes)]


def _take(source: Path, target: Path, share: str) -> None:
    """Give a file a second name, or copy it where the disk knows no second names."""
    if share == "link":
        try:
            os.link(source.resolve(), target)
        except OSError:  # another disk, or one that links nothing
            pass
        else:
            return
    shutil.copyfile(source, target)


def _write_geopackage(
    path: Path, project: Project, result: Result, tables: Mapping[str, pd.DataFrame] | None, method: Method
) -> None:
    """Copy the result's GeoPackage, or write one of the ``tables`` that may be handed on.

    Never a link: a desktop program writes into a GeoPackage that it merely opens.
    """
    from ballerup_geo.results import copy_geopackage

    if tables is None:
        shutil.copyfile(result.folder / path.name, path)
        return
    copy_geopackage(path, result, project.maps, method, tables=tables)


# ---------------------------------------------------------------- the licences


def licence_text(result: Result) -> str:
    """Return ``LICENS.txt``: what the result is, and for each input whom to name and under which licence."""
    run = result.run
    title = as_text(run["title"])
    lines = [*([MODEL_NOTICE.da, MODEL_NOTICE.en, ""] if result.modelled else [])]
    lines += [f"{title.da} / {title.en}", f"Metode / method: {run['method']['id']} {run['method']['version']}"]
    lines += ["", "Kilder, som skal nævnes / sources to be named:", ""]
    for name, said in run["inputs"].items():
        lines += [*_input_lines(name, said), ""]
    return "\n".join(lines)


def _input_lines(name: str, said: Mapping[str, Any] | None) -> Iterator[str]:
    if said is None:
        yield f"- {name}: ukendt, indgår ikke / unknown, not used"
        return
    yield f"- {name}"
    attribution = said.get("attribution")
    rows = (
        ("Kilde / source", f"{attribution['da']} / {attribution['en']}" if attribution else None),
        ("Licens / licence", said.get("licence")),
        ("Dato / date", said.get("date")),
        ("Oprindelse / origin", said.get("origin")),
    )
    yield from (f"  {title}: {' '.join(str(value).split())}" for title, value in rows if value)


# ---------------------------------------------------------------- the page


def _listed(folder: Path, result: Result, tables: Sequence[OutputTable], method: Method) -> Iterator[Download]:
    """List the files, those of most use first."""
    titles = _titles(result, tables, method)
    order = list(_FORMATS)
    for path in sorted(folder.iterdir(), key=lambda path: (order.index(path.suffix), path.name)):
        yield Download(path.name, titles.get(path.name, _UNNAMED), path.stat().st_size)


def _titles(result: Result, tables: Sequence[OutputTable], method: Method) -> dict[str, Text]:
    """Return what each file holds, by its name: a table and a raster may be called alike."""
    titles = {
        f"{result.analysis}.gpkg": Text(da="Alle tabeller i én fil", en="All tables in one file"),
        "LICENS.txt": Text(da="Kilder og licenser", en="Sources and licences"),
    }
    for table in tables:
        named = [column for column in table.columns if column.da]
        words = Text(
            da=f"{table.name}: {', '.join(c.da for c in named)}" if named else table.name,
            en=f"{table.name}: {', '.join(c.en for c in named)}" if named else table.name,
        )
        titles |= {f"{table.name}{suffix}": words for suffix in (".parquet", ".csv")}
    for raster in method.rasters:
        words = Text(da=raster.da or raster.name, en=raster.en or raster.name)
        for name in result.run["rasters"]:
            number = name.removeprefix(f"{raster.name}-")
            if name == raster.name:
                titles[f"{name}.tif"] = words
            elif raster.each is not None and number.isdigit():
                titles[f"{name}.tif"] = Text(
                    da=f"{words.da}, række {number} i {raster.each}", en=f"{words.en}, row {number} of {raster.each}"
                )
    return titles


def size_text(size: int) -> Text:
    """Return a size in bytes as readers know it: kB or MB.

    Examples
    --------
    >>> size_text(2_400_000).da.replace(chr(160), " "), size_text(10).en.replace(chr(160), " ")
    ('2,4 MB', '1 kB')
    """
    value, unit, digits = (size / 1e6, "MB", 1) if size >= 1e6 else (max(size / 1e3, 1.0), "kB", 0)
    return Text(da=f"{quantity(value, digits, 'da')}\u00a0{unit}", en=f"{quantity(value, digits, 'en')}\u00a0{unit}")


def _withheld_words(guards: Iterable[Guard]) -> Iterator[Text]:
    """Say under which number values about persons and homes are withheld, where there are any."""
    largest = max((guard.k for guard in guards), default=None)
    if largest is not None:
        yield Text(
            da=f"Tal om personer og boliger er tomme, hvor de kunne fortælle om færre end {largest}.",
            en=f"Figures about persons and homes are empty where they could tell about fewer than {largest}.",
        )


def _page(result: Result, files: Sequence[Download], *, title: Text, site: Text, kept_back: Sequence[Text]) -> str:
    rows = Markup("").join(
        Markup('<tr><th scope="row"><a href="{}" download>{}</a></th><td>{}</td><td>{}</td><td>{}</td></tr>').format(
            file.name,
            file.name,
            both(file.title),
            both(_FORMATS[Path(file.name).suffix]),
            both(size_text(file.size)),
        )
        for file in files
    )
    heads = Markup("").join(
        Markup('<th scope="col">{}</th>').format(both(WORDS[key])) for key in ("file", "contents", "format", "size")
    )
    notice = Markup('<p class="notice">{}</p>').format(both(MODEL_NOTICE)) if result.modelled else Markup("")
    main = Markup(
        "<h1>{head}: {title}</h1>{notice}<p>{about}</p>{homes}"
        '<div class="scroll" tabindex="0" role="region" aria-label="{da}" data-da="{da}" data-en="{en}">'
        "<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        '<p><a data-own href="../../metode/{analysis}.html">{method}</a></p>'
    ).format(
        head=both(WORDS["downloads"]),
        title=both(title),
        notice=notice,
        about=both(WORDS["downloads_about"]),
        homes=Markup("").join(Markup("<p>{}</p>").format(both(text)) for text in kept_back),
        da=WORDS["downloads"].da,
        en=WORDS["downloads"].en,
        heads=heads,
        rows=rows,
        analysis=result.analysis,
        method=both(WORDS["read_method"]),
    )
    shown = Text(da=f"{WORDS['downloads'].da}: {title.da}", en=f"{WORDS['downloads'].en}: {title.en}")
    return text_page(shown, site, home="../../index.html", main=main, modelled=result.modelled)
