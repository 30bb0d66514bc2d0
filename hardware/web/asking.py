"""Asking a service until it is known what became of it: tokens, retries, and waiting as long as it asks
us to.

Only what may be repeated is asked here: whoever asks for what must happen once puts an id into the
question by which the service knows it again. So a retry never does it twice, and only a doubt that
outlasts all retries is `OutcomeUnknown`.

    answer            surely not done       maybe done              then
    none, nobody      x                                             again after a pause
    none, broken                            x                       again after a pause
    401               x                                             again with a new token, once
    429               x                                             again after Retry-After
    5xx                                     x                       again after Retry-After, or a pause
    all others                                                      the caller's
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.web.https import Caller, Reply

TRIES_MAX = 6
PAUSE_S_MIN, PAUSE_S_MAX = 0.05, 1.0
RETRY_AFTER_S_MAX = 120.0
TOKEN_RESERVE_S = 5.0
"""A token that is good for less than this is not used any more."""

NewToken = Callable[[float], tuple[str, float]]
"""Asks for a token within so many seconds: (token, seconds for which it is good)."""


class Token:
    """The service's leave to speak to it, fetched when it is needed and again before it expires."""

    def __init__(self, fetch: NewToken, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._text = ""
        self._good_until = 0.0

    def text(self, within_s: float) -> str:
        """Raises what fetching one raises."""
        if not self._text or self._clock() > self._good_until:
            self._text, good_s = self._fetch(within_s)
            self._good_until = self._clock() + good_s - min(TOKEN_RESERVE_S, good_s / 2)
        return self._text

    def forget(self) -> None:
        """The service takes it no more."""
        self._text = ""


class Asker:
    """Asks one service questions that may be repeated. `answer_s` limits all tries, `try_s` each."""

    def __init__(
        self,
        caller: Caller,
        token: Token,
        *,
        answer_s: float,
        try_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._caller = caller
        self._token = token
        self._answer_s = answer_s
        self._try_s = try_s
        self._clock = clock
        self._closed = threading.Event()
        self._closed.set()

    def open(self) -> None:
        """From here on questions are asked."""
        self._closed.clear()

    def close(self) -> None:
        """Ask nothing more and wait no more, from any thread."""
        self._closed.set()
        self._token.forget()

    def ask(self, method: str, path: str, body: bytes = b"") -> Reply:
        """The service's answer, an error of ours (4xx) included.

        Raises Unreachable or Busy (surely not done), OutcomeUnknown.
        """
        if self._closed.is_set():
            raise Unreachable(f"the line to {self._caller.service.name} is not open")
        ends = self._clock() + self._answer_s
        in_doubt, had_new_token = False, False
        pause_s = PAUSE_S_MIN
        fault: DeviceFault = Unreachable(f"{self._caller.service.name} is silent")
        for _ in range(TRIES_MAX):
            wait_s = pause_s
            try:
                reply = self._once(method, path, body, ends)
            except (OutcomeUnknown, Garbled) as broken:
                in_doubt, fault = True, broken
            except Unreachable as away:
                fault = away
            except Busy as refused:
                fault = refused
                break
            else:
                if reply.status < 500 and reply.status not in (401, 429):
                    return reply
                fault = _refused(self._caller.service.name, reply)
                if reply.status == 401:
                    self._token.forget()
                    if had_new_token:
                        break
                    had_new_token, wait_s = True, 0.0
                else:
                    in_doubt = in_doubt or reply.status != 429
                    wait_s = max(wait_s, _retry_after_s(reply))
            if self._clock() + wait_s >= ends or self._closed.wait(wait_s):
                break
            pause_s = min(2 * pause_s, PAUSE_S_MAX)
        if in_doubt:
            raise OutcomeUnknown(str(fault)) from fault
        raise fault

    def look(self, path: str) -> Reply:
        """An answer to a question that changes nothing. Raises Unreachable, Busy, Garbled."""
        try:
            return self.ask("GET", path)
        except OutcomeUnknown as doubt:
            if isinstance(doubt.__cause__, Garbled | Busy):
                raise doubt.__cause__ from None
            raise Unreachable(str(doubt)) from doubt

    def headers(self, within_s: float) -> dict[str, str]:
        """Raises what fetching a token raises."""
        return {"Authorization": f"Bearer {self._token.text(within_s)}"}

    def _once(self, method: str, path: str, body: bytes, ends: float) -> Reply:
        try:
            headers = self.headers(self._left_s(ends))
        except (OutcomeUnknown, Garbled) as broken:  # only a token was asked for
            raise Unreachable(str(broken)) from broken
        return self._caller.exchange(method, path, headers, body, self._left_s(ends))

    def _left_s(self, ends: float) -> float:
        return max(0.001, min(self._try_s, ends - self._clock()))


def _retry_after_s(reply: Reply) -> float:
    """What the service asks us to wait; a date, which it may say too, counts as a pause (RFC 9110,
    10.2.3).
    """
    said = reply.headers.get("retry-after", "")
    return min(float(said), RETRY_AFTER_S_MAX) if said.isascii() and said.isdecimal() else 0.0


def _refused(name: str, reply: Reply) -> DeviceFault:
    if reply.status == 429:
        return Busy(f"{name} asks us to wait")
    if reply.status == 401:
        return Busy(f"{name} does not take our key")
    return Unreachable(f"{name} is in trouble (HTTP {reply.status})")
