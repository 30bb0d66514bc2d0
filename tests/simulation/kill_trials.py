"""Sales in a store process that is killed again and again, and the reckoning afterwards.

The card terminal and head office live outside the killed process: the terminal's own books (`charges`) say
what was truly paid, head office's events what it was truly told.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from checkout.events import LineAdded, PaymentTaken, SaleCompleted
from checkout.payment import UNKNOWN
from hardware.zvt.emulator import TerminalEmulator
from store_edge.box import Box
from tests.simulation.store_child import LANE
from tests.store_edge.open_store import PIECES, HeadOfficeHouse, Store, until

LINES = 10
ANSWER_S_MAX = 30.0
SALE_S = 0.5
"""About how long the scans of a sale take: kills "anywhere" are spread over this."""
START_S = 1.5
"""About how long a store takes to start: second kills are spread over this."""
CARD_AT_WORK_S = 0.1
TRIES_MAX = 20
GLANCE_S = 0.0005
MOMENTS = ("anywhere", "anywhere", "card awaited", "card at work", "goes on alone", "booked", "booked")
"""When the store is killed. "goes on alone": at work on a card that is approved though the store is dead."""
CARDS = ("approve",) * 6 + ("slow",) * 2 + ("steadfast",) * 2 + ("decline",)
REPOSITORY = Path(__file__).parents[2]


class Killed(Exception):
    """The store's process is dead: no answer, or half of one."""


