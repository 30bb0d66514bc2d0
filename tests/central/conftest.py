"""A head office to test: on SQLite or on a PostgreSQL of the tests' own, with a clock to turn."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from central.app import create_central
from central.centre import Centre
from central.keys import issue_key
from central.settings import CentralSettings

STARTED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
PG_WAIT_S_MAX = 30


@dataclass
class Hands:
    """A clock that a test turns."""

    now: datetime = STARTED

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Desk:
    """Head office behind its front door, with one store's key and one office client's."""

    centre: Centre
    client: Any
    hands: Hands
    store_key: str
    office_key: str
    numbers: dict[str, int] = field(default_factory=dict)

    def ask(self, method: str, path: str, key: str = "", json: Any = None, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= more.pop("headers", {})
        if json is not None:
            more = {"data": msgspec.json.encode(json), "content_type": "application/json"} | more
        return self.client.open("/api/v1" + path, method=method, headers=headers, **more)

    def office(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask(method, path, self.office_key, json, **more)

    def store(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask(method, path, self.store_key, json, **more)

    def hand_in(self, events: list[Any] | bytes, key: str | None = None) -> TestResponse:
        body = events if isinstance(events, bytes) else msgspec.json.encode(events)
        return self.ask(
            "POST", "/events", self.store_key if key is None else key,
            data=body, content_type="application/cloudevents-batch+json",
        )  # fmt: skip

    def account(
        self,
        *,
        history: bool = True,
        personalisation: bool = True,
        loyalty: bool | None = None,
        nickname: str = "Erika",
    ) -> str:
        answer = self.office(
            "POST",
            "/accounts",
            {
                "nickname": nickname,
                "language": "de",
                "consents": {"history": history, "personalisation": personalisation, "loyalty": loyalty},
                "place": "account page",
            },
        )
        assert answer.status_code == 201, answer.data
        return str(answer.json["account"])

    def token(self, account: str) -> str:
        answer = self.office("POST", f"/accounts/{account}/tokens")
        assert answer.status_code == 201, answer.data
        return str(answer.json["token"])

    def event(self, name: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        store = more.pop("store", "demo")
        number = more.pop("number", None) or self.numbers.get(store, 0) + 1
        self.numbers[store] = number
        epoch = more.pop("epoch", "3f9c2a1b")
        lane = more.pop("lane", "1")
        return {
            "specversion": "1.0",
            "id": f"{store}:{epoch}:{number}",
            "source": f"/stores/{store}/lanes/{lane}" if lane else f"/stores/{store}",
            "type": f"emma.{name}",
            "time": self.hands.now.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "epoch": epoch,
            "number": number,
            "data": data,
        } | more

    def identified(self, visit: str, jti: str, **more: Any) -> dict[str, Any]:
        return self.event("ShopperIdentified", {"basket": "b1", "visit": visit, "token": jti}, **more)

    def sale(self, visit: str, *gtins: str, **more: Any) -> dict[str, Any]:
        lines = [
            {"gtin": gtin, "quantity": 1, "weight_g": 0, "total_minor": 107, "vat_bp": 700} for gtin in gtins
        ]
        total = 107 * len(lines)
        vat = [
            {"rate_bp": 700, "gross_minor": total, "net_minor": 100 * len(lines), "vat_minor": 7 * len(lines)}
        ]
        return self.event(
            "SaleCompleted",
            {
                "basket": "b1",
                "receipt": 1,
                "total_minor": total,
                "currency": "EUR",
                "lines": lines,
                "vat": vat,
                "visit": visit,
                "paid_by": "card",
                "payment": "p1",
            },
            **more,
        )

    def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        import sqlalchemy as sa

        from central.db.tables import METADATA

        with self.centre.database.read() as connection:
            return {
                table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
            }


def open_desk(settings: CentralSettings, keys: tuple[str, str] | None = None, seed: int = 7) -> Desk:
    hands, chance = Hands(), random.Random(seed).randbytes
    app = create_central(settings, clock=hands, chance=chance)
    centre = app.extensions["centre"]
    store_key, office_key = keys or (
        issue_key(centre.database, "store", "demo", clock=hands, chance=chance),
        issue_key(centre.database, "office", "pages", clock=hands, chance=chance),
    )
    return Desk(centre, app.test_client(), hands, store_key, office_key)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, str]]:
    """A home with a database and keys, to be copied: making one takes longer than most tests."""
    home = tmp_path_factory.mktemp("furnished")
    opened = open_desk(CentralSettings(home=home))
    opened.centre.close()
    return home, (opened.store_key, opened.office_key)


@pytest.fixture
def desk(tmp_path: Path, furnished: tuple[Path, tuple[str, str]]) -> Iterator[Desk]:
    """Head office on SQLite."""
    home, keys = furnished
    shutil.copytree(home, tmp_path, dirs_exist_ok=True)
    opened = open_desk(CentralSettings(home=tmp_path), keys, seed=8)
    yield opened
    opened.centre.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL of our own; skips, saying so, where no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        pytest.skip("no PostgreSQL server under /usr/lib/postgresql")
    if os.getuid() == 0 and not shutil.which("runuser"):
        pytest.skip("PostgreSQL does not run as root, and there is no runuser")
    programs = found[-1].parent
    home = Path(tempfile.mkdtemp(prefix="emma-pg-"))  # short: a Unix socket's path has at most 107 bytes
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []

    def call(program: str, *options: str) -> None:
        with (home.parent / f"{home.name}.out").open("ab") as out:
            subprocess.run(
                [*as_postgres, str(programs / program), "-D", str(home / "data"), *options],
                check=True, stdout=out, stderr=out, timeout=PG_WAIT_S_MAX, cwd="/",
            )  # fmt: skip

    if as_postgres:
        shutil.chown(home, "postgres")
    try:
        call("initdb", "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")
        call("pg_ctl", "start", "-w", "-o", f"-k {home} -c listen_addresses='' -c fsync=off")
        yield f"postgresql://postgres@/postgres?host={home}"
        call("pg_ctl", "stop", "-m", "fast")
    finally:
        shutil.rmtree(home, ignore_errors=True)
        (home.parent / f"{home.name}.out").unlink(missing_ok=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'central.db'}"
        return
    import psycopg

    server = request.getfixturevalue("postgres")
    name = f"t{abs(hash(request.node.nodeid)) % 10**12}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def any_desk(engine_url: str, tmp_path: Path) -> Iterator[Desk]:
    """Head office on each engine."""
    opened = open_desk(CentralSettings(home=tmp_path, database_url=engine_url))
    yield opened
    opened.centre.close()


@pytest.fixture
def opener() -> Any:
    """`open_desk`, for tests with settings of their own; they close what they open."""
    return open_desk
