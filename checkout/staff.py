"""Who works here, and what they may do: alone, or only with a second pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass

from checkout.errors import Refused
from checkout.events import ClerkActed
from checkout.ports import Page

RIGHTS = frozenset({"serve", "override", "age", "returns", "approve", "cash", "close"})
"""Serve, change a price, confirm an age, take goods back, be the second person, count cash, close the day."""

FOUR_EYES_FROM_MINOR = 10_000
"""From this total on, a clerk gives up a shopper's basket only while somebody else looks on."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """A member of staff by an id that is no name, with some of `RIGHTS`."""

    id: str
    rights: frozenset[str]

    def must(self, right: str) -> None:
        """Raises Refused(not_allowed) without that right."""
        assert right in RIGHTS, right
        if right not in self.rights:
            raise Refused("not_allowed")


def four_eyes(first: Clerk, second: Clerk | None) -> None:
    """Raises Refused(second_person_needed) unless somebody else who may approve looks on."""
    if second is None or second.id == first.id or "approve" not in second.rights:
        raise Refused("second_person_needed")


@dataclass(frozen=True, slots=True)
class By:
    """On whose word something is done for a shopper, why, and who looked on."""

    clerk: Clerk
    why: str = ""
    second: Clerk | None = None


def acted(page: Page, by: By | None, act: str, about: str, lane: str, *, worth_minor: int = 0) -> None:
    """Say which clerk did it, on the page where it happens; nothing where it was a shopper (None).

    Raises Refused: not_allowed, and second_person_needed from `FOUR_EYES_FROM_MINOR` on.
    """
    if by is None:
        return
    by.clerk.must("serve")
    if worth_minor >= FOUR_EYES_FROM_MINOR:
        four_eyes(by.clerk, by.second)
    page.announce(ClerkActed(by.clerk.id, act, about, by.why, by.second.id if by.second else ""), lane)
