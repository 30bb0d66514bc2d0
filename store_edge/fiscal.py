"""The signing desk: what the store writes down of transactions, signatures and outages.

The device's agent and whoever waits for a receipt meet here, each on a page of their own: the one who comes
first decides what the receipt says, and the other one finds that out.
"""

from __future__ import annotations

import base64
import datetime as dt
import logging
import time
from collections.abc import Callable

from sqlalchemy import select

from checkout import signing as states
from checkout.events import (
    OutageBegan,
    OutageEnded,
    SaleCompleted,
    SaleNotSigned,
    SigningUnitSeen,
    TransactionFinished,
    TransactionStarted,
)
from checkout.fiscal import ORDER, RECEIPT, Outage, order_data, sale_data
from checkout.signing import Signing
from hardware.readings import Signed, SigningFacts, Started
from hardware.tse import receipt_qr
from hardware.tse.log_message import TransactionLog
from store_edge.db import tables as t
from store_edge.db.books import StoreBooks, StorePage
from store_edge.db.coding import decode
from store_edge.db.engine import Database
from store_edge.db.journal import Entry, Journal, set_cursor
from store_edge.settings import Settings

log = logging.getLogger(__name__)

SETTLES = (TransactionFinished.__name__, SaleNotSigned.__name__)
LOOK_S = 0.25
OUT, SLOW = "out", "slow"


