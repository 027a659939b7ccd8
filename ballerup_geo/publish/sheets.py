"""The kortbilag of an edition: which sheets were asked for, their PDFs, and the page that lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from markupsafe import Markup

from ballerup_geo.errors import BallerupGeoError, Fault
from ballerup_geo.publish.content import Reader, gather
from ballerup_geo.publish.downloads import size_text
from ballerup_geo.publish.edition import Edition
from ballerup_geo.publish.figure import draw_kortbilag, read_backdrop
from ballerup_geo.publish.pages import text_page
from ballerup_geo.publish.text import both
from ballerup_geo.publish.words import WORDS
from ballerup_geo.spec import Text

__all__ = ["SHEETS_PAGE", "SheetWish", "read_wish", "write_sheets"]

SHEETS_PAGE = "kortbilag/index.html"
_WISH = re.compile(r"(?:1:)?(\d{1,6})(?:,(A[34])(?:,(\d{1,8}(?:\.\d+)?),(\d{1,8}(?:\.\d+)?))?)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SheetWish:
    """A sheet of each map: its scale, its paper, and where its middle lies (easting and northing, m)."""

    scale: int
    paper: Literal["A4", "A3"] = "A4"
    centre: tuple[float, float] | None = None
    """None: the middle of the municipality."""

    def file(self, map_id: str) -> str:
        """Return the name of a map's sheet."""
        place = "" if self.centre is None else f"-{self.centre[0]:.0f}-{self.centre[1]:.0f}"
        return f"{map_id}-{self.scale}-{self.paper.lower()}{place}.pdf"


def read_wish(text: str) -> SheetWish:
    """Read ``SCALE[,PAPER[,EASTING,NORTHING]]``; the middle to the metre, as the sheet's file names it.

    Raises
    ------
    BallerupGeoError
        The text says no such thing.

    Examples
    --------
    >>> read_wish("2000,A3,710500,6180500")
    SheetWish(scale=2000, paper='A3', centre=(710500.0, 6180500.0))
    """
    found = _WISH.fullmatch(text.strip())
    if found is None:
        what = "is no scale, paper and middle"
        todo = "write e.g. 2000 or 2000,A3 or 2000,A3,710500,6180500 (EPSG:25832, metres)"
        raise BallerupGeoError(Fault("--kortbilag", text[:80], what, todo))
    scale, paper, east, north = found.groups()
    size = cast(Literal["A4", "A3"], (paper or "A4").upper())
    return SheetWish(
        int(scale), size, None if east is None else (float(round(float(east))), float(round(float(north))))
    )


def write_sheets(
    folder: Path, reader: Reader, ready: Sequence[str], wishes: Sequence[SheetWish], *, edition: Edition, site: Text
) -> None:
    """Write ``<folder>/kortbilag/``: each wished sheet of each map as PDF, and the page that lists them.

    A sheet wished for twice is drawn once.

    Raises
    ------
    ProjectError
        A scale is none that a sheet may have, or a middle lies outside the municipality.
    """
    backdrop = read_backdrop(reader)
    inside = backdrop.municipality.geometry.union_all().representative_point()
    target = folder / Path(SHEETS_PAGE).parent
    target.mkdir()
    rows, modelled = [], False
    for name in ready:
        content = gather(reader, name)
        modelled = modelled or content.modelled
        for wish in dict.fromkeys(wishes):
            sheet = draw_kortbilag(
                content,
                backdrop=backdrop,
                scale=wish.scale,
                paper=wish.paper,
                centre=wish.centre or (inside.x, inside.y),
                edition=edition.name,
                edition_date=edition.date,
            )
            (target / wish.file(name)).write_bytes(sheet)
            rows.append(_row(wish, wish.file(name), content.map.title, len(sheet)))
    main = Markup("<h1>{}</h1><p>{}</p><ul>{}</ul>").format(
        both(WORDS["sheets"]), both(WORDS["sheets_about"]), Markup("").join(rows)
    )
    page = text_page(WORDS["sheets"], site, home="../index.html", main=main, modelled=modelled)
    (folder / SHEETS_PAGE).write_text(page, encoding="utf-8", newline="\n")


def _row(wish: SheetWish, file: str, title: Text, size: int) -> Markup:
    scale = f"{wish.scale:,}"
    shown = Text(da=f"1:{scale.replace(',', '.')}", en=f"1:{scale}")
    return Markup('<li><a href="{}">{}, {}, {}</a> (PDF, {})</li>').format(
        file, both(title), both(shown), wish.paper, both(size_text(size))
    )
