"""PostGIS when things go wrong: hostile SQL, odd tables, servers that end, two writers at once, rights, a full disk."""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
from conftest import Command
from project_maker import ProjectMaker
from servers.postgis import PASSWORD, PostgisServer
from step_maker import add_storms
from test_postgis import KEY, batch, guide_sql, houses, prepared, read, rows_of, schema, server, storms, write

from ballerup_geo.errors import BallerupGeoError, DataError, SourceError
from ballerup_geo.publish.export import export
from ballerup_geo.storage.postgis import PostgisTable, connected, read_address, replace_tables

__all__ = ["schema", "server", "storms"]
"""Fixtures."""


# ---------------------------------------------------------------- what is asked


def test_an_sql_file_is_one_query_whose_faults_are_told_with_their_place(
    server: PostgisServer, schema: str, maker: ProjectMaker
) -> None:
    write(server, schema, batch(PostgisTable("houses", houses(), "")))
    table = f"{schema}.houses"
    closed = f"SELECT * FROM (SELECT * FROM {table}"
    to_read, one = "opened to read", "correct the file: one SELECT"
    wanted = {
        f"SELECT * FROM {table}) AS q; COMMIT; CREATE TABLE {schema}.hole (x int); {closed}": rf"multiple .* → {one}",
        f"SELECT * FROM {table}) q; SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE; COMMIT; "
        f"CREATE TABLE {schema}.hole (x int); {closed}": one,
        f"-- æøå\nDELETE FROM {table}": "begins with DELETE, and only what reads is run → let the file be one SELECT",
        "/* nothing */ -- at all\n;": "holds no query",
        f"WITH x AS (DELETE FROM {table} RETURNING *) SELECT * FROM x": to_read,
        f"SELECT *, nextval('{schema}.counts') FROM {table}": to_read,
        f"\n -- æøå\nSELECT *\n  FORM {table}": rf'asked\.sql, line 4, sign 3: syntax error at or near "FORM" → {one}',
        f"SELECT h.\nnavn FROM {table} h": r"asked\.sql, line 1, sign 8: column h\.navn does not exist",
        "SELECT 1 AS house_id, (2": r"asked\.sql, at its end: syntax error",
        f"SELECT 1 AS house_id, 2 AS house_id, geom FROM {table}": r'asked\.sql: column reference "house_id" is ambig',
        f"SELECT house_id, (floors / 0) AS floors, geom FROM {table}": r"asked\.sql: division by zero",
    }
    prepared(server, f"CREATE SEQUENCE {schema}.counts")
    for query, words in wanted.items():
        (maker.root / "asked.sql").write_text(query, encoding="utf-8")
        with pytest.raises(SourceError, match=words) as told:
            read(server, maker, query="asked.sql")
        assert "layers/houses.toml: source.fetch[0].query: " in str(told.value)
    assert rows_of(server, "SELECT count(*), to_regclass('{0}.hole') FROM {0}.houses", schema) == [(3, None)]


def test_rows_of_another_reference_system_are_told_and_not_left_out(
    server: PostgisServer, schema: str, maker: ProjectMaker
) -> None:
    write(server, schema, batch(PostgisTable("houses", houses(), "")))
    other = f"CASE house_id WHEN 'H1' THEN ST_Transform(geom, 4326) ELSE geom END AS geom FROM {schema}.houses"
    prepared(
        server,
        f"CREATE VIEW {schema}.mixed AS SELECT house_id, {other}",
        f"CREATE VIEW {schema}.unplaced AS SELECT house_id, ST_SetSRID(geom, 0) AS geom FROM {schema}.houses",
    )
    with pytest.raises(DataError, match=r"mixes coordinate reference systems \(SRID 25832 and 4326\) → .*ST_Transform"):
        read(server, maker, table=f"{schema}.mixed")
    with pytest.raises(DataError, match=r"unplaced does not say its coordinate .*SRID 0.*ST_SetSRID\(geom, 25832\)"):
        read(server, maker, table=f"{schema}.unplaced")


