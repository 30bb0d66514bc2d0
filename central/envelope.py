"""Opening the envelope: bytes of one CloudEvent -> `Received`, or the reason why not.

CloudEvents 1.0 JSON format, sections 2 and 4 (batch), with the two extension attributes of ours: `epoch`
and `number`. Plain functions without any I/O.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from central.clock import to_ms
from central.settings import Limits

_SOURCE = re.compile(r"/stores/([A-Za-z0-9_-]{1,40})(?:/lanes/([A-Za-z0-9_.-]{1,40}))?")
_END = r"(?!\n)"


class Event(Struct):
    """One thing that happened in a store: CloudEvents 1.0 with the journal's epoch and number.

    `id` is `<store>:<epoch>:<number>`, `source` is `/stores/<store>` or `/stores/<store>/lanes/<lane>`.
    Unknown types, attributes and data fields are kept.
    """

    specversion: Literal["1.0"]
    id: Annotated[str, Meta(min_length=1, max_length=120)]
    source: Annotated[str, Meta(min_length=1, max_length=120)]
    type: Annotated[str, Meta(max_length=120, pattern=r"^[A-Za-z0-9_.-]+$" + _END)]
    time: Annotated[datetime, Meta(tz=True)]
    epoch: Annotated[str, Meta(pattern=r"^[0-9a-z]{1,32}$" + _END)]
    number: Annotated[int, Meta(ge=1, le=2**53)]
    data: msgspec.Raw
    datacontenttype: Literal["application/json"] = "application/json"


class Received(Struct, frozen=True):
    """A sound event: its place in its store's journal, its facts, its bytes as they came and their digest.

    `digest` is over the content, not the spelling: order of keys and white space do not count.
    """

    store: str
    lane: str
    epoch: str
    number: int
    type: str
    time_ms: int
    data: bytes
    payload: bytes
    digest: bytes

    @property
    def place(self) -> tuple[str, str, int]:
        return (self.store, self.epoch, self.number)


class Malformed(Exception):
    """This is no event of ours. `reason` is a stable word, `id` the event's if it could be read."""

    def __init__(self, reason: str, id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.id = id


class _Id(Struct):
    id: Annotated[str, Meta(max_length=120)]


_event = msgspec.json.Decoder(Event)
_id = msgspec.json.Decoder(_Id)
_anything = msgspec.json.Decoder()
_canonical = msgspec.json.Encoder(order="deterministic")


def open_envelope(payload: bytes, limits: Limits) -> Received:
    """Raises `Malformed` with: malformed, source_unknown, id_not_ours, too_long, too_deep."""
    if len(payload) > limits.event_bytes_max:
        raise Malformed("too_long")
    if too_deep(payload, limits.nesting_max):
        raise Malformed("too_deep")
    try:
        event = _event.decode(payload)
        digest = hashlib.sha256(_canonical.encode(_anything.decode(payload))).digest()
    except ValueError as error:  # msgspec's errors are ValueErrors
        raise Malformed("malformed", _id_of(payload)) from error
    match = _SOURCE.fullmatch(event.source)
    if match is None:
        raise Malformed("source_unknown", event.id)
    store, lane = match[1], match[2] or ""
    if event.id != f"{store}:{event.epoch}:{event.number}":
        raise Malformed("id_not_ours", event.id)
    return Received(
        store,
        lane,
        event.epoch,
        event.number,
        event.type,
        to_ms(event.time),
        bytes(event.data),
        payload,
        digest,
    )


def too_deep(payload: bytes, nesting_max: int) -> bool:
    """Whether JSON nests deeper than `nesting_max`; brackets inside strings do not count."""
    if payload.count(b"{") + payload.count(b"[") <= nesting_max:
        return False
    depth = 0
    for bracket in re.finditer(rb'"(?:[^"\\]|\\.)*"?|[\[{\]}]', payload, re.DOTALL):
        match bracket[0]:
            case b"[" | b"{":
                depth += 1
                if depth > nesting_max:
                    return True
            case b"]" | b"}":
                depth -= 1
    return False


def _id_of(payload: bytes) -> str | None:
    try:
        return _id.decode(payload).id
    except ValueError:
        return None
