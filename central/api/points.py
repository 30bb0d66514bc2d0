"""A member's books as the API shows them: for this receipt you got so much, and that expires then."""

from __future__ import annotations

from central.api import bodies
from central.loyalty import Member
from checkout.loyalty.ledger import Entry
from checkout.loyalty.programme import Tier


def shown(member: Member, entries_max: int) -> bodies.Points:
    """The newest entries first, at most `entries_max` of them."""
    ledger = member.ledger
    newest = list(reversed(ledger.entries))
    return bodies.Points(
        loyalty=True,
        balance=ledger.balance,
        overdrawn=ledger.overdrawn,
        points_in_year=ledger.points_in_year,
        tier=_tier(ledger.tier),
        next_tier=_tier(ledger.next_tier),
        expiring=[bodies.PointsExpiry(one.last_day, one.points) for one in ledger.expiring],
        accounts=ledger.totals(),
        items=[_entry(entry, member) for entry in newest[:entries_max]],
        more=len(newest) > entries_max,
    )


def _entry(entry: Entry, member: Member) -> bodies.PointsEntry:
    one = bodies.PointsEntry(
        entry.kind,
        entry.on,
        entry.points,
        entry.balance,
        entry.overdrawn,
        [bodies.PointsPosting(posting.account, posting.points) for posting in entry.postings],
    )
    sale = member.receipts.get(entry.sale)
    if sale is not None:
        one.store, one.receipt = sale.store, sale.receipt
        one.total_minor, one.currency = sale.total_minor, sale.currency
    return one


def _tier(tier: Tier | None) -> bodies.Tier | None:
    return bodies.Tier(tier.id, dict(tier.name), tier.from_points, tier.bonus_percent) if tier else None