def test_odd_names_kinds_and_missing_places_are_read(server: PostgisServer, schema: str, maker: ProjectMaker) -> None:
    write(server, schema, batch(PostgisTable("houses", houses(), "")))
    source = f"FROM {schema}.houses"
    point = "CASE house_id WHEN 'H1' THEN ST_PointOnSurface(geom) WHEN 'H2' THEN NULL ELSE geom END"
    prepared(
        server,
        f'CREATE TABLE {schema}."Bygning Æ.x" AS SELECT house_id AS "select", floors AS "Etage", '
        f'floors + 10 AS "etage", height_m AS "Højde ""m""", geom AS "Géom" {source}',
        f"CREATE TABLE {schema}.kinds AS SELECT house_id, {point} AS geom {source}",
        f"CREATE TABLE {schema}.nowhere AS SELECT house_id, NULL::geometry AS geom {source}",
        f"CREATE TABLE {schema}.none AS SELECT house_id, geom {source} LIMIT 0",
    )
    columns = {"house_id": "select", "floors": "etage", "height_m": 'Højde "m"'}
    odd = read(server, maker, table=f'{schema}."Bygning Æ.x"', columns=columns)
    assert odd.data["house_id"].tolist() == ["H0", "H1", "H2"]
    assert odd.data["floors"].tolist()[:2] == [10, 11], "capitals are told apart"
    assert odd.data["height_m"].tolist()[:2] == [0.5, 1.5]
    with pytest.raises(SourceError, match=rf'did you mean "{schema}\."Bygning Æ\.x""'):
        read(server, maker, table=f"{schema}.Bygning Æ.x")
    kinds = read(server, maker, table=f"{schema}.kinds").data
    assert isinstance(kinds, gpd.GeoDataFrame)
    assert kinds.geom_type.tolist() == ["Polygon", "Point"], "a row without a place lies nowhere near"
    for name in ("nowhere", "none"):
        assert len(read(server, maker, table=f"{schema}.{name}").data) == 0


