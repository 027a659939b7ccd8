"""Texts on pages: in both languages, escaped, and put into frames in one pass.

A frame is a file with markers ``@@name@@``. It is filled once: what is put in is never looked at again, so no text can
act as a marker, a template or markup.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal, TypeGuard

from markupsafe import Markup, escape

from ballerup_geo.spec import Text
from ballerup_geo.spec.words import Language, number

__all__ = [
    "HARD_SPACE",
    "LANGUAGES",
    "UNKNOWN",
    "as_text",
    "both",
    "fill",
    "is_known",
    "quantity",
    "say",
    "unit_text",
    "with_unit",
]

LANGUAGES: tuple[Language, Language] = ("da", "en")
UNKNOWN = Text(da="ukendt", en="unknown")
_MARKER = re.compile(r"@@([a-z_]+)@@")
HARD_SPACE = "\u00a0"
"""Between a number and its unit: they never stand on two lines."""
_UNITLESS = ("1", "-", "", None)
_UNIT_WORDS = {
    "år": Text(da="år", en="years"),
    "year": Text(da="år", en="years"),
    "years": Text(da="år", en="years"),
    "kr.": Text(da="kr.", en="DKK"),
    "mio. kr.": Text(da="mio. kr.", en="million DKK"),
    "DKK": Text(da="kr.", en="DKK"),
    "h": Text(da="timer", en="h"),
    "vehicles": Text(da="køretøjer", en="vehicles"),
    "pupils": Text(da="elever", en="pupils"),
    "persons": Text(da="personer", en="persons"),
}
"""Units that are words, as layer files and methods write them; all others read alike in both languages."""
_UNIT_AFTER_STROKE = {
    "år": Text(da="år", en="year"),
    "year": Text(da="år", en="year"),
    "y": Text(da="år", en="year"),
    "day": Text(da="døgn", en="day"),
    "h": Text(da="t", en="h"),
}


def fill(frame: str, parts: Mapping[str, str]) -> str:
    """Put parts into a frame, in one pass.

    Raises
    ------
    KeyError
        The frame names a part that is not given.

    Examples
    --------
    >>> fill("<h1>@@title@@</h1>", {"title": "@@title@@"})
    '<h1>@@title@@</h1>'
    """
    return _MARKER.sub(lambda found: str(parts[found.group(1)]), frame)


def as_text(words: Text | Mapping[Literal["da", "en"], str] | Mapping[str, str]) -> Text:
    """Return words of a declaration or a result as a text in two languages."""
    return words if isinstance(words, Text) else Text(da=words["da"], en=words["en"])


def say(text: Text, language: Language) -> str:
    """Return a text in one language."""
    return text.da if language == "da" else text.en


def both(text: Text) -> Markup:
    """Return a text in both languages, of which the page's language shows one."""
    if text.da == text.en:
        return escape(text.da)
    return Markup('<span lang="da">{}</span><span lang="en">{}</span>').format(text.da, text.en)


def quantity(value: float | bool | str | None, digits: int | None, language: Language, *, year: bool = False) -> str:
    """Write a value the language's way; a missing or infinite one is "unknown"."""
    if not is_known(value):
        return UNKNOWN.da if language == "da" else UNKNOWN.en
    if isinstance(value, bool):
        return {"da": ("nej", "ja"), "en": ("no", "yes")}[language][value]
    if isinstance(value, str):
        return value
    if year:
        return str(int(value))
    places = digits if digits is not None else _places(value)
    return number(value, digits=places, language=language).replace("-", "−")


def is_known(value: float | bool | str | None) -> TypeGuard[float | bool | str]:
    """Say whether a value says something: it is neither None, nor no number, nor infinite."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _places(value: float) -> int:
    """Return the decimals of a value whose digits nobody has stated (as static/app/words.js does)."""
    if float(value).is_integer():
        return 0
    return 2 if abs(value) < 10 else 1


def unit_text(unit: str) -> Text:
    """Return a unit in both languages.

    Examples
    --------
    >>> unit_text("DKK/year").da, unit_text("DKK/år").en, unit_text("m³").da, unit_text("km/h").da
    ('kr./år', 'DKK/year', 'm³', 'km/t')
    """
    first, *after = unit.split("/")
    parts = [_UNIT_WORDS.get(first), *(_UNIT_AFTER_STROKE.get(part) for part in after)]
    plain = [Text(da=part, en=part) if part else None for part in (first, *after)]
    found = [words or bare for words, bare in zip(parts, plain, strict=True)]
    if None in found:
        return Text(da=unit, en=unit)
    return Text(da="/".join(part.da for part in found if part), en="/".join(part.en for part in found if part))


def with_unit(
    value: float | bool | str | None, unit: str | None, digits: int | None = None, *, year: bool = False
) -> Text:
    """Return a value with its unit in both languages; a missing one is "unknown", without unit."""
    shown = [quantity(value, digits, language, year=year) for language in LANGUAGES]
    if unit in _UNITLESS or not is_known(value):
        return Text(da=shown[0] or UNKNOWN.da, en=shown[1] or UNKNOWN.en)
    words = unit_text(str(unit))
    return Text(da=f"{shown[0]}{HARD_SPACE}{words.da}", en=f"{shown[1]}{HARD_SPACE}{words.en}")
