"""A throw-away PostgreSQL with PostGIS on loopback: ``with postgis_server() as server:``.

Its cluster lies in a folder of its own and listens on a free port of 127.0.0.1. The server is a child of the tests and
ends with them, however they end. PostgreSQL does not run as root, so root hands it to the user ``postgres``.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from conftest import lacking

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/postgis.control")
OWNER, PASSWORD = "planner", "Marker-9f3c-Password"
"""The tests look for this password in everything that is written."""
START_S = 30.0
QUICK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "jit=off", "shared_buffers=32MB")


@dataclass(frozen=True, slots=True)
class PostgisServer:
    """Where it answers; ``OWNER`` owns the database."""

    port: int
    log: Path
    database: str = "plan"

    @property
    def url(self) -> str:
        """The address without a password."""
        return self.url_of(OWNER)

    def url_of(self, user: str, *, database: str | None = None) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database or self.database}"

    def connect(self, user: str = OWNER, *, database: str | None = None) -> psycopg.Connection:
        """A connection of the tests' own, each statement for itself."""
        address = self.url_of(user, database=database)
        return psycopg.connect(address, password=PASSWORD, autocommit=True)

    def drop_roles(self, *roles: str) -> None:
        """Take the roles away, with all they own."""
        with self.connect() as database:
            for role in roles:
                database.execute(f"DROP OWNED BY {role} CASCADE")
                database.execute(f"DROP ROLE {role}")


def _as_owner(*command: object) -> list[str]:
    """The command, run by a user that PostgreSQL accepts, and told to end when the tests do."""
    begin = ["setpriv", "--pdeathsig=INT"]
    if os.geteuid() == 0:
        begin += ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
    return [*begin, *map(str, command)]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _initialised(folder: Path) -> Path:
    password = folder / "password"
    password.write_text(PASSWORD)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        shutil.chown(password, "postgres", "postgres")
    data = folder / "data"
    options = ["-E", "UTF8", "--locale=C.UTF-8", "-U", OWNER, "-A", "scram-sha-256", f"--pwfile={password}", "-N"]
    subprocess.run(_as_owner(PROGRAMS / "initdb", "-D", data, *options), check=True, capture_output=True, cwd=folder)
    return data


def _wait(server: PostgisServer, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            server.connect(database="postgres").close()
        except psycopg.OperationalError:
            if running.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start:\n{server.log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


@contextmanager
def postgis_server() -> Iterator[PostgisServer]:
    """A running server with an empty database that knows geometry."""
    if not EXTENSION.is_file() or not (PROGRAMS / "postgres").is_file():
        lacking("PostgreSQL 15 with PostGIS is missing (Debian packages postgresql and postgresql-15-postgis-3)")
    folder = Path(tempfile.mkdtemp(prefix="postgis-"))
    running: subprocess.Popen[bytes] | None = None
    try:
        data = _initialised(folder)
        server = PostgisServer(_free_port(), folder / "log")
        settings = [f"port={server.port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", *QUICK]
        options = [part for setting in settings for part in ("-c", setting)]
        with server.log.open("wb") as log:
            command = _as_owner(PROGRAMS / "postgres", "-D", data, *options)
            running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        _wait(server, running)
        with server.connect(database="postgres") as database:
            database.execute(f"create database {server.database}")
        with server.connect() as database:
            database.execute("create extension postgis")
        yield server
    finally:
        if running is not None:
            running.send_signal(signal.SIGINT)  # ends at once, with all who are connected
            running.wait(START_S)
        shutil.rmtree(folder, ignore_errors=True)
