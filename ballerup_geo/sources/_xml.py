"""XML from outside: no document type, so no entities; and what the error documents of services say."""

from __future__ import annotations

import io
from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError  # the types alone; defusedxml does the reading

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

__all__ = ["UnreadableError", "exception_text", "local", "parsed", "root_of"]

_REPORTS = {"ExceptionReport", "ServiceExceptionReport"}


class UnreadableError(Exception):
    """The bytes are no XML, or of a kind that is not read; the message says which, for a fault."""


def root_of(content: bytes) -> tuple[str, Mapping[str, str]]:
    """Return name (without namespace) and attributes of the document's root, reading no further.

    Raises
    ------
    UnreadableError
        It is no XML, or declares a document type.
    """
    try:
        for _, element in iterparse(io.BytesIO(content), events=("start",), forbid_dtd=True):
            return local(element.tag), dict(element.attrib)
    except ParseError as error:
        raise UnreadableError(f"is no XML ({error})") from None
    except DefusedXmlException:
        raise UnreadableError("declares a document type or entities, which no honest answer does") from None
    raise UnreadableError("is empty")


def parsed(content: bytes) -> Element:
    """Return the root of a whole document; see :func:`root_of` for what is refused."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except ParseError as error:
        raise UnreadableError(f"is no whole XML ({error})") from None
    except DefusedXmlException:
        raise UnreadableError("declares a document type or entities, which no honest answer does") from None
    return root


def local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


def exception_text(content: bytes) -> str | None:
    """Return what an OGC exception report says, or None where the content is none.

    Services send it with HTTP 200 as readily as with 400.
    """
    start = content.lstrip()[:2000]
    if b"ExceptionReport" not in start:
        return None
    try:
        root = parsed(content)
    except UnreadableError:
        return "an exception report that cannot be read"
    if local(root.tag) not in _REPORTS:
        return None
    parts = [part for element in root.iter() for part in _said(element)]
    return " ".join(dict.fromkeys(parts)) or "an exception without words"


def _said(element: Element) -> list[str]:
    named = [element.attrib[key] for key in ("exceptionCode", "code", "locator") if key in element.attrib]
    text = " ".join((element.text or "").split())
    return [*named, *([text] if text else [])]
