"""Which class drives which device: names from the entry points `emma.drivers` and `emma.emulators`.

A retailer's own driver joins by naming itself under the same group in its
package; nothing here knows ours from theirs. Modules are imported when a device
is first asked for, not before.
"""

from __future__ import annotations

import difflib
from importlib.metadata import EntryPoint, entry_points
from typing import Any

DRIVERS = "emma.drivers"
EMULATORS = "emma.emulators"


class UnknownDevice(LookupError):
    """No installed package offers a device of this name. `str()` is a sentence for the store keeper."""


def driver(name: str) -> type[Any]:
    """The driver class called `name`, such as "scanner.serial". Raises UnknownDevice, naming the nearest."""
    return _load(DRIVERS, name)


def emulator(name: str) -> type[Any]:
    """The emulator class that stands in for driver `name`. Raises UnknownDevice, naming the nearest."""
    return _load(EMULATORS, name)


def _known(group: str) -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=group)}


def _load(group: str, name: str) -> type[Any]:
    known = _known(group)
    if name not in known:
        raise UnknownDevice(_unknown(group, name, sorted(known)))
    found = known[name].load()
    if not isinstance(found, type):
        raise UnknownDevice(f"{name!r} in {group} names {known[name].value!r}, which is not a class")
    return found


def _unknown(group: str, name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    if not nearest:
        return f"No {group} are installed, so {name!r} is unknown"
    return f"Unknown name {name!r} in {group}. Did you mean {nearest[0]!r}? Known: {', '.join(known)}"
