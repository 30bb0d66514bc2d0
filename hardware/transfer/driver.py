"""Has a shopper pay by bank: shows what to transfer, and knows the money again when it comes.

Nobody is asked for anything here, so nothing can be charged twice; but money comes as it likes.
`withdraw` can stop nobody's bank: it only says what came in until now. What comes later comes as a
notice, for ever.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from hardware.errors import Busy, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Charge, MoneyNotice, Standing
from hardware.transfer import codec
from hardware.transfer.codec import Account, Entries, Entry
from hardware.transfer.epc import Transfer, ids_in, is_iban, reference_of, write_code
from hardware.web.asking import Asker, Token
from hardware.web.https import Caller, OpenLine, Reply, parse_service, read_credentials


class SepaTransfer:
    """A bank at `https://host/v1?credentials=/path.toml`, with `secret_key` in that; asked each `poll_s`.

    Raises ValueError for an address or a file that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        poll_s: float = 1.0,
        answer_s: float = 8.0,
        try_s: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        open_line: OpenLine | None = None,
    ) -> None:
        service = parse_service(address)
        (key,) = read_credentials(service, "secret_key")
        caller = Caller(service, clock=clock, open_line=open_line)
        self._asker = Asker(
            caller, Token(lambda _: (key, math.inf), clock), answer_s=answer_s, try_s=try_s, clock=clock
        )
        self._clock = clock
        self._poll_s = poll_s
        self._next_look_s = -math.inf
        self._account: Account | None = None

    def open(self) -> None:
        """Learn whose account it is. Raises Unreachable, Busy, Garbled (also for an account that is none)."""
        self._asker.open()
        self.check()
        self._next_look_s = -math.inf

    def check(self) -> None:
        """Raises what `open` raises."""
        account = codec.decode(self._good(self._asker.look("/account")).body, Account)
        if not is_iban(account.iban):
            raise Garbled("the bank tells an account whose check digits are wrong")
        self._account = account

    def close(self) -> None:
        """Ask nothing more, from any thread."""
        self._account = None
        self._asker.close()

    def ask(self, charge: Charge) -> Standing:
        """What to show, and how it stands. Raises Unreachable, Busy and Garbled; ValueError for no amount."""
        account = self._account
        if account is None:
            raise Unreachable("the bank's account is not known")
        reference = reference_of(charge.id)
        code = write_code(Transfer(account.name, account.iban, charge.amount_minor, reference, account.bic))
        found = self.enquire(charge)
        return Standing(found.state, found.received_minor, to_show=code)

    def enquire(self, charge: Charge) -> Standing:
        """What came in for it in all. Raises Unreachable, Busy, Garbled."""
        path = f"/entries?contains={reference_of(charge.id)}"
        entries = codec.decode(self._good(self._asker.look(path)).body, Entries).entries
        ours = {one.account_servicer_reference: one for one in entries if _is_for(one, charge.id)}
        received_minor = sum(one.amount_minor for one in ours.values())
        return Standing("taken" if received_minor >= charge.amount_minor else "pending", received_minor)

    def withdraw(self, charge: Charge) -> Standing:
        """It is not waited for any more. Raises what `enquire` raises."""
        found = self.enquire(charge)
        return found if found.state == "taken" else Standing("withdrawn", found.received_minor)

    def refund(self, charge: Charge, amount_minor: int, key: str = "1") -> Standing:
        """Raises Busy: people do that, at the bank."""
        raise Busy("a transfer is paid back at the bank")

    def news(self) -> tuple[MoneyNotice, ...]:
        """What came in and was not receipted by `heard`; looks each `poll_s`. Raises what `enquire`
        raises.
        """
        if self._clock() < self._next_look_s:
            return ()
        found = codec.decode(self._good(self._asker.look("/notifications")).body, Entries).entries
        self._next_look_s = self._clock() + (self._poll_s if len(found) < codec.ENTRIES_MAX else 0.0)
        notices = []
        for entry in found:
            charges = ids_in(entry.remittance) if entry.came_in else ()
            key, amount_minor = entry.account_servicer_reference, entry.amount_minor
            if entry.came_in:
                notices.append(MoneyNotice(key, charges[0] if len(charges) == 1 else "", amount_minor))
            else:
                self.heard(MoneyNotice(key, ""))
        return tuple(notices)

    def heard(self, notice: MoneyNotice) -> None:
        """Receipt it: the bank need not tell it again. Raises Unreachable, Busy."""
        try:
            self._good(self._asker.ask("POST", f"/notifications/{notice.key}/receipt", b"{}"))
        except OutcomeUnknown as doubt:
            raise Unreachable(str(doubt)) from doubt

    def _good(self, reply: Reply) -> Reply:
        if reply.status == 200:
            return reply
        raise Busy(f"the bank refuses (HTTP {reply.status})")


def _is_for(entry: Entry, id: str) -> bool:
    """Not one that names two payments: people must look at that."""
    return entry.came_in and ids_in(entry.remittance) == (id,)
