"""A small HTTP server on loopback that does wrong what services do wrong: ``with faulty(answers) as server:``.

``answers`` maps a path to a function from the request to what is sent; everything asked is remembered.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is sent: after ``wait_s``, and only the first ``sent`` bytes of the body where it is cut short.

    A header with an empty value is not sent, nor is Content-Length where it is given so.
    """

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: int | None = None
    wait_s: float = 0.0
    drip_s: float = 0.0
    """Pause after each hundredth of the body."""


Answer = Callable[[Asked], Reply]


@dataclass
class Server:
    url: str
    answers: dict[str, Answer | Reply | list[Reply]]
    asked: list[Asked] = field(default_factory=list)
    """All requests, in the order of coming."""
    at_once: int = 0
    most_at_once: int = 0


@contextmanager
def faulty(answers: Mapping[str, Answer | Reply | list[Reply]]) -> Iterator[Server]:
    """A list of replies is given one by one, the last of them for ever."""
    http = _Http(("127.0.0.1", 0), _Handler)
    server = Server(f"http://127.0.0.1:{http.server_port}", dict(answers))
    http.told = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of connections that were broken off: that is what is tried."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    guard = threading.Lock()

    def do_GET(self) -> None:
        self._reply()

    def do_POST(self) -> None:
        self._reply()

    def _reply(self) -> None:
        server: Server = self.server.told  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), self.headers, body)
        with self.guard:
            server.asked.append(asked)
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            reply = self._chosen(server, asked)
        time.sleep(reply.wait_s)
        with self.guard:
            server.at_once -= 1
        self._send(reply)

    def _chosen(self, server: Server, asked: Asked) -> Reply:
        answer: Any = server.answers.get(asked.path, Reply("no such page", 404))
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer if isinstance(answer, Reply) else answer(asked)

    def _send(self, reply: Reply) -> None:
        content = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        try:
            size = max(1, len(content) // 100)
            drops = [content[at : at + size] for at in range(0, len(content), size)]
            for part in drops if reply.drip_s else [content[: reply.sent]]:
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(reply.drip_s)
        except OSError:  # who asked has gone
            pass
        if reply.sent is not None or not reply.headers.get("Content-Length", "known"):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Write no log lines among the tests' output."""
