"""The HTTP client against a server that does wrong: what is tried again, what is refused, and that no key gets out."""

from __future__ import annotations

import gzip
import io
import logging
import resource
import tarfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from servers.faulty import Asked, Reply, Server, faulty

from ballerup_geo.errors import BallerupGeoError, SourceError
from ballerup_geo.sources import HttpClient, Keys, Limits
from ballerup_geo.sources._archive import is_archive, take_member

QUICK = Limits(
    connect_s=1.0, read_s=0.3, total_s=2.0, attempts=3, first_wait_s=0.01, longest_wait_s=0.02, patience_s=1.0
)
MARKER = "Marker-51c0-Key+/9"
KEYS = Keys({"BALLERUP_GEO_DATAFORDELER_KEY": MARKER})
SECRET = {"apikey": MARKER}
Ask = Callable[..., object]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def get(server: Server, path: str = "/x", **options: object) -> bytes:
    with HttpClient(KEYS, limits=QUICK) as client:
        return client.get(f"{server.url}{path}", secret_params=SECRET, **{"limit_bytes": 1000, **options})  # type: ignore[arg-type]


def fault(server: Server, path: str = "/x", **options: object) -> str:
    with pytest.raises(SourceError) as raised:
        get(server, path, **options)
    assert all(fault.where and fault.what and fault.todo for fault in raised.value.faults)
    assert raised.value.exit_code == 3
    return str(raised.value)


# ---------------------------------------------------------------- tried again


def test_what_may_be_over_soon_is_tried_again_and_the_answer_comes() -> None:
    replies = [Reply("busy", 503), Reply("ended ear" * 9, sent=4), Reply("late", wait_s=0.5), Reply("here it is")]
    with faulty({"/x": replies[:2] + replies[3:]}) as server:
        assert get(server) == b"here it is"
        assert len(server.asked) == 3
    with faulty({"/x": replies[2:]}) as server:
        assert get(server) == b"here it is"


@pytest.mark.parametrize(
    ("reply", "said", "tries"),
    [
        (Reply("out of order", 500), "answers 500 Internal Server Error: out of order", 3),
        (Reply("x" * 50, sent=7), "the answer broke off", 3),
        (Reply("x", wait_s=0.6), "did not answer within 0.3 s", 3),
        (Reply("<p>not &amp; never</p>", 404), "answers 404 Not Found: not & never", 1),
        (Reply("wrong key", 401), "check the key", 1),
        (Reply("x" * 2000), "longer than 0.001 MB", 1),
        (Reply("x", 503, {"Retry-After": "3600"}), "it asks to wait 60 minutes", 1),
        (Reply("gone", 302, {"Location": "ftp://elsewhere.example/x"}), "leads to ftp://elsewhere.example", 1),
        (Reply("gone", 302, {"Location": "http://elsewhere.example/x"}), "the way there is not protected", 1),
        (Reply("gone", 302, {"Location": "/x"}), "leads in a circle", 5),
    ],
    ids=["500", "cut short", "silent", "404", "401", "long", "told to wait", "ftp", "unprotected", "circle"],
)
def test_what_does_not_mend_is_said_with_service_and_advice(reply: Reply, said: str, tries: int) -> None:
    with faulty({"/x": reply}) as server:
        assert said in fault(server)
        assert len(server.asked) == tries


def test_a_pause_that_a_service_asks_for_is_kept() -> None:
    with faulty({"/x": [Reply("wait", 429, {"Retry-After": "1"}), Reply("now")]}) as server:
        begin = time.monotonic()
        assert get(server) == b"now"
        assert time.monotonic() - begin >= 0.95


@pytest.mark.parametrize(
    "reply", [Reply("wait", 429, {"Retry-After": "60"}), Reply("late", wait_s=4.0)], ids=["asked to wait", "silent"]
)
def test_a_client_that_is_stopped_neither_sleeps_on_nor_listens_on(reply: Reply) -> None:
    said: list[str] = []

    def ask() -> None:
        with pytest.raises(SourceError) as raised:
            client.get(f"{server.url}/x", limit_bytes=9)
        said.append(str(raised.value))

    with faulty({"/x": reply}) as server, HttpClient(limits=replace(QUICK, read_s=30.0)) as client:
        asking = threading.Thread(target=ask)
        asking.start()
        while not server.asked:
            time.sleep(0.01)
        time.sleep(0.1)
        client.stop()
        asking.join(2.0)
        assert not asking.is_alive()
        assert len(said) == len(server.asked) == 1


