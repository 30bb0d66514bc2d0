"""A shop with a staffed till: lane 2 has a drawer, and a clerk is signed in at a tablet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from checkout.basket import Basket
from checkout.deposit import DepositKinds
from checkout.events import Event
from checkout.staff import RIGHTS, Clerk
from store_edge.box import Box
from store_edge.settings import CashSettings
from tests.kiosk_ui.bench_shop import screens
from tests.kiosk_ui.kiosk_shop import Clock, open_box

KEEPER = Clerk("keeper", RIGHTS)
TILL = "/tablet/tills/2"
FLOAT_MINOR = 100_00


@contextmanager
def open_staffed(home: Path, **cash: Any) -> Iterator[Box]:
    """The demo goods, deposit and 100 euros in the drawer of lane 2."""
    box = open_box(home, Clock(), cash=CashSettings(lanes=("2",), **cash))
    box.shelves.put(DepositKinds().articles())
    box.drawers.put_float("2", FLOAT_MINOR, KEEPER)
    yield box
    box.stop()


def sign_in(box: Box, *rights: str) -> tuple[FlaskClient, str]:
    """A new clerk with these rights (all if none are given), at a tablet: the client, and the PIN."""
    _id, pin = box.clerks.add("Anna", rights or RIGHTS)
    client = screens(box).test_client()
    assert client.post("/tablet/sign-in", data={"pin": pin}).status_code == 303
    return client, pin


def basket_on(box: Box, lane: str = "2") -> Basket:
    basket = box.books.basket_on(lane)
    assert basket is not None
    return basket


def drawer(box: Box) -> int:
    """What should lie in it; for a shop that does not count blindly."""
    return box.drawers.expected("2", KEEPER)


def heard(box: Box, kind: type[Event]) -> list[Any]:
    events = (entry.event() for entry in box.journal.read(0, 1000))
    return [event for event in events if isinstance(event, kind)]
