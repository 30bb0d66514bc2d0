"""A cloud TSE made of software: HTTPS on a real port, and the same signing engine as the local emulator.

It keeps tokens that expire and tills that must be entered, knows a question that it has heard before by
its id and revision, and does not sign it again. What it signed stays in its folder over a restart.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import secrets
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from hardware.errors import Garbled
from hardware.readings import Signed, Started
from hardware.tse.cloud import codec
from hardware.tse.security_module import NoSuchTransaction, SecurityModule, TooManyOpen
from hardware.web.emulator import WebEmulator, When, new_secret
from hardware.web.server import Answer, Question, said

API = "/api/v2"
ALGORITHM, TIME_FORMAT = "ecdsa-plain-SHA256", "unixTime"
TOKEN_S = 3600
KIND = re.compile(r"/(auth|client|tx|export)")


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _refusal(status: int, code: str) -> Answer:
    return said(status, {"code": code, "status_code": status})


def _kind_of(question: Question) -> str:
    """auth, describe, client, start, update, finish, list, recall, export."""
    found = KIND.search(question.path.removeprefix(API))
    kind = found[1] if found else "describe"
    if kind != "tx":
        return kind
    if question.method == "GET":
        return "list" if question.path.endswith("/tx") else "recall"
    if question.query.get("tx_revision") == "1":
        return "start"
    return "finish" if b'"FINISHED"' in question.body else "update"


class CloudTseEmulator:
    """`start()` gives the driver's address. All acts may be called from any thread."""

    def __init__(
        self,
        *,
        books: Path | None = None,
        token_s: float = TOKEN_S,
        calendar: Callable[[], dt.datetime] = _utc_now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`books` is the folder where key, counters and log outlive it; a token is good for `token_s`."""
        self._module = SecurityModule(
            books, curve=ec.SECP256R1(), algorithm=ALGORITHM, time_format=TIME_FORMAT, calendar=calendar
        )
        self._token_s = token_s
        self._clock = clock
        self._keys = {"api_key": new_secret(), "api_secret": new_secret()}
        self._tokens: dict[str, float] = {}
        self._base = f"{API}/tss/{uuid.UUID(bytes=self._module.serial[:16])}"
        self._tills: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        """Transaction by the id that its asker chose."""
        self._revisions: dict[int, list[tuple[bytes, Answer]]] = {}
        """What was asked in each revision, and what was answered."""
        self._trouble = ""
        self.web = WebEmulator(self._do, _kind_of, "cloud-tse-emulator", self._keys)

    def start(self) -> str:
        """Listen on a free port and give the address."""
        self.web.plug()
        return self.address

    def stop(self) -> None:
        """End for good. What it signed stays readable."""
        self.web.stop()

    def __enter__(self) -> CloudTseEmulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """Where the driver finds it, whom it must trust, and its keys."""
        return self.web.address(self._base)

    def unplug(self) -> None:
        """The line to the cloud is cut."""
        self.web.unplug()

    def plug(self) -> None:
        """It is back, at the same address."""
        self.web.plug()

    def slow(self, each_ms: int) -> None:
        """Take so long for each signature from now on."""
        self.web.slow_s = dict.fromkeys(("start", "update", "finish"), each_ms / 1000)

    def fall_ill(self, trouble: Literal["full", "expired"]) -> None:
        """Sign nothing any more: the memory is full, or the unit was taken out of service."""
        self._trouble = codec.FULL if trouble == "full" else codec.DISABLED

    def recover(self) -> None:
        """The memory was emptied, or the unit is in service again."""
        self._trouble = ""

    @property
    def condition(self) -> Literal["well", "slow", "full", "expired"]:
        """How it was made to be; the worse where it is two things."""
        if self._trouble:
            return "full" if self._trouble == codec.FULL else "expired"
        return "slow" if any(self.web.slow_s.values()) else "well"

    def lose_answers(self, count: int = 1) -> None:
        """Do what the next so many signing questions ask, and say nothing."""
        for kind in ("start", "update", "finish"):
            self.web.lose_answers(kind, count)

    def die_in(self, question: Literal["start", "update", "finish"], when: When) -> None:
        """Hang up once, in the next question of this kind."""
        self.web.die_in(question, when)

    def expire_tokens(self) -> None:
        """Take no token that was given out until now."""
        self._tokens.clear()

    @property
    def counter(self) -> int:
        """How many signatures it ever made."""
        return self._module.counter

    @property
    def finished(self) -> list[Signed]:
        """What was truly signed as ended, oldest first: the ground truth for tests."""
        with self.web.lock:
            return self._module.finished

    def open_of(self, client: str) -> tuple[Started, ...]:
        """What a client has truly not ended."""
        with self.web.lock:
            return self._module.open_of(client)

    # What it is asked

    def _do(self, question: Question) -> Answer:
        path = question.path
        if path == f"{API}/auth":
            return self._give_token(question)
        good_until = self._tokens.get(question.headers.get("authorization", "").removeprefix("Bearer "), 0.0)
        if self._clock() > good_until:
            return _refusal(401, "E_UNAUTHORIZED")
        if not f"{path}/".startswith(f"{self._base}/"):
            return _refusal(404, "E_TSS_NOT_FOUND")
        room, _, which = path[len(self._base) + 1 :].partition("/")
        try:
            match room, question.method:
                case "", "GET":
                    return said(200, self._described())
                case "client", "PUT":
                    self._tills[which] = codec.decode(question.body, codec.ClientWish).serial_number
                    return said(200, {"_id": which})
                case "tx", "PUT":
                    return self._change(which, question)
                case "tx", "GET":
                    return self._list(question) if not which else self._recall(which)
                case "export", "PUT" | "GET":
                    return self._export(which)
        except (Garbled, ValueError):
            return _refusal(400, "E_BAD_REQUEST")
        return _refusal(405, "E_METHOD")

    def _give_token(self, question: Question) -> Answer:
        said_keys = codec.decode(question.body, codec.Keys)
        if said_keys != codec.Keys(**self._keys):
            return _refusal(401, "E_WRONG_KEY")
        token = secrets.token_urlsafe(16)
        self._tokens[token] = self._clock() + self._token_s
        return said(200, codec.Leave(token, int(self._token_s)))

    def _described(self) -> codec.Tss:
        module = self._module
        return codec.Tss(
            module.serial.hex(),
            codec.READY if self._trouble != codec.DISABLED else "DISABLED",
            module.algorithm,
            module.time_format,
            base64.b64encode(module.public_key).decode(),
            base64.b64encode(module.certificate).decode(),
            self._trouble,
        )

    def _change(self, which: str, question: Question) -> Answer:
        """A revision that was there before is answered as then; none may be left out."""
        revision = int(question.query["tx_revision"])
        number = self._number(which)
        known = self._revisions.get(number, [])
        if 0 < revision <= len(known):
            before, answer = known[revision - 1]
            return answer if before == question.body else _refusal(409, codec.CONFLICT)
        if self._trouble:
            return _refusal(400, self._trouble)
        if revision != len(known) + 1:
            return _refusal(409 if number else 404, codec.CONFLICT if number else codec.UNKNOWN_TRANSACTION)
        wish = codec.decode(question.body, codec.Wish)
        try:
            number = self._sign(number, self._tills[wish.client_id], wish)
        except (NoSuchTransaction, KeyError):
            return _refusal(404, codec.UNKNOWN_TRANSACTION)
        except TooManyOpen:
            return _refusal(400, codec.TOO_MANY_OPEN)
        self._numbers.setdefault(which, number)
        answer = said(200, self._transaction(number, revision))
        self._revisions.setdefault(number, []).append((question.body, answer))
        return answer

    def _number(self, which: str) -> int:
        """0 for one that nobody began. A unit that was restarted knows what it signed, by number."""
        if which in self._numbers:
            return self._numbers[which]
        number = int(which) if which.isdecimal() else 0
        if number and number not in self._revisions and self._module.client_of(number):
            self._revisions[number] = [(b"", _refusal(409, codec.CONFLICT))]
        return number if number in self._revisions else 0

    def _sign(self, number: int, client: str, wish: codec.Wish) -> int:
        if not number:
            return self._module.start(client).transaction
        if wish.schema is None:
            raise Garbled("a revision without data")
        data = base64.b64decode(wish.schema.raw.process_data).decode()
        if wish.state == codec.ACTIVE:
            self._module.update(client, number, wish.schema.raw.process_type, data)
        else:
            self._module.finish(client, number, wish.schema.raw.process_type, data)
        return number

    def _transaction(self, number: int, revision: int) -> codec.Transaction:
        client = self._module.client_of(number)
        found = self._module.recall(client, number)
        if isinstance(found, Started):
            signature = codec.Signature("", found.counter)
            start = int(found.at.timestamp())
            return codec.Transaction(str(number), number, codec.ACTIVE, revision, client, start, signature)
        data = base64.b64encode(found.process_data.encode()).decode()
        return codec.Transaction(
            str(number),
            number,
            codec.FINISHED,
            revision,
            client,
            int(found.started_at.timestamp()),
            codec.Signature(base64.b64encode(found.signature).decode(), found.counter),
            int(found.finished_at.timestamp()),
            codec.Schema(codec.Raw(found.process_type, data)),
        )

    def _recall(self, which: str) -> Answer:
        number = self._number(which)
        if not number:
            return _refusal(404, codec.UNKNOWN_TRANSACTION)
        return said(200, self._transaction(number, len(self._revisions[number])))

    def _list(self, question: Question) -> Answer:
        client = self._tills.get(question.query["client_id"], "")
        offset, limit = int(question.query["offset"]), int(question.query["limit"])
        numbers = [one.transaction for one in self._module.open_of(client)][offset : offset + limit]
        found = [self._transaction(self._number(str(n)), len(self._revisions[n])) for n in numbers]
        return said(200, codec.Transactions(found))

    def _export(self, which: str) -> Answer:
        if which.endswith("/file"):
            return Answer(200, b"".join(self._module.tar()))
        return said(200, codec.ExportState(codec.COMPLETED))
