"""Which Host headers name us.

A page of somebody else's may let its own name point to our address ("DNS rebinding"): then the browser takes
us for that page, and its scripts for ours. So we answer to our own names only. An address written out in
numbers needs no list: nobody can make one point elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL = "localhost"
"""It and every name below it are this machine (RFC 6761, section 6.3)."""
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def host_in(header: str) -> str | None:
    """The host without its port, in small letters; None for a header that names none."""
    found = _HOST.fullmatch(header)
    return found[1].lower().rstrip(".") if found else None


class OwnNames:
    """`header in OwnNames(names)`: whether that Host is ours. A name may be a whole address of the web."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {host for host in map(_name_of, names) if host}

    def __contains__(self, header: str) -> bool:
        host = host_in(header)
        return host is not None and (
            host in self._names or host == LOCAL or host.endswith(f".{LOCAL}") or _is_address(host)
        )


def _name_of(name: str) -> str | None:
    return host_in(urlsplit(name).netloc if "://" in name else name)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
