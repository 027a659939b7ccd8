"""The language of a PDF, which a screen reader needs and matplotlib does not write."""

from __future__ import annotations

import re

from ballerup_geo.spec.words import Language

__all__ = ["with_language"]

_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*\Z", re.DOTALL)
_CATALOG = re.compile(rb"(\d+) 0 obj\s*<<(\s*/Type /Catalog.*?)>>\s*endobj", re.DOTALL)


def with_language(pdf: bytes, language: Language) -> bytes:
    """Add a catalogue that names the language, as an incremental update (ISO 32000-1, 7.5.6).

    Raises
    ------
    ValueError
        The bytes are no PDF with a plain table of objects.
    """
    trailer = _TRAILER.search(pdf, pdf.rfind(b"trailer"))
    catalog = _CATALOG.search(pdf)  # the first object of the file; texts come after it
    if trailer is None or catalog is None:
        raise ValueError("not a PDF with a plain table of objects")
    number, entries = int(catalog[1]), catalog[2].rstrip()
    own = b"/Lang (%s) /ViewerPreferences << /DisplayDocTitle true >>" % language.encode()
    at = len(pdf)
    renewed = b"%d 0 obj\n<<%s %s >>\nendobj\n" % (number, entries, own)
    table = b"xref\n0 1\n0000000000 65535 f \n%d 1\n%010d 00000 n \n" % (number, at)
    end = b"trailer\n<<%s /Prev %s >>\nstartxref\n%d\n%%%%EOF\n" % (trailer[1].rstrip(), trailer[2], at + len(renewed))
    return pdf + renewed + table + end
