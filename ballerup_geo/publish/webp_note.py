"""Words inside a WebP file, where image programs show them: XMP, in the container's extended form."""

from __future__ import annotations

import struct

from markupsafe import escape

__all__ = ["with_note"]

_XMP_AND_ALPHA = 0x04 | 0x10
_PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:description><rdf:Alt>'
    '<rdf:li xml:lang="x-default">{}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>'
)


def with_note(picture: bytes, note: str, *, columns: int, rows: int) -> bytes:
    """Return a lossless WebP with a description in it; its pixels stay as they are.

    Raises
    ------
    ValueError
        The picture is no WebP in the simple lossless form.
    """
    if picture[:4] != b"RIFF" or picture[8:16] != b"WEBPVP8L":
        raise ValueError("this is no simple lossless WebP")
    size = struct.pack("<II", columns - 1, rows - 1)
    about = struct.pack("<I", _XMP_AND_ALPHA) + size[:3] + size[4:7]
    packet = _PACKET.format(escape(note)).encode()
    body = b"WEBP" + _chunk(b"VP8X", about) + picture[12:] + _chunk(b"XMP ", packet)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
