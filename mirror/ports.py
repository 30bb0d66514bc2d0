"""What the fitting room needs from the outside: pages that know of cabins, and what is in stock where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from checkout import ports
from checkout.ports import Chance as Chance
from mirror.session import FittingSession, Forsaken

Clock = Callable[[], dt.datetime]
"""Gives the moment, in UTC."""


class CabinPages(Protocol):
    """What a page knows of cabins. Sessions that ended are forgotten: the journal has what happened."""

    def fitting_in(self, cabin: str) -> FittingSession | None:
        """The cabin's session."""

    def fitting_with(self, epc: str) -> FittingSession | None:
        """The session in whose cabin this tag is."""

    def fittings(self) -> Sequence[FittingSession]:
        """All sessions, by cabin."""

    def save_fitting(self, session: FittingSession) -> None: ...

    def forget_fitting(self, session: FittingSession) -> None: ...

    def forsaken_in(self, cabin: str) -> Sequence[Forsaken]:
        """What hangs in a cabin after its session."""

    def forsaken(self, epc: str) -> Forsaken | None: ...

    def save_forsaken(self, garment: Forsaken) -> None: ...

    def forget_forsaken(self, epc: str) -> None: ...


class Page(ports.Page, CabinPages, Protocol):
    """One transaction of the counter's page that knows of cabins, too."""


class Books(Protocol):
    def page(self) -> AbstractContextManager[Page]:
        """A page to write on: committed when left in peace, torn out when left by an exception."""


class Stock(Protocol):
    """What the shop has, as far as anybody counted."""

    def pieces(self, gtin: str) -> int | None:
        """How many of an article are there to be sold; None where nobody counted."""

    def position(self, gtin: str) -> str:
        """Where it should be found, in the shop's own words; "" if nobody said."""