def test_a_silent_server_is_not_waited_for(maker: ProjectMaker, server: PostgisServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://x:{PASSWORD}@127.0.0.1:{silent.getsockname()[1]}/plan?connect_timeout=2"
        begun = time.monotonic()
        with pytest.raises(SourceError, match=r"timeout.* → check that a server answers on 127\.0\.0\.1") as told:
            read(server, maker, table="x", keys={KEY: url})
    assert time.monotonic() - begun < 8
    assert PASSWORD not in str(told.value)


# ---------------------------------------------------------------- what is written


def test_names_are_kept_whole_or_refused_before_anything_is_made(server: PostgisServer, schema: str) -> None:
    long = "å" * 31
    given = pd.DataFrame({"select": [1], "Navn": ["a"], "navn": ["b"], "ÆØÅ": [True], long: [2.5]})
    write(server, schema, batch(PostgisTable("order", given, "", {name: f"om {name}" for name in given})))
    assert rows_of(server, 'SELECT "select", "Navn", navn, "ÆØÅ", {} FROM {}."order"', long, schema) == [
        (1, "a", "b", True, 2.5)
    ]
    said = "SELECT col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = '{}.\"order\"'::regclass "
    assert rows_of(server, said + "AND attnum > 1 ORDER BY attnum", schema) == [(f"om {name}",) for name in given]
    twins = pd.DataFrame({f"{'å' * 31}xyz": [1], f"{'å' * 31}xyw": [2]})  # PostgreSQL would cut both to the same
    for bad in (twins, pd.DataFrame({"": [1]}), pd.DataFrame({"a\x00b": [1]})):
        with pytest.raises(DataError, match=r"table order: .*1 to 63 bytes.* → choose a shorter one"):
            write(server, schema, batch(PostgisTable("order", bad, "")))
    assert rows_of(server, 'SELECT navn FROM {}."order"', schema) == [("b",)]


def ended(server: PostgisServer, error: list[BaseException], *, table: PostgisTable, schema: str) -> None:
    try:
        write(server, schema, batch(table))
    except BallerupGeoError as found:
        error.append(found)


@contextmanager
def held(server: PostgisServer, schema: str) -> Iterator[psycopg.Connection]:
    """Somebody reads the former table and does not end: a writer must wait before it can drop it."""
    with server.connect() as reader:
        reader.execute("BEGIN")
        reader.execute(f"SELECT * FROM {schema}.storms_roads")
        yield reader


def waiting(server: PostgisServer) -> int:
    """The server process of the one writer that waits."""
    until = time.monotonic() + 20
    query = "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'ballerup%' AND wait_event_type = 'Lock'"
    while not (found := rows_of(server, query)):
        assert time.monotonic() < until
        time.sleep(0.02)
    return int(found[0][0])


def test_a_server_that_ends_a_writer_or_fails_halfway_keeps_the_former_tables(
    server: PostgisServer, schema: str
) -> None:
    write(server, schema, batch(PostgisTable("storms_roads", houses(2), "")))
    errors: list[BaseException] = []
    new = PostgisTable("storms_roads", houses(9), "")
    with held(server, schema):
        writer = threading.Thread(target=lambda: ended(server, errors, table=new, schema=schema))
        writer.start()
        rows_of(server, f"SELECT pg_terminate_backend({waiting(server)})")
        writer.join(20)
    full = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'"
    prepared(
        server,
        f"CREATE FUNCTION {schema}.full() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN {full}; END $$",
        f"CREATE EVENT TRIGGER full_disk ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION {schema}.full()",
    )
    try:
        ended(server, errors, table=new, schema=schema)
    finally:
        prepared(server, "DROP EVENT TRIGGER full_disk")
    assert [type(error) for error in errors] == [SourceError, SourceError]
    assert "the server was stopped or ended the connection: try again later" in str(errors[0])
    assert "No space left on device → the server has no room" in str(errors[1])
    assert rows_of(server, "SELECT count(*) FROM {}.storms_roads", schema) == [(2,)]
    left = "SELECT relname FROM pg_class WHERE relnamespace = '{}'::regnamespace AND relname LIKE '.new%'"
    assert rows_of(server, left, schema) == []


def test_exports_at_once_do_not_spoil_each_other(server: PostgisServer, schema: str) -> None:
    """Several into the same new schema, several into others; none has the table of styles yet."""
    prepared(server, "DROP TABLE IF EXISTS layer_styles")
    places = [schema, schema, f"{schema}_b", f"{schema}_c", f"{schema}_c"]
    start, errors = threading.Barrier(len(places)), []
    prepared(server, *(f"DROP SCHEMA IF EXISTS {place} CASCADE" for place in sorted(set(places))))

    def one(number: int, place: str) -> None:
        table = PostgisTable("storms_a", houses(2 + number), "", style=f"<qgis version='{number}'/>")
        address, _ = read_address(server.url, where="--to", secret_in="")
        try:
            with connected(address, PASSWORD, where="--to", read_only=False, timeout_s=30) as connection:
                start.wait(20)
                assert replace_tables(connection, place, [batch(table, key=str(number))], where="--to")
        except BallerupGeoError as error:
            errors.append(error)

    writers = [threading.Thread(target=one, args=given) for given in enumerate(places)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    try:
        assert errors == []
        for place in set(places):
            ((rows, key, style),) = rows_of(
                server,
                "SELECT (SELECT count(*) FROM {0}.storms_a), key, (SELECT string_agg(styleqml::text, ',') FROM "
                f"layer_styles WHERE f_table_schema = '{place}') FROM {{0}}._run",
                place,
            )
            assert places[int(key)] == place
            assert (rows, style) == (2 + int(key), f"<qgis version='{key}'/>"), "rows, record and style of one export"
    finally:
        prepared(server, *(f"DROP SCHEMA IF EXISTS {place} CASCADE" for place in sorted(set(places))))


STOPPED = """
import sys
import step_maker
import ballerup_geo.methods
ballerup_geo.methods.get_method = step_maker.get_method
from ballerup_geo.cli import main
sys.exit(main())
"""


def test_ctrl_c_while_the_database_works_ends_with_130(
    server: PostgisServer, schema: str, storms: ProjectMaker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert export(storms.project(), out=storms.out, to=server.url, schema=schema).tables
    before = rows_of(server, "SELECT '{0}.storms_roads'::regclass::oid, time FROM {0}._run", schema)
    asked = ["export", "--project", str(storms.root), "--out", str(storms.out), "--to", server.url, "--schema", schema]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (root, root / "tests")))}
    with held(server, schema):
        command = [sys.executable, "-c", STOPPED, *asked]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, encoding="utf-8") as writer:
            backend = waiting(server)
            writer.send_signal(signal.SIGINT)
            _, said = writer.communicate(timeout=20)
        assert (writer.returncode, "Traceback" in said) == (130, False), said
        until = time.monotonic() + 10
        while rows_of(server, f"SELECT 1 FROM pg_stat_activity WHERE pid = {backend}"):
            assert time.monotonic() < until, "the statement goes on in the server"
            time.sleep(0.02)
    assert rows_of(server, "SELECT '{0}.storms_roads'::regclass::oid, time FROM {0}._run", schema) == before


