"""The letter's words: visits put together from the timeline, and consents to fixed words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.ctx import RequestContext

from kiosk_ui.account.api import Account, Consents, Entry, Line, Page, Proof
from kiosk_ui.account.letter import switches, visits
from kiosk_ui.account.purposes import VERSION, purposes, text_version
from kiosk_ui.i18n import init_i18n

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MILK = Line("9521234000013", 2, 0, 214)
APPLES = Line("9521234000020", 1, 742, 222)


def bought(visit: str, ago_h: int, *lines: Line, receipt: int = 1) -> Entry:
    total = sum(line.total_minor for line in lines)
    at = AT - timedelta(hours=ago_h)
    return Entry("purchase", at, "demo", "1", visit, receipt, total, "EUR", lines)


def came(visit: str, ago_h: int) -> Entry:
    return Entry("visit", AT - timedelta(hours=ago_h), "demo", "", visit)


def pages(*items: list[Entry]) -> Iterator[Page]:
    for number, entries in enumerate(items, 1):
        yield Page(True, tuple(entries), None if number == len(items) else "more")


def test_a_purchase_and_its_visit_are_one_even_with_another_between_and_over_pages() -> None:
    found = visits(
        pages([bought("a", 0, MILK), bought("b", 1, APPLES), came("a", 2)], [came("b", 3), came("c", 9)]),
        8,
        {"9521234000013": ("Milk", "/milk.svg")}.get,
    )
    assert [len(visit.sales) for visit in found.shown] == [1, 1, 0]
    assert [thing.name for visit in found.shown for thing in visit.things] == ["Milk", "9521234000020"]
    assert [visit.things[0].count for visit in found.shown[:2]] == [2, 1]
    assert not found.more


def test_two_receipts_of_one_visit_are_added() -> None:
    (visit,) = visits(
        pages([bought("a", 0, MILK, receipt=8), bought("a", 1, APPLES, receipt=7)]), 8, None
    ).shown
    assert (visit.total_minor, visit.currency, visit.receipts) == (436, "EUR", [7, 8])


def test_no_more_pages_are_turned_than_the_letter_needs() -> None:
    turned = []

    def counted() -> Iterator[Page]:
        for number in range(9):
            turned.append(number)
            yield Page(True, (came(f"v{2 * number}", number), came(f"v{2 * number + 1}", number)), "more")

    found = visits(counted(), 3, None)
    assert (len(found.shown), found.more, turned) == (3, True, [0, 1])


def test_without_consent_there_is_nothing() -> None:
    found = visits(iter([Page(False, (), None)]), 8, None)
    assert (found.allowed, list(found.shown), found.more) == (False, [], False)


def test_a_switch_shows_the_newest_answer_to_its_own_purpose() -> None:
    old, new = (Proof("history", yes, "account-1.de", "account page", AT) for yes in (True, False))
    account = Account("0" * 32, "Mina", "de", AT, Consents(False, True), (old, new))
    with _speaking("en"):
        history, personalisation, loyalty, journey = switches(account, purposes())
    assert (history.on, history.proof) == (False, new)
    assert (personalisation.on, personalisation.proof) == (True, None)
    assert (loyalty.on, loyalty.proof) == (journey.on, journey.proof) == (False, None)


def _speaking(language: str) -> RequestContext:
    app = Flask("kiosk_ui")
    init_i18n(app, default_language=language)
    return app.test_request_context()


@pytest.mark.parametrize(
    ("language", "digest"),
    [
        ("de", "fa3d74e9d56e789c"),
        ("en", "3605f8183e1d6bc7"),
    ],
)
def test_changed_words_need_a_new_version(language: str, digest: str) -> None:
    """Whoever agreed, agreed to these words: change them, and `purposes.VERSION` must change as well."""
    with _speaking(language):
        words = "\n".join(f"{one.name}: {one.label}: {one.text}" for one in purposes())
    assert (VERSION, hashlib.sha256(words.encode()).hexdigest()[:16]) == ("account-3", digest)
    assert text_version(language) == f"account-3.{language}"
