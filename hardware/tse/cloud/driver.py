"""Has a TSE in the cloud sign, and never twice: a question is asked again only under the same id and
revision.

Fails as the local one does: nobody there, or no trust, is `Unreachable`; a unit that is out of order, or
asks us to wait for longer than we can, is `Busy`; a doubt that outlasted all retries is `OutcomeUnknown`,
and then the caller lists what is open and recalls the rest.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

from hardware.errors import Busy, DeviceFault, Garbled, OutcomeUnknown, Unreachable
from hardware.readings import Signed, SigningFacts, Started
from hardware.tse.cloud import codec
from hardware.tse.cloud.codec import ACTIVE, FINISHED, Transaction, Transactions
from hardware.tse.cloud.session import Session
from hardware.web.asking import Asker, Token
from hardware.web.https import Caller, OpenLine, Reply, parse_service, read_credentials

REFUSALS = {
    codec.FULL: "the TSE's memory is full",
    codec.DISABLED: "the TSE is out of service",
    codec.UNKNOWN_TRANSACTION: "the TSE does not know this transaction",
    codec.CONFLICT: "the TSE does not know this transaction as open",
    codec.TOO_MANY_OPEN: "too many transactions are open at the TSE",
}
EXPORT_S_MAX = 3600.0
EXPORT_LOOK_S = 0.2

_R = TypeVar("_R")


class CloudTse:
    """A TSE at `https://host/api/v2/tss/<id>?credentials=/path.toml`, with `api_key` and `api_secret` in
    that.

    `answer_s` limits each question with all its retries, `try_s` each of them. Raises ValueError for an
    address or a file that is none.
    """

    def __init__(
        self,
        address: str,
        *,
        answer_s: float = 10.0,
        try_s: float = 4.0,
        clock: Callable[[], float] = time.monotonic,
        open_line: OpenLine | None = None,
    ) -> None:
        service = parse_service(address)
        _, _, unit = service.base.rpartition("/tss/")
        if not unit or "/" in unit:
            raise ValueError(f"a cloud TSE is at https://host/.../tss/<its id>, not at {address!r}")
        self._keys = codec.encode(codec.Keys(*read_credentials(service, "api_key", "api_secret")))
        self._caller = Caller(service, clock=clock, open_line=open_line)
        self._login = Caller(
            parse_service(address.replace(f"/tss/{unit}", "", 1)), clock=clock, open_line=open_line
        )
        self._asker = Asker(
            self._caller, Token(self._new_token, clock), answer_s=answer_s, try_s=try_s, clock=clock
        )
        self._session = Session(service.base)
        self._clock = clock

    def open(self) -> SigningFacts:
        """Get leave to ask, and learn who signs. Raises Unreachable, Garbled, Busy."""
        self._session.forget()
        self._asker.open()
        return self.check()

    def check(self) -> SigningFacts:
        """Whether it is there and ready. Raises what `open` raises."""
        tss = codec.decode(self._good(self._asker.look("")).body, codec.Tss)
        if tss.state != codec.READY or tss.trouble:
            raise Busy(REFUSALS.get(tss.trouble, REFUSALS[codec.DISABLED]))
        return codec.facts_of(tss)

    def close(self) -> None:
        """Ask nothing more, from any thread."""
        self._asker.close()

    def start(self, client: str) -> Started:
        """Begin a transaction for a till. Raises Unreachable, Busy, OutcomeUnknown."""
        self._enter(client)
        return codec.started_of(self._put(client, str(uuid.uuid4()), 1, ACTIVE))

    def update(self, client: str, transaction: int, process_type: str, process_data: str) -> None:
        """Tell it the data so far. Raises Unreachable, Busy, OutcomeUnknown."""
        self._go_on(client, transaction, ACTIVE, process_type, process_data)

    def finish(self, client: str, transaction: int, process_type: str, process_data: str) -> Signed:
        """End a transaction with its data. Raises Unreachable, Busy (it knows none such), OutcomeUnknown."""
        found = self._go_on(client, transaction, FINISHED, process_type, process_data)
        return self._surely(lambda: codec.signed_of(found))

    def open_transactions(self, client: str) -> tuple[Started, ...]:
        """What a till began and has not ended, oldest first. Raises Unreachable, Busy, Garbled."""
        self._enter(client)
        found: list[Transaction] = []
        while True:
            query = f"client_id={self._session.id_of(client)}&states={ACTIVE}&order_by=number"
            page = f"/tx?{query}&limit={codec.PAGE_MAX}&offset={len(found)}"
            data = codec.decode(self._good(self._asker.look(page)).body, Transactions).data
            found += data
            if len(data) < codec.PAGE_MAX:
                break
        for one in found:
            self._session.saw(one)
        return tuple(codec.started_of(one) for one in found)

    def recall(self, client: str, transaction: int) -> Signed | Started | None:
        """What became of a transaction; None if the TSE does not know it. Raises Unreachable, Busy,
        Garbled.
        """
        found = self._find(client, transaction)
        if found is None:
            return None
        return codec.started_of(found) if found.state == ACTIVE else codec.signed_of(found)

    def export(self) -> Iterator[bytes]:
        """All its log messages with its certificate, as pieces of a TAR. Raises Unreachable, Busy,
        Garbled.
        """
        path = f"/export/{uuid.uuid4()}"
        ends = self._clock() + EXPORT_S_MAX
        try:
            reply = self._good(self._asker.ask("PUT", path, b"{}"))
        except OutcomeUnknown as doubt:
            raise Unreachable(str(doubt)) from doubt
        while codec.decode(reply.body, codec.ExportState).state != codec.COMPLETED:
            if self._clock() > ends:
                raise Unreachable("the TSE does not come to the end of its export")
            time.sleep(EXPORT_LOOK_S)
            reply = self._good(self._asker.look(path))
        left_s = max(0.001, ends - self._clock())
        try:
            yield from self._caller.download(f"{path}/file", self._asker.headers(left_s), left_s)
        except OutcomeUnknown as broken:
            raise Unreachable(str(broken)) from broken

    # How it is done

    def _new_token(self, within_s: float) -> tuple[str, float]:
        reply = self._login.exchange("POST", "/auth", {}, self._keys, within_s)
        if reply.status in (400, 401, 403):
            raise Busy(f"{self._login.service.name} does not take our key")
        if reply.status != 200:
            raise Unreachable(f"{self._login.service.name} gives no leave to ask (HTTP {reply.status})")
        leave = codec.decode(reply.body, codec.Leave)
        return leave.access_token, leave.access_token_expires_in

    def _enter(self, client: str) -> None:
        """Enter a till under its id, once; nothing is signed by that."""
        if self._session.is_entered(client):
            return
        path = f"/client/{self._session.id_of(client)}"
        try:
            self._good(self._asker.ask("PUT", path, codec.encode(codec.ClientWish(client))))
        except OutcomeUnknown as doubt:
            raise Unreachable(str(doubt)) from doubt
        self._session.entered(client)

    def _go_on(
        self, client: str, number: int, state: str, process_type: str, process_data: str
    ) -> Transaction:
        revision = self._session.next_revision(client, number)
        if revision is None:
            found = self._find_before(client, number)
            if found is None or found.state != ACTIVE:
                raise Busy(REFUSALS[codec.UNKNOWN_TRANSACTION])
            self._enter(client)
            revision = found.latest_revision + 1
        try:
            return self._put(client, str(number), revision, state, process_type, process_data)
        except DeviceFault:
            self._session.doubts(client, number)
            raise

    def _put(
        self,
        client: str,
        which: str,
        revision: int,
        state: str,
        process_type: str = "",
        process_data: str = "",
    ) -> Transaction:
        body = codec.wish(state, self._session.id_of(client), process_type, process_data)
        reply = self._good(self._asker.ask("PUT", f"/tx/{which}?tx_revision={revision}", body))
        found = self._surely(lambda: codec.decode(reply.body, Transaction))
        self._session.saw(found)
        return found

    def _surely(self, read: Callable[[], _R]) -> _R:
        """Read what was answered to a question for a signature: it was made, whatever the answer says."""
        try:
            return read()
        except Garbled as noise:
            raise OutcomeUnknown(f"the TSE was asked to sign, and then: {noise}") from noise

    def _find_before(self, client: str, number: int) -> Transaction | None:
        """Before anything is asked of it, so that noise is no doubt."""
        try:
            return self._find(client, number)
        except Garbled as noise:
            raise Unreachable(str(noise)) from noise

    def _find(self, client: str, number: int) -> Transaction | None:
        reply = self._asker.look(f"/tx/{number}")
        if reply.status == 404:
            return None
        found = codec.decode(self._good(reply).body, Transaction)
        return found if found.client_serial_number == client else None

    def _good(self, reply: Reply) -> Reply:
        """The reply itself, or Busy with the service's reason."""
        if reply.status == 200:
            return reply
        code = codec.trouble_in(reply.body)
        raise Busy(REFUSALS.get(code, f"the TSE refuses (HTTP {reply.status})"))
