"""A small application with the look and nothing else, for the tests of the look."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from werkzeug.serving import make_server

from kiosk_ui.design.views import blueprint
from kiosk_ui.format import init_format
from kiosk_ui.i18n import init_i18n
from kiosk_ui.security import init_security
from kiosk_ui.vendor import init_vendor, node_modules_folder

BROWSER_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def make_app() -> Flask:
    """The catalogue's application; skips the test when the npm packages are not installed."""
    if not (node_modules_folder() / "htmx.org").is_dir():
        pytest.skip(f"the npm packages are not installed in {node_modules_folder()} (make setup)")
    app = Flask("kiosk_ui")
    app.testing = True
    init_i18n(app)
    init_format(app)
    init_security(app)
    init_vendor(app)
    app.register_blueprint(blueprint)
    return app


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1; gives the origin."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def chromium() -> str:
    """Where the browser is; skips the test when there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (apt install chromium)")
    return found