class SigningDesk:
    """For one store with one signing device, or none."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        books: StoreBooks,
        journal: Journal,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._settings = settings
        self._database = database
        self._books = books
        self._journal = journal
        self._clock = clock
        self.device = settings.signing_device

    # For whoever prints a receipt

    def await_receipt(self, entry: Entry, stopping: Callable[[], bool]) -> None:
        """Wait until a completed sale is signed; after the named limit, or in an outage, it goes without."""
        if not self.device:
            return
        ends = time.monotonic() + self.left_s(entry)
        seen = entry.number
        while not self._can_be_printed(entry.facts["basket"]) and not stopping():
            left_s = ends - time.monotonic()
            if left_s <= 0 or self.outage() is not None:
                self.give_up(entry, OUT if left_s > 0 else SLOW)
                return
            for news in self._journal.wait(seen, min(left_s, LOOK_S), kinds=SETTLES):
                seen = news.number

    def left_s(self, entry: Entry) -> float:
        """How long the receipt of this sale may still wait; a clock that was set back makes it no longer."""
        age_s = (self._clock() - dt.datetime.fromisoformat(entry.at)).total_seconds()
        limit_s = self._settings.limits.signing_s
        return min(limit_s - age_s, limit_s)

    def give_up(self, entry: Entry, reason: str) -> None:
        """This sale's receipt says that the device is out; unless it is signed, or was given up already."""
        sale = entry.event()
        assert isinstance(sale, SaleCompleted)
        with self._books.page() as page:
            basket = page.basket(sale.basket)
            at = self._now()
            given_up = states.given_up(
                page.signing(sale.basket),
                sale.basket,
                self._settings.till_serial(entry.lane),
                opened_at=basket.opened_at if basket is not None else at,
                at=at,
                process_type=RECEIPT,
                process_data=_data_of(sale),
            )
            if given_up is None:
                return
            page.save_signing(given_up)
            page.announce(SaleNotSigned(sale.basket, sale.receipt, reason), entry.lane)
            if reason == SLOW:
                self._begin_outage(page, "the TSE did not answer in time")

    def signing(self, basket: str) -> Signing | None:
        with self._database.read() as connection:
            body = connection.execute(select(t.signings.c.body).where(t.signings.c.basket == basket)).scalar()
        return decode(body, Signing) if body is not None else None

    def _can_be_printed(self, basket: str) -> bool:
        found = self.signing(basket)
        return found is not None and found.can_be_printed

    # For the device's agent

    def met(self, facts: SigningFacts) -> None:
        """The device answered, and said who it is."""
        with self._books.page() as page:
            if page.meet_unit(facts):
                page.announce(SigningUnitSeen(self.device, facts.serial, facts.algorithm))

    def unfinished(self) -> tuple[Signing, ...]:
        """Processes that have a transaction which has not ended, as far as we heard."""
        with self._database.read() as connection:
            bodies = connection.execute(select(t.signings.c.body).where(t.is_unfinished_signing)).scalars()
            return tuple(decode(body, Signing) for body in bodies)

    def begun(self, basket: str, entry: Entry, facts: SigningFacts, started: Started) -> Signing:
        """The device began a transaction. Its agent stays before the entry, which may ask for more."""
        till = self._settings.till_serial(entry.lane)
        at = receipt_qr.moment(started.at)
        with self._books.page() as page:
            before = page.signing(basket)
            if before is not None and before.process_type == ORDER:
                page.save_signing(before.kept_apart())
            signing = states.begun(
                before,
                basket,
                till,
                device=facts.serial,
                transaction=started.transaction,
                started_at=at,
            )
            page.save_signing(signing)
            page.announce(TransactionStarted(basket, till, facts.serial, started.transaction, at), entry.lane)
            set_cursor(page.connection, self.device, entry.number - 1)
            return signing

    def signed(self, basket: str, entry: Entry, facts: SigningFacts, signed: Signed) -> None:
        """The device ended the transaction: write that down, and move its agent's place."""
        with self._books.page() as page:
            signing = page.signing(basket)
            assert signing is not None
            signing = signing.signed(
                signed.process_type,
                signed.process_data,
                finished_at=receipt_qr.moment(signed.finished_at),
                counter=signed.counter,
                signature=base64.b64encode(signed.signature).decode(),
                code=_code(facts, signing.till, signed),
            )
            page.save_signing(signing)
            self._announce_finished(page, signing, signed, entry.lane)
            set_cursor(page.connection, self.device, entry.number)

    def ended_stray(self, till: str, facts: SigningFacts, signed: Signed) -> None:
        """A transaction that no basket of ours could be found to was ended as given up."""
        stray = Signing("", till, states.LATE, "", facts.serial, signed.transaction)
        with self._books.page() as page:
            self._announce_finished(page, stray, signed, "")

    def forget(self, signing: Signing) -> None:
        """Its transaction went with its device: an open process begins anew, a sale stays unsigned."""
        with self._books.page() as page:
            now = page.signing(signing.basket)
            if now is not None and now.state == states.OPEN:
                page.forget_signing(signing.basket)
            elif now is not None and now.state == states.OWED:
                page.save_signing(now.lost())

    def order_of(self, basket: str) -> str:
        """What lies in a basket, as an order is signed."""
        with self._books.page() as page:
            found = page.basket(basket)
            assert found is not None
            language = self._settings.shop.language

            def name(gtin: str) -> str:
                article = page.article(gtin)
                assert article is not None, "articles in an open basket are never deleted"
                return article.name.get(language) or next(iter(article.name.values()))

            return order_data(found.standing, name)

    # Outages

    def outage(self) -> Outage | None:
        """The outage that lasts now, if one does."""
        lasting = select(t.outages.c.since, t.outages.c.reason).where(
            t.outages.c.device == self.device, t.outages.c.until == ""
        )
        with self._database.read() as connection:
            row = connection.execute(lasting).first()
        return Outage(row.since, row.reason) if row is not None else None

    def outage_began(self, reason: str) -> None:
        """From now on; nothing is written where one lasts already."""
        with self._books.page() as page:
            self._begin_outage(page, reason)

    def outage_ended(self) -> None:
        """The device signs again; nothing is written where no outage lasts."""
        if self.outage() is None:
            return
        with self._books.page() as page:
            outage = page.outage(self.device)
            if outage is None:
                return
            page.save_outage(self.device, outage.ended(self._clock()))
            page.announce(OutageEnded(self.device, outage.since))
            page.close_tasks(self.device, "back")

    def _begin_outage(self, page: StorePage, reason: str) -> None:
        if page.outage(self.device) is not None:
            return
        page.save_outage(self.device, Outage(self._now(), reason))
        page.announce(OutageBegan(self.device, reason))
        page.open_task("device_lost", self.device, "")

    # How it is written

    def _announce_finished(self, page: StorePage, signing: Signing, signed: Signed, lane: str) -> None:
        page.announce(
            TransactionFinished(
                signing.basket,
                signing.till,
                signing.device,
                signed.transaction,
                signed.counter,
                signed.process_type,
                receipt_qr.moment(signed.finished_at),
                signing.state == states.LATE,
            ),
            lane,
        )

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")


def _data_of(sale: SaleCompleted) -> str:
    """What would have been signed; "" for a sale that cannot be said in the DSFinV-K's words."""
    try:
        return sale_data(sale)
    except (ValueError, AssertionError):
        log.exception("a sale has no processData receipt=%d", sale.receipt)
        return ""


def _code(facts: SigningFacts, till: str, signed: Signed) -> str:
    """The receipt's code; an order has none."""
    if signed.process_type != RECEIPT:
        return ""
    logged = TransactionLog(
        till,
        signed.process_type,
        signed.process_data,
        signed.transaction,
        bytes.fromhex(facts.serial),
        facts.algorithm,
        signed.counter,
        signed.finished_at,
        facts.time_format,
    )
    return receipt_qr.write(logged, signed.started_at, signed.signature, facts.public_key)
