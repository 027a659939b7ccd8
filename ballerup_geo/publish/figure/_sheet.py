"""A sheet of paper in millimetres from its lower left corner: paths, texts and pictures on it, and its bytes.

There is no axes and no pyplot: a figure alone, whose artists lie where they are put. While a sheet is drawn,
matplotlib's own defaults hold, whatever style the machine or the notebook has set.
"""

from __future__ import annotations

import io
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Stroke
from matplotlib.text import Text as TextArtist
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ballerup_geo.publish.figure._catalog import with_language
from ballerup_geo.publish.figure._palette import Colour, in_few_colours
from ballerup_geo.publish.figure._type import Face, Fitted, clean, font
from ballerup_geo.spec.words import Language

__all__ = ["MM_PER_PT", "PT_PER_MM", "Box", "Form", "Ink", "Sheet", "Titles", "drawing"]

Form: TypeAlias = Literal["png", "svg", "pdf"]
PT_PER_MM = 72 / 25.4
MM_PER_PT = 25.4 / 72
_SETTINGS = {
    "svg.hashsalt": "ballerup-geo",
    "svg.fonttype": "none",  # texts stay texts: they can be selected, searched and read aloud
    "pdf.fonttype": 42,
    "text.hinting": "none",  # a text is as wide as it was measured, at every resolution
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "hatch.linewidth": 0.35,
    "path.simplify": False,  # shapes are simplified in metres, before they are placed
}
_ONE_AT_A_TIME = threading.RLock()
"""matplotlib's settings and fonts are the process's: two sheets are never drawn at once."""
_VECTOR_DPI = 200.0
"""Of pictures inside SVG and PDF."""
_DARK = "#1f2428"


@contextmanager
def drawing() -> Iterator[None]:
    """Hold matplotlib at its own defaults while a sheet is drawn, and give back what was set before."""
    with _ONE_AT_A_TIME, mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)  # type: ignore[arg-type]
        yield


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the sheet, mm."""

    left: float
    bottom: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.bottom + self.height

    def inside(self, margin: float) -> Box:
        """Return the box without a margin."""
        return Box(self.left + margin, self.bottom + margin, self.width - 2 * margin, self.height - 2 * margin)

    @property
    def path(self) -> Path:
        """Its outline, mm."""
        corners = [(self.left, self.bottom), (self.right, self.bottom), (self.right, self.top), (self.left, self.top)]
        return Path([*corners, corners[0]], closed=True)


@dataclass(frozen=True, slots=True)
class Ink:
    """How a path is drawn: colours as #rrggbb or None, width in pt, pattern as matplotlib writes it."""

    fill: str | None = None
    fill_opacity: float = 1.0
    line: str | None = None
    width_pt: float = 0.0
    dash: tuple[float, ...] = ()
    """Drawn and left out in turn, in pt."""
    hatch: str | None = None


@dataclass(frozen=True, slots=True)
class Titles:
    """What a file says of itself."""

    title: str
    about: str
    author: str
    language: Language


