"""Texts on paper: which glyphs there are, how wide they run, and how a text is wrapped or cut to a space.

The fonts are those that matplotlib carries, opened as files: a machine's own fonts change nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import matplotlib as mpl
from matplotlib.font_manager import FontProperties, get_font
from matplotlib.textpath import text_to_path

__all__ = ["Face", "Fitted", "clean", "fit", "font", "shorten", "width_mm", "wrap"]

Face = Literal["plain", "bold", "italic"]
_FILES = {"plain": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "italic": "DejaVuSans-Oblique.ttf"}
_MM_PER_PT = 25.4 / 72
LEADING = 1.32
"""Distance of lines, in type sizes."""
_SPACE = re.compile("[ \t\r\n\f\v\u0085\u2028\u2029]+")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that would turn the text around them."""
_UNWRITABLE = "\ufffd"
MOST_CHARACTERS = 2_000
"""No space on a sheet holds more: what is beyond is cut off before it is measured."""


@lru_cache(maxsize=256)
def font(face: Face, size_pt: float) -> FontProperties:
    """Return a face in a size."""
    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / _FILES[face]
    weight = "bold" if face == "bold" else "normal"
    return FontProperties(
        fname=str(path), size=size_pt, weight=weight, style="italic" if face == "italic" else "normal"
    )


@lru_cache(maxsize=3)
def _written(face: Face) -> frozenset[int]:
    """Return the characters that a face has glyphs of."""
    return frozenset(get_font(str(font(face, 10).get_file())).get_charmap())


def clean(text: str, *, face: Face = "plain") -> str:
    """Return a text as one line that can be drawn: white space is one space, what has no glyph becomes "\ufffd".

    Examples
    --------
    >>> clean("Værebro\\n  Å  $x^2$")
    'Værebro Å $x^2$'
    """
    line = _SPACE.sub(" ", text[: 2 * MOST_CHARACTERS]).strip()
    cut = line if len(line) <= MOST_CHARACTERS else line[: MOST_CHARACTERS - 1] + "…"
    known = _written(face)
    return "".join(one if _can_be_drawn(one, known) else _UNWRITABLE for one in cut)


def _can_be_drawn(character: str, known: frozenset[int]) -> bool:
    return ord(character) in known and character not in _TURNING and unicodedata.category(character) not in ("Cc", "Cs")


@lru_cache(maxsize=20_000)
def width_mm(text: str, face: Face, size_pt: float) -> float:
    """Return how wide a cleaned text runs."""
    if not text:
        return 0.0
    width, _, _ = text_to_path.get_text_width_height_descent(text, font(face, size_pt), ismath=False)
    return float(width) * _MM_PER_PT


def shorten(text: str, width: float, face: Face, size_pt: float) -> str:
    """Return a cleaned text, cut with "…" where it is wider than ``width`` mm."""
    if width_mm(text, face, size_pt) <= width:
        return text
    return text[: _fitting(text, width - width_mm("…", face, size_pt), face, size_pt)].rstrip() + "…"


def _fitting(text: str, width: float, face: Face, size_pt: float) -> int:
    """Return how many characters of a text fit: a search by halves."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width_mm(text[:middle], face, size_pt) <= width else (low, middle - 1)
    return low


def wrap(text: str, width: float, face: Face, size_pt: float) -> list[str]:
    """Break a cleaned text into lines of at most ``width`` mm; a longer word is broken where the line ends."""
    lines: list[str] = []
    rest = text.split(" ")
    line = ""
    while rest:
        word = rest.pop(0)
        longer = f"{line} {word}" if line else word
        if width_mm(longer, face, size_pt) <= width:
            line = longer
        elif line:
            lines.append(line)
            line = ""
            rest.insert(0, word)
        else:
            at = max(1, _fitting(word, width, face, size_pt))
            lines.append(word[:at])
            if word[at:]:
                rest.insert(0, word[at:])
    return [*lines, line] if line else lines


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text broken into lines for a space."""

    lines: tuple[str, ...]
    face: Face
    size_pt: float

    @property
    def step_mm(self) -> float:
        """From one line to the next."""
        return self.size_pt * LEADING * _MM_PER_PT

    @property
    def height_mm(self) -> float:
        """Of all lines."""
        return len(self.lines) * self.step_mm


def fit(text: str, width: float, height: float, *, sizes_pt: tuple[float, ...], face: Face = "plain") -> Fitted:
    """Return a text in the first size in which it fits ``width`` × ``height`` mm; in the last, its end is cut off."""
    cleaned = clean(text, face=face)
    for size in sizes_pt:
        found = Fitted(tuple(wrap(cleaned, width, face, size)), face, size)
        if found.height_mm <= height + 1e-6:
            return found
    room = max(1, int((height + 1e-6) / found.step_mm))
    last = shorten(" ".join(found.lines[room - 1 :]), width, face, size)
    return Fitted((*found.lines[: room - 1], last), face, size)
