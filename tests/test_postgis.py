"""PostGIS both ways, against a real server: tables written in one transaction, read back, and opened by QGIS."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import pytest
import shapely
from conftest import Command, lacking
from project_maker import CRS, EAST, NORTH, SOUTH, TEXT, WEST, ProjectMaker, frame, squares
from servers.postgis import OWNER, PASSWORD, PostgisServer, postgis_server
from step_maker import add_storms

from ballerup_geo import sources
from ballerup_geo.errors import BallerupGeoError, DataError, SourceError
from ballerup_geo.publish.export import export
from ballerup_geo.sources import FetchRequest, HttpClient, Keys
from ballerup_geo.spec import PostgisSource
from ballerup_geo.spec.notice import MODEL_NOTICE
from ballerup_geo.storage.postgis import Batch, PostgisTable, Record, connected, read_address, replace_tables

ODD = 'plan "x"; drop table _run; --'
KEY = "BALLERUP_GEO_POSTGIS"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgisServer]:
    with postgis_server() as running:
        yield running


@pytest.fixture
def schema(server: PostgisServer, request: pytest.FixtureRequest) -> Iterator[str]:
    """A schema's name of this test's own, gone afterwards."""
    name = request.node.name.split("[")[0][-40:]
    yield name
    with server.connect() as database:
        database.execute(psycopg.sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(psycopg.sql.Identifier(name)))


def batch(*tables: PostgisTable, analysis: str = "storms", key: str = "k") -> Batch:
    record = Record(analysis, "Titel", "2026-11-23T10:00:00+00:00", "kept", False, None, key, {"x": 1}, {"a": [1]})
    return Batch(record, tables)


def write(server: PostgisServer, schema: str, *batches: Batch, user: str = OWNER, password: str = PASSWORD) -> bool:
    address, _ = read_address(server.url_of(user), where="--to", secret_in="the environment")
    with connected(address, password, where="--to", read_only=False, timeout_s=30) as connection:
        return replace_tables(connection, schema, batches, where="--to")


def rows_of(server: PostgisServer, query: str, *names: str) -> list[tuple[Any, ...]]:
    with server.connect() as database:
        identifiers = [psycopg.sql.Identifier(name) for name in names]
        return database.execute(psycopg.sql.SQL(query).format(*identifiers)).fetchall()


def houses(number: int = 3) -> gpd.GeoDataFrame:
    """A table with a value of every type, and one that is missing of each."""
    whole = list(range(number - 1))
    return frame(
        squares(number),
        house_id=[f"H{at}" for at in range(number)],
        floors=pd.array([*whole, None], dtype="Int64"),
        height_m=[*(at + 0.5 for at in whole), np.nan],
        listed=pd.array([*(at % 2 == 0 for at in whole), None], dtype="boolean"),
        built=pd.to_datetime([*("1972-05-01" for _ in whole), None]).astype("datetime64[ms]"),
        note=pd.Series([*('æøå "quoted"; drop table houses; -- \\ \x00' for _ in whole), None], dtype="str"),
    )


def read(server: PostgisServer, maker: ProjectMaker, *, table: str | None = None, **change: Any) -> sources.Delivery:
    """Read a table as the layer ``houses`` would."""
    fields = {name: change.pop(name) for name in ("query", "columns", "values", "number") if name in change}
    source = PostgisSource(kind="postgis", table=table, licence="CC0", attribution=TEXT, **fields)
    return sources.fetch_source(source, fetch_request(server, maker, **change))


def fetch_request(server: PostgisServer, maker: ProjectMaker, **change: Any) -> FetchRequest:
    columns: dict[str, Any] = {
        "house_id": {"type": "text", "required": True, "unique": True},
        "floors": {"type": "integer"},
        "height_m": {"type": "number"},
        "listed": {"type": "boolean"},
        "built": {"type": "date"},
        "note": {"type": "text"},
    }
    maker.layer("houses", geometry=change.pop("geometry", "polygon"), columns=change.pop("layer_columns", columns))
    project = maker.project()
    keys = change.pop("keys", {KEY: server.url.replace(OWNER, f"{OWNER}:{PASSWORD}")})
    given = {
        "layer_id": "houses",
        "layer": project.layers["houses"],
        "folder": maker.root,
        "cell_m": 2.0,
        "bounds": (WEST, SOUTH, EAST, NORTH),
        "progress": lambda label, share: None,
        "client": HttpClient(),
        "keys": Keys(keys),
        "municipality": project.municipality,
        "area": (WEST, SOUTH, EAST, NORTH),
        "outline": None,
        "work": maker.root,
        "place": "source.fetch[0]",
    }
    return FetchRequest(**{**given, **change})


# ---------------------------------------------------------------- writing


def test_a_table_comes_back_as_it_was(server: PostgisServer, schema: str, maker: ProjectMaker) -> None:
    table = PostgisTable("houses", houses(), "Huse", {"height_m": "højde [m]"}, dates=frozenset({"built"}))
    assert write(server, schema, batch(table))
    delivery = read(server, maker, table=f"{schema}.houses")
    made, wanted = delivery.data, houses()
    assert isinstance(made, gpd.GeoDataFrame)
    assert made.crs == CRS
    assert shapely.equals_identical(made.geometry.to_numpy(), wanted.geometry.to_numpy()).all()
    assert made.index.tolist() == [1, 2, 3]
    wanted["note"] = wanted["note"].str.replace("\x00", "\ufffd")
    for name in ("house_id", "floors", "height_m", "listed", "note"):
        assert made[name].astype(object).where(made[name].notna(), None).tolist() == (
            wanted[name].astype(object).where(wanted[name].notna(), None).tolist()
        ), name
    assert made["built"].tolist()[:2] == ["1972-05-01"] * 2
    assert made["built"].isna().tolist() == [False, False, True]
    assert delivery.origin == f"{schema}.houses, PostGIS plan on 127.0.0.1"
    types = rows_of(
        server,
        "SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute "
        "WHERE attrelid = '{}.houses'::regclass AND attnum > 0 ORDER BY attnum",
        schema,
    )
    assert [found for _, found, _ in types] == [
        "text",
        "bigint",
        "double precision",
        "boolean",
        "date",
        "text",
        "geometry(Polygon,25832)",
    ]
    assert types[2][2] == "højde [m]"
    indexes = rows_of(server, "SELECT indexdef FROM pg_indexes WHERE tablename = 'houses' ORDER BY indexname")
    assert ["USING gist (geom)" in indexes[0][0], "UNIQUE INDEX houses_pkey" in indexes[1][0]] == [True, True]


def test_odd_names_empty_tables_and_mixed_shapes(server: PostgisServer) -> None:
    mixed = frame([shapely.Point(WEST, SOUTH), *squares(1), None], **{'a "b"; --': ["x", "y", None]})
    empty = houses(3).iloc[:0]
    bare = pd.DataFrame({"year": [2030, 2030], "fid": [1, 1]})
    tables = [
        PostgisTable(ODD, mixed, "it's; --", {'a "b"; --': "'; drop schema public cascade; --"}),
        PostgisTable("empty", empty, "", kind="polygon"),
        PostgisTable("none_at_all", pd.DataFrame({"a_id": pd.Series([], dtype="str")}), ""),
        PostgisTable("bare", bare, ""),
        PostgisTable("å" * 31, bare, ""),
    ]
    try:
        for _ in range(2):
            write(server, ODD, batch(*tables))
        assert rows_of(server, "SELECT count(*), count(geom) FROM {}.{}", ODD, ODD) == [(3, 2)]
        assert rows_of(server, "SELECT count(*) FROM {}.empty", ODD) == [(0,)]
        shapes = rows_of(
            server, "SELECT type, srid FROM geometry_columns WHERE f_table_schema = '" + ODD + "' ORDER BY 1"
        )
        assert shapes == [("GEOMETRY", 25832), ("POLYGON", 25832)]
        assert rows_of(server, "SELECT fid_, year, fid FROM {}.bare ORDER BY 1", ODD) == [(1, 2030, 1), (2, 2030, 1)]
        assert rows_of(server, "SELECT cardinality(tables) FROM {}._run", ODD) == [(5,)]
    finally:
        with server.connect() as database:
            database.execute(psycopg.sql.SQL("DROP SCHEMA {} CASCADE").format(psycopg.sql.Identifier(ODD)))
    with pytest.raises(DataError, match="63 bytes"):
        write(server, "too_long", batch(PostgisTable("å" * 32, bare, "")))
    assert rows_of(server, "SELECT count(*) FROM pg_namespace WHERE nspname = 'too_long'") == [(0,)]


def test_only_tables_of_the_same_analysis_are_replaced(server: PostgisServer, schema: str) -> None:
    first, second = PostgisTable("storms_a", houses(2), ""), PostgisTable("storms_b", houses(2), "")
    other = PostgisTable("heat_a", houses(2), "")
    write(server, schema, batch(first, second), batch(other, analysis="heat"))
    write(server, schema, batch(PostgisTable("storms_b", houses(3), ""), key="new"))
    standing = rows_of(server, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = '{}'::regnamespace "
                       "ORDER BY 1", schema)  # fmt: skip
    assert standing == [("_run",), ("heat_a",), ("storms_b",)]
    assert rows_of(server, "SELECT count(*) FROM {}.storms_b", schema) == [(3,)]
    assert rows_of(server, "SELECT analysis, key, run -> 'a' FROM {}._run ORDER BY 1", schema) == [
        ("heat", "k", [1]),
        ("storms", "new", [1]),
    ]
    rows_of_view = "CREATE VIEW {}.mine AS SELECT * FROM {}.storms_b; CREATE TABLE {}.storms_c (x int)"
    with server.connect() as database:
        database.execute(psycopg.sql.SQL(rows_of_view).format(*[psycopg.sql.Identifier(schema)] * 3))
    with pytest.raises(BallerupGeoError, match=r"storms_b is used by something else.*view .*mine"):
        write(server, schema, batch(second))
    with pytest.raises(BallerupGeoError, match="storms_c, which no export has written"):
        write(server, schema, batch(PostgisTable("storms_c", houses(2), "")))
    assert rows_of(server, "SELECT count(*) FROM {}.storms_b", schema) == [(3,)]


KILLED = """
import os, sys
from ballerup_geo.storage.postgis import _replace
import test_postgis as t
from servers.postgis import PostgisServer
server, schema = PostgisServer(int(sys.argv[1]), None), sys.argv[2]
record = _replace._record
def stop(*given):
    record(*given)
    print("written", flush=True)
    sys.stdin.read()
