"""How figures are written in a sentence, in Danish and in English."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

__all__ = ["Language", "enumeration", "known_digits", "number"]

Language = Literal["da", "en"]
_MARKS = {"da": (".", ","), "en": (",", ".")}
_AND = {"da": "og", "en": "and"}
_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
"""Rounds the number as it is written, halves away from zero, as readers, spreadsheets and browsers do."""


def number(value: float, *, digits: int = 0, language: Language = "da") -> str:
    """Write a number the language's way, with no more digits than are known.

    Parameters
    ----------
    digits
        Decimals; negative rounds to tens, hundreds …

    Examples
    --------
    >>> number(1234.56, digits=1)
    '1.234,6'
    >>> number(1234.56, digits=-2, language="en")
    '1,200'
    >>> number(-0.04, digits=1)
    '0,0'
    >>> number(125, digits=-1), number(2.5)
    ('130', '3')
    """
    if not math.isfinite(value):
        return str(value)
    rounded = _EXACT.add(Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), context=_EXACT), Decimal(0))
    thousands, decimal = _MARKS[language]
    text = f"{rounded:,.{max(digits, 0)}f}"
    return text.translate({ord(","): thousands, ord("."): decimal})


def known_digits(value: float, *, significant: int) -> int:
    """Return the decimals (negative: tens, hundreds …) that leave so many significant figures of a value.

    Examples
    --------
    >>> known_digits(979_410.0, significant=2), known_digits(0.0123, significant=2), known_digits(0.0, significant=2)
    (-4, 3, 0)
    """
    return 0 if value == 0 else significant - 1 - math.floor(math.log10(abs(value)))


def enumeration(parts: Sequence[str], *, language: Language = "da") -> str:
    """Join parts as a sentence does.

    Examples
    --------
    >>> enumeration(["Værebro Å", "Sømose Å", "Ejby Vænge"])
    'Værebro Å, Sømose Å og Ejby Vænge'
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {_AND[language]} {parts[-1]}"
