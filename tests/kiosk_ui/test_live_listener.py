"""The live listener on a real port: order, resumption, topics, strangers, slow pages, many pages."""

from __future__ import annotations

import datetime as dt
import json
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from checkout.events import BasketOpened, DeviceBack
from kiosk_ui import live
from kiosk_ui.live import LiveDesk
from kiosk_ui.own_names import OwnNames
from kiosk_ui.serve import AddressTaken
from store_edge.db.engine import Database
from store_edge.db.journal import Journal

WAIT_S_MAX = 20.0
PAGES = 200


@dataclass
class Corridor:
    """A journal to write in, and the desk that reads it out."""

    database: Database
    journal: Journal
    desk: LiveDesk

    def write(self, *lanes: str) -> int:
        """One event a lane ("" for the store); gives the last number."""
        with self.database.write() as connection:
            for lane in lanes:
                event = BasketOpened(f"b{lane}") if lane else DeviceBack("scanner-1")
                number = self.journal.append(connection, event, lane).number
        self.journal.wake_readers({"BasketOpened", "DeviceBack"}, number)
        return number


@pytest.fixture
def corridor(tmp_path: Path) -> Iterator[Corridor]:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    database.migrate()
    journal = Journal(database, lambda: dt.datetime.now(dt.UTC))
    desk = LiveDesk(journal, "127.0.0.1", 0, own_names=OwnNames(["shop.test"]))
    desk.start()
    yield Corridor(database, journal, desk)
    desk.stop()
    database.close()


@dataclass
class Page:
    """A browser's end of a stream."""

    port: int
    line: socket.socket
    heard: bytes = b""
    ended: bool = False
    status: int = 0
    headers: str = ""
    events: list[dict[str, str]] = field(default_factory=list)

    def hear(self, within_s: float) -> None:
        """Take in what comes next."""
        self.line.settimeout(within_s)
        try:
            data = self.line.recv(65536)
        except TimeoutError:
            return
        except OSError:
            data = b""
        self.ended = not data
        self.take(data)

    def take(self, data: bytes) -> None:
        self.heard += data
        if not self.status and b"\r\n\r\n" in self.heard:
            head, self.heard = self.heard.split(b"\r\n\r\n", 1)
            self.headers = head.decode("latin-1").lower()
            self.status = int(self.headers.split()[1])
        text = self.heard
        while self.status == 200 and b"\n\n" in text:
            block, text = text.split(b"\n\n", 1)
            lines = [line for line in block.decode().replace("\r", "").split("\n") if ": " in line]
            if event := {key: value for key, value in (line.split(": ", 1) for line in lines) if key}:
                self.events.append(event)
        self.heard = text

    def numbers(self) -> list[int]:
        return [int(event["id"]) for event in self.events if "id" in event and "event" not in event]

    def until(self, count: int) -> list[int]:
        """The numbers of the first `count` events."""
        ends_s = time.monotonic() + WAIT_S_MAX
        while len(self.numbers()) < count and not self.ended and time.monotonic() < ends_s:
            self.hear(0.2)
        return self.numbers()

    def until_answered(self) -> None:
        """Wait for a no, or for the first words of a stream: from now on it can miss nothing."""
        self._until(lambda: self.ended or (self.status and (self.status != 200 or self.events)))

    def until_ended(self) -> None:
        self._until(lambda: self.ended)

    def until_reset(self) -> int:
        """The number from which it is to begin anew."""
        self._until(self.resets)
        return self.resets()[0]

    def resets(self) -> list[int]:
        return [int(event["id"]) for event in self.events if event.get("event") == "reset"]

    def _until(self, condition: Callable[[], object]) -> None:
        ends_s = time.monotonic() + WAIT_S_MAX
        while not condition():
            assert time.monotonic() < ends_s
            self.hear(0.2)


@pytest.fixture
def pages() -> Iterator[list[Page]]:
    opened: list[Page] = []
    yield opened
    for page in opened:
        page.line.close()


