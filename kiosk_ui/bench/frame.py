"""The blueprint that all rooms of the bench hang their pages on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("bench", __name__, template_folder="templates", url_prefix="/bench")
