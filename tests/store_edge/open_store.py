"""A store to try: a real box on a real database file, its head office on a real port, and patience."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx
import sqlalchemy as sa
from waitress.server import create_server

from central.accounts import change_consent
from central.app import create_central
from central.centre import Centre
from central.db import tables as central_tables
from central.keys import issue_key
from central.profiles.erase import erase
from central.settings import CentralSettings
from checkout.basket import Basket
from checkout.events import Event
from checkout.payment import Payment
from store_edge.box import Box
from store_edge.demo import price_list
from store_edge.settings import DeviceSettings, LimitSettings, Settings
from store_edge.sync.central_client import HeadOffice

WAIT_S_MAX = 60.0
"""Far more than anything takes that these tests wait for; only a fault lasts so long."""
LOOK_S = 0.01

E = TypeVar("E", bound=Event)
PIECES = tuple(a for a in price_list() if a.unit == "piece" and not a.style and not a.age_min)


def until(condition: Callable[[], object], within_s: float = WAIT_S_MAX, what: str = "") -> None:
    """Wait for a condition; AssertionError when it does not come about in time."""
    ends_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends_s, what or f"not within {within_s} s"
        time.sleep(LOOK_S)


class NobodyThere(httpx.BaseTransport):
    """A network with head office out of reach."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)


def no_head_office() -> HeadOffice:
    return HeadOffice("http://head-office.internal", "no key", NobodyThere())


class Store:
    """A running box, and what a test wants to see and do at it."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def emulator(self, device: str) -> Any:
        return self.box.bench.devices[device].emulator

    def events(self, *kinds: type[E]) -> list[E]:
        """What was announced, oldest first."""
        found: list[E] = []
        after = 0
        while entries := self.box.journal.read(after):
            found += [e.event() for e in entries if e.type in {kind.__name__ for kind in kinds}]  # type: ignore[misc]
            after = entries[-1].number
        return found

    def await_event(self, kind: type[E], count: int = 1, within_s: float = WAIT_S_MAX) -> E:
        """The `count`th event of that kind, as soon as it is there."""
        until(lambda: len(self.events(kind)) >= count, within_s, f"no {kind.__name__} number {count}")
        return self.events(kind)[count - 1]

    def await_health(self, device: str, state: str, within_s: float = WAIT_S_MAX) -> None:
        def is_so() -> bool:
            health = self.box.health.of(device)
            return health is not None and health.state == state

        until(is_so, within_s, f"{device} is not {state}")

    def scan(self, pieces: int = 1, lane: str = "1") -> Basket:
        for article in PIECES[:pieces]:
            basket = self.box.till.scan(lane, article.gtin, how="typed")
        return basket

    def ask_payment(self, lane: str = "1", pieces: int = 1) -> Payment:
        """Scan something and ask for its money."""
        self.scan(pieces, lane)
        basket = self.box.cashier.ask_payment(lane)
        return self.payment(basket)

    def payment(self, basket: Basket) -> Payment:
        found = self.box.payments.open_for(basket.id)
        assert found is not None
        return found

    def basket(self, lane: str = "1") -> Basket | None:
        return self.box.books.basket_on(lane)

    def tasks(self) -> list[tuple[str, str]]:
        """Kind and subject of each thing that needs a human."""
        return [(task.kind, task.about) for task in self.box.tasks.waiting()]

    def duties(self) -> list[tuple[str, str]]:
        """The tasks but for lost devices: on a busy machine a wire may break and mend by itself."""
        return [(kind, about) for kind, about in self.tasks() if kind != "device_lost"]


def store_settings(
    home: Path,
    devices: Mapping[str, DeviceSettings] | None = None,
    lanes: tuple[str, ...] = ("1",),
    **limits: float,
) -> Settings:
    return Settings(home=home, lanes=lanes, devices=devices or {}, limits=LimitSettings(**limits))


class HeadOfficeHouse:
    """Head office on a port of this machine that closes and opens again at the same address."""

    def __init__(self, home: Path) -> None:
        self.app = create_central(CentralSettings(home=home))
        self.centre: Centre = self.app.extensions["centre"]
        self.store_key = issue_key(self.centre.database, "store", "demo")
        self.office_key = issue_key(self.centre.database, "office", "pages")
        self.port = 0
        self._server: Any = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Let callers in; at the same port as before."""
        ends_s = time.monotonic() + WAIT_S_MAX
        while True:
            try:
                self._server = create_server(self.app, host="127.0.0.1", port=self.port, threads=4)
                break
            except OSError:
                assert time.monotonic() < ends_s
                time.sleep(LOOK_S)
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="head office", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Shut the door, and drop whoever is on the line."""
        if self._thread is None:
            return
        self._server.trigger.pull_trigger(self._hang_up)
        self._thread.join(WAIT_S_MAX)
        self._server.task_dispatcher.shutdown()
        self._thread = None

    def _hang_up(self) -> None:
        for end in list(self._server._map.values()):
            end.close()

    def client(self, url: str = "") -> HeadOffice:
        return HeadOffice(url or self.url, self.store_key)

    def event_ids(self) -> list[tuple[str, int]]:
        """Epoch and number of every event it has, in the order in which they came in."""
        e = central_tables.events
        with self.centre.database.read() as connection:
            rows = connection.execute(sa.select(e.c.epoch, e.c.number).order_by(sa.text("rowid")))
            return [(epoch, number) for epoch, number in rows]

    def turnover_minor(self) -> int:
        """The sum of all sales it was told of."""
        e = central_tables.events
        with self.centre.database.read() as connection:
            sales = connection.execute(
                sa.select(e.c.payload).where(e.c.type == "emma.SaleCompleted")
            ).scalars()
            return sum(json.loads(payload)["data"]["total_minor"] for payload in sales)

    def alarms(self) -> list[str]:
        with self.centre.database.read() as connection:
            return list(connection.execute(sa.select(central_tables.alarms.c.kind)).scalars())

    def take_back(self, account: str, purpose: str) -> None:
        """The customer agrees to this no longer."""
        change_consent(self.centre, account, purpose, False, text_version="1", place="account page")

    def erase(self, account: str) -> None:
        """The customer is forgotten."""
        erase(self.centre, account, "pages")

    def account(self) -> str:
        """A new customer who agreed to everything; gives the account."""
        body = {
            "nickname": "Erika",
            "language": "de",
            "consents": {"history": True, "personalisation": True},
            "place": "account page",
        }
        answer = self._ask("/accounts", body)
        return str(answer["account"])

    def token(self, account: str) -> str:
        return str(self._ask(f"/accounts/{account}/tokens", None)["token"])

    def _ask(self, path: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self.office_key}"}
        answer = self.app.test_client().post(f"/api/v1{path}", json=body, headers=headers)
        assert answer.status_code == 201, answer.data
        return answer.json
