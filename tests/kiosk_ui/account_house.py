"""The account pages in front of a real head office in the same process, with a clock to turn."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from central.app import create_central
from central.keys import issue_key
from central.settings import CentralSettings, Limits
from central.tokens import verify
from kiosk_ui.account.api import AccountApi
from kiosk_ui.account.views import blueprint
from kiosk_ui.format import init_format
from kiosk_ui.i18n import init_i18n
from kiosk_ui.security import init_security
from kiosk_ui.vendor import init_vendor, node_modules_folder

STARTED = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parents[1] / "contracts" / "events"
URL = "http://head-office.test"
WORDS = {"9521234000013": ("Vollmilch", "/pictures/milk-1.svg")}


class Compiled(BytecodeCache):
    """Templates once compiled, for every house of a test run: compiling is most of a test's time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = Compiled()

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Any]


@dataclass
class Hands:
    """A clock that a test turns."""

    now: datetime = STARTED

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Wire:
    """The line to head office, with a plug to pull and a note of every call."""

    app: WsgiApp
    plugged: bool = True
    calls: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        self.calls.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if not self.plugged:
            raise httpx.ConnectError("pulled")
        return self.app(environ, start_response)


@dataclass
class House:
    """Head office, its account pages, and a browser before them."""

    pages: Flask
    browser: FlaskClient
    wire: Wire
    central: Flask
    store_key: str
    hands: Hands

    @property
    def now(self) -> datetime:
        return self.hands.now

    def turn(self, **by: float) -> None:
        self.hands.now += timedelta(**by)

    def make(self, nickname: str = "Mina", **consents: str) -> str:
        """Make an account up to the letter; gives its key."""
        self.browser.post("/account/make", data={"nickname": nickname, "language": "en", **consents})
        key = key_on(self.browser.get("/account/key"))
        assert self.browser.post("/account/kept").status_code == 303
        return key

    def jti(self) -> str:
        """Ask for a code and read the token behind it, as a store's camera would."""
        before = self._jtis()
        assert self.browser.post("/account/code").status_code == 200
        (fresh,) = self._jtis() - before
        return fresh

    def _jtis(self) -> set[str]:
        import sqlalchemy as sa

        from central.db import tables

        with self.central.extensions["centre"].database.read() as connection:
            return set(connection.execute(sa.select(tables.tokens.c.jti)).scalars())

    def hand_in(self, *events: dict[str, Any]) -> None:
        """What a store's outbox does."""
        answer = self.central.test_client().post(
            "/api/v1/events",
            data=json.dumps(events),
            content_type="application/cloudevents-batch+json",
            headers={"Authorization": f"Bearer {self.store_key}"},
        )
        assert answer.json == {"accepted": len(events), "repeated": 0, "refused": []}

    def shop(self, *, times: int = 1, number: int = 1) -> None:
        """Show a fresh code in the shop and buy what the golden sale holds, `times` times, a day apart."""
        for nth in range(times):
            visit, at = f"v-{number + nth}", 2 * (number + nth)
            shown = golden("ShopperIdentified", at - 1, self.now, visit=visit, token=self.jti())
            sold = golden(
                "SaleCompleted", at, self.now, visit=visit, receipt=number + nth, basket=f"b-{number + nth}"
            )
            self.hand_in(shown, sold)
            self.turn(days=1)


def golden(name: str, number: int, at: datetime, **data: Any) -> dict[str, Any]:
    """A contract's example as another event of the same journal."""
    event: dict[str, Any] = json.loads((GOLDEN / f"{name}.v1.json").read_text(encoding="utf-8"))
    event |= {"id": f"demo:{event['epoch']}:{number}", "number": number, "time": at.isoformat()}
    event["data"] |= data
    return event


def key_on(page: TestResponse) -> str:
    """The key that a page shows."""
    found = re.search(r'<code class="key__text"[^>]*>([^<]+)</code>', page.text)
    assert found, page.text
    return found[1]


def read_token(house: House, text: str) -> str:
    """The `jti` of a token that head office's own key signed."""
    return verify(text, house.central.extensions["centre"].signer.public).jti


@contextmanager
def open_house(
    home: Path, *, limits: Limits | None = None, token_life_s: int = 300, seed: int = 7
) -> Iterator[House]:
    """Everything on SQLite in `home`; skips when the npm packages are not installed."""
    if not (node_modules_folder() / "htmx.org").is_dir():
        pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
    hands, chance = Hands(), random.Random(seed).randbytes
    central = create_central(
        CentralSettings(home=home, limits=limits or Limits(), token_life_s=token_life_s),
        clock=hands,
        chance=chance,
    )
    wire = Wire(central)
    pages = Flask("kiosk_ui")
    pages.testing = True
    pages.secret_key = "only for this test"
    init_i18n(pages, default_language="en")
    init_format(pages)
    init_security(pages)
    init_vendor(pages)
    pages.register_blueprint(blueprint)
    pages.jinja_env.bytecode_cache = _COMPILED
    database = central.extensions["centre"].database
    store_key = issue_key(database, "store", "demo", clock=hands, chance=chance)
    office_key = issue_key(database, "office", "account-pages", clock=hands, chance=chance)
    api = AccountApi(URL, office_key, httpx.WSGITransport(app=wire))
    pages.extensions["emma-account-api"] = api
    pages.extensions["emma-account-clock"] = lambda: hands.now.timestamp()
    pages.extensions["emma-article-words"] = WORDS.get
    try:
        yield House(pages, pages.test_client(), wire, central, store_key, hands)
    finally:
        api.close()
        central.extensions["centre"].close()