def test_nobody_there_and_an_endless_answer() -> None:
    with faulty({}) as server:
        pass
    assert "cannot be reached" in fault(server)
    unannounced = Reply(b"x" * 5000, headers={"Content-Length": ""})
    dripping = Reply("x" * 90, drip_s=0.1)
    with faulty({"/x": unannounced, "/drip": dripping}) as server:
        assert "longer than" in fault(server)
        with HttpClient(limits=replace(QUICK, total_s=0.3, attempts=1)) as client, pytest.raises(SourceError) as raised:
            client.get(f"{server.url}/drip", limit_bytes=1000)
        assert "had not come within 0.3 s" in str(raised.value)


def test_a_host_is_asked_twice_at_a_time_at_most() -> None:
    with faulty({"/x": Reply("yes", wait_s=0.05)}) as server, HttpClient(limits=QUICK) as client:
        ask = [
            threading.Thread(target=client.get, args=(f"{server.url}/x",), kwargs={"limit_bytes": 9}) for _ in range(6)
        ]
        [each.start() for each in ask]
        [each.join() for each in ask]
        assert len(server.asked) == 6
        assert server.most_at_once == 2


# ---------------------------------------------------------------- no key gets out


def test_no_key_stands_in_a_message_or_a_log(logged: pytest.LogCaptureFixture) -> None:
    def echo(asked: Asked) -> Reply:
        return Reply(f"the key {asked.query['apikey']} is not known; you asked ?apikey={asked.query['apikey']}", 403)

    def elsewhere(asked: Asked) -> Reply:
        return Reply("", 302, {"Location": f"https://elsewhere.example/?k={asked.query['apikey']}"})

    with faulty({"/echo": echo, "/on": elsewhere, "/busy": Reply("busy", 503)}) as server:
        said = [fault(server, path) for path in ("/echo", "/on", "/busy", "/nothing")]
        assert all(asked.query["apikey"] == MARKER for asked in server.asked)
    assert "is not known" in said[0]
    assert "to another host with the key" in said[1]
    assert server.url in logged.text
    for text in (*said, logged.text, repr(KEYS), str(KEYS)):
        assert "Marker-51c0" not in text


def test_a_database_password_is_no_less_secret() -> None:
    keys = Keys({"BALLERUP_GEO_POSTGIS": "postgresql://planner:Marker%2Fpw-9@host/plan"})
    said = keys.redact(
        "connection to postgresql://planner:Marker%2Fpw-9@host/plan failed, password Marker/pw-9 was wrong"
    )
    assert "Marker" not in said
    assert "failed" in said


def test_keys_come_from_dotenv_and_the_environment_goes_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BALLERUP_GEO_DATAFORDELER_KEY", "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text(
        "# keys\nexport BALLERUP_GEO_DATAFORDELER_KEY='from the file'\n"
        "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN = token-1 \nOTHER=x\n"
    )
    assert Keys.read(tmp_path).value("datafordeler") == "from the file"
    monkeypatch.setenv("BALLERUP_GEO_DATAFORDELER_KEY", " ")
    assert Keys.read(tmp_path).value("datafordeler") == "from the file"
    monkeypatch.setenv("BALLERUP_GEO_DATAFORDELER_KEY", "from the shell")
    keys = Keys.read(tmp_path)
    assert (keys.value("datafordeler"), keys.value("dataforsyningen")) == ("from the shell", "token-1")
    assert not keys.has("postgis")
    with pytest.raises(
        SourceError, match=r"BALLERUP_GEO_POSTGIS: the key is not there → ask whoever runs the database"
    ):
        keys.value("postgis")


# ---------------------------------------------------------------- downloads

BODY = bytes(range(256)) * 40


