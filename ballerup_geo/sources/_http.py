"""The one HTTP client: time limits, size limits, retries with growing pauses, and no secret in any message.

TLS is always verified. A redirect is followed only where it leads to https again (on this machine's own servers: to the
same scheme), and takes no key to another host.
"""

from __future__ import annotations

import email.utils
import html
import logging
import random
import re
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx
import stamina

from ballerup_geo.errors import Fault, SourceError
from ballerup_geo.sources._download import Part
from ballerup_geo.sources._secrets import Keys

__all__ = ["Answer", "HttpClient", "Limits", "UnansweredError"]

_log = logging.getLogger(__name__)

T = TypeVar("T")
Progress = Callable[[int, int | None], None]
"""Told the bytes that have come, and of how many, where the server says so."""

AGENT = "ballerup-geo (municipal planning; https://pypi.org/project/ballerup-geo)"
HEADERS = {"User-Agent": AGENT, "Accept-Encoding": "gzip, deflate"}
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_REDIRECTS = {301, 302, 303, 307, 308}
_HOPS = 5
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SAID_BYTES = 4096
_FRESH_S = 6 * 3600.0
_SAID = 300
_PACKED = {"", "identity", "gzip", "deflate"}
"""How an answer may be packed: once, and unpacked with a bounded gain; twice packed, a few bytes fill the memory."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how often a service is waited for; seconds."""

    connect_s: float = 10.0
    read_s: float = 60.0
    """Longest silence."""
    total_s: float = 600.0
    """Of one answer; a download has none, as long as bytes come."""
    attempts: int = 5
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    patience_s: float = 120.0
    """The longest pause that a service may ask for (Retry-After)."""
    per_host: int = 2
    """Requests to one host at the same time."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered."""

    content: bytes
    media_type: str
    """Of the content, without parameters, in lower case: ``application/json``."""
    url: str
    """That was asked, without secrets."""
    headers: Mapping[str, str]
    """Names in any case."""


class UnansweredError(SourceError):
    """The service gave no answer, now: what came before is worth keeping for the next attempt."""


class _PassingError(Exception):
    """Something that may be over at the next attempt; its fault holds no secret."""

    def __init__(self, fault: Fault, wait_s: float | None = None) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.wait_s = wait_s


