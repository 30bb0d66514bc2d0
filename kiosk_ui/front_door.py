"""How a screen finds what it shows: the store's box, put there by `app.py`."""

from __future__ import annotations

from typing import cast

from flask import current_app

from store_edge.box import Box

BOX = "emma-box"


def the_box() -> Box:
    """The box this application was created for."""
    return cast(Box, current_app.extensions[BOX])