def ranged(asked: Asked, *, tag: str = '"one"', sent: int | None = None) -> Reply:
    """A server that knows ranges, as a web server of files does."""
    start = int(asked.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in asked.headers else 0
    if not start or asked.headers.get("If-Range") != tag:
        return Reply(BODY, headers={"ETag": tag}, sent=sent)
    span = {"Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}", "ETag": tag}
    return Reply(BODY[start:], 206, span, sent=sent)


def test_a_download_goes_on_where_it_broke_off_also_after_a_kill(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    with faulty({"/f": lambda asked: ranged(asked, sent=3000)}) as server, HttpClient(limits=QUICK) as client:
        assert client.download(f"{server.url}/f", target, limit_bytes=10**6).read_bytes() == BODY
        assert [asked.headers.get("Range") for asked in server.asked][1] == "bytes=3000-"
    target.unlink()
    address = ""
    with (
        faulty({"/f": Reply(BODY, headers={"ETag": '"one"'}, sent=5000)}) as server,
        HttpClient(limits=QUICK) as client,
    ):
        address = server.url
        with pytest.raises(SourceError, match="broke off"):
            client.download(f"{address}/f", target, limit_bytes=10**6)
        assert not target.exists()
        server.answers["/f"] = ranged
        server.asked.clear()
        with HttpClient(limits=QUICK) as other:  # as after a kill: a process that knows nothing of the first
            assert other.download(f"{address}/f", target, limit_bytes=10**6).read_bytes() == BODY
        assert server.asked[0].headers["Range"] == "bytes=5000-"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.bin"]


def test_a_file_that_has_changed_meanwhile_is_brought_anew(tmp_path: Path) -> None:
    target = tmp_path / "file.bin"
    begun = Reply(b"old" * 2000, headers={"ETag": '"zero"'}, sent=2000)
    with faulty({"/f": begun}) as server, HttpClient(limits=QUICK) as client:
        with pytest.raises(SourceError):
            client.download(f"{server.url}/f", target, limit_bytes=10**6)
        server.answers["/f"] = ranged
        assert client.download(f"{server.url}/f", target, limit_bytes=10**6).read_bytes() == BODY


def test_a_download_that_is_too_long_or_that_the_disk_refuses_is_said(tmp_path: Path) -> None:
    with faulty({"/f": ranged}) as server, HttpClient(limits=QUICK) as client:
        with pytest.raises(SourceError, match="longer than"):
            client.download(f"{server.url}/f", tmp_path / "a", limit_bytes=5000)
        with small_files(4096), pytest.raises(BallerupGeoError, match="the disk is full"):
            client.download(f"{server.url}/f", tmp_path / "b", limit_bytes=10**6)


@contextmanager
def small_files(most: int) -> Iterator[None]:
    """Let the system refuse longer files, as it does on a full disk."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, former[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)


# ---------------------------------------------------------------- an attacker's answers


@pytest.mark.parametrize(
    "location", ["https://ex ample..dk/", "javascript:1", "https://xn--/", "https://" + "a" * 70 + ".dk/"]
)
def test_a_redirect_to_no_address_is_said(location: str) -> None:
    with faulty({"/x": Reply(status=302, headers={"Location": location})}) as server:
        assert "redirect: leads to no address" in fault(server)


def test_an_address_that_is_none_is_said_without_asking() -> None:
    with HttpClient(KEYS) as client, pytest.raises(SourceError, match="is no address"):
        client.get("https://a.dk:abc/wfs", limit_bytes=10)


def test_a_key_does_not_go_to_another_port() -> None:
    with faulty({"/x": Reply("listening")}) as other:
        onward = Reply(status=302, headers={"Location": f"{other.url}/x?apikey={quote_plus(MARKER)}"})
        with faulty({"/x": onward}) as server:
            assert "another host with the key" in fault(server)
        assert not other.asked


def test_few_bytes_packed_twice_do_not_fill_the_memory() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    with faulty({"/x": Reply(bomb, headers={"Content-Encoding": "gzip, gzip"})}) as server:
        assert "packed as gzip, gzip, which was not asked for" in fault(server)
        assert len(server.asked) == 1
        assert server.asked[0].headers["Accept-Encoding"] == "gzip, deflate"


def test_the_page_of_an_error_neither_drips_for_ever_nor_costs_time() -> None:
    begun = time.monotonic()
    with faulty({"/x": Reply("a" * 3000, 404, drip_s=0.1)}) as server:
        assert "404" in fault(server)
    with HttpClient() as client:
        assert len(client.said(b"<" * 2_000_000)) < 400
    assert time.monotonic() - begun < 2.0


# ---------------------------------------------------------------- archives


def test_a_shapefile_comes_with_what_belongs_to_it_and_a_sheet_is_no_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("in/roads.shp", "in/roads.DBF", "in/roads.shx", "in/roads.prj"):
            archive.writestr(name, name)
    with zipfile.ZipFile(tmp_path / "sheet", "w") as archive:
        archive.writestr("[Content_Types].xml", "")
    assert is_archive(tmp_path / "a.zip")
    assert not is_archive(tmp_path / "sheet")
    (tmp_path / "to").mkdir()
    assert take_member(tmp_path / "a.zip", None, tmp_path / "to", limit_bytes=100).name == "roads.shp"
    found = sorted(path.name for path in (tmp_path / "to").iterdir())
    assert found == ["roads.DBF", "roads.prj", "roads.shp", "roads.shx"]


@pytest.mark.parametrize("name", ["../out.csv", "/tmp/out.csv", "a/../../out.csv", "c:\\out.csv", "..\\out.csv"])
def test_no_member_of_an_archive_leaves_its_folder(name: str, tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, "evil")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = 4
        tar.addfile(info, io.BytesIO(b"evil"))
    before = sorted(tmp_path.rglob("*"))
    for archive_name in ("a.zip", "a.tar.gz"):
        with pytest.raises(SourceError, match="leads out of the folder"):
            take_member(tmp_path / archive_name, None, inside, limit_bytes=100)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_an_archive_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    secret = tmp_path / "secret.csv"
    secret.write_text("secret", encoding="utf-8")
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, str(secret))
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        info = tarfile.TarInfo("a.csv")
        info.type, info.linkname = tarfile.SYMTYPE, str(secret)
        tar.addfile(info)
    taken = take_member(tmp_path / "a.zip", None, tmp_path / "in", limit_bytes=1000)
    assert not taken.is_symlink()
    assert taken.read_text(encoding="utf-8") == str(secret), "the link's own words, and not what it leads to"
    with pytest.raises(SourceError, match=r'holds no file "a\.csv"'):
        take_member(tmp_path / "a.tar", "a.csv", tmp_path / "in", limit_bytes=1000)


def test_a_member_is_named_counted_and_whole(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/roads.csv", "id\n1\n")
        archive.writestr("bomb.csv", "0" * 1_000_000)
    with pytest.raises(SourceError, match=r'did you mean "data/roads.csv"'):
        take_member(tmp_path / "a.zip", "data/road.csv", tmp_path, limit_bytes=100)
    assert take_member(tmp_path / "a.zip", "data/roads.csv", tmp_path, limit_bytes=100).read_text() == "id\n1\n"
    with pytest.raises(SourceError, match="unpacked, more than can be meant"):
        take_member(tmp_path / "a.zip", "bomb.csv", tmp_path, limit_bytes=1000)
    whole = (tmp_path / "a.zip").read_bytes()
    begins = whole.index(b"bomb.csv") + len("bomb.csv")
    holed = whole[:begins] + b"\xff" * 20 + whole[begins + 20 :]
    (tmp_path / "spoilt.zip").write_bytes(holed)
    with pytest.raises(SourceError, match="is no whole archive"):
        take_member(tmp_path / "spoilt.zip", "bomb.csv", tmp_path, limit_bytes=10**7)
    (tmp_path / "half.zip").write_bytes(whole[:400])
    with pytest.raises(SourceError, match="archive"):
        take_member(tmp_path / "half.zip", None, tmp_path, limit_bytes=1000)


def test_a_dotenv_as_people_write_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BALLERUP_GEO_DATAFORDELER_KEY", "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN", "BALLERUP_GEO_POSTGIS"):
        monkeypatch.delenv(name, raising=False)
    lines = (
        "\ufeff# keys",
        'export BALLERUP_GEO_DATAFORDELER_KEY="abc # def"  # of the office',
        "BALLERUP_GEO_DATAFORSYNINGEN_TOKEN = a#b=c # mine",
        "BALLERUP_GEO_POSTGIS='postgresql://me:pw@host/plan'",
        "not a line",
        "",
    )
    (tmp_path / ".env").write_bytes("\r\n".join(lines).encode())
    keys = Keys.read(tmp_path)
    assert keys.value("datafordeler") == "abc # def"
    assert keys.value("dataforsyningen") == "a#b=c"
    assert keys.value("postgis") == "postgresql://me:pw@host/plan"
