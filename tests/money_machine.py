"""What machines that move money in any order have in common: their length, their law, a till that dies."""

from __future__ import annotations

import tempfile
from typing import Generic, Protocol, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant


class Killed(BaseException):
    """The till's process is gone."""


class Fuse:
    """How many bytes still go over the line before the till is killed; None: it lives."""

    bytes_left: int | None = None

    def burn(self, wanted: int) -> int:
        """How many of so many bytes still go."""
        if self.bytes_left is None:
            return wanted
        allowed = min(wanted, self.bytes_left)
        self.bytes_left -= allowed
        return allowed


class Trial(Protocol):
    """Both sides of the money, and the reckoning."""

    def reckon(self) -> None: ...
    def close(self) -> None: ...


T = TypeVar("T", bound=Trial)


class TrialMachine(RuleBasedStateMachine, Generic[T]):
    """Every order in which things may break; after each of them the books agree."""

    trial: T | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="emma-money-")

    @invariant()
    def the_books_agree(self) -> None:
        if self.trial is not None:
            self.trial.reckon()

    def teardown(self) -> None:
        if self.trial is not None:
            self.trial.close()
        self.folder.cleanup()

    @property
    def _open(self) -> T:
        assert self.trial is not None
        return self.trial


def runs(count: int, steps: int) -> settings:
    """So many machines of so many steps, the same ones each time."""
    return settings(
        max_examples=count,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
