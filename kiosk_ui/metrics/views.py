"""`/metrics`: for this machine only, so that no guest in the shop's network learns what is broken.

What a proxy hands on comes from this machine, too: it says so in its headers, and is refused.
"""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, abort, request

from kiosk_ui.front_door import the_box
from store_edge.metrics import CONTENT_TYPE, metrics_text

blueprint = Blueprint("metrics", __name__)

HANDED_ON = ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via")


@blueprint.get("/metrics")
def metrics() -> Response:
    """The metrics as text; 404 for who asks from elsewhere."""
    if not _from_here(request.remote_addr) or any(header in request.headers for header in HANDED_ON):
        abort(404)
    response = Response(metrics_text(the_box()), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _from_here(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False