class HttpClient:
    """Asks services, politely; safe to use from several threads.

    Parameters
    ----------
    keys
        What is to be kept out of every message.
    stand_ins
        Beginning of an address → what takes its place; tests lead the shipped addresses to servers of their own.
    limits
        Times and attempts.
    """

    def __init__(
        self, keys: Keys | None = None, *, stand_ins: Mapping[str, str] | None = None, limits: Limits | None = None
    ) -> None:
        self.keys = keys or Keys({})
        self.limits = limits or Limits()
        self._stand_ins = dict(stand_ins or {})
        self._stopped = threading.Event()
        self._guard = threading.Lock()
        self._slots: dict[str, threading.BoundedSemaphore] = {}
        self._streams: weakref.WeakSet[Any] = weakref.WeakSet()
        times = httpx.Timeout(self.limits.read_s, connect=self.limits.connect_s, pool=None)
        self._client = httpx.Client(
            timeout=times, headers=HEADERS, verify=ssl.create_default_context(), follow_redirects=False
        )
        _quiet_libraries()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def stop(self) -> None:
        """Let every request in progress end now, also one that waits for a silent service; none begins any more."""
        self._stopped.set()
        with self._guard:
            streams = list(self._streams)
        for stream in streams:
            wire = stream.get_extra_info("socket")
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(wire, socket.SHUT_RDWR)  # of the plain socket, also under TLS

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Remember the connections as they are made, to be able to end them."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            with self._guard:
                self._streams.add(info["return_value"])

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        limit_bytes: int,
        secret_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the content at an address; see :meth:`ask`."""
        return self.ask(url, params, limit_bytes=limit_bytes, secret_params=secret_params, headers=headers).content

    def ask(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        limit_bytes: int,
        secret_params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask a service by GET, or by POST where there is a body.

        Parameters
        ----------
        url
            With or without parameters of its own.
        params
            Further parameters.
        limit_bytes
            A longer answer, unpacked, is refused.
        secret_params
            Parameters that no message, log or result may show: ``{"apikey": "…"}``.
        headers, body
            As the service wants them.

        Raises
        ------
        SourceError
            Names the service, what it said, and what to do.
        """

        def content(response: httpx.Response, shown: str) -> Answer:
            media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Answer(self._content(response, limit_bytes, shown), media_type, shown, response.headers)

        method = "GET" if body is None else "POST"
        once = self._prepared(method, url, params, secret_params, headers=headers or {}, body=body, use=content)
        return self._tried(once)

    def download(
        self,
        url: str,
        path: Path,
        params: Mapping[str, str] | None = None,
        *,
        limit_bytes: int,
        secret_params: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """Bring a file to ``path``; what was brought before, also by a killed run, is not brought again.

        It is resumed only where the server says that the file is still the same (ETag or time of change). A file
        that came whole in the last six hours is not brought again.

        Raises
        ------
        SourceError
            As for :meth:`ask`; what came so far stays beside ``path``, for the next attempt.
        BallerupGeoError
            The disk is full or refuses.
        """
        if path.is_file() and time.time() - path.stat().st_mtime < _FRESH_S:
            return path
        part = Part.begin(path, self.shown(url, params))

        def append(response: httpx.Response, shown: str) -> None:
            self._append(response, part, limit_bytes=limit_bytes, shown=shown, progress=progress)

        while not part.whole:
            before = part.size
            headers = {"Accept-Encoding": "identity", **part.headers()}
            once = self._prepared("GET", url, params, secret_params, headers=headers, body=None, use=append, part=part)
            try:
                self._tried(once)
            except SourceError:
                if part.size <= before or self._stopped.is_set():
                    raise
        return part.finish()

    def shown(self, url: str, params: Mapping[str, str] | None = None) -> str:
        """Write an address for people and for provenance: without secrets, and as if no test stood in for it."""
        return self.keys.redact(str(httpx.URL(url).copy_merge_params(dict(params or {}))))

    # ------------------------------------------------------------ one request

    def _prepared(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        secret_params: Mapping[str, str] | None,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        use: Callable[[httpx.Response, str], T],
        part: Part | None = None,
    ) -> Callable[[], T]:
        """Return one attempt as a function."""
        try:
            shown = self.shown(url, params)
            address = httpx.URL(self._led(url)).copy_merge_params({**(params or {}), **(secret_params or {})})
        except httpx.InvalidURL:
            what = "is no address"
            raise SourceError(Fault(self.keys.redact(url), "", what, "correct url in the layer's file")) from None
        self._check_scheme(address, address, shown)

        def once() -> T:
            current = {**headers, **(part.headers() if part is not None else {})}
            return self._sent(method, address, current, body, shown, use)

        return once

    def _led(self, url: str) -> str:
        for beginning, other in self._stand_ins.items():
            if url.startswith(beginning):
                return other + url[len(beginning) :]
        return url

    def _sent(
        self,
        method: str,
        address: httpx.URL,
        headers: Mapping[str, str],
        body: bytes | None,
        shown: str,
        use: Callable[[httpx.Response, str], T],
    ) -> T:
        for _ in range(_HOPS):
            with (
                self._slot(address.host, shown),
                self._named(shown),
                self._client.stream(
                    method, address, headers=dict(headers), content=body, extensions={"trace": self._trace}
                ) as response,
            ):
                _log.info("%s %s: %d", method, shown, response.status_code)
                self._check_packing(response, shown)
                if response.status_code not in _REDIRECTS:
                    self._judge(response, shown)
                    return use(response, shown)
                onward = self._onward(response, address, shown)
            if onward.netloc != address.netloc and (body is not None or self.keys.redact(str(onward)) != str(onward)):
                what = "leads to another host with the key, and is not followed"
                raise SourceError(Fault(_host(shown), "redirect", what, "correct url in the layer's file"))
            address = onward
        raise SourceError(Fault(_host(shown), "redirect", "leads in a circle", "correct url in the layer's file"))

    def _onward(self, response: httpx.Response, address: httpx.URL, shown: str) -> httpx.URL:
        try:
            onward = address.join(response.headers.get("location", ""))
        except httpx.InvalidURL:
            raise SourceError(Fault(_host(shown), "redirect", "leads to no address", "try later")) from None
        self._check_scheme(onward, address, shown)
        return onward

    def _check_packing(self, response: httpx.Response, shown: str) -> None:
        packing = response.headers.get("content-encoding", "").strip().lower()
        if packing not in _PACKED:
            what = f"the answer is packed as {self.said(packing.encode())}, which was not asked for"
            raise SourceError(Fault(_host(shown), shown, what, "try later, or tell the service"))

    def _check_scheme(self, onward: httpx.URL, address: httpx.URL, shown: str) -> None:
        """Let pass https, and http that stays on this machine."""
        local = onward.scheme == "http" and onward.host in _LOOPBACK and address.host in _LOOPBACK
        if (onward.scheme != "https" and not local) or (local and address.scheme != onward.scheme):
            where = self.keys.redact(f"{onward.scheme}://{onward.host}")
            what = f"leads to {where}, which is not read: the way there is not protected"
            raise SourceError(Fault(_host(shown), "", what, "use the address that begins with https://"))

    @contextmanager
    def _slot(self, host: str, shown: str) -> Iterator[None]:
        with self._guard:
            slot = self._slots.setdefault(host, threading.BoundedSemaphore(self.limits.per_host))
        with slot:
            self._check_stopped(shown)
            yield

    def _check_stopped(self, shown: str) -> None:
        if self._stopped.is_set():
            raise UnansweredError(Fault(_host(shown), "", "was stopped", "run again; what came so far is kept"))

    @contextmanager
    def _named(self, shown: str) -> Iterator[None]:
        """Turn what httpx raises into what we raise; the chain is cut, since it may hold the whole address."""
        host = _host(shown)
        try:
            yield
        except (httpx.InvalidURL, UnicodeError):  # of a redirect: the address asked for is checked before
            raise SourceError(Fault(host, "redirect", "leads to no address", "try later")) from None
        except httpx.TimeoutException as error:
            kind = "take up the connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
            wait = self.limits.connect_s if isinstance(error, httpx.ConnectTimeout) else self.limits.read_s
            fault = Fault(host, shown, f"did not {kind} within {wait:g} s", "try later; the kept copy stays")
            raise _PassingError(fault) from None
        except httpx.TransportError as error:
            said = self.keys.redact(str(error)) or type(error).__name__
            if _is_untrusted(error):
                what = f"its certificate cannot be verified ({said})"
                raise SourceError(Fault(host, shown, what, "check the address, and this machine's clock")) from None
            if isinstance(error, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
                raise SourceError(Fault(host, shown, f"cannot be asked ({said})", "correct url in the file")) from None
            broken = isinstance(error, httpx.RemoteProtocolError | httpx.ReadError)
            what = f"the answer broke off ({said})" if broken else f"cannot be reached ({said})"
            raise _PassingError(Fault(host, shown, what, "check the network, or try later")) from None
        except httpx.DecodingError as error:
            what = f"the answer is packed wrongly ({self.keys.redact(str(error))})"
            raise _PassingError(Fault(host, shown, what, "try later; the kept copy stays")) from None

    def _judge(self, response: httpx.Response, shown: str) -> None:
        """Let pass 200 and 206; tell what may be over soon from what will not."""
        status = response.status_code
        if status in {200, 206, 416}:
            return
        said = self._said(response)
        what = f"answers {status} {response.reason_phrase}".rstrip() + (f": {said}" if said else "")
        host = _host(shown)
        if status in {401, 403}:
            todo = "check the key: is it copied whole, still valid, and allowed to read this?"
            raise UnansweredError(Fault(host, shown, what, todo))
        if status not in _PASSING:
            raise SourceError(Fault(host, shown, what, "correct the source in the layer's file, or try later"))
        wait_s = _asked_to_wait(response.headers.get("retry-after"))
        if wait_s is not None and wait_s > self.limits.patience_s:
            todo = f"it asks to wait {wait_s / 60:.0f} minutes: run again then; the kept copy stays"
            raise UnansweredError(Fault(host, shown, what, todo))
        raise _PassingError(Fault(host, shown, what, "try later; the kept copy stays"), wait_s)

    def _said(self, response: httpx.Response) -> str:
        """Return the beginning of what an error's page says, without tags and secrets."""
        content, end = b"", time.monotonic() + self.limits.read_s
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) >= _SAID_BYTES or time.monotonic() > end or self._stopped.is_set():
                break
        return self.said(content)

    def said(self, content: bytes) -> str:
        """Write what a service said for a message: text without tags, secrets or length."""
        start = content[:_SAID_BYTES].decode("utf-8", errors="replace")
        text = html.unescape(re.sub(r"<[^>]*>", " ", start))
        text = self.keys.redact(" ".join("".join(c if c.isprintable() else " " for c in text).split()))
        return text if len(text) <= _SAID else f"{text[:_SAID]} …"

    def _content(self, response: httpx.Response, limit_bytes: int, shown: str) -> bytes:
        self._check_length(response, limit_bytes, shown)
        end = time.monotonic() + self.limits.total_s
        chunks, size = [], 0
        for chunk in response.iter_bytes():
            self._check_stopped(shown)
            size += len(chunk)
            if size > limit_bytes:
                raise _too_long(limit_bytes, shown)
            if time.monotonic() > end:
                what = f"the answer had not come within {self.limits.total_s:g} s"
                raise _PassingError(Fault(_host(shown), shown, what, "try later; the kept copy stays"))
            chunks.append(chunk)
        return b"".join(chunks)

    def _check_length(self, response: httpx.Response, limit_bytes: int, shown: str) -> None:
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit_bytes:
            raise _too_long(limit_bytes, shown)

    def _append(
        self, response: httpx.Response, part: Part, *, limit_bytes: int, shown: str, progress: Progress | None
    ) -> None:
        """Write what comes to the end of what is there, or from the beginning where the server begins anew."""
        self._check_length(response, limit_bytes, shown)
        if not part.meet(response.status_code, response.headers):
            if part.whole:
                return
            what = "the rest of the file does not fit what came before"
            raise _PassingError(Fault(_host(shown), shown, what, "try later; the kept copy stays"))
        with part.opened() as file:
            for chunk in response.iter_raw():
                self._check_stopped(shown)
                if part.size + len(chunk) > limit_bytes:
                    raise _too_long(limit_bytes, shown)
                file.write(chunk)
                part.size += len(chunk)
                if progress is not None:
                    progress(part.size, part.total)
        if part.total is not None and part.size != part.total:
            what = f"the answer broke off after {part.size} of {part.total} bytes"
            raise _PassingError(Fault(_host(shown), shown, what, "try later; what came so far is kept"))
        part.whole = True

    def _tried(self, once: Callable[[], T]) -> T:
        limits = self.limits
        attempts = stamina.retry_context(
            on=_Patience(limits, self._stopped),
            attempts=limits.attempts,
            timeout=None,
        )
        try:
            for attempt in attempts:
                with attempt:
                    return once()
        except _PassingError as error:
            raise UnansweredError(error.fault) from None
        raise RuntimeError("stamina gave no attempt")


@dataclass(slots=True)
class _Patience:
    """Tells stamina whether to try again, after a pause: as long as the service says, else twice the last.

    It pauses itself: stamina would sleep through a Ctrl-C.
    """

    limits: Limits
    stopped: threading.Event
    tried: int = 0

    def __call__(self, error: Exception) -> bool | float:
        """Pause, and say no where the error is a lasting one or all is to stop."""
        if not isinstance(error, _PassingError):
            return False
        self.tried += 1
        if self.tried >= self.limits.attempts:
            return False
        _log.info("will be tried again: %s", error)
        return False if self.stopped.wait(self._pause_s(error)) else 0.0

    def _pause_s(self, error: _PassingError) -> float:
        if error.wait_s is not None:
            return error.wait_s
        jitter_s = random.uniform(0.0, self.limits.first_wait_s)  # noqa: S311  (so that clients do not keep step)
        return min(self.limits.first_wait_s * 2.0 ** (self.tried - 1) + jitter_s, self.limits.longest_wait_s)


def _asked_to_wait(header: str | None) -> float | None:
    """Read Retry-After: seconds, or a time; None where there is none that can be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    except ValueError:
        return None


def _too_long(limit_bytes: int, shown: str) -> SourceError:
    what = f"the answer is longer than {limit_bytes / 1e6:g} MB, more than can be meant"
    return SourceError(Fault(_host(shown), shown, what, "ask for less: a filter, a smaller page, another type"))


def _host(shown: str) -> str:
    return httpx.URL(shown).host or shown


def _is_untrusted(error: BaseException) -> bool:
    """Say whether a certificate is behind an error."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


class _NoAddresses(logging.Filter):
    """Keeps the lines of httpx and httpcore out of the log: they hold whole addresses and heads, and keys in them."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return False


class _NotOurs(logging.Filter):
    """Keeps stamina from reporting our own attempts, which are logged here."""

    def filter(self, record: logging.LogRecord) -> bool:
        return _PassingError.__name__ not in str(vars(record))


_NO_ADDRESSES, _NOT_OURS = _NoAddresses(), _NotOurs()


def _quiet_libraries() -> None:
    for name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
        logging.getLogger(name).addFilter(_NO_ADDRESSES)
    logging.getLogger("stamina").addFilter(_NOT_OURS)