_replace._record = stop
t.write(server, schema, t.batch(t.PostgisTable("storms_a", t.houses(9), "")))
"""


def test_a_writer_killed_halfway_leaves_the_former_tables(server: PostgisServer, schema: str, root: Path) -> None:
    write(server, schema, batch(PostgisTable("storms_a", houses(2), "")))
    path = os.pathsep.join(map(str, (root, root / "tests")))
    command = [sys.executable, "-c", KILLED, str(server.port), schema]
    environment = {**os.environ, "PYTHONPATH": path}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"written\n"
        writer.kill()
    deadline = time.monotonic() + 10
    while rows_of(server, "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'ballerup-geo%'"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert rows_of(server, "SELECT count(*) FROM {}.storms_a", schema) == [(2,)]
    begun = "SELECT count(*) FROM pg_class WHERE relnamespace = '{}'::regnamespace AND relname LIKE '.new%'"
    assert rows_of(server, begun, schema) == [(0,)]


def test_readers_see_the_former_table_until_the_new_one_is_whole(server: PostgisServer, schema: str) -> None:
    write(server, schema, batch(PostgisTable("storms_a", houses(2), "")))
    address, _ = read_address(server.url, where="--to", secret_in="")
    with connected(address, PASSWORD, where="--to", read_only=False, timeout_s=30) as connection:
        replace_tables(connection, schema, [batch(PostgisTable("storms_b", houses(3), ""))], where="--to")
        reader = threading.Thread(target=lambda: seen.append(rows_of(server, "SELECT 1 FROM pg_class WHERE relname = "
                                                                     "'storms_a'")))  # fmt: skip
        seen: list[Any] = []
        reader.start()
        reader.join(10)
        assert seen == [[(1,)]]
    assert rows_of(server, "SELECT 1 FROM pg_class WHERE relname = 'storms_a'") == []


# ---------------------------------------------------------------- reading


def prepared(server: PostgisServer, *statements: str) -> None:
    with server.connect() as database:
        for statement in statements:
            database.execute(statement)


def test_views_and_sql_files_are_read_near_the_area_in_their_own_crs(
    server: PostgisServer, schema: str, maker: ProjectMaker
) -> None:
    far = houses(4)
    far.loc[3, "geometry"] = shapely.box(WEST + 90_000, SOUTH, WEST + 90_010, SOUTH + 10)
    write(server, schema, batch(PostgisTable("houses", far, "")))
    prepared(
        server,
        f'CREATE VIEW {schema}.wgs AS SELECT house_id AS "Hus id", floors::numeric(20,0) AS etager, '
        f"height_m::numeric(6,2) AS m, CASE floors WHEN 0 THEN 'J' ELSE 'N' END AS l, "
        f"(built + time '23:30') AT TIME ZONE 'UTC' AS t, "
        f"ST_Transform(geom, 4326) AS shape FROM {schema}.houses",
    )
    columns = {"house_id": "Hus id", "floors": "etager", "height_m": "m", "listed": "l", "built": "t"}
    asked = {"columns": columns, "values": {"listed": {"J": True, "N": False}}}
    from_view = read(server, maker, table=f"{schema}.wgs", **asked)
    (maker.root / "houses.sql").write_text(
        f"-- 100 % of them\nSELECT * FROM {schema}.wgs -- all;\n;\n", encoding="utf-8"
    )
    from_file = read(server, maker, query="houses.sql", **asked)
    for delivery in (from_view, from_file):
        found = delivery.data
        assert isinstance(found, gpd.GeoDataFrame)
        assert found.crs.to_epsg() == 4326
        assert found["house_id"].tolist() == ["H0", "H1", "H2"], "the fourth lies 90 km away"
        assert found["floors"].tolist() == ["0", "1", "2"], "whole numbers of any length travel as texts"
        assert found["height_m"].tolist() == [0.5, 1.5, 2.5]
        assert found["listed"].tolist() == [True, False, False]
        assert delivery.offered == ("Hus id", "etager", "m", "l", "t")
        assert delivery.columns["listed"] == 'column "l", values replaced'
    assert from_file.origin.startswith("houses.sql, PostGIS plan")
    nothing = read(server, maker, table=f"{schema}.houses", bounds=(0.0, 0.0, 1.0, 1.0))
    assert (len(nothing.data), nothing.total) == (0, 4)
    assert nothing.extent == (WEST, SOUTH, WEST + 90_010, SOUTH + 20)


def test_an_sql_file_changes_nothing(server: PostgisServer, schema: str, maker: ProjectMaker) -> None:
    write(server, schema, batch(PostgisTable("houses", houses(), "")))
    for query in (
        f"SELECT * FROM {schema}.houses) AS q; DROP TABLE {schema}.houses; --",
        f"WITH gone AS (DELETE FROM {schema}.houses RETURNING *) SELECT * FROM gone",
        f"SELECT *, set_config('transaction_read_only', 'off', true) FROM {schema}.houses",
    ):
        (maker.root / "evil.sql").write_text(query, encoding="utf-8")
        with pytest.raises(SourceError):
            read(server, maker, query="evil.sql")
    assert rows_of(server, "SELECT count(*) FROM {}.houses", schema) == [(3,)]
    # PostgreSQL 15 lets large objects be made in a transaction that only reads: it is undone
    (maker.root / "evil.sql").write_text(f"SELECT *, lo_create(0) FROM {schema}.houses", encoding="utf-8")
    with contextlib.suppress(SourceError):
        read(server, maker, query="evil.sql")
    assert rows_of(server, "SELECT count(*) FROM pg_largeobject_metadata") == [(0,)]


def test_what_is_not_there_is_named_with_what_is(server: PostgisServer, schema: str, maker: ProjectMaker) -> None:
    write(
        server, schema, batch(PostgisTable("houses", houses(), ""), PostgisTable("years", pd.DataFrame({"y": [1]}), ""))
    )
    with pytest.raises(SourceError, match=rf'no table or view "{schema}.house" .*did you mean.*{schema}.houses'):
        read(server, maker, table=f"{schema}.house")
    with pytest.raises(SourceError, match=rf'did you mean "{schema}.houses"'):
        read(server, maker, table="pulbic.houses")
    with pytest.raises(DataError, match=r"years has no geometry \(it has fid, y\)"):
        read(server, maker, table=f"{schema}.years")
    with pytest.raises(SourceError, match=r"the key is not there.*ask whoever runs the database"):
        read(server, maker, table="x", keys={})
    prepared(
        server, f"CREATE TABLE {schema}.unplaced AS SELECT house_id, ST_SetSRID(geom, 0) AS geom FROM {schema}.houses"
    )
    with pytest.raises(DataError, match="does not say its coordinate reference system"):
        read(server, maker, table=f"{schema}.unplaced")
    arc = f"ST_GeomFromText('CIRCULARSTRING({WEST} {SOUTH}, {WEST + 1} {SOUTH + 1}, {WEST + 2} {SOUTH})', 25832)"
    prepared(server, f"CREATE TABLE {schema}.curved AS SELECT 'c' AS house_id, {arc} AS geom")
    with pytest.raises(DataError, match=r"holds shapes that cannot be read.*ST_CurveToLine"):
        read(server, maker, table=f"{schema}.curved")
    with pytest.raises(SourceError, match=r"missing\.sql cannot be read"):
        read(server, maker, query="missing.sql")
    empty = read(server, maker, table=f"{schema}.years", geometry="table", layer_columns={"y": {"type": "integer"}})
    assert empty.data["y"].tolist() == [1]


def test_the_password_is_said_nowhere(
    server: PostgisServer, maker: ProjectMaker, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = PASSWORD + "-wrong"
    closed = server.url.replace(str(server.port), "9")
    raised: list[BaseException] = []
    for url in (
        server.url.replace(OWNER, f"{OWNER}:{wrong}"),
        closed.replace(OWNER, f"{OWNER}:{wrong}"),
        server.url_of(f"{OWNER}:{PASSWORD}", database="plam"),
        f"postgres:{wrong}@somewhere",
        f"postgresql://{OWNER}@127.0.0.1/plan?password={wrong}",
        f"postgresql://{OWNER}:{wrong}@127.0.0.1:port/plan",
    ):
        with pytest.raises(BallerupGeoError) as error:
            read(server, maker, table="x", keys={KEY: url})
        raised.append(error.value)
        with pytest.raises(BallerupGeoError) as error:
            export(maker.project(), out=maker.out, to=url)
        raised.append(error.value)
    said = [repr(error) + str(error) + repr(error.__cause__) + repr(error.__context__) for error in raised]
    assert "check user and password" in said[0]
    assert "check that a server answers" in said[2]
    assert 'database "plam" does not exist' in said[4]
    everything = "\n".join([*said, caplog.text, *capfd.readouterr()])
    assert PASSWORD not in everything


def test_without_the_driver_the_extra_is_named(
    server: PostgisServer, maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for kind, ask in (
        (SourceError, lambda: read(server, maker, table="x")),
        (BallerupGeoError, lambda: write(server, "x", batch())),
    ):
        with pytest.raises(kind, match=r'pip install "ballerup-geo\[postgis\]"'):
            ask()


# ---------------------------------------------------------------- the role with least rights


def guide_sql(root: Path) -> str:
    guide = (root / "docs" / "brugervejledning.md").read_text(encoding="utf-8")
    return guide.split("```sql\n")[1].split("```")[0]


def test_the_roles_of_the_guide_suffice(server: PostgisServer, root: Path) -> None:
    prepared(server, "DROP TABLE IF EXISTS layer_styles")
    with server.connect() as database:
        database.execute(guide_sql(root).replace("…", PASSWORD))
    try:
        for number in (2, 3):
            table = PostgisTable("storms_a", houses(number), "", style="<qgis/>")
            assert write(server, "ballerup_geo", batch(table), user="ballerup_geo_writer")
        with server.connect("ballerup_geo_reader") as reader:
            assert reader.execute("SELECT count(*) FROM ballerup_geo.storms_a").fetchone() == (3,)
            assert reader.execute("SELECT f_table_name FROM layer_styles").fetchall() == [("storms_a",)]
            for statement in ("DELETE FROM ballerup_geo.storms_a", "DROP TABLE ballerup_geo._run"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    reader.execute(statement)
        with pytest.raises(BallerupGeoError, match="permission denied for database plan → let the role have"):
            write(server, "elsewhere", batch(), user="ballerup_geo_writer")
        prepared(server, "REVOKE ALL ON layer_styles FROM ballerup_geo_writer")
        assert not write(server, "ballerup_geo", batch(), user="ballerup_geo_writer"), (
            "the tables do not wait for styles"
        )
    finally:
        server.drop_roles("ballerup_geo_writer", "ballerup_geo_reader")


# ---------------------------------------------------------------- results, and QGIS


@pytest.fixture
def storms(maker: ProjectMaker, monkeypatch: pytest.MonkeyPatch) -> ProjectMaker:
    import step_maker

    monkeypatch.setattr("ballerup_geo.methods.get_method", step_maker.get_method)
    add_storms(maker)
    return maker


def test_results_are_written_with_units_sources_and_styles(
    server: PostgisServer, storms: ProjectMaker, cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (storms.root / ".env").write_text(f"{KEY}={server.url.replace(OWNER, f'{OWNER}:{PASSWORD}')}\n")
    monkeypatch.delenv(KEY, raising=False)
    asked = ("export", "--project", storms.root, "--out", storms.out, "--to", server.url, "--schema", "results")
    done = cli(*asked, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["tables"] == ["storms_events", "storms_roads", "storms_volumes"]
    assert (told["held_back"], told["styled"], told["rows"]) == (["storms_homes"], True, 12)
    assert told["rasters"] == [f"storms/{name}.tif" for name in ("depth-1", "depth-2", "depth-3", "ground")]
    comments = rows_of(server, "SELECT obj_description('{0}.storms_roads'::regclass), "
                       "col_description('{0}.storms_roads'::regclass, 2)", "results")  # fmt: skip
    assert comments[0][0].startswith("Tekst – roads\nMetode: storms 1, beregnet 20")
    assert comments[0][1] == "fra [mm]"
    assert rows_of(server, "SELECT stylename, useasdefault FROM layer_styles WHERE f_table_schema = 'results'") == [
        ("storms_roads", True)
    ]
    (run,) = rows_of(server, "SELECT run FROM {}._run", "results")
    assert run[0] == json.loads((storms.out / "results" / "storms" / "run.json").read_text(encoding="utf-8"))
    assert cli(*asked, "--homes").code == 0
    assert rows_of(server, "SELECT count(*) FROM {}.storms_homes", "results") == [(6,)]
    assert cli(*asked).code == 0
    assert rows_of(server, "SELECT to_regclass('{}.storms_homes')", "results") == [(None,)]
    for bad, code, words in (
        (("--to", server.url.replace(OWNER, f"{OWNER}:{PASSWORD}")), 1, "holds a password"),
        ((), 1, "nothing to write"),
        (("--to", server.url, "strom"), 1, 'did you mean "storms"?'),
        (("--qgis", "x.txt"), 1, "is no QGIS project"),
        (("--to", "mysql://x/y"), 1, "is no PostgreSQL address"),
    ):
        done = cli("export", "--project", storms.root, "--out", storms.out, *bad)
        assert (done.code, words in done.err) == (code, True), done.err
        assert PASSWORD not in done.err + done.out


def asked_of_qgis(project: Path, tmp_path: Path, **environment: str) -> dict[str, Any]:
    if shutil.which("qgis") is None:
        lacking("QGIS is missing (Debian package qgis)")
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    middle = {
        "extent": [WEST, SOUTH, EAST, NORTH],
        "size": [500, 500],
        "at": [(WEST + 500, NORTH - 200)],
        "png": str(tmp_path / "map.png"),
    }
    request.write_text(json.dumps({"file": str(project), "pictures": [{**middle, "layers": ["storms__roads"]}]}))
    script = Path(__file__).parent / "pyqgis_render.py"
    subprocess.run(
        ["/usr/bin/python3", str(script), str(request), str(answer)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), **environment},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return dict(json.loads(answer.read_text(encoding="utf-8")))


@pytest.mark.parametrize("database", [False, True])
def test_qgis_opens_all_results_from_files_or_from_the_database(
    server: PostgisServer, storms: ProjectMaker, tmp_path: Path, database: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    storms.analysis("again", method="storms", inputs={})
    shutil.copytree(storms.out / "results" / "storms", storms.out / "results" / "again")
    run = storms.out / "results" / "again" / "run.json"
    run.write_text(
        run.read_text(encoding="utf-8").replace('"analysis": "storms"', '"analysis": "again"'), encoding="utf-8"
    )
    (run.parent / "storms.gpkg").rename(run.parent / "again.gpkg")
    target = storms.out / "plans" / "all.qgz"
    made = export(
        storms.project(),
        out=storms.out,
        qgis=target,
        to=server.url if database else None,
        schema=ODD if database else "x",
    )
    assert made.analyses == ("again", "storms")
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["all.qgs"]
        text = archive.read("all.qgs").decode()
    assert PASSWORD not in text
    assert OWNER not in text
    first = target.read_bytes()
    export(storms.project(), out=storms.out, qgis=target, to=server.url if database else None, schema=ODD)
    assert target.read_bytes() == first
    assert str(storms.out.parent) not in text
    if not database:  # files: the whole folder is moved
        shutil.move(storms.out, tmp_path / "et andet sted")
        target = tmp_path / "et andet sted" / "plans" / "all.qgz"
    answer = asked_of_qgis(target, tmp_path, PGUSER=OWNER, PGPASSWORD=PASSWORD)
    assert answer["title"] == "Firkant: analyser"
    layers = answer["layers"]
    assert [name for name, layer in layers.items() if not layer["valid"]] == []
    roads = layers["storms__roads"]
    assert (roads["name"], roads["renderer"]) == ("Afskårne veje (skybrud · 40 mm)", "RuleRenderer")
    assert (roads["features"], roads["subset"], roads["provider"]) == (
        1,
        '"cut_from_mm" <= 40.0',
        "postgres" if database else "ogr",
    )
    assert layers["again__table__roads"]["features"] == 3
    assert layers["again__table__events"]["features"] == 3
    assert layers["storms__depth__2"]["renderer"] == "singlebandpseudocolor"
    assert answer["pictures"][0]["colours"] == ["#d55e00"]
    assert not [layer for layer in layers if "homes" in layer]


def test_modelled_results_say_so_in_the_database(
    server: PostgisServer, schema: str, storms: ProjectMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    path = storms.out / "results" / "storms" / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"modelled": false', '"modelled": true'), encoding="utf-8")
    made = export(storms.project(), out=storms.out, to=server.url, schema=schema)
    notice = f"{MODEL_NOTICE.da} / {MODEL_NOTICE.en}"
    assert rows_of(server, "SELECT modelled, notice FROM {}._run", schema) == [(True, notice)]
    comments = "SELECT attnum, coalesce(col_description(attrelid, attnum), '') FROM pg_attribute WHERE attnum > 0 AND "
    for table in made.tables:
        ((about,),) = rows_of(server, "SELECT obj_description(to_regclass('{}.{}'))", schema, table)
        assert about.startswith(notice)
        said = rows_of(
            server, comments + "attname NOT IN ('fid', 'geom') AND attrelid = to_regclass('{}.{}')", schema, table
        )
        assert said
        assert all(MODEL_NOTICE.da in words for _, words in said)


def test_fetch_keeps_a_table_and_not_the_password(
    server: PostgisServer, schema: str, maker: ProjectMaker, cli: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(server, schema, batch(PostgisTable("houses", houses(), "")))
    words = {"da": "Kommunens huse", "en": "The municipality's houses"}
    about = {"kind": "postgis", "table": f"{schema}.houses", "licence": "CC0", "attribution": words}
    columns = {"house_id": {"type": "text", "unique": True}, "floors": {"type": "integer"}}
    maker.layer("houses", geometry="polygon", columns=columns, sources={"fetch": [about]})
    monkeypatch.setenv(KEY, server.url_of(f"{OWNER}:{PASSWORD}"))
    done = cli("fetch", "houses", "--project", maker.root, "--out", maker.out)
    assert done.code == 0, done.err
    assert len(maker.catalog().read("houses").data) == 3
    monkeypatch.setenv(KEY, server.url_of(f"{OWNER}:{PASSWORD}", database="gone"))
    failed = cli("fetch", "houses", "--project", maker.root, "--out", maker.out)
    assert failed.code == 3
    assert 'database "gone" does not exist' in failed.out
    kept = [path for path in (maker.root / "data").rglob("*") if path.is_file()]
    assert {path.name for path in kept} >= {"houses.json", "houses.parquet"}
    said = done.out + done.err + failed.out + failed.err
    assert PASSWORD not in said
    assert [path for path in kept if PASSWORD.encode() in path.read_bytes()] == []
    assert len(maker.catalog().read("houses").data) == 3, "the last good copy stands"
