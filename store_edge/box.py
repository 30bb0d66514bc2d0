"""The box in the back room: everything of one store, opened by one call."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from checkout.compared import Charged
from checkout.errors import Refused
from checkout.ports import Chance
from checkout.receipt import Receipt
from hardware import registry
from mirror.fitting_room import FittingRoom
from store_edge.bench import Bench
from store_edge.chance import TrueChance
from store_edge.clerks import Clerks
from store_edge.counter import Clock, Counter, running_promotions
from store_edge.db.books import StoreBooks
from store_edge.db.engine import Database
from store_edge.db.journal import Journal
from store_edge.db.soundness import fault_in_recent_past
from store_edge.desk import Closings, Payments, Receipts, Shelves, Tasks, Visits
from store_edge.devices.agent import DeviceAgent
from store_edge.devices.camera import CameraAgent
from store_edge.devices.display import DisplayAgent
from store_edge.devices.gate import GateAgent
from store_edge.devices.health import HealthBoard
from store_edge.devices.lane_box import LaneBoxAgent
from store_edge.devices.printer import PrinterAgent
from store_edge.devices.provider import ProviderAgent
from store_edge.devices.scale import ScaleAgent
from store_edge.devices.scanner import ScannerAgent
from store_edge.devices.terminal import TerminalAgent
from store_edge.devices.tower import TowerAgent
from store_edge.devices.tray import TrayAgent
from store_edge.devices.tse import TseAgent
from store_edge.devices.zone_reader import ZoneReaderAgent
from store_edge.fiscal import SigningDesk
from store_edge.fitting_desk import Fittings
from store_edge.fitting_watch import FittingWatch
from store_edge.idle import IdleWatch
from store_edge.paper_rules import coupons_taken
from store_edge.promotion_log import PromotionLog
from store_edge.promotion_reach import words_of_no_article
from store_edge.reactions import Reactions
from store_edge.settings import BadSettings, DeviceSettings, Settings
from store_edge.stock import StoreStock
from store_edge.styling_desk import StylingDesk
from store_edge.sync.central_client import HeadOffice
from store_edge.sync.outbox import Outbox
from store_edge.sync.paper import PaperDesk
from store_edge.sync.public_keys import PublicKeys
from store_edge.sync.visits import VisitDesk
from store_edge.tokens import TokenGate
from store_edge.upkeep import Upkeep
from store_edge.worker import Worker
from store_edge.zones import Zones

log = logging.getLogger(__name__)

AGENTS: dict[str, Callable[[Box, str, str, str, Any], DeviceAgent]] = {
    "scanner": ScannerAgent,
    "camera": CameraAgent,
    "rfid": TrayAgent,
    "terminal": TerminalAgent,
    "on_file": ProviderAgent,
    "transfer": ProviderAgent,
    "printer": PrinterAgent,
    "tse": TseAgent,
    "scale": ScaleAgent,
    "lanebox": LaneBoxAgent,
    "tower": TowerAgent,
    "gate": GateAgent,
    "display": DisplayAgent,
}
"""Which agent bridges which kind of driver: the word before the dot in its name."""


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Box(Counter):
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
        self.public_address = public_address
        chance = chance or TrueChance()
        self.database = Database(settings.database_url)
        self.database.migrate()
        self.journal = Journal(self.database, clock)
        self.head_office = head_office
        self.public_keys = PublicKeys(self.database, head_office)
        promotions = running_promotions(settings)
        super().__init__(
            settings,
            StoreBooks(
                self.database,
                self.journal,
                clock=clock,
                chance=chance,
                promotions=promotions,
                coupons=coupons_taken(settings),
            ),
            clock=clock,
            chance=chance,
            check_token=TokenGate(self.public_keys.known, clock),
            has_terminal=has_terminal or partial(settings.has, "terminal"),
        )
        self._promotions = PromotionLog(self.database, self.books, self.wall_clock)
        self.charged = Charged(self._promotions.spells())
        self.clerks = Clerks(self.database, self.books, chance)
        self.shelves = Shelves(self.database, self.wall_clock)
        self.payments = Payments(self.database)
        self.receipts = Receipts(self.database)
        self.closings = Closings(self.database)
        self.tasks = Tasks(self.database)
        self.visits = Visits(self.database)
        self.stock = StoreStock(self.database)
        self.fittings = Fittings(self.database)
        self.fitting_room = FittingRoom(
            self.books,
            self.till,
            clock=clock,
            chance=chance,
            stock=self.stock,
            language=settings.shop.language,
        )
        self.styling = StylingDesk(settings, self.shelves, self.stock, self.journal, self.wall_clock)
        self.fiscal = SigningDesk(settings, self.database, self.books, self.journal, clock)
        self.health = HealthBoard(clock)
        self.bench = Bench(settings.home / "emulators")
        self.zones = Zones(self)
        self._workers: list[Worker] = []

    def start(self) -> None:
        """Start everything with a thread: reactions, head office's readers, one agent per device.

        Raises BadSettings for a device that has no place here.
        """
        refuse_second_devices(self.settings.devices)
        self._look_at_journal()
        self._note_promotions()
        for unknown in words_of_no_article(self.settings, self.shelves):
            log.warning("a promotion names goods that nobody sells here: %s", unknown.sentence)
        workers: list[Worker] = [
            Reactions(self),
            Outbox(self),
            VisitDesk(self),
            PaperDesk(self),
            self.public_keys,
            IdleWatch(self),
            Upkeep(self.database, self.clock),
        ]
        if any(device.zones for device in self.settings.devices.values()):
            workers += [self.zones, FittingWatch(self)]
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

    def _note_promotions(self) -> None:
        """What runs from now on is announced, and prices are compared with what ran until now."""
        try:
            self._promotions.bring_up_to_date(self.settings.running, self.journal.epoch)
        except Refused:  # the disk is full: the next start notes it
            log.error("the promotions could not be noted")
        self.charged = Charged(self._promotions.spells())

    def receipt_address(self, receipt: Receipt) -> str:
        """Where the digital receipt is; "" as long as nobody said under which address the store is found."""
        return f"{self.public_address}/r/{receipt.link}" if self.public_address else ""

    def _agent(self, device: str, settings: DeviceSettings) -> DeviceAgent:
        kind = settings.driver.split(".")[0]
        if kind not in AGENTS:
            raise BadSettings(f"device {device}: no agent for a {kind!r}; there are {', '.join(AGENTS)}")
        address = self.bench.start(device, settings) if settings.emulated else settings.address
        driver = registry.driver(settings.driver)(address, **settings.options)
        if settings.zones:
            return ZoneReaderAgent(self, device, settings.driver, settings.lane, driver)
        return AGENTS[kind](self, device, settings.driver, settings.lane, driver)


def refuse_second_devices(devices: Mapping[str, DeviceSettings]) -> None:
    """Raises BadSettings where one lane has two trays, or the store two signing devices.

    Each tray would take what lies on the other for lifted, and a sale is signed once.
    """
    units = [name for name, one in devices.items() if AGENTS.get(one.driver.split(".")[0]) is TseAgent]
    if len(units) > 1:
        raise BadSettings(f"device {units[1]}: {units[0]} signs for all lanes already")
    lanes: set[str] = set()
    for device, settings in devices.items():
        if AGENTS.get(settings.driver.split(".")[0]) is TrayAgent and not settings.zones:
            if settings.lane in lanes:
                raise BadSettings(
                    f"device {device}: lane {settings.lane} has two trays; one can have more antennas"
                )
            lanes.add(settings.lane)
