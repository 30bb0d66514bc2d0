"""How devices fail, in four words. Every driver raises these and nothing else."""

from __future__ import annotations


class DeviceFault(Exception):
    """A device did not do what it should. `str()` is a sentence for staff, without personal data."""


class Unreachable(DeviceFault):
    """The device is not there, or the line to it broke before anything was asked of it."""


class Garbled(DeviceFault):
    """The device sent bytes that its protocol does not allow."""

    def __init__(self, sentence: str, offset: int = 0) -> None:
        super().__init__(f"{sentence} (at byte {offset})")
        self.offset = offset


class Busy(DeviceFault):
    """The device is there and says: not now."""


class OutcomeUnknown(DeviceFault):
    """The device was asked for what must happen once (moving money, signing); we cannot tell whether it did.

    Enquire; never ask again.
    """
