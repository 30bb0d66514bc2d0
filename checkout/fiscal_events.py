"""What happens between the till and the signing device (TSE), in the past tense."""

from __future__ import annotations

from dataclasses import dataclass

from checkout.event import Event


@dataclass(frozen=True, slots=True)
class SigningUnitSeen(Event):
    """A signing device answered for the first time. `serial` is the hash of its public key, in hex."""

    device: str
    serial: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class TransactionStarted(Event):
    """The device began a transaction for a basket; `serial` is the device's, `at` its own time."""

    basket: str
    till: str
    serial: str
    transaction: int
    at: str


@dataclass(frozen=True, slots=True)
class TransactionFinished(Event):
    """The device signed the end of a transaction; `late` if the receipt had to go without it.

    `basket` is "" for one that no basket of ours could be found to.
    """

    basket: str
    till: str
    serial: str
    transaction: int
    counter: int
    process_type: str
    at: str
    late: bool


@dataclass(frozen=True, slots=True)
class SaleNotSigned(Event):
    """The receipt says that the device was out. `reason` is out, or slow."""

    basket: str
    receipt: int
    reason: str


@dataclass(frozen=True, slots=True)
class OutageBegan(Event):
    """From now on receipts say that the signing device is out (AEAO to § 146a, 7.1)."""

    device: str
    reason: str


@dataclass(frozen=True, slots=True)
class OutageEnded(Event):
    """It signs again; `since` is when the outage began, ISO 8601 in UTC."""

    device: str
    since: str
