"""Charges a card on file, once, and always finds out in the end how that went.

The provider knows a charge by the id that we gave it. So asking again is safe under the same id; what nobody
answered is enquired; and `withdraw` is final: whatever was still on its way cannot be charged any more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hardware.errors import Busy, Garbled, OutcomeUnknown
from hardware.on_file import codec
from hardware.on_file.codec import Charged, Part
from hardware.readings import Charge, MoneyNotice, Standing
from hardware.web.asking import Asker, Token
from hardware.web.hooks import HookDoor
from hardware.web.https import Caller, OpenLine, Reply, parse_service, read_credentials
from hardware.web.webhook import key_of


class OnFileProvider:
    """A provider at `https://host/v1?credentials=/path.toml`, with `secret_key` and `webhook_secret` in that.

    `notify_url` is where the provider reaches this machine's door for notices; without one only its own
    address is told, and what does not come is enquired. Raises ValueError for an address or file that is
    none.
    """

    def __init__(
        self,
        address: str,
        *,
        notify_url: str = "",
        currency: str = "EUR",
        answer_s: float = 8.0,
        try_s: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
        open_line: OpenLine | None = None,
    ) -> None:
        service = parse_service(address)
        key, hook_secret = read_credentials(service, "secret_key", "webhook_secret")
        caller = Caller(service, clock=clock, open_line=open_line)
        self._asker = Asker(
            caller, Token(lambda _: (key, math.inf), clock), answer_s=answer_s, try_s=try_s, clock=clock
        )
        self._door = HookDoor(key_of(hook_secret), "on-file-notices", wall_clock)
        self._notify = notify_url
        self._notify_own = not notify_url
        self._currency = currency

    def open(self) -> None:
        """Learn whether the provider is there and knows us, and listen. Raises Unreachable, Busy, Garbled."""
        self._asker.open()
        own = self._door.open()
        if self._notify_own:
            self._notify = own
        try:
            self.check()
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """Raises what `open` raises."""
        account = codec.decode(self._good(self._asker.look("/account")).body, codec.Account)
        if not account.active:
            raise Busy("the provider charges nobody for us")

    def close(self) -> None:
        """Ask nothing more and hear nothing, from any thread."""
        self._asker.close()
        self._door.close()

    def ask(self, charge: Charge, *, capture: bool = True) -> Standing:
        """Charge it, or only hold the money. Raises Unreachable and Busy (surely not), OutcomeUnknown."""
        wish = codec.Wish(charge.mandate, charge.amount_minor, self._currency, capture, self._notify)
        return self._change(charge, "", codec.encode(wish))

    def capture(self, charge: Charge, amount_minor: int) -> Standing:
        """Take so much of what is held; the rest is let go. Raises what `ask` raises."""
        return self._change(charge, "/captures/1", codec.encode(Part(amount_minor)))

    def refund(self, charge: Charge, amount_minor: int, key: str = "1") -> Standing:
        """Give so much back; under the same key it is given back once. Raises what `ask` raises."""
        return self._change(charge, f"/refunds/{key}", codec.encode(Part(amount_minor)))

    def withdraw(self, charge: Charge) -> Standing:
        """Have it never charged again, whether the provider heard of it or not; what is taken stays taken.

        Raises what `ask` raises.
        """
        return self._change(charge, "/void", b"{}")

    def enquire(self, charge: Charge) -> Standing:
        """What became of it. Raises Unreachable, Busy, Garbled."""
        reply = self._asker.look(f"/charges/{charge.id}")
        if reply.status == 404:
            return Standing("none")
        return self._standing(charge, self._good(reply))

    def news(self) -> tuple[MoneyNotice, ...]:
        """Which charges the provider's notices were about, since."""
        found = []
        for name, body in self._door.fetch():
            try:
                found.append(MoneyNotice(name, codec.decode(body, codec.Notice).charge))
            except Garbled:
                continue  # signed, and yet no notice of a charge: of something else
        return tuple(found)

    def heard(self, notice: MoneyNotice) -> None:
        """The provider was thanked at the door."""

    def _change(self, charge: Charge, what: str, body: bytes) -> Standing:
        reply = self._asker.ask("PUT", f"/charges/{charge.id}{what}", body)
        try:
            return self._standing(charge, self._good(reply))
        except Garbled as noise:
            raise OutcomeUnknown(f"the provider was asked, and then: {noise}") from noise

    def _standing(self, charge: Charge, reply: Reply) -> Standing:
        charged = codec.decode(reply.body, Charged)
        if charged.id != charge.id:
            raise Garbled("the provider speaks of another charge")
        return codec.standing_of(charged)

    def _good(self, reply: Reply) -> Reply:
        """A refusal that tells how the charge stands (409) is an answer like any other."""
        if reply.status in (200, 409):
            return reply
        raise Busy(f"the provider refuses (HTTP {reply.status})")
