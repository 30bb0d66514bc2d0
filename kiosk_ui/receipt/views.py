"""`/r/<link>`: a receipt to read, keep or print. Whoever has the address may see it; nobody can guess it."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, make_response, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from checkout.receipt import Receipt
from kiosk_ui.front_door import the_box
from kiosk_ui.i18n import found_languages

blueprint = Blueprint("receipt", __name__, template_folder="templates", url_prefix="/r")

LINK_CHARS_MAX = 64
VAT_LETTERS = "ABCDEFGH"
_LANGUAGES = frozenset(found_languages())


@blueprint.get("/<link>")
def receipt(link: str) -> Response:
    """The receipt in the language of the purchase, or in `?lang=`; 404 where there is none."""
    found = the_box().receipts.by_link(link) if len(link) <= LINK_CHARS_MAX else None
    if found is None:
        answer = make_response(render_template("receipt/none.html"), 404)
    else:
        asked = request.args.get("lang", "")
        with force_locale(asked if asked in _LANGUAGES else found.language):
            answer = make_response(_page(found))
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _page(found: Receipt) -> str:
    letters = {part.rate_bp: letter for part, letter in zip(found.vat, VAT_LETTERS, strict=False)}
    return render_template(
        "receipt/receipt.html",
        receipt=found,
        at=dt.datetime.fromisoformat(found.at),
        letters=letters,
        currency=found.shop.currency,
        paid_by=found.card_name or (_("Card") if found.paid_by == "card" else _("Nothing to pay")),
    )


@blueprint.app_template_filter("called")
def called(words: dict[str, str], language: str) -> str:
    """Template filter: the word in a language, else in the first one there is."""
    return words.get(language) or next(iter(words.values()))
