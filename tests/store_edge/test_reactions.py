"""What follows from what: once, in order, and again after a restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checkout.errors import Refused
from checkout.events import (
    DeviceBack,
    DeviceLost,
    Event,
    SaleCompleted,
    ShopperDismissed,
    TaskDone,
    TaskOpened,
)
from store_edge import reactions
from store_edge.settings import Settings
from tests.store_edge.open_store import Store, store_settings, until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return store_settings(tmp_path / "store")


def say(store: Store, *events: Event, lane: str = "1") -> None:
    for event in events:
        with store.box.books.page() as page:
            page.announce(event, lane)


def about(store: Store, subject: str) -> list[str]:
    return [kind for kind, of in store.tasks() if of == subject]


def test_a_lost_device_calls_staff_until_it_is_back(
    settings: Settings, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings)
    say(store, DeviceLost("scale-1", "gone"))
    until(lambda: about(store, "scale-1") == ["device_lost"])
    say(store, DeviceBack("scale-1"))
    until(lambda: about(store, "scale-1") == [])


@pytest.mark.parametrize(("reason", "tasks"), [("token_used", ["token_used"]), ("shopper", []), ("left", [])])
def test_a_used_token_is_looked_at(
    settings: Settings, open_box: Callable[..., Store], reason: str, tasks: list[str]
) -> None:
    store = open_box(settings)
    say(store, ShopperDismissed("b1", "v1", reason), DeviceLost("after", "gone"))
    until(lambda: about(store, "after"))
    assert about(store, "v1") == tasks


def test_help_is_no_longer_needed_when_whoever_asked_has_gone(
    settings: Settings, open_box: Callable[..., Store]
) -> None:
    store = open_box(settings)
    store.scan(1)
    store.box.till.ask_for_help("1")
    store.box.till.ask_for_help("2")
    assert about(store, "1") == ["help"]
    store.box.till.cancel("1")
    until(lambda: about(store, "1") == [])
    assert about(store, "2") == ["help"]


def test_what_happened_before_a_start_is_reacted_to_and_nothing_twice(
    settings: Settings, open_box: Callable[..., Store]
) -> None:
    asleep = open_box(settings, start=False)
    say(asleep, DeviceLost("scale-1", "gone"), DeviceBack("scale-1"), DeviceLost("scale-2", "gone"))
    asleep.box.stop()
    for _ in range(2):
        store = open_box(settings)
        until(lambda store=store: about(store, "scale-2") == ["device_lost"])  # type: ignore[misc]
        say(store, DeviceLost("last", "gone"))
        until(lambda store=store: about(store, "last"))  # type: ignore[misc]
        store.box.stop()
    last = open_box(settings, start=False)
    opened = [event.about for event in last.events(TaskOpened)]
    assert [opened.count(device) for device in ("scale-1", "scale-2", "last")] == [1, 1, 1]
    assert [event.outcome for event in last.events(TaskDone)] == ["back"]


@dataclass(frozen=True, slots=True)
class FromTomorrow:
    """What a newer version may announce."""

    basket: str


def test_what_a_newer_version_announced_is_passed_over(
    settings: Settings, open_box: Callable[..., Store]
) -> None:
    asleep = open_box(settings, start=False)
    say(asleep, FromTomorrow("b1"), DeviceLost("scale-1", "gone"))  # type: ignore[arg-type]
    asleep.box.start()
    until(lambda: about(asleep, "scale-1") == ["device_lost"])


def test_a_reaction_that_fails_is_tried_again(
    settings: Settings, open_box: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def fail_twice(page: object, event: DeviceLost, lane: str) -> None:
        tries.append(event.device)
        if len(tries) < 3:
            raise Refused("till_closed")

    monkeypatch.setattr(reactions, "RETRY_PAUSE_S", 0.01)
    monkeypatch.setitem(reactions.REACTIONS, DeviceLost, fail_twice)  # type: ignore[arg-type]
    store = open_box(settings, start=False)
    say(store, DeviceLost("scale-1", "gone"))
    store.box.start()
    until(lambda: tries[:3] == ["scale-1"] * 3)


@pytest.mark.parametrize("over", ["sold", "given up"])
def test_nobody_looks_at_a_basket_that_is_over(
    settings: Settings, open_box: Callable[..., Store], over: str
) -> None:
    store = open_box(settings)
    basket = store.scan(1)
    with store.box.books.page() as page:
        page.open_task("sight_mismatch", basket.id, "1")
    if over == "sold":
        say(store, SaleCompleted(basket.id, 1, 0, "EUR", (), (), "", "card"))
    else:
        store.box.till.cancel("1")
    until(lambda: about(store, basket.id) == [])
