"""A colleague scans a shopper's basket once more: what is on the roll, and what is in the bag."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, render_template, request
from flask_babel import get_locale

from checkout import loss
from checkout.basket import Basket
from checkout.errors import Refused
from checkout.rescan import PIECES_MAX, compared, pieces_meant, pieces_of
from kiosk_ui.front_door import the_box
from kiosk_ui.sentences import sentence
from kiosk_ui.tablet import words
from kiosk_ui.tablet.frame import Page, blueprint
from kiosk_ui.tablet.payments import already_settled
from store_edge.desk import Task

CODE_CHARS_MAX = 500
GTIN_CHARS_MAX = 14


@dataclass(frozen=True, slots=True)
class Row:
    """One article: how many pieces are on the roll, and how many were scanned again."""

    name: str
    on_roll: int
    seen: int


@blueprint.get("/tasks/<id>/rescan")
def rescan(id: str) -> Page:
    """The basket's lines, none of them scanned again yet."""
    return _page(id, [])


@blueprint.post("/tasks/<id>/rescan")
def scan_again(id: str) -> Page:
    """One more `code`; `scanned` are the GTINs so far. A code that means nothing here is not counted."""
    scanned = [gtin for gtin in request.form.get("scanned", "").split() if _is_gtin(gtin)][:PIECES_MAX]
    task = the_box().tasks.task(id)
    if task is None or _basket_of(task) is None:
        return already_settled()
    if "back" in request.form:
        return _page(id, scanned[:-1])
    try:
        with the_box().books.page() as page:
            code = request.form.get("code", "").strip()[: CODE_CHARS_MAX + 1]
            scanned += pieces_meant(page, code, the_box().wall_clock())
    except Refused as no:
        flash(sentence(no), "look")
    return _page(id, scanned)


def _page(id: str, scanned: list[str]) -> Page:
    box = the_box()
    task = box.tasks.task(id)
    basket = _basket_of(task) if task is not None else None
    if task is None or basket is None:
        return already_settled()
    beside = compared(basket, scanned)
    rows = [
        Row(_name(line.gtin), pieces_of(line), beside.seen[line.number])
        for line in basket.standing
        if line.number in beside.seen
    ]
    return render_template(
        "tablet/rescan.html",
        task=task,
        where=words.place(task.lane),
        rows=rows,
        forgotten=[Row(_name(gtin), 0, pieces) for gtin, pieces in beside.forgotten.items()],
        beside=beside,
        scanned=" ".join(scanned),
    )


def _basket_of(task: Task) -> Basket | None:
    """The open basket that a question is about; None where it went on, or the question is another one."""
    basket = the_box().books.basket_on(task.lane) if task.kind in loss.BLOCKING else None
    return basket if basket is not None and basket.id == task.about and basket.state == "open" else None


def _name(gtin: str) -> str:
    article = the_box().shelves.article(gtin)
    return article.called(str(get_locale())) if article is not None else gtin


def _is_gtin(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= GTIN_CHARS_MAX
