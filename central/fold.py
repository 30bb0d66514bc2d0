"""From raw events to what head office knows: pure, and the same for every order of arrival.

Each event folds into rows under its own (store, epoch, number) and looks at no other event, so there is
nothing for an order to change. What needs several events at once (whose visit was it, which visit did a
token belong to) is asked when read: `central.profiles.identity`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import ValidationError

from central import fitting_words, money_words, sale_words, words
from central.db import tables
from central.db.upsert import insert_or_add
from central.envelope import Received

Row = dict[str, Any]


@dataclass(slots=True)
class Folded:
    """New rows, table by table. `epochs` maps (store, epoch) to (events, number_max, time_max_ms)."""

    sales: list[Row] = field(default_factory=list)
    sale_lines: list[Row] = field(default_factory=list)
    garment_moves: list[Row] = field(default_factory=list)
    point_moves: list[Row] = field(default_factory=list)
    returned_lines: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    doings: list[Row] = field(default_factory=list)
    declined: list[Row] = field(default_factory=list)
    redeemed: list[Row] = field(default_factory=list)
    promotions: list[Row] = field(default_factory=list)
    parked: list[Row] = field(default_factory=list)
    epochs: dict[tuple[str, str], tuple[int, int, int]] = field(default_factory=dict)


def fold(events: Iterable[Received]) -> Folded:
    """What these events say. Data that does not fit its type is parked; it stops nobody else."""
    folded = Folded()
    for event in events:
        _count(folded, event)
        decoder = words.DECODERS.get(event.type)
        if decoder is None:
            continue
        try:
            word = decoder.decode(event.data)
        except ValidationError:
            folded.parked.append(_place(event) | {"type": event.type, "reason": "data_does_not_fit"})
            continue
        match word:
            case sale_words.SaleCompleted():
                _sale(folded, event, word)
            case words.ShopperIdentified():
                claim = {"lane": event.lane, "time_ms": event.time_ms, "visit": word.visit, "jti": word.token}
                folded.claims.append(_place(event) | claim | {"basket": word.basket})
            case words.WeighingAsked():
                folded.doings.append(_doing(event, word.basket, "weighed", word.gtin))
            case words.LineVoided():
                folded.doings.append(_doing(event, word.basket, "put_back"))
            case words.HelpAsked() if word.basket:
                folded.doings.append(_doing(event, word.basket, "help_asked"))
            case money_words.PointsSpent():
                folded.point_moves.append(_points(event, word.visit, word.basket, word.points))
            case money_words.PointsGivenBack():
                folded.point_moves.append(_points(event, word.visit, word.basket, -word.points))
            case words.GoodsReturned() if word.of_receipt:
                folded.returned_lines.append(_returned(event, word))
            case words.LineAdded() if word.epc:
                folded.garment_moves.append(_garment(event, "laid", word.basket, word.gtin, word.epc))
            case fitting_words.GarmentArrived():
                folded.garment_moves.append(_garment(event, "tried", word.session, word.gtin, word.epc))
            case fitting_words.SizeRequested():
                folded.garment_moves.append(
                    _garment(event, "asked", word.session, word.gtin, wanted_gtin=word.wanted_gtin)
                )
            case words.OfferDeclined():
                folded.declined.append(_place(event) | {"visit": word.visit, "offer": word.offer})
            case words.CouponRedeemed():
                if word.times_max and word.id:
                    folded.redeemed.append(_coupon(event, word))
            case words.VoucherRedeemed():
                folded.redeemed.append(_voucher(event, word))
            case sale_words.PromotionBegan():
                terms = msgspec.json.encode(word.terms, order="deterministic").decode()
                folded.promotions.append(_promotion(event, word.promotion, word.kind, terms))
            case sale_words.PromotionEnded():
                folded.promotions.append(_promotion(event, word.promotion))
            case _:
                pass  # fits, and says nothing that head office keeps a row of
    return folded


def write(connection: sa.Connection, folded: Folded) -> None:
    """Insert the rows; the caller has made sure that these events were not folded before."""
    for table, rows in (
        (tables.sales, folded.sales),
        (tables.sale_lines, folded.sale_lines),
        (tables.garment_moves, folded.garment_moves),
        (tables.point_moves, folded.point_moves),
        (tables.returned_lines, folded.returned_lines),
        (tables.claims, folded.claims),
        (tables.doings, folded.doings),
        (tables.declined, folded.declined),
        (tables.redeemed, folded.redeemed),
        (tables.promotions, folded.promotions),
        (tables.parked, folded.parked),
    ):
        if rows:
            connection.execute(sa.insert(table), rows)
    if folded.epochs:
        rows = [
            {"store": store, "epoch": epoch, "events": count, "number_max": number, "time_max_ms": time}
            for (store, epoch), (count, number, time) in folded.epochs.items()
        ]
        insert_or_add(connection, tables.store_epochs, rows, add="events", top=("number_max", "time_max_ms"))


def _place(event: Received) -> Row:
    return {"store": event.store, "epoch": event.epoch, "number": event.number}


def _doing(event: Received, basket: str, kind: str, gtin: str = "") -> Row:
    """Something that a journey has and a receipt has not."""
    what = {"basket": basket, "kind": kind, "gtin": gtin}
    return _place(event) | {"lane": event.lane, "time_ms": event.time_ms} | what


def _coupon(event: Received, word: words.CouponRedeemed) -> Row:
    paper = {"paper": "coupon", "id": word.id, "times_max": word.times_max}
    return _place(event) | paper | {"basket": word.basket, "amount_minor": word.amount_minor}


def _voucher(event: Received, word: words.VoucherRedeemed) -> Row:
    """A plain voucher's number is its store's own: another store may have the same."""
    id = word.voucher if word.sealed else f"{event.store}:{word.voucher}"
    paper = {"paper": "voucher", "id": id, "times_max": 1}
    return _place(event) | paper | {"basket": word.basket, "amount_minor": word.amount_minor}


def _promotion(event: Received, promotion: str, kind: str = "", terms: str = "") -> Row:
    return _place(event) | {"promotion": promotion, "kind": kind, "terms": terms}


def _count(folded: Folded, event: Received) -> None:
    key = (event.store, event.epoch)
    count, number, time = folded.epochs.get(key, (0, 0, event.time_ms))
    folded.epochs[key] = (count + 1, max(number, event.number), max(time, event.time_ms))


def _sale(folded: Folded, event: Received, sale: sale_words.SaleCompleted) -> None:
    folded.sales.append(
        _place(event)
        | {
            "lane": event.lane,
            "time_ms": event.time_ms,
            "basket": sale.basket,
            "visit": sale.visit,
            "receipt": sale.receipt,
            "total_minor": sale.total_minor,
            "currency": sale.currency,
        }
    )
    for number, line in enumerate(sale.lines, start=1):
        folded.sale_lines.append(
            _place(event)
            | {
                "line": number,
                "gtin": line.gtin,
                "quantity": line.quantity,
                "weight_g": line.weight_g,
                "total_minor": line.total_minor,
                "kind": line.kind,
                "deposit_minor": line.deposit_minor,
                "points_times": line.points_times,
            }
        )


def _points(event: Received, visit: str, basket: str, points: int) -> Row:
    return _place(event) | {"time_ms": event.time_ms, "visit": visit, "basket": basket, "points": points}


def _garment(event: Received, what: str, about: str, gtin: str, epc: str = "", wanted_gtin: str = "") -> Row:
    facts = {"what": what, "about": about, "gtin": gtin, "epc": epc, "wanted_gtin": wanted_gtin}
    return _place(event) | {"time_ms": event.time_ms} | facts


def _returned(event: Received, goods: words.GoodsReturned) -> Row:
    return _place(event) | {
        "time_ms": event.time_ms,
        "of_receipt": goods.of_receipt,
        "of_line": goods.of_line,
        "gtin": goods.gtin,
        "quantity": goods.quantity,
        "total_minor": goods.total_minor,
    }
