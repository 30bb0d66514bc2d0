"""`/r/<link>`: a receipt to read, keep or print. Whoever has the address may see it; nobody can guess it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from flask import Blueprint, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.receipt import Receipt
from checkout.receipt_rows import Row, rows_of
from checkout.receipt_words import words_in
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import found_languages
from kiosk_ui.qr import qr_svg
from kiosk_ui.receipt.hand import ScreenHand
from kiosk_ui.vendor import node_modules_folder

blueprint = Blueprint("receipt", __name__, template_folder="templates", url_prefix="/r")

LINK_CHARS_MAX = 64
PDF_KEPT_S = 3600
_LANGUAGES = frozenset(found_languages())


@blueprint.get("/<link>")
def receipt(link: str) -> Response:
    """The receipt in the language of the purchase, or in `?lang=`; 404 where there is none."""
    found = _found(link)
    if found is None:
        return _nothing_here()
    language = _language(found)
    with force_locale(language):
        sections = sections_of(_rows(found, language))
        page = render_template("receipt/receipt.html", receipt=found, sections=sections, qr=qr_svg)
    return _unlisted(make_response(page))


@blueprint.get("/<link>.pdf")
def pdf(link: str) -> Response:
    """The same as a PDF of one page; 404 where there is none."""
    from kiosk_ui.receipt.pdf import (
        receipt_pdf,
    )  # the typesetter is large: loaded with the first one asked for

    found = _found(link)
    if found is None:
        return _nothing_here()
    language = _language(found)
    with force_locale(language):
        title = f"{found.shop.name} · {_('Receipt %(number)s', number=found.number)}"
        sections = sections_of(_rows(found, language))
    answer = make_response(receipt_pdf(sections, title, language, found.at, node_modules_folder()))
    answer.mimetype = "application/pdf"
    name = words_in(language)["receipt"]
    answer.headers["Content-Disposition"] = f'inline; filename="{name}-{found.number}.pdf"'
    answer.headers["Cache-Control"] = f"private, max-age={PDF_KEPT_S}"
    return _unlisted(answer)


Sections = list[tuple[str, list[Row]]]


def sections_of(rows: Iterable[Row]) -> Sections:
    """Rows of one kind that follow each other, together, with the kind's name: drawn as one."""
    return [(kind, list(group)) for kind, group in groupby(rows, key=lambda row: type(row).__name__.lower())]


def _rows(found: Receipt, language: str) -> Iterable[Row]:
    hand = ScreenHand(found.shop.currency)
    return rows_of(found, hand, language=language, address=the_box().receipt_address(found))


def _found(link: str) -> Receipt | None:
    return the_box().receipts.by_link(link) if len(link) <= LINK_CHARS_MAX else None


def _language(found: Receipt) -> str:
    asked = request.args.get("lang", "")
    return asked if asked in _LANGUAGES else found.language


def _nothing_here() -> Response:
    return _unlisted(make_response(render_template("receipt/none.html"), 404))


def _unlisted(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
