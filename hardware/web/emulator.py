"""The common half of the emulated services: HTTPS on a real port of this machine, and everything that breaks.

Its certificate comes from an authority of its own, made when it is started, which the driver is told to
trust; nowhere is verification switched off. A service's own half is one function from a question to an
answer.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

import h11
import trustme

from hardware.loopback import LOOPBACK, Outlet
from hardware.web.server import Answer, HungUp, Question, bytes_of, hear

TALK_S_MAX = 30.0
When = Literal["before", "after", "answering"]
"""When it dies: before it did what it was asked, after it and before the answer, or amid the answer."""


class _Fuse:
    """Burns when so many bytes, both ways, went over one line."""

    def __init__(self, byte_count: int) -> None:
        self._left = byte_count

    def allowed(self, count: int) -> int:
        allowed = min(count, self._left)
        self._left -= allowed
        return allowed


class WebEmulator:
    """A service on `https://127.0.0.1`. `does` answers a question; it is never called twice at once.

    `kind_of` names a question, so that a fault can be wished for one kind. Acts may come from any thread.
    """

    def __init__(
        self,
        does: Callable[[Question], Answer],
        kind_of: Callable[[Question], str],
        name: str,
        credentials: Mapping[str, str],
    ) -> None:
        self._does = does
        self._kind_of = kind_of
        self._credentials = credentials
        self.lock = threading.Lock()
        """Held while a question is answered."""
        self._outlet = Outlet(self._serve, name)
        self._authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._trusted = self._certified(None)
        self._ended = threading.Event()
        self.slow_s: dict[str, float] = {}
        """How long questions of a kind take."""
        self._mute: dict[str, int] = {}
        self._dying: tuple[str, When] | None = None
        self._fuse: tuple[str, int] | None = None
        self._refusals: list[Answer] = []
        self.asked: list[str] = []
        """The kinds of all questions that were heard whole, oldest first."""

    # The plug

    def plug(self) -> None:
        """Listen, at the same port as before."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="emma-service-")
            folder = Path(self._folder.name)
            self._authority.cert_pem.write_to_path(str(folder / "ca.pem"))
            keys = "".join(f'{name} = "{value}"\n' for name, value in self._credentials.items())
            (folder / "credentials.toml").write_text(keys, encoding="utf-8")
        self._ended.clear()
        self._outlet.plug()

    def unplug(self) -> None:
        """Drop every line and refuse new ones."""
        self._ended.set()
        self._outlet.unplug()

    def stop(self) -> None:
        """End for good."""
        self._ended.set()
        self._outlet.stop()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def plugged(self) -> bool:
        return self._outlet.plugged

    def address(self, base: str) -> str:
        """Where the driver finds it, and what it must know."""
        assert self._folder is not None, "it was never plugged in"
        folder = Path(self._folder.name)
        known = {"ca": str(folder / "ca.pem"), "credentials": str(folder / "credentials.toml")}
        return f"https://{LOOPBACK}:{self._outlet.port}{base}?{urlencode(known, safe='/')}"

    # What can go wrong

    def die_in(self, kind: str, when: When) -> None:
        """Hang up once, in the next question of this kind."""
        self._dying = (kind, when)

    def die_at(self, kind: str, byte_count: int) -> None:
        """Hang up once, when so many bytes of the next question of this kind and of its answer went by."""
        self._fuse = (kind, byte_count)

    def lose_answers(self, kind: str, count: int) -> None:
        """Do what the next so many questions of a kind ask, and say nothing."""
        self._mute[kind] = count

    def refuse(self, *statuses: int, retry_after_s: int | None = None) -> None:
        """Answer the next questions so, each with one status, and do nothing."""
        told = () if retry_after_s is None else (("Retry-After", str(retry_after_s)),)
        self._refusals = [Answer(status, b'{"code":"E_TROUBLE"}', told) for status in statuses]

    def expire_certificate(self) -> None:
        """Forget to renew it."""
        self._trusted = self._certified(dt.datetime.now(dt.UTC) - dt.timedelta(days=1))

    def renew_certificate(self) -> None:
        self._trusted = self._certified(None)

    # How it is done

    def _certified(self, until: dt.datetime | None) -> ssl.SSLContext:
        since = None if until is None else until - dt.timedelta(days=90)
        certificate = self._authority.issue_cert(LOOPBACK, not_before=since, not_after=until)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        return context

    def _serve(self, line: socket.socket) -> None:
        # The outlet hangs up on `line`; TLS takes a double of it, which hears of that.
        with contextlib.ExitStack() as stack:
            double = line.dup()
            double.settimeout(TALK_S_MAX)
            try:
                secure = self._trusted.wrap_socket(double, server_side=True)
            except OSError:
                double.close()
                return
            stack.callback(secure.close)
            with contextlib.suppress(HungUp, h11.ProtocolError):
                self._talk(secure)

    def _talk(self, line: ssl.SSLSocket) -> None:
        talk = h11.Connection(h11.SERVER)
        question, size = hear(line, talk)
        kind = self._kind_of(question)
        fuse = self._armed(kind)
        if fuse is not None and fuse.allowed(size) < size:
            return
        dying = self._burnt(kind)
        if dying == "before" or self._ended.wait(self.slow_s.get(kind, 0.0)):
            return
        with self.lock:
            self.asked.append(kind)
            answer = self._refusals.pop(0) if self._refusals else self._does(question)
            mute = self._mute.get(kind, 0)
            self._mute[kind] = max(0, mute - 1)
        if dying == "after":
            return
        if mute:
            self._ended.wait(TALK_S_MAX)
            return
        data = bytes_of(talk, answer)
        if dying == "answering":
            data = data[: len(data) // 2]
        if fuse is not None:
            data = data[: fuse.allowed(len(data))]
        line.sendall(data)

    def _armed(self, kind: str) -> _Fuse | None:
        if self._fuse is None or self._fuse[0] != kind:
            return None
        (_, byte_count), self._fuse = self._fuse, None
        return _Fuse(byte_count)

    def _burnt(self, kind: str) -> When | None:
        if self._dying is None or self._dying[0] != kind:
            return None
        (_, when), self._dying = self._dying, None
        return when


def new_secret() -> str:
    """A key that only the emulator and its driver know."""
    return secrets.token_urlsafe(24)
