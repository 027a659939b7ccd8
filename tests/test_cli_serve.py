"""The site server: loopback only, ranges, and nothing outside the site."""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballerup_geo.errors import BallerupGeoError
from ballerup_geo.publish.serve import HOST, SiteServer, make_server

DATA = bytes(range(256)) * 400


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "maps").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Forside</title>", encoding="utf-8")
    (folder / "maps" / "index.html").write_text("kort", encoding="utf-8")
    (folder / "data.bin").write_bytes(DATA)
    (folder / "kort æøå.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    return folder


@pytest.fixture
def server(site: Path) -> Iterator[SiteServer]:
    server = make_server(site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server: SiteServer, path: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_listens_on_the_loopback_address_only(server: SiteServer) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.port}/"


def test_serves_pages_with_their_types(server: SiteServer) -> None:
    status, headers, body = ask(server, "/?lang=en")
    assert (status, body) == (200, b"<title>Forside</title>")
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    status, headers, _ = ask(server, "/kort%20%C3%A6%C3%B8%C3%A5.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert ask(server, "/maps/")[2] == b"kort"
    assert ask(server, "/maps")[1]["location"] == "/maps/"
    status, headers, body = ask(server, "/data.bin", method="HEAD")
    assert (status, headers["content-length"], body) == (200, str(len(DATA)), b"")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("bytes=0-0", slice(0, 1)),
        ("bytes=100-199", slice(100, 200)),
        ("bytes=102300-", slice(102300, None)),
        ("bytes=-10", slice(-10, None)),
        ("bytes=102390-999999", slice(102390, None)),
    ],
)
def test_sends_the_range_asked_for(server: SiteServer, asked: str, expected: slice) -> None:
    status, headers, body = ask(server, "/data.bin", Range=asked)
    first, end, _ = expected.indices(len(DATA))
    assert status == 206
    assert body == DATA[expected]
    assert headers["content-range"] == f"bytes {first}-{end - 1}/{len(DATA)}"


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,5-6", "bytes=a-b", "bytes=0-" + "9" * 5000]
)
def test_an_odd_range_gets_the_whole_file(server: SiteServer, asked: str) -> None:
    status, _, body = ask(server, "/data.bin", Range=asked)
    assert (status, body) == (200, DATA)


def test_a_range_beyond_the_end_and_a_stale_one(server: SiteServer) -> None:
    status, headers, _ = ask(server, "/data.bin", Range=f"bytes={len(DATA)}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{len(DATA)}")
    stale = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert ask(server, "/data.bin", Range="bytes=0-9", If_Range=stale)[0] == 200
    fresh = ask(server, "/data.bin")[1]["last-modified"]
    assert ask(server, "/data.bin", Range="bytes=0-9", If_Range=fresh)[0] == 206


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/maps/..%2f..%2fsecret.txt",
        "/maps/%2e%2e/%2e%2e/secret.txt",
        "/..%5csecret.txt",
        "//secret.txt",
        "/%2f%2fetc/passwd",
        "/C:/secret.txt",
        "/link.txt",
        "/out/secret.txt",
        "/out/",
        "/loop",
        "/index.html%00.txt",
        "/%ff",
        "/" + "a" * 5000,
    ],
)
def test_nothing_outside_the_site_is_served(server: SiteServer, path: str) -> None:
    status, _, body = ask(server, path)
    assert status == 404
    assert b"secret</" not in body
    assert b"root:" not in body


def test_a_redirect_never_leaves_this_machine(server: SiteServer) -> None:
    status, headers, _ = ask(server, "//maps")
    assert (status, headers["location"]) == (301, "/maps/")


def test_another_sites_name_is_refused(server: SiteServer) -> None:
    assert ask(server, "/", Host="evil.example")[0] == 421
    assert ask(server, "/", Host=f"localhost:{server.port}")[0] == 200


@pytest.mark.parametrize("name", ["[", "[]", "a\u00bd", "evil@127.0.0.1", "127.0.0.1.evil.example", "127.0.0.1:a", ""])
def test_a_host_that_is_no_name_is_refused_like_a_foreign_one(server: SiteServer, name: str) -> None:
    assert ask(server, "/", Host=name)[0] == 421


def test_a_second_host_cannot_hide_behind_the_first(server: SiteServer) -> None:
    with socket.create_connection((HOST, server.port), timeout=10) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 421")


def test_head_takes_no_range_and_a_file_is_no_folder(server: SiteServer) -> None:
    status, headers, body = ask(server, "/data.bin", method="HEAD", Range="bytes=0-3")
    assert (status, headers["content-length"], body) == (200, str(len(DATA)), b"")
    assert ask(server, "/data.bin/")[0] == 404
    assert ask(server, "/maps/index.html/")[0] == 404


def test_a_reader_who_leaves_is_no_error_on_the_terminal(
    server: SiteServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    noted = threading.Event()
    caplog.set_level("DEBUG", logger="ballerup_geo.publish.serve")
    original = server.handle_error
    server.handle_error = lambda *args: (original(*args), noted.set())  # type: ignore[method-assign]
    client = socket.create_connection((HOST, server.port), timeout=10)
    client.sendall(b"GET /index.ht")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with a reset
    client.close()
    assert noted.wait(10)
    assert capsys.readouterr().err == ""
    assert {record.levelname for record in caplog.records} == {"DEBUG"}


def test_only_reading_is_answered(server: SiteServer) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert ask(server, "/", method=method)[0] == 501


def test_a_taken_port_is_an_error_where_it_was_asked_for(site: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(BallerupGeoError, match="in use by another program"):
            make_server(site, port=other.getsockname()[1])


def test_without_a_port_a_second_server_takes_a_free_one(site: Path) -> None:
    with make_server(site) as first, make_server(site) as second:
        assert first.port != second.port


def test_a_folder_without_a_site_is_said(tmp_path: Path) -> None:
    with pytest.raises(BallerupGeoError, match="ballerup-geo run"):
        make_server(tmp_path)