def test_all_tables_are_indexed_and_explained(
    server: PostgisServer, schema: str, storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    made = export(storms.project(), out=storms.out, to=server.url, schema=schema, homes=True)
    assert len(made.tables) == 4
    unexplained = """
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relkind = 'r' AND c.relnamespace = '{}'::regnamespace AND c.relname <> '_run' AND (
      coalesce(obj_description(c.oid), '') !~ 'Metode: .*beregnet 20'
      OR (a.attname NOT IN ('fid', 'geom') AND coalesce(col_description(c.oid, a.attnum), '') = ''))
    """
    assert rows_of(server, unexplained, schema) == []
    unindexed = """
    SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    WHERE a.attname = 'geom' AND c.relnamespace = '{}'::regnamespace AND NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam
      WHERE i.indrelid = c.oid AND i.indisvalid AND m.amname = 'gist' AND i.indkey[0] = a.attnum)
    """
    assert rows_of(server, unindexed, schema) == []
    shaped = "SELECT count(*) FROM geometry_columns WHERE f_table_schema = '" + schema + "' AND srid = 25832"
    assert rows_of(server, shaped) != [(0,)]


# ---------------------------------------------------------------- the role with least rights


def test_the_writing_role_of_the_guide_exports_and_can_do_nothing_else(
    server: PostgisServer, schema: str, storms: ProjectMaker, cli: Command, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sql = guide_sql(root).replace("…", PASSWORD)
    role, others = "ballerup_geo_writer", schema
    prepared(server, "DROP TABLE IF EXISTS layer_styles", sql, f"CREATE SCHEMA {others}", f"CREATE TABLE {others}.x ()")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    asked = ("export", "--project", storms.root, "--out", storms.out, "--to", server.url_of(role))
    try:
        for _ in range(2):
            done = cli(*asked)
            assert (done.code, "styles were not written" in done.out) == (0, False), done.err
        assert rows_of(server, f"SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls "
                       f"FROM pg_roles WHERE rolname = '{role}'") == [(False,)]  # fmt: skip
        with server.connect(role) as writer:
            for statement in (
                f"SELECT * FROM {others}.x",
                f"CREATE TABLE {others}.y ()",
                "CREATE TABLE public.y ()",
                "CREATE SCHEMA z",
                "UPDATE layer_styles SET owner = 'x'",
                "DROP TABLE layer_styles",
                "CREATE EXTENSION dblink",
                "COPY (SELECT 1) TO '/tmp/ballerup-geo-x'",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    writer.execute(statement)
        grants = re.findall(r"GRANT ([A-Z, ]+) ON (?:SEQUENCE )?public\.(\w+) TO ballerup_geo_writer", sql)
        rights = [(right, name) for given, name in grants for right in given.split(", ")]
        assert len(rights) == 4
        for right, name in rights:  # each is needed
            kind = "SEQUENCE" if right == "USAGE" else "TABLE"
            prepared(server, f"REVOKE {right} ON {kind} public.{name} FROM {role}")
            assert not write(server, "ballerup_geo", batch(PostgisTable("a", houses(2), "", style="<qgis/>")),
                             user=role)  # fmt: skip
            prepared(server, f"GRANT {right} ON {kind} public.{name} TO {role}")
    finally:
        server.drop_roles("ballerup_geo_writer", "ballerup_geo_reader")


# ---------------------------------------------------------------- the project of QGIS


def test_a_full_or_closed_disk_leaves_the_former_project_of_qgis(storms: ProjectMaker) -> None:
    target = storms.out / "kort.qgz"
    export(storms.project(), out=storms.out, qgis=target)
    former = target.read_bytes()
    add_storms(storms, title={"da": "En anden titel", "en": "Another title"})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(BallerupGeoError, match=r"kort\.qgz.* → "):
            export(storms.project(), out=storms.out, qgis=target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert target.read_bytes() == former
    assert [path.name for path in storms.out.iterdir() if path.name.startswith(".")] == []
    with pytest.raises(BallerupGeoError, match=r"/sys/kort\.qgz.* → "):
        export(storms.project(), out=storms.out, qgis=Path("/sys/kort.qgz"))
    export(storms.project(), out=storms.out, qgis=target)
    assert target.read_bytes() != former
