"""The same house on both engines: schema, turns to write, nothing left open; and a real server in front."""

from __future__ import annotations

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from central.db import tables
from central.db.database import Busy, Database
from central.db.migrate import HEAD, SCRIPTS, migrate
from tests.served import served

MILK = "9521234000013"


@pytest.fixture
def database(engine_url: str) -> Any:
    opened = Database(engine_url, write_wait_s_max=0.3, connections_max=8)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables(database: Any) -> None:
    for _ in range(2):
        migrate(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.METADATA) == []
        assert context.get_current_revision() == HEAD == ScriptDirectory(str(SCRIPTS)).get_current_head()


def test_a_migration_that_breaks_leaves_the_old_schema(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alembic import op

    real = op.create_index

    def broken(name: str, *rest: Any) -> None:
        if name == "declined_by_visit":
            raise RuntimeError
        real(name, *rest)

    monkeypatch.setattr(op, "create_index", broken)
    with pytest.raises(RuntimeError):
        migrate(database)
    with database.read() as connection:
        assert sa.inspect(connection).get_table_names() == []
    monkeypatch.undo()
    migrate(database)


def test_an_exception_inside_leaves_nothing_written_and_nothing_open(database: Any) -> None:
    migrate(database)

    def break_off() -> None:
        with database.write("x") as connection:
            connection.execute(sa.insert(tables.stores), {"store": "demo", "last_seen_ms": 1})
            raise ZeroDivisionError

    for _ in range(10):  # more than there are connections
        with pytest.raises(ZeroDivisionError):
            break_off()
    with database.write("x") as connection:
        assert connection.execute(sa.select(tables.stores)).all() == []


def test_a_writer_waits_its_turn_and_then_says_busy(database: Any) -> None:
    migrate(database)
    with ThreadPoolExecutor(1) as other, database.write("x") as connection:
        connection.execute(sa.insert(tables.stores), {"store": "demo", "last_seen_ms": 1})

        def write() -> None:
            with database.write("x"):
                raise AssertionError("two writers at once")

        with pytest.raises(Busy):
            other.submit(write).result()

        def read() -> int:
            with database.read() as reader:
                return len(reader.execute(sa.select(tables.stores)).all())

        assert other.submit(read).result() == 0


def test_another_process_that_writes_makes_it_busy(tmp_path: Any) -> None:
    import sqlite3

    opened = Database(f"sqlite:///{tmp_path / 'a.db'}", write_wait_s_max=0.1, connections_max=2)
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    try:
        other.execute("PRAGMA journal_mode=WAL").fetchall()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy), opened.write("x"):
            pass
        other.execute("ROLLBACK")
        with opened.write("x"):
            pass
    finally:
        other.close()
        opened.close()


def test_sqlite_is_as_durable_as_money_asks(desk: Any) -> None:
    with desk.centre.database.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_many_threads_hand_in_the_same_and_different_events(any_desk: Any) -> None:
    desk = any_desk
    events = [desk.event("HelpAsked", {"basket": "b1"}) for _ in range(120)]
    bodies = [json.dumps(events[at : at + 20]).encode() for at in range(0, 120, 10)]

    def send(body: bytes) -> dict[str, Any]:
        client = desk.client.application.test_client()
        answer = client.post(
            "/api/v1/events", data=body, content_type="application/cloudevents-batch+json",
            headers={"Authorization": f"Bearer {desk.store_key}"},
        )  # fmt: skip
        assert answer.status_code == 200, answer.data
        return dict(answer.json)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, bodies))
    assert sum(answer["accepted"] for answer in answers) == 120
    assert sum(answer["repeated"] for answer in answers) == 110
    assert desk.office("GET", "/stores").json["stores"][0]["events"] == 120


def test_many_visits_race_for_one_token_and_one_has_it(any_desk: Any) -> None:
    desk = any_desk
    token = desk.token(desk.account())

    def show(n: int) -> int:
        client = desk.client.application.test_client()
        return client.post(
            "/api/v1/visits", json={"visit": f"v{n}", "token": token, "lane": "1"},
            headers={"Authorization": f"Bearer {desk.store_key}"},
        ).status_code  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        said = sorted(pool.map(show, range(20)))
    assert said == [200] + [409] * 19


@pytest.fixture
def wired(desk: Any) -> Any:
    """Head office on a real server."""
    with served(desk.client.application) as port:
        yield desk, port


def test_over_a_real_wire(wired: tuple[Any, int]) -> None:
    desk, port = wired
    key = {"Authorization": f"Bearer {desk.store_key}"}
    batch = key | {"Content-Type": "application/cloudevents-batch+json"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10, trust_env=False) as client:
        assert client.get("/health").json() == {"status": "ok"}
        body = json.dumps([desk.sale("v1", MILK)]).encode()
        assert client.post("/events", content=body, headers=batch).json()["accepted"] == 1
        pieces = (body[at : at + 10] for at in range(0, len(body), 10))
        assert client.post("/events", content=pieces, headers=batch).json()["repeated"] == 1
        large = client.post("/events", content=b" " * (3 << 20), headers=batch)
        assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
        large = client.post("/events", content=(b" " * 65536 for _ in range(32)), headers=batch)
        assert large.status_code == 413


def test_half_a_request_holds_nothing(wired: tuple[Any, int]) -> None:
    desk, port = wired
    body = json.dumps([desk.sale("v1", MILK)]).encode()
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {desk.store_key}\r\n"
        f"Content-Type: application/cloudevents-batch+json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    halves = []
    for _ in range(6):  # more than the server has threads
        half = socket.create_connection(("127.0.0.1", port), timeout=5)
        half.sendall(head + body[: len(body) // 2])
        halves.append(half)
    try:
        assert desk.hand_in([desk.sale("v2", MILK)]).json["accepted"] == 1
        url = f"http://127.0.0.1:{port}/api/v1/health"
        assert httpx.get(url, timeout=10, trust_env=False).json() == {"status": "ok"}
    finally:
        for half in halves:
            half.close()
    assert desk.rows()["events"] == 1


def test_in_the_same_process_without_a_wire(desk: Any) -> None:
    transport = httpx.WSGITransport(app=desk.client.application, raise_app_exceptions=True)
    headers = {
        "Authorization": f"Bearer {desk.store_key}",
        "Content-Type": "application/cloudevents-batch+json",
    }
    with httpx.Client(transport=transport, base_url="http://central/api/v1") as client:
        body = json.dumps([desk.sale("v1", MILK)]).encode()
        assert client.post("/events", content=body, headers=headers).json()["accepted"] == 1
        assert client.post("/events", content=b"x" * (2 << 20), headers=headers).status_code == 413
        assert client.get("/nothing").json()["type"] == "tag:tante-emma.example,2026:problem/not-found"
