"""Taking in what stores tell: each event once and for ever, whole batches in one transaction.

The body is opened before the transaction, so a half-sent request never holds a lock. The raw event stays
as it came; what is folded from it can be made again by `rebuild`.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sa

from central import fold
from central.alarms import TOO_OFTEN, raise_alarms
from central.db import tables
from central.db.database import Database
from central.db.upsert import insert_or_add
from central.envelope import Malformed, Received, open_envelope
from central.loyalty import member_at
from central.settings import Limits
from checkout.loyalty.programme import PROGRAMME, Programme

log = logging.getLogger(__name__)

T = TypeVar("T")
_IN_MAX = 500  # values in one IN list
_STRETCH_MAX = 2_000  # numbers from the first to the last of a batch that is looked up as one stretch


@dataclass(frozen=True, slots=True)
class Refusal:
    """Event number `index` (from 0) of the batch was not taken."""

    index: int
    id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch: `accepted` are new, `repeated` were known already with the same content."""

    accepted: int
    repeated: int
    refused: tuple[Refusal, ...]


class NotYours(Exception):
    """The batch holds an event of another store than the key's; nothing was taken."""


class BatchUnreadable(Exception):
    """The body is no JSON list of events (or no JSON object, if one event was announced)."""


class BatchTooLong(Exception):
    """More events than `batch_events_max`."""


_list = msgspec.json.Decoder(list[msgspec.Raw])
_one = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_batch(body: bytes, limits: Limits, *, single: bool) -> list[bytes]:
    """The events' bytes in a body. Raises `BatchUnreadable` (also for a nested bomb) and `BatchTooLong`."""
    try:
        if single:
            _one.decode(body)
            return [body]
        raws = _list.decode(body)
    except (ValueError, RecursionError) as error:
        raise BatchUnreadable from error
    if len(raws) > limits.batch_events_max:
        raise BatchTooLong
    return [bytes(raw) for raw in raws]


def ingest(
    database: Database,
    store: str,
    payloads: Sequence[bytes],
    limits: Limits,
    now_ms: int,
    programme: Programme = PROGRAMME,
) -> Outcome:
    """Take a batch of one store in; malformed events are refused one by one.

    Raises `NotYours` before anything is written, and `Busy`.
    """
    sound, refused = _open_all(store, payloads, limits)
    with database.write(f"store:{store}") as connection:
        new, repeats, differing = _sort_out(connection, sound)
        folded = _keep(connection, list(new.values()), now_ms)
        _note_overdrafts(connection, folded, programme, limits, now_ms)
        raise_alarms(connection, "content_differs", {(store, _id(e)) for _, e in differing}, now_ms)
        insert_or_add(
            connection, tables.stores, [{"store": store, "last_seen_ms": now_ms}], top=("last_seen_ms",)
        )
    refused += [Refusal(index, _id(event), "content_differs") for index, event in differing]
    outcome = Outcome(len(new), repeats, tuple(sorted(refused, key=lambda refusal: refusal.index)))
    level = logging.WARNING if refused else logging.INFO
    log.log(
        level, "batch taken store=%s accepted=%d repeated=%d refused=%d",
        store, outcome.accepted, outcome.repeated, len(refused),
    )  # fmt: skip
    return outcome


def rebuild(database: Database, limits: Limits) -> int:
    """Fold everything again from the raw events, in one transaction. Returns how many there were."""
    count = 0
    with database.write("rebuild") as connection:
        if not database.sqlite:  # wait for batches under way, keep new ones out
            connection.exec_driver_sql("LOCK TABLE events IN SHARE MODE")
        for table in tables.DERIVED:
            connection.execute(sa.delete(table))
        for batch in _stored(connection, limits):
            fold.write(connection, fold.fold(batch))
            count += len(batch)
    log.info("state rebuilt events=%d", count)
    return count


