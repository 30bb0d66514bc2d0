"""What the signing device knows, and when it was out."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, select, update

from checkout.fiscal import Outage
from checkout.signing import Signing
from hardware.readings import SigningFacts
from store_edge.db import tables as t
from store_edge.db.coding import decode, encode
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_signing = Prepared(select(t.signings.c.body).where(t.signings.c.basket == _bound("basket")))
_update_signing = Prepared(
    update(t.signings)
    .where(t.signings.c.basket == _bound("which"))
    .values(state=_bound("state"), body=_bound("body"))
)
_insert_signing = Prepared(
    insert(t.signings).values({name: _bound(name) for name in ("basket", "state", "body")})
)


class FiscalPages(Sheet):
    """The page's signatures and outages."""

    def signing(self, basket: str) -> Signing | None:
        body = _signing.scalar(self._driver, basket=basket)
        return decode(body, Signing) if body is not None else None

    def save_signing(self, signing: Signing) -> None:
        facts = {"state": signing.state, "body": encode(signing)}
        if not _update_signing.run(self._driver, which=signing.basket, **facts).rowcount:
            _insert_signing.run(self._driver, basket=signing.basket, **facts)

    def forget_signing(self, basket: str) -> None:
        """A transaction that went with its device: the process is as if it had never begun."""
        self.connection.execute(delete(t.signings).where(t.signings.c.basket == basket))

    def outage(self, device: str) -> Outage | None:
        """The outage that lasts; None where the device signs."""
        lasting = select(t.outages.c.since, t.outages.c.reason).where(
            t.outages.c.device == device, t.outages.c.until == ""
        )
        row = self.connection.execute(lasting).first()
        return Outage(row.since, row.reason) if row is not None else None

    def save_outage(self, device: str, outage: Outage) -> None:
        this = (t.outages.c.device == device, t.outages.c.since == outage.since)
        if not self.connection.execute(update(t.outages).where(*this).values(until=outage.until)).rowcount:
            facts = {"since": outage.since, "until": outage.until, "reason": outage.reason}
            self.connection.execute(insert(t.outages).values(device=device, **facts))

    def meet_unit(self, facts: SigningFacts) -> bool:
        """Remember a signing device; True where it was never seen before."""
        known = select(t.signing_units.c.serial).where(t.signing_units.c.serial == facts.serial)
        if self.connection.execute(known).first() is not None:
            return False
        at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(
            insert(t.signing_units).values(serial=facts.serial, at=at, body=encode(facts))
        )
        return True