class Sheet:
    """A sheet of paper.

    Parameters
    ----------
    width, height
        mm.
    width_px
        Of the PNG; without it, a PNG has 200 pixels an inch.
    """

    def __init__(self, width: float, height: float, *, width_px: int | None = None) -> None:
        self.paper = Box(0.0, 0.0, width, height)
        size = (_inches(width), _inches(height))
        self.dpi = _VECTOR_DPI if width_px is None else width_px / size[0]
        self._figure = Figure(figsize=size, dpi=self.dpi, facecolor="#ffffff", edgecolor="none")
        self._points = Affine2D().scale(1 / 72) + self._figure.dpi_scale_trans
        self._drawn = 0
        self._colours: set[Colour] = set()

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel of the pictures on it."""
        return 25.4 / self.dpi

    def _add(self, artist: Artist, clip: Box | None) -> None:
        self._drawn += 1
        artist.set_zorder(self._drawn)
        if clip is not None:
            artist.set_clip_path(_points(clip.path), self._points)
        self._figure.add_artist(artist)

    def _keep(self, ink: Ink) -> None:
        """Remember colours that a picture of few colours must hold as they are."""
        for colour, opacity in ((ink.fill, ink.fill_opacity), (ink.line, 1.0)):
            if colour is not None:
                red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
                self._colours.update((_on_white((red, green, blue), part)) for part in (1.0, opacity))

    def path(self, path: Path, ink: Ink, *, clip: Box | None = None) -> None:
        """Draw a path given in mm."""
        self._keep(ink)
        fill = (0.0, 0.0, 0.0, 0.0) if ink.fill is None else (*mpl.colors.to_rgb(ink.fill), ink.fill_opacity)
        drawn = ink.line is not None and ink.width_pt > 0
        patch = PathPatch(
            _points(path),
            transform=self._points,
            facecolor=fill,
            edgecolor=ink.line if drawn and ink.line is not None else "none",
            linewidth=ink.width_pt if drawn else 0.0,
            joinstyle="round",
            capstyle="butt" if ink.dash else "round",
        )
        if drawn and ink.dash:
            patch.set_linestyle((0, tuple(part / ink.width_pt for part in ink.dash)))
        self._add(patch, clip)
        if ink.hatch:
            self._add(_hatched(_points(path), self._points, ink.hatch), clip)

    def marks(self, mark: Path, places: npt.NDArray[np.float64], ink: Ink, *, clip: Box | None = None) -> None:
        """Draw a mark (mm, around 0, 0) at each place ``[n, 2]`` (mm)."""
        self._keep(ink)
        fill = "none" if ink.fill is None else (*mpl.colors.to_rgb(ink.fill), ink.fill_opacity)
        marks = PathCollection(
            [_points(mark)],
            offsets=np.round(places * PT_PER_MM, 2),
            offset_transform=self._points,
            transform=self._points,
            facecolors=[fill],
            edgecolors=[ink.line if ink.line is not None and ink.width_pt > 0 else "none"],
            linewidths=[ink.width_pt],
        )
        self._add(marks, clip)

    def picture(self, rgba: npt.NDArray[np.uint8], box: Box, *, clip: Box | None = None) -> None:
        """Draw a picture ``[rows, columns, 4]`` of a few flat colours, its pixels as they are."""
        flat = np.unique(np.ascontiguousarray(rgba).view(np.uint32)).view(np.uint8).reshape(-1, 4)
        for red, green, blue, alpha in flat.tolist():
            self._colours.update(_on_white((red, green, blue), part) for part in (1.0, alpha / 255) if alpha)
        corners = np.array([box.left, box.bottom, box.right, box.top]) * PT_PER_MM
        image = BboxImage(
            TransformedBbox(Bbox.from_extents(*corners), self._points),
            interpolation="nearest",
            origin="upper",
        )
        image.set_data(rgba)
        self._add(image, clip)

    def text(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size_pt: float,
        face: Face = "plain",
        colour: str = _DARK,
        align: Literal["left", "center", "right"] = "left",
        halo_pt: float = 0.0,
        turned: bool = False,
    ) -> None:
        """Write one line with its baseline at ``y``; a halo is drawn below it, so that the text stays text."""
        line = clean(text, face=face)
        if not line:
            return
        halo = Stroke(linewidth=halo_pt, foreground="#ffffff")
        for effects in [[halo], []] if halo_pt else [[]]:
            artist = TextArtist(
                round(x * PT_PER_MM, 2),
                round(y * PT_PER_MM, 2),
                line,
                transform=self._points,
                fontproperties=font(face, size_pt),
                color=colour,
                horizontalalignment=align,
                verticalalignment="baseline",
                rotation=90.0 if turned else 0.0,
                rotation_mode="anchor",
                parse_math=False,
            )
            artist.set_path_effects([*effects])
            self._add(artist, None)

    def lines(self, fitted: Fitted, x: float, top: float, *, colour: str = _DARK) -> float:
        """Write lines below ``top``; return where the next thing may begin."""
        for number, line in enumerate(fitted.lines):
            baseline = top - number * fitted.step_mm - fitted.size_pt * MM_PER_PT
            self.text(line, x, baseline, size_pt=fitted.size_pt, face=fitted.face, colour=colour)
        return top - fitted.height_mm

    def as_file(self, form: Form, titles: Titles) -> bytes:
        """Return the sheet as a file; the same sheet gives the same bytes."""
        title, about, author = (clean(text) for text in (titles.title, titles.about, titles.author))
        if form == "png":
            return self._png(title, about)
        file = io.BytesIO()
        if form == "svg":
            said = {
                "Title": title,
                "Description": about,
                "Creator": [author],
                "Language": titles.language,
                "Date": None,
            }
            FigureCanvasSVG(self._figure).print_svg(file, metadata=said)  # type: ignore[no-untyped-call]
            return file.getvalue()
        said = {"Title": title, "Subject": about, "Author": author, "Creator": "ballerup-geo", "CreationDate": None}
        FigureCanvasPdf(self._figure).print_pdf(file, metadata=said)  # type: ignore[no-untyped-call]
        return with_language(file.getvalue(), titles.language)

    def _png(self, title: str, about: str) -> bytes:
        """Return a PNG of 256 colours: a third of the bytes, and a map has fewer."""
        canvas = FigureCanvasAgg(self._figure)
        canvas.draw()  # type: ignore[no-untyped-call]
        picture = Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy())  # type: ignore[no-untyped-call]
        few = in_few_colours(picture, sorted(self._colours))
        said = PngInfo()
        for key, text in (("Title", title), ("Description", about)):
            said.add_itxt(key, text)
        file = io.BytesIO()
        few.save(file, format="PNG", optimize=True, pnginfo=said, dpi=(self.dpi, self.dpi))
        return file.getvalue()


def _inches(side: float) -> float:
    """Return a side of the paper (mm) in inches, up to a whole 0.01 pt: its pixels are not one too few."""
    return math.ceil(side * PT_PER_MM * 100 - 1e-6) / 100 / 72


def _on_white(colour: Colour, opacity: float) -> Colour:
    red, green, blue = (round(255 + (channel - 255) * opacity) for channel in colour)
    return red, green, blue


def _points(path: Path) -> Path:
    """Return a path given in mm in points, to 0.01 pt (3.5 µm): short numbers make small files."""
    return Path(np.round(np.asarray(path.vertices) * PT_PER_MM, 2), path.codes)


def _hatched(path: Path, transform: Any, pattern: str) -> PathPatch:
    return PathPatch(path, transform=transform, facecolor="none", edgecolor="#6b7176", linewidth=0.0, hatch=pattern)
