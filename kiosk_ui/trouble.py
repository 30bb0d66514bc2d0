"""What is said when something cannot be shown: a calm page in the reader's language, and no details.

A part of a page that htmx asked for gets a part; programs, under `/api/`, get what they always got.
"""

from __future__ import annotations

from flask import Flask, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RoutingException
from werkzeug.wrappers import Response

API = "/api/"
HOMES = {"front": "/", "account": "/account"}
"""Where to begin anew: the first of these screens that there is."""

_NOT_UNDERSTOOD = (
    lazy_gettext("We did not understand that."),
    lazy_gettext("Please go back and try it once more."),
)
_OUR_FAULT = (
    lazy_gettext("Something went wrong here."),
    lazy_gettext("That was our fault, not yours. Please try again in a moment, or ask for help."),
)
_SENTENCES = {
    403: (
        lazy_gettext("This came from another site, so nothing was done."),
        lazy_gettext("Please go back to the shop’s own page and do it there."),
    ),
    404: (
        lazy_gettext("There is nothing at this address."),
        lazy_gettext("Please look at it once more, or begin at the front page."),
    ),
    405: (
        lazy_gettext("That cannot be done like this."),
        lazy_gettext("Please go back and use the button on the page."),
    ),
    413: (
        lazy_gettext("That is more than we can take at once."),
        lazy_gettext("Nothing was kept. Please try it with something smaller."),
    ),
    429: (
        lazy_gettext("That was a little often."),
        lazy_gettext("Please wait a few minutes and try again."),
    ),
}


def init_trouble(app: Flask) -> None:
    """Answer every error of `app` that no screen has words of its own for."""
    app.register_error_handler(HTTPException, _calm)


def _calm(error: HTTPException) -> HTTPException | Response:
    status = error.code
    if status is None or isinstance(error, RoutingException) or request.path.startswith(API):
        return error
    title, text = _SENTENCES.get(status, _NOT_UNDERSTOOD if status < 500 else _OUR_FAULT)
    page = render_template(
        "trouble.html",
        title=title,
        text=text,
        part=bool(request.headers.get("HX-Request")),
        shop_name=current_app.extensions.get("emma-shop-name") or "Tante Emma",
        home=next((path for screen, path in HOMES.items() if screen in current_app.blueprints), ""),
        back=_("To the front page"),
    )
    answer = make_response(page, status)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer
