"""What every page of the account needs: the way to head office, who is signed in, calm words for trouble."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for

from kiosk_ui.account.api import AccountApi, HeadOfficeAway, HeadOfficeRefused
from kiosk_ui.account.seals import SIGNED_IN

log = logging.getLogger(__name__)

API = "emma-account-api"
CLOCK = "emma-account-clock"
SHOP_NAME = "emma-shop-name"
STORE_WORDS = "emma-store-words"

RETRY_S = 5

blueprint = Blueprint("account", __name__, template_folder="templates", url_prefix="/account")

Page = Response | str


def the_api() -> AccountApi:
    """Head office, as `app.py` connected it."""
    return cast(AccountApi, current_app.extensions[API])


def now() -> float:
    """Unix seconds by this application's clock."""
    clock: Callable[[], float] = current_app.extensions.get(CLOCK, time.time)
    return clock()


def now_s() -> int:
    """The same in whole seconds."""
    return int(now())


def signed_in() -> str | None:
    """The account that this browser is signed in to."""
    return SIGNED_IN.read(current_app, request, now_s())


def to(endpoint: str, **where: Any) -> Response:
    """On to another page, by GET."""
    return make_response(redirect(url_for(endpoint, **where), 303))


def shop_name() -> str:
    """The name on the sign."""
    return str(current_app.extensions.get(SHOP_NAME) or "Tante Emma")


def privacy_control() -> bool:
    """Whether the browser sends Global Privacy Control: its owner does not want to be put together."""
    return request.headers.get("Sec-GPC") == "1"


def is_part() -> bool:
    """Whether htmx asks for a part of the page."""
    return bool(request.headers.get("HX-Request"))


def to_door() -> Response:
    """To the door with the whole page: htmx would follow a plain redirect and put the door into a part."""
    response = make_response() if is_part() else to("account.home")
    if is_part():
        response.headers["HX-Redirect"] = url_for("account.home")
    return response


def for_customer(view: Callable[..., Page]) -> Callable[..., Page]:
    """Call `view` with the signed-in account; anybody else is led to the door."""

    @wraps(view)
    def checked(**where: Any) -> Page:
        account = signed_in()
        return to_door() if account is None else view(account, **where)

    return checked


# When head office says no, or nothing


@blueprint.errorhandler(HeadOfficeAway)
def away(_error: HeadOfficeAway) -> Response:
    """A calm 503: nothing is lost, and here is the way back."""
    return _calm("account/away.html", 503)


@blueprint.errorhandler(HeadOfficeRefused)
def refused(error: HeadOfficeRefused) -> Response:
    """Sentences for what can happen to anybody; what should not happen is noted and looks like away."""
    if error.problem in ("account-unknown", "account-erased"):
        page = render_template("account/gone.html", just_now=False)
        response = to_door() if is_part() else make_response(page, 410)
        SIGNED_IN.drop(current_app, response)
        return response
    if error.status == 429:
        return _calm("account/often.html", 429)
    log.error("head office refused status=%d problem=%s", error.status, error.problem)
    return _calm("account/away.html", 503)


def _calm(template: str, status: int) -> Response:
    back = url_for("account.code" if request.endpoint == "account.code" else "account.home")
    response = make_response(render_template(template, part=is_part(), back=back), status)
    return later(response)


def later(response: Response, after_s: int = RETRY_S) -> Response:
    """Say when to ask again."""
    response.headers["Retry-After"] = str(after_s)
    return response


@blueprint.context_processor
def _names() -> dict[str, Any]:
    """What every page of the letter says: the shop's name, and a store's name by its id."""
    words: Callable[[str], str | None] | None = current_app.extensions.get(STORE_WORDS)
    return {"shop_name": shop_name(), "store_name": lambda store: (words(store) if words else None) or store}


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """No browser and nothing in between keeps any of this."""
    response.headers["Cache-Control"] = "no-store"
    return response
