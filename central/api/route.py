"""One address of the API as a value: what it needs, what it takes, what it gives, who answers.

The table of these makes both the Flask rules and the OpenAPI document, so neither can forget the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgspec import Struct

from central.centre import Centre

BASE = "/api/v1"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, already let in and read. `ask` is an instance of the route's `takes`.

    `store` is the calling store's name (on store routes), `where` the path's parts, `query` the first
    value of each query parameter.
    """

    centre: Centre
    store: str
    where: Mapping[str, str]
    query: Mapping[str, str]
    media: str
    body: bytes
    ask: Any


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is in OpenAPI's spelling, below `BASE`. `needs` is the kind of key. `says` are problem names."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    name: str
    summary: str
    needs: Literal["", "store", "office"]
    answer: Callable[[Call], Struct | bytes | str | None]
    gives: type[Struct] | None = None
    status: int = 200
    takes: type[Struct] | None = None
    media: tuple[str, ...] = ()
    media_out: str = JSON
    query: tuple[str, ...] = ()
    says: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The types of body that this address reads; none where it reads no body."""
        return self.media or ((JSON,) if self.takes else ())

    @property
    def problems(self) -> tuple[str, ...]:
        """Every problem this address may answer, its own and the common ones."""
        common: list[str] = ["internal", "busy"]
        if self.needs:
            common += ["key-missing", "key-wrong", "key-not-for-this"]
        if self.reads:
            common += ["body-unreadable", "body-too-large", "media-type-unsupported"]
        if self.takes:
            common.append("body-wrong")
        return (*self.says, *common)
