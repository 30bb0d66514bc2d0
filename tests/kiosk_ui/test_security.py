"""What every answer says to the browser, and which posts are refused."""

from __future__ import annotations

import pytest
from flask import Flask, Response, request, session
from flask.testing import FlaskClient

from kiosk_ui.i18n import init_i18n
from kiosk_ui.own_names import OwnNames
from kiosk_ui.security import BODY_BYTES_MAX, content_policy, init_security, refuses_post

OWN = frozenset({"http://shop.test"})


def make_app(**options: object) -> Flask:
    app = Flask("kiosk_ui")
    app.secret_key = "only for this test"
    app.testing = True
    init_i18n(app)
    init_security(app, **options)  # type: ignore[arg-type]

    @app.route("/", methods=["GET", "POST"])
    def page() -> str:
        session["seen"] = True
        return f"<p>{len(request.get_data())}</p>"

    @app.get("/plain")
    def plain() -> Response:
        return Response("x", mimetype="text/plain", headers={"Cache-Control": "max-age=60"})

    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


def test_headers_on_every_answer(client: FlaskClient) -> None:
    for path in ("/", "/plain", "/nothing"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/plain").headers["Cache-Control"] == "max-age=60"


@pytest.mark.parametrize(
    ("base", "origin"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8001"),
        ("https://kasse.laden.test", "https://kasse.laden.test:8001"),
        ("http://[::1]:8000", "http://[::1]:8001"),
    ],
)
def test_pages_may_connect_to_the_live_listener_only(base: str, origin: str) -> None:
    answer = make_app(live_port=lambda: 8001).test_client().get("/", base_url=base)
    assert answer.headers["Content-Security-Policy"].endswith(f"connect-src 'self' {origin}")


@pytest.mark.parametrize("host", ["a;script-src *", "a b", "[zz]", ""])
def test_a_strange_host_writes_no_policy(host: str) -> None:
    answer = make_app(live_port=8001).test_client().get("/", headers={"Host": host})
    assert answer.status_code in {200, 400}
    assert answer.headers["Content-Security-Policy"].endswith(
        ("connect-src 'self' http://127.0.0.1:8001", "connect-src 'self' http://localhost:8001")
    )


def test_further_sources_are_origins() -> None:
    assert content_policy(["https://live.shop.test"]).endswith("connect-src 'self' https://live.shop.test")
    for bad in (
        "*",
        "https://a.test/path",
        "https://a.test; script-src *",
        "'unsafe-inline'",
        "https://",
        "data:",
    ):
        with pytest.raises(ValueError, match="not an origin"):
            content_policy([bad])


@pytest.mark.parametrize(
    ("method", "site", "origin", "refused"),
    [
        ("GET", "cross-site", "http://evil.test", False),
        ("POST", "same-origin", "http://shop.test", False),
        ("POST", "none", None, False),
        ("POST", "cross-site", None, True),
        ("POST", "same-site", None, True),
        ("POST", "rubbish", None, True),
        ("POST", None, "http://shop.test", False),
        ("POST", None, "http://shop.test:81", True),
        ("POST", None, "null", True),
        ("POST", None, None, False),
        ("PUT", None, "http://evil.test", True),
        ("DELETE", "cross-site", "http://evil.test", True),
    ],
)
def test_who_may_post(method: str, site: str | None, origin: str | None, refused: bool) -> None:
    assert refuses_post(method, site, origin, OWN) is refused


def test_a_post_from_elsewhere_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/?lang=de", headers={"Origin": "http://evil.test"})
    assert answer.status_code == 403
    assert "Das kam von einer anderen Seite" in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_our_own_page_may_post_and_so_may_a_relay() -> None:
    client = make_app(trusted_origins=["https://relay.shop.test"]).test_client()
    assert client.post("/", headers={"Origin": "http://localhost"}).status_code == 200
    relayed = {"Origin": "https://relay.shop.test", "Sec-Fetch-Site": "cross-site"}
    assert client.post("/", headers=relayed).status_code == 200


def test_cookies_are_kept_to_ourselves() -> None:
    cookie = make_app().test_client().get("/").headers["Set-Cookie"]
    assert cookie.startswith("emma=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    secure = make_app(secure_cookies=True).test_client().get("/", base_url="https://shop.test")
    assert secure.headers["Set-Cookie"].startswith("__Host-emma=")
    assert "Secure" in secure.headers["Set-Cookie"]


def test_an_oversized_body_is_refused(client: FlaskClient) -> None:
    assert client.post("/", data=b"x" * (BODY_BYTES_MAX + 1)).status_code == 413


def test_only_our_names_are_answered_to() -> None:
    client = make_app(own_names=OwnNames(["shop.test"]), live_port=8001).test_client()
    assert client.get("/", base_url="http://shop.test").status_code == 200
    answer = client.get("/?lang=de", base_url="http://rebound.test")
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert answer.text.startswith("Dieser Laden hört nicht auf diesen Namen.")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    own = {"Origin": "http://rebound.test", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/", base_url="http://rebound.test", headers=own).status_code == 400


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "LOCALHOST:8080", "emma.localhost", "127.0.0.1:8080", "[::1]:8080", "192.168.1.5",
        "shop.test", "shop.test:8080", "Shop.Test.", "till.hamburg.example",
    ],
)  # fmt: skip
def test_these_are_our_names(host: str) -> None:
    assert host in OwnNames(["http://shop.test:8080", "till.hamburg.example", ""])


@pytest.mark.parametrize(
    "host",
    [
        "", "rebound.test", "notlocalhost", "localhost.rebound.test", "shop.test.rebound.test", "127.1",
        "127.0.0.1.rebound.test", "x@localhost", "a b", "[zz]", "shop.test:8080:1", "localhost\n",
    ],
)  # fmt: skip
def test_these_are_not(host: str) -> None:
    assert host not in OwnNames(["http://shop.test:8080", "till.hamburg.example", ""])
