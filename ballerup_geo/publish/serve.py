"""A small web server for looking at a site on one's own machine: loopback only, nothing outside the site.

Not a server for the public: any web server, or a USB stick, can hold the site itself.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
import urllib.parse
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

from ballerup_geo.errors import BallerupGeoError, Fault

__all__ = ["HOST", "PREFERRED_PORT", "SiteServer", "make_server"]

logger = logging.getLogger(__name__)

HOST = "127.0.0.1"
PREFERRED_PORT = 8480
"""Tried first where no port is asked for; a free one is taken where it is in use."""

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tif": "image/tiff",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
}
"""Fixed here, because the operating system's own list (the Windows registry) may call JavaScript plain text."""

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_OWN_NAME = re.compile(r"(127\.0\.0\.1|localhost)(:[0-9]{0,5})?", re.IGNORECASE)
_CHUNK_BYTES = 64 * 1024


class SiteServer(ThreadingHTTPServer):
    """Serves one folder on the loopback address; ``url`` says where."""

    daemon_threads = True
    # a page asks for all its files and tiles at once; with the default of 5 the operating system may refuse some
    request_queue_size = 128
    # two servers on one port would each get some of the requests (Windows allows it)
    allow_reuse_address = os.name == "posix"

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder.resolve()
        super().__init__((HOST, port), _Handler)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        return f"http://{HOST}:{self.port}/"

    def server_bind(self) -> None:
        """Bind without looking up the machine's name, which may ask a name server."""
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.port

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Note what went wrong with one request in the log: a reader who leaves is no error."""
        left = isinstance(sys.exception(), ConnectionError)
        logger.log(logging.DEBUG if left else logging.ERROR, "a request was given up", exc_info=not left)


def make_server(folder: Path, *, port: int | None = None) -> SiteServer:
    """Return a server for a site's folder, bound and ready for ``serve_forever()``.

    Parameters
    ----------
    folder
        The site: the folder that holds ``index.html``.
    port
        The port to listen on; None: 8480, or any free port where that is in use.

    Raises
    ------
    BallerupGeoError
        The folder holds no site, or the port asked for cannot be had.
    """
    if not (folder / "index.html").is_file():
        raise BallerupGeoError(Fault(str(folder), "", "holds no site (no index.html)", "make one: ballerup-geo run"))
    if port is not None:
        return _bind(folder, port)
    try:
        return _bind(folder, PREFERRED_PORT)
    except BallerupGeoError:
        return _bind(folder, 0)


def _bind(folder: Path, port: int) -> SiteServer:
    try:
        return SiteServer(folder, port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        what = "is in use by another program" if taken else f"cannot be listened on ({error.strerror})"
        raise BallerupGeoError(
            Fault(f"port {port}", "--port", what, "name another port, or leave --port out")
        ) from error


@dataclass(frozen=True, slots=True)
class _Part:
    """The bytes of a file that are sent: first included, end not; ``partial`` where a range was asked for."""

    first: int
    end: int
    partial: bool


class _Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the site's folder."""

    server: SiteServer
    protocol_version = "HTTP/1.1"
    server_version = "ballerup-geo"
    sys_version = ""
    timeout = 60.0

    def do_GET(self) -> None:
        """Send a file, or the part of it that is asked for."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Send the same headers without the file."""
        self._answer(body=False)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet on the terminal; the lines go to the log."""
        logger.debug(format, *args)

    def _answer(self, *, body: bool) -> None:
        if not self._is_local_name():
            # another site's name that resolves to this machine must not read it (DNS rebinding)
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return
        raw = urllib.parse.urlsplit("//host/" + self.path.lstrip("/")).path
        try:
            path = _inside(self.server.folder, raw)
            if path is not None and path.is_dir():
                if not raw.endswith("/"):
                    self._redirect(raw + "/")
                    return
                path = _inside(self.server.folder, raw + "index.html")
            elif raw.endswith("/"):
                path = None  # a file is no folder: links from there would lead astray
            if path is None or not path.is_file():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            with path.open("rb") as file:
                self._send(file, path, body=body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        except OSError:  # a name too long for the disk, a file that may not be read
            self.send_error(HTTPStatus.NOT_FOUND)

    def _is_local_name(self) -> bool:
        names = self.headers.get_all("Host", [HOST])
        return all(_OWN_NAME.fullmatch(name.strip()) for name in names)

    def _redirect(self, path: str) -> None:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", "/" + path.lstrip("/"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, file: IO[bytes], path: Path, *, body: bool) -> None:
        state = os.fstat(file.fileno())
        changed = formatdate(state.st_mtime, usegmt=True)
        part = self._part(state.st_size, changed)
        if part is None:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{state.st_size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(HTTPStatus.PARTIAL_CONTENT if part.partial else HTTPStatus.OK)
        if part.partial:
            self.send_header("Content-Range", f"bytes {part.first}-{part.end - 1}/{state.st_size}")
        self.send_header("Content-Type", MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream"))
        self.send_header("Content-Length", str(part.end - part.first))
        self.send_header("Last-Modified", changed)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if body:
            self._copy(file, part)

    def _part(self, size: int, changed: str) -> _Part | None:
        """Return the part asked for (the whole where the header is absent, stale or odd), None beyond the end."""
        whole = _Part(0, size, partial=False)
        asked = _RANGE.fullmatch(self.headers.get("Range", "").replace(" ", ""))
        if asked is None or self.command != "GET" or self.headers.get("If-Range", changed) != changed:
            return whole
        first, last = asked.groups()
        if first:
            begin, end = int(first), min(int(last) + 1, size) if last else size
        elif last:
            begin, end = max(size - int(last), 0), size
        else:
            return whole
        if first and last and int(last) < begin:
            return whole
        return _Part(begin, end, partial=True) if begin < end else None

    def _copy(self, file: IO[bytes], part: _Part) -> None:
        file.seek(part.first)
        left = part.end - part.first
        while left > 0:
            chunk = file.read(min(left, _CHUNK_BYTES))
            if not chunk:
                self.close_connection = True
                return
            self.wfile.write(chunk)
            left -= len(chunk)


def _inside(folder: Path, raw: str) -> Path | None:
    """Return the real path that a request names, or None where it leaves the folder (.., links, drive letters)."""
    try:
        text = urllib.parse.unquote(raw, errors="strict")
    except UnicodeDecodeError:
        return None
    if any(ord(letter) < 32 for letter in text) or "\\" in text or ":" in text:
        return None
    path = folder.joinpath(*(part for part in text.split("/") if part not in {"", "."}))
    if ".." in path.parts:
        return None
    try:
        real = path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return None
    return real if real.is_relative_to(folder) else None