class StoreProcess:
    """The store, as its screens know it: ask, and either an answer comes or the line is dead."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self.start()
        self.await_ready()

    def await_ready(self) -> float:
        """Wait until it can sell; gives the seconds of processor time which that took."""
        return float(self._hear()["ready"])

    def start(self) -> None:
        self.killed = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.store_child", *self._words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True,
        )  # fmt: skip

    def ask(self, *order: object) -> dict[str, Any]:
        """Raises Killed when no whole answer came."""
        try:
            self._pipe(self._process.stdin).write(json.dumps(order) + "\n")
            self._pipe(self._process.stdin).flush()
        except OSError:
            raise Killed from None
        return self._hear()

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self.killed = True
        os.kill(self._process.pid, signal.SIGKILL)

    def bury(self) -> bool:
        """Wait until the killed process is gone and throw away its pipes; False if it lives."""
        if not self.killed:
            return False
        assert self._process.wait(ANSWER_S_MAX) == -signal.SIGKILL
        for end in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):  # what was not flushed is lost with it
                self._pipe(end).close()
        return True

    def close(self) -> None:
        """Let it end in peace."""
        self._pipe(self._process.stdin).close()
        self._process.wait(ANSWER_S_MAX)
        self._pipe(self._process.stdout).close()

    def _hear(self) -> dict[str, Any]:
        line = self._pipe(self._process.stdout).readline()
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:
            raise Killed from None
        return answer

    @staticmethod
    def _pipe(end: IO[str] | None) -> IO[str]:
        assert end is not None
        return end


@dataclass
class Tally:
    """What the outside world saw."""

    kills: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    restart_s: list[float] = field(default_factory=list)
    """From the kill to selling again, and what of that was work: the rest waits for a busy machine."""
    restart_cpu_s: list[float] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    """Lines that each basket was acknowledged to have."""
    paid: set[str] = field(default_factory=set)
    """Baskets that were seen paid."""


def p95(values: list[float]) -> float:
    return sorted(values)[round(0.95 * (len(values) - 1))]


class Trials:
    """One seeded run."""

    def __init__(self, seed: int, home: Path, terminal: TerminalEmulator, house: HeadOfficeHouse) -> None:
        self._chance = random.Random(seed)
        self._terminal = terminal
        self._house = house
        self._account = house.account()
        self._home = home
        self._keys = 0
        self._customer = Customer(seed + 1, terminal)
        self.tally = Tally()
        self._store = StoreProcess([str(home), terminal.address, house.url, house.store_key])

    def run(self, kills: int) -> None:
        """Sell until that many kills happened, and one more sale in peace."""
        while self.tally.kills.total() < kills:
            self._sell(self._chance.choice(MOMENTS))
        self._sell("")

    def close(self) -> None:
        self._customer.leave()
        self._store.close()

    def _sell(self, moment: str) -> None:
        """One sale from the first scan until it is seen paid, with one kill in it at a moment."""
        killer = self._plan(moment)
        codes = [self._chance.choice(PIECES).gtin for _ in range(LINES)]
        if self._chance.random() < 0.3:
            codes.insert(self._chance.randrange(LINES), self._house.token(self._account))
        basket = ""
        for code in codes:
            seen = self._until_answered("scan", code)
            assert seen["state"] == "open", seen
            assert basket in ("", seen["basket"]), "a basket is not changed for another one"
            basket = seen["basket"]
            self.tally.lines[basket] = self.tally.lines.get(basket, 0) + (not code.startswith("EMMA1."))
            assert seen["lines"] == self.tally.lines[basket], "each scan is a line, and only one"
        self._pay(basket)
        if killer is not None:
            killer.join(ANSWER_S_MAX)
            self._see_to_death()

    def _pay(self, basket: str) -> None:
        """Ask for payment, as often as the card is declined, until the sale is paid."""
        for _ in range(TRIES_MAX):
            self._until_answered("pay")
            seen = self._await_outcome()
            if seen["state"] == "paid":
                assert seen["basket"] == basket
                self.tally.paid.add(basket)
                return
        raise AssertionError("nobody gets rid of their money here")

    def _await_outcome(self) -> dict[str, Any]:
        ends_s = time.monotonic() + ANSWER_S_MAX
        while (seen := self._until_answered("look"))["state"] == "paying":
            assert time.monotonic() < ends_s, "the payment never ends"
            time.sleep(0.005)
        return seen

    def _until_answered(self, word: str, *how: str) -> dict[str, Any]:
        """Ask, and ask again with the same key when the answer was lost."""
        self._keys += 1
        key = [] if word == "look" else [f"k{self._keys}"]
        for _ in range(TRIES_MAX):
            try:
                return self._store.ask(word, *key, *how)
            except Killed:
                assert self._store.killed, "the store died by itself"
                self.tally.repeats += 1
                self._see_to_death()
        raise AssertionError("the store does not stay alive")

    # Death

    def _plan(self, moment: str) -> threading.Thread | None:
        """Somebody who kills the store at that moment of the sale that now begins."""
        if not moment:
            return None
        self.tally.kills[moment] += 1
        charged = len(self._terminal.charges)
        conditions = {
            "anywhere": lambda: True,
            "card awaited": lambda: self._terminal.waiting_minor is not None,
            "card at work": lambda: self._customer.inserted > inserted,
            "goes on alone": lambda: self._customer.inserted > inserted,
            "booked": lambda: len(self._terminal.charges) > charged,
        }
        inserted = self._customer.inserted
        self._customer.wish = "steadfast" if moment == "goes on alone" else ""
        delay_s = {"anywhere": SALE_S, "card at work": CARD_AT_WORK_S}.get(moment, 0.02)
        how = (conditions[moment], self._chance.uniform(0.0, delay_s))
        killer = threading.Thread(target=self._kill_when, args=how, name="killer", daemon=True)
        killer.start()
        return killer

    def _kill_when(self, condition: Callable[[], bool], delay_s: float) -> None:
        ends_s = time.monotonic() + ANSWER_S_MAX
        while not condition() and time.monotonic() < ends_s:
            time.sleep(GLANCE_S)
        time.sleep(delay_s)
        self._store.kill()

    def _see_to_death(self) -> None:
        """Start the store again; now and then it dies once more while it starts."""
        if not self._store.bury():
            return
        while self._chance.random() < 0.1:
            self.tally.kills["starting"] += 1
            self._store.start()
            time.sleep(self._chance.uniform(0.0, START_S))
            self._store.kill()
            assert self._store.bury()
        began_s = time.monotonic()
        self._store.start()
        self.tally.restart_cpu_s.append(self._store.await_ready())
        self._store.ask("look")
        self.tally.restart_s.append(time.monotonic() - began_s)


class Customer:
    """A hand with a card, at the terminal for as long as the trials last."""

    def __init__(self, seed: int, terminal: TerminalEmulator) -> None:
        self._chance = random.Random(seed)
        self._terminal = terminal
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._wait_for_terminal, name="customer", daemon=True)
        self.inserted = 0
        self.wish = ""
        """The card to come next, whatever chance says."""
        self._thread.start()

    def leave(self) -> None:
        self._leaving.set()
        self._thread.join(ANSWER_S_MAX)

    def _wait_for_terminal(self) -> None:
        while not self._leaving.wait(GLANCE_S):
            if self._terminal.waiting_minor is None:
                continue
            self._leaving.wait(self._chance.uniform(0.0, 0.05))
            if self._chance.random() < 0.1:
                self._terminal.die_at(self._chance.randrange(14, 120), self._chance.random() < 0.5)
            card = self._chance.choice(CARDS)
            self.inserted += self._terminal.insert_card(self.wish or card)
            self.wish = ""


# The reckoning


def reckon(box: Box, terminal: TerminalEmulator, house: HeadOfficeHouse, tally: Tally) -> str:
    """Compare what everybody believes, and say it in one line. AssertionError where they differ."""
    store = Store(box)
    last = box.journal.check()
    until(lambda: len(house.event_ids()) >= last, ANSWER_S_MAX, "head office was not told all")
    assert house.event_ids() == [(box.journal.epoch, number) for number in range(1, last + 1)]
    assert house.alarms() == []

    lines = Counter(event.basket for event in store.events(LineAdded))
    assert lines == tally.lines, "every acknowledged line is there, once"
    sales, taken = store.events(SaleCompleted), store.events(PaymentTaken)
    assert len({sale.basket for sale in sales}) == len(sales)
    assert tally.paid <= {sale.basket for sale in sales}, "every sale seen paid is there"
    assert [sale.receipt for sale in sales] == list(range(1, len(sales) + 1))
    assert all(box.receipts.by_number(sale.receipt) for sale in sales)
    assert [sale.payment for sale in sales] == [one.payment for one in taken]
    assert [sale.total_minor for sale in sales] == [one.amount_minor for one in taken]

    open_amounts = Counter(p.amount_minor for p in box.payments.on_lane(LANE, UNKNOWN))
    waiting = [task for task in box.tasks.waiting() if task.kind == "payment_unknown"]
    assert len(waiting) == open_amounts.total()
    charged = {charge.receipt_number: charge.amount_minor for charge in terminal.charges}
    assert len(charged) == len(terminal.charges)
    booked = {one.receipt_number: one.amount_minor for one in taken}
    assert len(booked) == len(taken), "no charge counts twice"
    assert booked.items() <= charged.items(), "nothing is sold that was not charged"
    unsettled = Counter(amount for number, amount in charged.items() if number not in booked)
    assert unsettled <= open_amounts, "every charge is a sale, or staff look into it"
    assert house.turnover_minor() == sum(booked.values())

    kills = ", ".join(f"{count} {moment}" for moment, count in sorted(tally.kills.items()))
    return (
        f"{tally.kills.total()} kills ({kills}): {len(sales)} sales, {sum(lines.values())} lines, "
        f"{len(charged)} charges, {unsettled.total()} left to staff, {tally.repeats} repeats, "
        f"{last} events at head office, selling again p95 {p95(tally.restart_s):.1f} s "
        f"(max {max(tally.restart_s):.1f} s), processor time p95 {p95(tally.restart_cpu_s):.1f} s"
    )
