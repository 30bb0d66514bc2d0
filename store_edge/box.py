"""The box in the back room: everything of one store, opened by one call."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from checkout.cashier import Cashier
from checkout.ports import Chance
from checkout.promotions import Promotion, build
from checkout.receipt import Receipt, Shop
from checkout.till import Till
from hardware import registry
from store_edge.bench import Bench
from store_edge.chance import TrueChance
from store_edge.db.books import StoreBooks
from store_edge.db.engine import Database
from store_edge.db.journal import Journal
from store_edge.db.soundness import fault_in_recent_past
from store_edge.desk import Payments, Receipts, Shelves, Tasks, Visits
from store_edge.devices.agent import DeviceAgent
from store_edge.devices.camera import CameraAgent
from store_edge.devices.health import HealthBoard
from store_edge.devices.printer import PrinterAgent
from store_edge.devices.scanner import ScannerAgent
from store_edge.devices.terminal import TerminalAgent
from store_edge.devices.tray import TrayAgent
from store_edge.idle import IdleWatch
from store_edge.reactions import Reactions
from store_edge.settings import BadSettings, DeviceSettings, Settings
from store_edge.sync.central_client import HeadOffice
from store_edge.sync.outbox import Outbox
from store_edge.sync.public_keys import PublicKeys
from store_edge.sync.visits import VisitDesk
from store_edge.tokens import TokenGate
from store_edge.upkeep import Upkeep

log = logging.getLogger(__name__)

Clock = Callable[[], dt.datetime]

AGENTS: dict[str, Callable[[Box, str, str, str, Any], DeviceAgent]] = {
    "scanner": ScannerAgent,
    "camera": CameraAgent,
    "rfid": TrayAgent,
    "terminal": TerminalAgent,
    "printer": PrinterAgent,
}
"""Which agent bridges which kind of driver: the word before the dot in its name."""


class Worker(Protocol):
    """Something with a thread of its own."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def join(self) -> None: ...


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Box:
    """One store: the counter's use cases, the journal, the look-ups, the devices and head office."""

    def __init__(
        self,
        settings: Settings,
        *,
        head_office: HeadOffice,
        clock: Clock = now,
        chance: Chance | None = None,
        public_address: str = "",
        has_terminal: Callable[[str], bool] | None = None,
    ) -> None:
        """`has_terminal` says which lanes take cards; if it is not given, those with a terminal of ours."""
        self.settings = settings
        self.clock = clock
        self.public_address = public_address
        chance = chance or TrueChance()
        self.database = Database(settings.database_url)
        self.database.migrate()
        self.journal = Journal(self.database, clock)
        promotions = running_promotions(settings)
        self.books = StoreBooks(
            self.database, self.journal, clock=clock, chance=chance, promotions=promotions
        )
        self.head_office = head_office
        self.public_keys = PublicKeys(self.database, head_office)
        gate = TokenGate(self.public_keys.known, clock)
        self.till = Till(
            self.books,
            clock=clock,
            chance=chance,
            check_token=gate,
            timezone=ZoneInfo(settings.shop.timezone),
            language=settings.shop.language,
        )
        self.cashier = Cashier(
            self.books,
            clock=clock,
            chance=chance,
            shop=shop_of(settings),
            has_terminal=has_terminal or settings.has_terminal,
        )
        self.shelves = Shelves(self.database)
        self.payments = Payments(self.database)
        self.receipts = Receipts(self.database)
        self.tasks = Tasks(self.database)
        self.visits = Visits(self.database)
        self.health = HealthBoard(clock)
        self.bench = Bench(settings.home / "emulators")
        self._workers: list[Worker] = []

    def start(self) -> None:
        """Start everything with a thread: reactions, head office's readers, one agent per device.

        Raises BadSettings for a device that has no place here.
        """
        refuse_second_trays(self.settings.devices)
        self._look_at_journal()
        workers: list[Worker] = [
            Reactions(self),
            Outbox(self),
            VisitDesk(self),
            self.public_keys,
            IdleWatch(self),
            Upkeep(self.database, self.clock),
        ]
        workers += (self._agent(name, device) for name, device in self.settings.devices.items())
        for worker in workers:
            worker.start()
            self._workers.append(worker)  # one by one: who closes the shop in mid-start stops what has begun
        log.info("store is open shop=%s devices=%d", self.settings.shop.id, len(self.settings.devices))

    def stop(self) -> None:
        """Let everybody finish what they have in hand, then close the database."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.join()
        self.bench.stop()
        self.database.close()

    def _look_at_journal(self) -> None:
        """Say it aloud and call staff where the journal does not add up; selling goes on (FAULTS 6)."""
        fault = fault_in_recent_past(self.database, self.journal)
        if not fault:
            return
        log.critical("the journal does not add up fault=%s", fault)
        try:
            with self.books.page() as page:
                page.open_task("journal_broken", "journal", "")
        except Exception:  # a disk that is broken for good says so at the first sale, too
            log.exception("nobody could be called to the broken journal")

    def receipt_address(self, receipt: Receipt) -> str:
        """Where the digital receipt is; "" as long as nobody said under which address the store is found."""
        return f"{self.public_address}/r/{receipt.link}" if self.public_address else ""

    def _agent(self, device: str, settings: DeviceSettings) -> DeviceAgent:
        kind = settings.driver.split(".")[0]
        if kind not in AGENTS:
            raise BadSettings(f"device {device}: no agent for a {kind!r}; there are {', '.join(AGENTS)}")
        address = self.bench.start(device, settings) if settings.emulated else settings.address
        driver = registry.driver(settings.driver)(address, **settings.options)
        return AGENTS[kind](self, device, settings.driver, settings.lane, driver)


def running_promotions(settings: Settings) -> tuple[Promotion, ...]:
    """The promotions of `store.toml`. Raises BadSettings, naming the one with wrong terms."""
    running = []
    for name, promotion in settings.promotions.items():
        try:
            running.append(build(promotion.kind, name, promotion.terms))
        except ValueError as error:
            raise BadSettings(f"promotions.{name}: {error}") from None
    return tuple(running)


def refuse_second_trays(devices: Mapping[str, DeviceSettings]) -> None:
    """Raises BadSettings where one lane has two: each would take what lies on the other for lifted."""
    lanes: set[str] = set()
    for device, settings in devices.items():
        if AGENTS.get(settings.driver.split(".")[0]) is TrayAgent:
            if settings.lane in lanes:
                raise BadSettings(
                    f"device {device}: lane {settings.lane} has two trays; one can have more antennas"
                )
            lanes.add(settings.lane)


def shop_of(settings: Settings) -> Shop:
    shop = settings.shop
    return Shop(shop.id, shop.name, shop.address, shop.tax_number, shop.currency)