def replay_parked(database: Database, limits: Limits) -> tuple[int, int]:
    """Fold events once more that did not fit when they came, the oldest first: (mended, still parked).

    At most `replay_batch` of them. Head office may have learnt their words since. Raises `Busy`.
    """
    p, e = tables.parked, tables.events
    at = (p.c.store, p.c.epoch, p.c.number)
    with database.write("state") as connection:
        places = connection.execute(sa.select(*at).order_by(*at).limit(limits.replay_batch)).all()
        events: list[Received] = []
        for part in _parts(places):
            here = sa.tuple_(e.c.store, e.c.epoch, e.c.number).in_([tuple(place) for place in part])
            events += [_again(row) for row in connection.execute(sa.select(e).where(here))]
            connection.execute(sa.delete(p).where(sa.tuple_(*at).in_([tuple(place) for place in part])))
        folded = fold.fold(events)
        folded.epochs.clear()  # they were counted when they came
        fold.write(connection, folded)
    parked = len(folded.parked)
    log.info("parked events replayed mended=%d parked=%d", len(events) - parked, parked)
    return len(events) - parked, parked


def dump_state(database: Database) -> bytes:
    """The whole derived state as one canonical text: equal bytes mean equal state."""
    with database.read() as connection:
        state = {
            table.name: [
                list(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables.DERIVED
        }
    return msgspec.json.encode(state, order="deterministic")


def _id(event: Received) -> str:
    return f"{event.store}:{event.epoch}:{event.number}"


def _open_all(
    store: str, payloads: Sequence[bytes], limits: Limits
) -> tuple[list[tuple[int, Received]], list[Refusal]]:
    sound: list[tuple[int, Received]] = []
    refused: list[Refusal] = []
    for index, payload in enumerate(payloads):
        try:
            event = open_envelope(payload, limits)
        except Malformed as no:
            refused.append(Refusal(index, no.id, no.reason))
            continue
        if event.store != store:
            raise NotYours
        sound.append((index, event))
    return sound, refused


def _sort_out(
    connection: sa.Connection, sound: list[tuple[int, Received]]
) -> tuple[dict[tuple[str, int], Received], int, list[tuple[int, Received]]]:
    """New events by (epoch, number); how many are repeats; those that differ from what came first."""
    known = _known_digests(connection, [event for _, event in sound])
    new: dict[tuple[str, int], Received] = {}
    repeats = 0
    differing: list[tuple[int, Received]] = []
    for index, event in sound:
        key = (event.epoch, event.number)
        first = known.get(key)
        if first is None:
            known[key] = event.digest
            new[key] = event
        elif first == event.digest:
            repeats += 1
        else:
            differing.append((index, event))
    return new, repeats, differing


def _known_digests(connection: sa.Connection, sound: list[Received]) -> dict[tuple[str, int], bytes]:
    numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for event in sound:
        numbers[event.store, event.epoch].append(event.number)
    e = tables.events
    known: dict[tuple[str, int], bytes] = {}
    for (store, epoch), some in numbers.items():
        for which in _which(some):
            rows = connection.execute(
                sa.select(e.c.number, e.c.digest).where(e.c.store == store, e.c.epoch == epoch, which)
            )
            known.update({(epoch, number): bytes(digest) for number, digest in rows})
    return known


def _which(numbers: list[int]) -> Iterator[sa.ColumnElement[bool]]:
    """Conditions that find these numbers: one stretch where they lie close, as a store sends them.

    PostgreSQL takes a list of 500 as a reason to read the whole table; a stretch it finds by the index.
    """
    number = tables.events.c.number
    if max(numbers) - min(numbers) < _STRETCH_MAX:
        yield number.between(min(numbers), max(numbers))
        return
    for part in _parts(numbers):
        yield number.in_(part)


def _keep(connection: sa.Connection, new: list[Received], now_ms: int) -> fold.Folded:
    if not new:
        return fold.Folded()
    rows = [
        {
            "store": event.store,
            "epoch": event.epoch,
            "number": event.number,
            "lane": event.lane,
            "type": event.type,
            "time_ms": event.time_ms,
            "received_ms": now_ms,
            "digest": event.digest,
            "payload": event.payload,
        }
        for event in new
    ]
    connection.execute(sa.insert(tables.events), rows)
    folded = fold.fold(new)
    fold.write(connection, folded)
    _note_double_use(connection, {row["jti"] for row in folded.claims}, now_ms)
    _note_paper_used_too_often(connection, {(row["paper"], row["id"]) for row in folded.redeemed}, now_ms)
    if folded.parked:
        log.warning("events parked store=%s count=%d", new[0].store, len(folded.parked))
    return folded


def _note_double_use(connection: sa.Connection, jtis: set[str], now_ms: int) -> None:
    """A token is for one visit. Two stores that were offline can both have taken it: tell a person."""
    c, r = tables.claims, tables.redemptions
    found: set[tuple[str, str]] = set()
    for part in _parts(sorted(jtis)):
        visits: dict[str, set[tuple[str, str]]] = defaultdict(set)
        shown = sa.select(c.c.jti, c.c.store, c.c.visit).where(c.c.jti.in_(part))
        redeemed = sa.select(r.c.jti, r.c.store, r.c.visit).where(r.c.jti.in_(part))
        for jti, store, visit in connection.execute(sa.union(shown, redeemed)):
            visits[jti].add((store, visit))
        found |= {(store, jti) for jti, places in visits.items() if len(places) > 1 for store, _ in places}
    raise_alarms(connection, "token_used_twice", found, now_ms)


def _note_paper_used_too_often(connection: sa.Connection, papers: set[tuple[str, str]], now_ms: int) -> None:
    """A store that could not ask took paper that was used elsewhere: a person is told."""
    r = tables.redeemed
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for part in _parts(sorted(papers)):
        query = sa.select(r.c.paper, r.c.id, r.c.store, r.c.times_max)
        uses: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        for paper, id, store, times_max in connection.execute(
            query.where(sa.tuple_(r.c.paper, r.c.id).in_(part))
        ):
            uses[paper, id].append((store, times_max))
        for (paper, id), used in uses.items():
            if len(used) > max(times_max for _, times_max in used):
                found[TOO_OFTEN[paper]] |= {(store, id) for store, _ in used}
    for kind, about in sorted(found.items()):
        raise_alarms(connection, kind, about, now_ms)


def _note_overdrafts(
    connection: sa.Connection, folded: fold.Folded, programme: Programme, limits: Limits, now_ms: int
) -> None:
    """Points that two stores spent while they were offline are booked as a debt: tell a person."""
    spent = {(row["store"], row["visit"]) for row in folded.point_moves if row["points"] > 0}
    found = {
        place
        for place in sorted(spent)
        if (member := member_at(connection, *place, programme, now_ms, limits)) and member.ledger.overdrawn
    }
    raise_alarms(connection, "points_overdrawn", found, now_ms)


def _stored(connection: sa.Connection, limits: Limits) -> Iterator[list[Received]]:
    e = tables.events
    columns = (e.c.store, e.c.lane, e.c.epoch, e.c.number, e.c.type, e.c.time_ms, e.c.payload, e.c.digest)
    place = (e.c.store, e.c.epoch, e.c.number)
    after: tuple[str, str, int] | None = None
    while True:
        query = sa.select(*columns).order_by(*place).limit(limits.rebuild_batch)
        if after is not None:
            query = query.where(sa.tuple_(*place) > sa.tuple_(*(sa.literal(part) for part in after)))
        batch = [_again(row) for row in connection.execute(query)]
        if not batch:
            return
        yield batch
        after = batch[-1].place


def _again(row: Any) -> Received:
    payload = bytes(row.payload)
    data = bytes(_one.decode(payload)["data"])
    return Received(
        row.store, row.lane, row.epoch, row.number, row.type, row.time_ms, data, payload, bytes(row.digest)
    )


def _parts(values: Sequence[T]) -> Iterable[Sequence[T]]:
    for start in range(0, len(values), _IN_MAX):
        yield values[start : start + _IN_MAX]
