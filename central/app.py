"""Head office as a WSGI application: every request is let in, read and checked before a room sees it."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from flask import Flask, Response, request

from central import envelope
from central.api import problems
from central.api.about import ROUTES
from central.api.problems import No
from central.api.route import BASE, JSON, Call, Route
from central.centre import Centre, open_centre
from central.clock import Chance, Clock, random_bytes, utc_now
from central.envelope import Event
from central.keys import Caller, caller_of
from central.settings import CentralSettings
from central.upkeep import Upkeep

_KEY_CHARS_MAX = 200


def create_central(
    settings: CentralSettings,
    *,
    clock: Clock = utc_now,
    chance: Chance = random_bytes,
    centre: Centre | None = None,
) -> Flask:
    """The application, for any WSGI server with threads. `app.extensions["centre"]` is the open `Centre`.

    Opens head office by `settings` unless an open `centre` is given; raises what `open_centre` raises.
    """
    app = Flask("central", template_folder="api/templates", static_folder=None)
    opened = centre or open_centre(settings, clock=clock, chance=chance)
    app.extensions["centre"] = opened
    app.config["MAX_CONTENT_LENGTH"] = opened.settings.limits.body_bytes_max
    app.url_map.merge_slashes = False  # an address that is not ours is a 404, never a redirect
    for route in ROUTES:
        app.add_url_rule(
            BASE + re.sub(r"\{(\w+)\}", r"<\1>", route.path),
            endpoint=route.name,
            view_func=_view(opened, route),
            methods=[route.method],
            provide_automatic_options=False,
        )
    app.register_error_handler(Exception, problems.from_exception)
    app.after_request(_headers)
    upkeep = Upkeep(opened)
    upkeep.when_due()
    app.before_request(upkeep.when_due)
    return app


def _view(centre: Centre, route: Route) -> Any:
    def view(**where: str) -> Response:
        caller = _let_in(centre, route)
        media, body = _read(route)
        ask = _checked(centre, route, body) if route.takes and route.takes is not Event else None
        query = request.args.to_dict()
        call = Call(centre, caller.name if caller else "", where, query, media, body, ask)
        return _response(route, route.answer(call))

    return view


def _let_in(centre: Centre, route: Route) -> Caller | None:
    if not route.needs:
        return None
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        raise No("key-missing")
    with centre.database.read() as connection:
        caller = caller_of(connection, key.strip()) if len(key) <= _KEY_CHARS_MAX else None
    if caller is None:
        raise No("key-wrong")
    if caller.kind != route.needs:
        raise No("key-not-for-this")
    return caller


def _read(route: Route) -> tuple[str, bytes]:
    """The body in full, before any transaction. Too large is Flask's to say (413)."""
    if not route.reads:
        return "", b""
    media = request.mimetype
    if media not in route.reads or request.headers.get("Content-Encoding", "identity") != "identity":
        raise No("media-type-unsupported", f"reads {', '.join(route.reads)}")
    return media, request.get_data(cache=False)


def _checked(centre: Centre, route: Route, body: bytes) -> Any:
    if envelope.too_deep(body, centre.settings.limits.nesting_max):
        raise No("body-unreadable")
    try:
        return msgspec.json.decode(body, type=route.takes)
    except msgspec.ValidationError as error:
        raise No("body-wrong", str(error)) from error
    except ValueError as error:
        raise No("body-unreadable") from error


def _response(route: Route, given: msgspec.Struct | bytes | str | None) -> Response:
    if given is None:
        return Response(status=route.status)
    body = given if isinstance(given, bytes | str) else msgspec.json.encode(given)
    return Response(body, status=route.status, content_type=route.media_out or JSON)


def _headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
