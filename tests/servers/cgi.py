"""A CGI bridge on loopback: runs a program for each request, as behind any web server (RFC 3875)."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Environment = Callable[[str], Mapping[str, str]]
"""From the path that is asked for to what the program is told beside the usual."""


@dataclass(frozen=True)
class Served:
    url: str
    asked: list[str]
    """Every path asked for, with its query."""

    def queries(self) -> list[dict[str, str]]:
        """The parameters of every request."""
        return [dict(parse_qsl(urlsplit(path).query)) for path in self.asked]


@contextmanager
def serve_program(
    program: str, environment: Environment, *, begin: Callable[[str], None] | None = None
) -> Iterator[Served]:
    """Let a program answer; ``begin`` is called with the address before the first request."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Bridge)
    served = Served(f"http://127.0.0.1:{server.server_port}", [])
    server.bridged = (program, environment, served)  # type: ignore[attr-defined]
    if begin is not None:
        begin(served.url)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Bridge(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        program, environment, served = self.server.bridged  # type: ignore[attr-defined]
        served.asked.append(self.path)
        parts = urlsplit(self.path)
        usual = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "GATEWAY_INTERFACE": "CGI/1.1",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": served.url.rpartition(":")[2],
            "SCRIPT_NAME": "",
            "PATH_INFO": parts.path,
            "REQUEST_METHOD": "GET",
            "REQUEST_URI": self.path,
            "QUERY_STRING": parts.query,
            "HTTP_ACCEPT": self.headers.get("Accept", ""),
            "HTTP_HOST": self.headers.get("Host", ""),
        }
        told = {**usual, **environment(parts.path)}
        done = subprocess.run([program], env=told, capture_output=True, timeout=60, check=False)
        head, _, body = done.stdout.replace(b"\r\n", b"\n", done.stdout[:4000].count(b"\r\n")).partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in {**fields, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write no log lines among the tests' output."""
