"""What every answer says to the browser, and which posts are refused before a screen sees them.

No inline script or style runs, nobody may frame us, and a form on somebody else's page cannot act in our
shopper's name: browsers say where a post comes from (Sec-Fetch-Site; Origin where that is missing, as on
plain http in a shop's own network), and we believe only our own pages.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import SecurityError

from kiosk_ui.own_names import OwnNames, host_in

BODY_BYTES_MAX = 8 * 1024 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; connect-src {connect}"
)
WASM = "emma_wasm"
"""Set on `flask.g` by a view whose page must compile WebAssembly, which is script to the browser."""
_WASM_TOO = "; script-src 'self' 'wasm-unsafe-eval'"

Sources = Sequence[str] | Callable[[], Sequence[str]]


def content_policy(extra_sources: Sequence[str]) -> str:
    """The Content-Security-Policy with `extra_sources` (origins) allowed for connections.

    Raises ValueError for a source that is not a plain origin, so that no setting can end the directive.
    """
    for source in extra_sources:
        parts = urlsplit(source)
        if parts.scheme not in {"http", "https", "ws", "wss"} or source != f"{parts.scheme}://{parts.netloc}":
            raise ValueError(f"not an origin: {source!r}")
        if not parts.netloc or any(letter in source for letter in " ;,'\"\r\n"):
            raise ValueError(f"not an origin: {source!r}")
    return _POLICY.format(connect=" ".join(["'self'", *extra_sources]))


def live_origin(port: int) -> str:
    """The origin of the live listener: the host this request came to, on another port.

    A Host header that is no host name or address, or not one of ours, never enters it: then 127.0.0.1.
    """
    return f"{request.scheme}://{host_in(_asked_host()) or '127.0.0.1'}:{port}"


def _asked_host() -> str:
    try:
        return request.host
    except SecurityError:
        return ""


def refuses_post(method: str, site: str | None, origin: str | None, own_origins: frozenset[str]) -> bool:
    """Whether a request must be refused as coming from somebody else's page.

    `site` is Sec-Fetch-Site (Fetch Metadata Request Headers, 2.4), `origin` the Origin header. A client
    that sends neither is no browser acting for a shopper (it carries a key, or a cookie only of its own).
    """
    if method in SAFE_METHODS or (origin is not None and origin in own_origins):
        return False
    if site is not None:
        return site not in {"same-origin", "none"}
    return origin is not None


def init_security(
    app: Flask,
    *,
    live_port: int | Callable[[], int | None] | None = None,
    connect_src: Sources = (),
    trusted_origins: Sequence[str] = (),
    own_names: OwnNames | None = None,
    secure_cookies: bool = False,
) -> None:
    """Guard `app`: headers on every answer, cross-site posts refused with 403, cookies kept to ourselves.

    A request to a host that is none of `own_names` gets 400; None answers to all.

    `live_port` is the live listener's port on the same host (or a call that gives it once known);
    `connect_src` further origins pages may connect to; `trusted_origins` our own pages under another name
    (a relay); `secure_cookies` when served over TLS.
    """
    app.config.update(
        SESSION_COOKIE_NAME="__Host-emma" if secure_cookies else "emma",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure_cookies,
    )
    if app.config.get("MAX_CONTENT_LENGTH") is None:
        app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    known = frozenset(trusted_origins)

    def sources() -> list[str]:
        found = list(connect_src() if callable(connect_src) else connect_src)
        port = live_port() if callable(live_port) else live_port
        return found if port is None else [*found, live_origin(port)]

    def guard() -> Response | None:
        if own_names is not None and _asked_host() not in own_names:
            # Plain words: a page's style and pictures would be asked for under the same wrong name.
            words = _("This shop does not answer to that name. Please use the address that it gave you.")
            return Response(words, 400, mimetype="text/plain")
        own = known | {request.host_url.rstrip("/")}
        headers = request.headers
        if refuses_post(request.method, headers.get("Sec-Fetch-Site"), headers.get("Origin"), own):
            abort(403, description=_("This came from another site, so nothing was done."))
        return None

    def dress(response: Response) -> Response:
        policy = content_policy(sources())
        response.headers["Content-Security-Policy"] = policy + _WASM_TOO if WASM in g else policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        # Not no-referrer: with it browsers send "Origin: null" even to ourselves (Fetch, 3.2).
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(self), microphone=(), geolocation=()"
        # A kiosk is shared: the next person's Back button must find nothing of this one.
        if response.mimetype == "text/html" and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.before_request(guard)
    app.after_request(dress)
    app.add_template_global(lambda: str(uuid.uuid4()), "new_request_key")
