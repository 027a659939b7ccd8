"""Words and values as QGIS takes them: shown as they stand, never evaluated, never read as HTML."""

from __future__ import annotations

import re

__all__ = ["column_name", "inert", "literal"]

_JOINER = "\u2060"
"""Word joiner: has no width and breaks no line."""
_TELLING = re.compile(r"\[(?=%)|<(?=[A-Za-z/!?])|&(?=[A-Za-z#])")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def inert(text: str) -> str:
    """Return a text that QGIS shows as it stands.

    Legends of print layouts evaluate ``[% … %]``, and information panels read HTML. A word joiner behind the sign that
    would begin either is invisible and leaves it a sign. Control characters, which XML cannot hold, become �.

    Examples
    --------
    >>> inert("a < b & c [x]")
    'a < b & c [x]'
    >>> inert("[% now() %]").replace(chr(0x2060), "|")
    '[|% now() %]'
    """
    return _TELLING.sub(lambda found: found.group() + _JOINER, _NOT_XML.sub("\ufffd", text))


def literal(value: str | int | float | bool) -> str:
    """Write a value as QGIS expressions do.

    Examples
    --------
    >>> literal("it's"), literal(True), literal(0.1)
    ("'it''s'", 'true', '0.1')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    parts = re.split(f"({_NOT_XML.pattern})", value)
    said = [f"char({ord(part)})" if _NOT_XML.fullmatch(part) else _quoted(part) for part in parts if part]
    return " || ".join(said) if said else "''"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def column_name(name: str) -> str:
    """Write a column as QGIS expressions and SQL do."""
    return '"' + name.replace('"', '""') + '"'
