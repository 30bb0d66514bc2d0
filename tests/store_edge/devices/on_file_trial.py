"""A shop that charges cards on file, a provider that keeps books, and a line between them that breaks.

The shop's side is the real one: cashier, books on a real database, the provider's agent and driver, over TLS.
Only its thread is ours, so that it can be killed at any byte; what it wrote down survives, and so do the
provider's books.
"""

from __future__ import annotations

import datetime as dt
import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

from checkout.payment import DECLINED, ON_FILE, TAKEN, UNKNOWN, Payment
from hardware.errors import DeviceFault
from hardware.on_file.driver import OnFileProvider
from hardware.on_file.emulator import Fate, Notices, OnFileEmulator
from hardware.web.https import Line, Service, open_tls
from store_edge.box import Box
from store_edge.devices.provider import ProviderAgent
from store_edge.settings import DeviceSettings
from tests.money_machine import Fuse, Killed
from tests.store_edge.open_store import PIECES, no_head_office, store_settings

DEVICE, DRIVER = "on-file-1", "on_file.rest"
STEPS_MAX = 60
AWAY_STEPS = 10
SECRETS = ("a key of the trial's", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
PAYMENT_S = 100.0


class CutLine:
    """A TLS line whose till is killed when so many bytes, both ways, went over it."""

    def __init__(self, line: Line, fuse: Callable[[int], int]) -> None:
        self._line = line
        self._fuse = fuse

    def settimeout(self, within_s: float) -> None:
        self._line.settimeout(within_s)

    def sendall(self, data: bytes) -> None:
        allowed = self._fuse(len(data))
        self._line.sendall(data[:allowed])
        if allowed < len(data):
            raise Killed

    def recv(self, count: int) -> bytes:
        data = self._line.recv(count)
        if self._fuse(len(data)) < len(data):
            raise Killed
        return data

    def close(self) -> None:
        self._line.close()


class OnFileTrial:
    """Both sides, and the reckoning."""

    def __init__(self, folder: Path, database: Path) -> None:
        self._home = folder / "store"
        self._home.mkdir()
        shutil.copy(database, self._home / "store.db")
        self._books = folder / "provider.json"
        self._now = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
        self._fuse = Fuse()
        self._connected = False
        self._away_at = -1
        self.faults = self.left_to_staff = 0
        self.payments: list[str] = []
        devices = {DEVICE: DeviceSettings(DRIVER, address="by hand")}
        self.box = Box(
            store_settings(self._home, devices, payment_s=PAYMENT_S),
            head_office=no_head_office(),
            clock=lambda: self._now,
        )
        self.emulator = self._switch_on()
        self._agent = self._wake_till()

    def close(self) -> None:
        self._agent.let_go()
        self.emulator.stop()
        self.box.stop()
        self.box.head_office.close()

    # What may happen

    def pay(self, fate: Fate, patience: int, staff_wait: bool) -> None:
        """A shopper pays; whatever breaks, it is settled before the next one comes."""
        self.box.till.scan("1", PIECES[0].gtin, how="typed")
        self.emulator.next_card(fate)
        basket = self.box.cashier.ask_payment("1", tender=ON_FILE, mandate="mandate-1")
        asked = self.box.payments.open_for(basket.id)
        assert asked is not None
        self.payments.append(asked.id)
        self._settle(asked.id, patience, staff_wait)
        self.box.till.cancel("1")

    def stop_by_shopper(self, fate: Fate, after: int) -> None:
        """A shopper pays, and thinks better of it after so many looks of the agent."""
        self.box.till.scan("1", PIECES[0].gtin, how="typed")
        self.emulator.next_card(fate)
        basket = self.box.cashier.ask_payment("1", tender=ON_FILE, mandate="mandate-1")
        asked = self.box.payments.open_for(basket.id)
        assert asked is not None
        self.payments.append(asked.id)
        for _ in range(after):
            self.look()
        self.box.cashier.stop_payment("1")
        self._settle(asked.id, 5, False)
        self.box.till.cancel("1")

    def notices(self, how: Notices) -> None:
        self.emulator.notices = how

    def cut_line(self, kind: str, byte_count: int) -> None:
        """The provider hangs up at that byte of the next exchange of this kind."""
        self.emulator.web.die_at(kind, byte_count)

    def kill_till_at(self, byte_count: int) -> None:
        """The till dies when it has said and heard so many bytes more."""
        self._fuse.bytes_left = byte_count

    def lose_answers(self, kind: str) -> None:
        self.emulator.web.lose_answers(kind, 1)

    def trouble(self, status: int) -> None:
        self.emulator.web.refuse(status)

    def go_away(self, at_step: int) -> None:
        """In the next payment the provider is cut off, for longer than anybody waits."""
        self._away_at = at_step

    def forge(self) -> None:
        """Somebody tells of charges, signed with nothing, and repeats an old notice."""
        last = self.emulator.last_notice
        if last is not None:
            address, headers, body = last
            for forged in (headers, {**headers, "webhook-signature": "v1,Zm9yZ2Vk"}):
                try:
                    self.emulator.knock(address, forged, body)
                except OSError:
                    return  # nobody is at that door any more

    def restart_provider(self) -> None:
        """The power goes and comes back: only its books are left, and it is elsewhere."""
        self.emulator.stop()
        self.emulator = self._switch_on()
        self.restart_till()

    def restart_till(self) -> None:
        """Only what was written down is left."""
        self._agent.let_go()
        self._agent = self._wake_till()

    def reckon(self) -> None:
        """Each payment, by the shop's books and by the provider's: nothing twice, nothing lost."""
        charged = {one.id: one for one in self.emulator.charges}
        assert set(charged) <= set(self.payments), "nobody asked for that"
        for id in self.payments:
            found = self.payment(id)
            there = charged.get(id)
            kept_minor = there.captured_minor - there.refunded_minor if there else 0
            assert found.state in (TAKEN, DECLINED), found.state
            assert kept_minor == (found.amount_minor if found.state == TAKEN else 0), found

    # How the till goes on

    def look(self) -> None:
        """One round of the agent's life, as its thread would do it."""
        try:
            if not self._connected:
                self._agent.connect()
                self._connected = True
            else:
                self._agent.work()
        except DeviceFault:
            self.faults += 1
            self._connected = False
            self._agent.let_go()
        except Killed:
            self.faults += 1
            self._fuse.bytes_left = None
            self.restart_till()

    def payment(self, id: str) -> Payment:
        found = self.box.payments.payment(id)
        assert found is not None
        return found

    def _settle(self, id: str, patience: int, staff_wait: bool) -> None:
        """Look until it is settled; in the end the bank decides, time goes by, and staff say "not paid"."""
        for step in range(STEPS_MAX):
            if step == self._away_at:
                self.emulator.unplug()
            if step == self._away_at + AWAY_STEPS:
                self.emulator.plug()
            self.look()
            now = self.payment(id)
            if now.state in (TAKEN, DECLINED):
                break
            if step == patience:
                self.emulator.decide("approve")
            if step > patience + 3:
                self._now += dt.timedelta(seconds=60)
            self.left_to_staff += now.state == UNKNOWN
            if now.state == UNKNOWN and not staff_wait:
                self.box.cashier.declined(id, "staff")
        else:
            raise AssertionError(f"nobody could tell how it ended: {self.payment(id).state}")
        self._fuse.bytes_left, self._away_at = None, -1
        self.emulator.plug()

    def _switch_on(self) -> OnFileEmulator:
        emulator = OnFileEmulator(
            books=self._books, secrets=SECRETS, wall_clock=lambda: self._now.timestamp()
        )
        emulator.start()
        return emulator

    def _wake_till(self) -> ProviderAgent:
        def open_line(service: Service, trust: ssl.SSLContext, within_s: float) -> Line:
            return CutLine(open_tls(service, trust, within_s), self._fuse.burn)

        provider = OnFileProvider(
            self.emulator.address,
            answer_s=0.25,
            try_s=0.1,
            wall_clock=lambda: self._now.timestamp(),
            open_line=open_line,
        )
        self._connected = False
        agent = ProviderAgent(self.box, DEVICE, DRIVER, "1", provider)
        agent._read_to = self.box.journal.last_number()
        return agent