def visit(
    corridor: Corridor, pages: list[Page], topics: str = "lane-1", path: str = "/live", **headers: str
) -> Page:
    port = corridor.desk.port
    line = socket.create_connection(("127.0.0.1", port), WAIT_S_MAX)
    query = f"?topics={topics.replace(' ', '+')}" if topics else ""
    fields = {"Host": f"127.0.0.1:{port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
    lines = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
    line.sendall(f"GET {path}{query} HTTP/1.1\r\n{lines}\r\n".encode("latin-1"))
    page = Page(port, line)
    pages.append(page)
    page.until_answered()
    return page


def test_events_come_in_order_and_say_nothing_but_that_they_happened(
    corridor: Corridor, pages: list[Page]
) -> None:
    page = visit(corridor, pages)
    for _ in range(20):
        corridor.write("1", "1")
    assert page.until(40) == list(range(1, 41))
    said = [json.loads(event["data"]) for event in page.events if "data" in event]
    assert said[0] == {"type": "BasketOpened", "lane": "1", "number": 1}
    assert "text/event-stream" in page.headers
    assert "no-store" in page.headers


def test_a_page_hears_its_topics_only(corridor: Corridor, pages: list[Page]) -> None:
    heard = {
        topics: visit(corridor, pages, topics) for topics in ("lane-1", "store", "lane-*", "lane-2 store")
    }
    corridor.write("1", "2", "", "1", "2", "")
    assert heard["lane-1"].until(2) == [1, 4]
    assert heard["store"].until(2) == [3, 6]
    assert heard["lane-*"].until(4) == [1, 2, 4, 5]
    assert heard["lane-2 store"].until(4) == [2, 3, 5, 6]


def test_a_page_that_lost_the_line_misses_nothing(corridor: Corridor, pages: list[Page]) -> None:
    page = visit(corridor, pages)
    corridor.write("1", "1", "1")
    assert page.until(3) == [1, 2, 3]
    page.line.close()
    corridor.write("1", "2", "1")
    again = visit(corridor, pages, Last_Event_ID="3")
    corridor.write("1")
    assert again.until(3) == [4, 6, 7]


def test_what_comes_between_two_looks_back_is_told(
    corridor: Corridor, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, last_number = corridor.write("1"), corridor.journal.last_number

    def a_moment_later() -> int:
        corridor.write("1")
        return last_number()

    monkeypatch.setattr(corridor.journal, "last_number", a_moment_later)
    assert visit(corridor, pages, Last_Event_ID=str(first)).until(1) == [first + 1]


def test_nothing_falls_between_looking_back_and_listening(corridor: Corridor, pages: list[Page]) -> None:
    corridor.write("1")
    writing = threading.Thread(target=lambda: [corridor.write("1") for _ in range(100)])
    writing.start()
    heard = [visit(corridor, pages, Last_Event_ID="1") for _ in range(5)]
    writing.join()
    for page in heard:
        assert page.until(100) == list(range(2, 102))


@pytest.mark.parametrize("after", ["0", "999999", "0999999"])
def test_a_page_too_far_behind_or_from_another_life_is_told_to_begin_anew(
    corridor: Corridor, pages: list[Page], after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BACKLOG_MAX", 10)
    last = corridor.write(*["1"] * 20)
    page = visit(corridor, pages, Last_Event_ID=after)
    assert page.until_reset() == last
    corridor.write("1")
    assert page.until(1) == [last + 1]
    assert len(page.resets()) == 1


@pytest.mark.parametrize("after", ["", "-1", "x", "²", "9" * 30])
def test_a_last_number_that_is_none_begins_now(corridor: Corridor, pages: list[Page], after: str) -> None:
    page = visit(corridor, pages, Last_Event_ID=after)
    corridor.write("1")
    assert page.until(1) == [1]
    assert not page.resets()


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[", "http://127.0.0.1.evil.example"]
)
def test_another_sites_page_is_refused(corridor: Corridor, pages: list[Page], origin: str) -> None:
    assert visit(corridor, pages, Origin=origin).status == 403


@pytest.mark.parametrize(
    ("host", "status"), [("shop.test:8081", 200), ("localhost", 200), ("rebound.test", 400), ("", 400)]
)
def test_only_our_names_are_listened_under(
    corridor: Corridor, pages: list[Page], host: str, status: int
) -> None:
    origin = f"http://{host}" if host else "null"
    assert visit(corridor, pages, Host=host, Origin=origin).status == status


def test_our_own_page_on_its_other_port_is_let_in(corridor: Corridor, pages: list[Page]) -> None:
    page = visit(corridor, pages, Origin="http://127.0.0.1:8080")
    assert page.status == 200
    assert "access-control-allow-origin: http://127.0.0.1:8080" in page.headers


def test_other_paths_are_not_there(corridor: Corridor, pages: list[Page]) -> None:
    assert visit(corridor, pages, path="/").status == 404


def test_more_pages_than_it_can_serve_are_turned_away(
    corridor: Corridor, pages: list[Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 2)
    assert [visit(corridor, pages).status for _ in range(3)] == [200, 200, 503]


def test_a_page_that_has_gone_is_forgotten(corridor: Corridor, pages: list[Page]) -> None:
    page = visit(corridor, pages)
    assert corridor.desk.streams == 1
    page.line.close()
    ends_s = time.monotonic() + WAIT_S_MAX
    while corridor.desk.streams:
        assert time.monotonic() < ends_s
        corridor.write("1")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "WAITING_MAX", 300)
    monkeypatch.setattr(live, "SEND_S_MAX", 0.5)


@pytest.mark.usefixtures("hasty")
def test_a_page_that_reads_nothing_is_cut_off_and_costs_nobody_else_anything(
    corridor: Corridor, pages: list[Page]
) -> None:
    slow, quick = visit(corridor, pages), visit(corridor, pages)
    ends_s = time.monotonic() + WAIT_S_MAX
    written = 0
    while corridor.desk.streams > 1:
        assert time.monotonic() < ends_s, "the slow page keeps its place for ever"
        written = corridor.write(*["1"] * 200)
        assert quick.until(written)[-1] == written
    assert not slow.ended
    slow.until_ended()
    assert corridor.write("1") == written + 1
    assert quick.until(written + 1) == list(range(1, written + 2))


def test_two_hundred_pages_hear_at_once(corridor: Corridor, pages: list[Page]) -> None:
    heard = [visit(corridor, pages) for _ in range(PAGES)]
    assert corridor.desk.streams == PAGES
    waiting = selectors.DefaultSelector()
    for page in heard:
        page.line.setblocking(False)
        waiting.register(page.line, selectors.EVENT_READ, page)
    began_s = time.monotonic()
    number = corridor.write("1")
    missing = PAGES
    while missing:
        assert time.monotonic() - began_s < WAIT_S_MAX
        for key, _ in waiting.select(1.0):
            key.data.take(key.data.line.recv(65536))
        missing = sum(page.numbers() != [number] for page in heard)
    waiting.close()


def test_stopping_ends_every_stream(corridor: Corridor, pages: list[Page]) -> None:
    heard = [visit(corridor, pages) for _ in range(5)]
    corridor.desk.stop()
    for page in heard:
        page.until_ended()
    assert corridor.desk.streams == 0


def test_a_taken_port_is_said_at_once(corridor: Corridor) -> None:
    with pytest.raises(AddressTaken, match="cannot be used"):
        LiveDesk(corridor.journal, "127.0.0.1", corridor.desk.port)
