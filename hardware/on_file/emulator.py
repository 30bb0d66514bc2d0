"""A provider for cards on file, made of software: HTTPS on a real port, notices to a real one, true books.

What it charged (`charges`) is the ground truth that tests compare with what the shop believes. A charge
waits for a person at the device bench, or is decided at once (`auto`, `next_card`). Its notices may come
twice, never, late, before the answer, or from somebody else.
"""

from __future__ import annotations

import http.client
import itertools
import queue
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from hardware.errors import Garbled
from hardware.on_file import codec
from hardware.on_file.books import ChargeBooks
from hardware.on_file.codec import Charged
from hardware.web.emulator import WebEmulator, new_secret
from hardware.web.server import Answer, Question, said
from hardware.web.webhook import PREFIX, key_of, signed

BASE = "/v1"
NOTICE_S_MAX = 2.0
Fate = Literal["approve", "decline", "wait"]
FATES = ("approve", "decline", "wait")
Notices = Literal["once", "twice", "never", "early"]


def _kind_of(question: Question) -> str:
    """account, enquire, charge, void, captures, refunds."""
    parts = question.path.removeprefix(BASE).strip("/").split("/")
    if parts[0] != "charges":
        return parts[0]
    if question.method == "GET":
        return "enquire"
    return parts[2] if len(parts) > 2 else "charge"


class OnFileEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread."""

    def __init__(
        self,
        *,
        auto: bool = False,
        books: Path | None = None,
        wall_clock: Callable[[], float] = time.time,
        secrets: tuple[str, str] | None = None,
    ) -> None:
        """`books` is the file where its charges outlive it; with `auto` it approves what nobody decided.

        `secrets` are its key and the notices', where another one must know the same.
        """
        key, hook = secrets or (new_secret(), PREFIX + b64encode(new_secret().encode()).decode())
        self._credentials = {"secret_key": key, "webhook_secret": hook}
        self._books = ChargeBooks(books)
        self._wall_clock = wall_clock
        self._numbers = itertools.count(1)
        self._fate: Fate | None = None
        self.auto = auto
        self.notices: Notices = "once"
        """How its notices come."""
        self.web = WebEmulator(self._do, _kind_of, "on-file-emulator", self._credentials)
        self._post: queue.SimpleQueue[tuple[str, dict[str, str], bytes] | None] = queue.SimpleQueue()
        self._postman: threading.Thread | None = None
        self.last_notice: tuple[str, dict[str, str], bytes] | None = None
        """Address, headers and body of the one that was sent last."""

    def start(self) -> str:
        """Listen on a free port and give the address."""
        self.web.plug()
        if self._postman is None:
            self._postman = threading.Thread(target=self._carry, name="on-file-notices", daemon=True)
            self._postman.start()
        return self.address

    def stop(self) -> None:
        """End for good. Its books stay readable."""
        self.web.stop()
        if self._postman is not None:
            self._post.put(None)
            self._postman.join(2 * NOTICE_S_MAX)
            self._postman = None

    def __enter__(self) -> OnFileEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it, whom it must trust, and its keys."""
        return self.web.address(BASE)

    def unplug(self) -> None:
        """Nobody reaches it any more."""
        self.web.unplug()

    def plug(self) -> None:
        """It is back, at the same address."""
        self.web.plug()

    # What a person, or a test, decides

    def next_card(self, fate: Fate) -> None:
        """The next charge is decided so at once; "wait" leaves it pending. Raises ValueError for another."""
        if fate not in FATES:
            raise ValueError(f"there is no {fate!r}, only {', '.join(FATES)}")
        self._fate = fate

    def decide(self, fate: Fate) -> bool:
        """Decide the oldest pending charge; False if none waits."""
        with self.web.lock:
            waiting = [one for one in self._books.all() if one.charged.state == "pending"]
            if not waiting:
                return False
            entry = self._books.decide(waiting[0].charged.id, fate == "approve")
        self._notify(entry.charged.id)
        return True

    def knock(self, address: str, headers: dict[str, str], body: bytes) -> int:
        """Send any notice anywhere, as anybody could; gives the answer's status."""
        parts = urlsplit(address)
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=NOTICE_S_MAX)
        try:
            line.request("POST", parts.path, body, headers)
            return line.getresponse().status
        finally:
            line.close()

    @property
    def charges(self) -> list[Charged]:
        """What is truly in its books, oldest first."""
        with self.web.lock:
            return [one.charged for one in self._books.all()]

    @property
    def waiting_minor(self) -> int | None:
        """The amount of the charge that waits to be decided; None for none."""
        return next((one.amount_minor for one in self.charges if one.state == "pending"), None)

    # What it is asked

    def _do(self, question: Question) -> Answer:
        if question.headers.get("authorization") != f"Bearer {self._credentials['secret_key']}":
            return said(401, {"code": "unauthorised"})
        parts = question.path.removeprefix(BASE).strip("/").split("/")
        try:
            match question.method, parts:
                case "GET", ["account"]:
                    return said(200, codec.Account("Tante Emma", True))
                case "GET", ["charges", id]:
                    return self._told(id)
                case "PUT", ["charges", id]:
                    return self._charge(id, codec.decode(question.body, codec.Wish))
                case "PUT", ["charges", id, "void"]:
                    return said(200, self._books.void(id).charged)
                case "PUT", ["charges", id, "captures" | "refunds" as what, key]:
                    return self._part(id, what, key, codec.decode(question.body, codec.Part).amount_minor)
        except Garbled:
            return said(400, {"code": "bad_request"})
        return said(404, {"code": "not_found"})

    def _told(self, id: str) -> Answer:
        found = self._books.get(id)
        return said(200, found.charged) if found is not None else said(404, {"code": "not_found"})

    def _charge(self, id: str, wish: codec.Wish) -> Answer:
        """Known by its id: the same wish is answered again, another one, or a voided one, is refused."""
        known = self._books.get(id)
        if known is not None:
            return said(200 if known.wish == wish or known.wish is None else 409, known.charged)
        entry = self._books.begin(id, wish)
        fate, self._fate = self._fate or ("approve" if self.auto else "wait"), None
        if fate != "wait":
            entry = self._books.decide(id, fate == "approve")
            self._notify(id)
        return said(200, entry.charged)

    def _part(self, id: str, what: str, key: str, amount_minor: int) -> Answer:
        if self._books.get(id) is None:
            return said(404, {"code": "not_found"})
        change = self._books.capture if what == "captures" else self._books.refund
        done = change(id, f"{what}/{key}", amount_minor)
        entry = self._books.get(id)
        assert entry is not None
        return said(200 if done else 409, entry.charged)

    # Its notices

    def _notify(self, id: str) -> None:
        entry = self._books.get(id)
        if entry is None or entry.wish is None or not entry.wish.notify or self.notices == "never":
            return
        body = codec.encode(codec.Notice(id))
        key = key_of(self._credentials["webhook_secret"])
        name = f"notice-{id}-{next(self._numbers)}"
        sent = (entry.wish.notify, signed(key, name, int(self._wall_clock()), body), body)
        self.last_notice = sent
        if self.notices == "early":
            self._deliver(sent)
            return
        for _ in range(2 if self.notices == "twice" else 1):
            self._post.put(sent)

    def _carry(self) -> None:
        while (sent := self._post.get()) is not None:
            self._deliver(sent)

    def _deliver(self, sent: tuple[str, dict[str, str], bytes]) -> None:
        """Once: whoever did not hear it enquires."""
        try:
            self.knock(*sent)
        except OSError:
            return
