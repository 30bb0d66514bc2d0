"""The applications, put together: a store's screens, head office's screens, or both behind one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
from flask import Flask, Response, abort, redirect
from flask_babel import get_locale

from central.app import create_central
from central.centre import Centre, open_centre
from central.demo import DemoArticle, seed_demo
from central.keys import Kind, caller_of, issue_key
from central.settings import CentralSettings
from checkout.catalogue import Article
from checkout.tax import vat_bp
from kiosk_ui.account.api import AccountApi
from kiosk_ui.format import init_format
from kiosk_ui.front_door import BOX
from kiosk_ui.i18n import init_i18n
from kiosk_ui.own_names import OwnNames
from kiosk_ui.pictures import picture_path, picture_svg
from kiosk_ui.secrets_kept import kept_secret, write_secret
from kiosk_ui.security import init_security, live_origin
from kiosk_ui.trouble import init_trouble
from kiosk_ui.vendor import init_vendor
from store_edge.box import Box, now
from store_edge.counter import load_programme
from store_edge.demo import AssortmentError, counted, price_list, price_list_in
from store_edge.paper_rules import deposit_kinds
from store_edge.settings import BadSettings, Settings
from store_edge.sync.central_client import HeadOffice

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

STORE_SCREENS = ("front", "kiosk", "phone", "fitting", "receipt", "tablet", "bench", "design", "metrics")
HEAD_OFFICE_SCREENS = ("account",)
IN_PROCESS = "http://head-office.internal"
PICTURE_KEPT_S = 86_400
DEMO_FAVOURITES = ("bread", "milk", "coffee-bag", "apple", "chocolate", "cheese", "pasta")


def create_app(
    box: Box | None = None,
    *,
    account_api: AccountApi | None = None,
    live_port: int | None = None,
    demo_account_key: str = "",
    settings: Settings | None = None,
) -> Flask:
    """A store's screens for a box; opens one with a head office of its own if none is given.

    With `account_api` the customer's account pages are there too.
    """
    if box is None:
        settings = settings or Settings()
        centre_app = open_head_office(settings.home, settings.points)
        box = open_store(settings, local_head_office(settings, centre_app))
        account_api = account_api or local_account_api(settings.home, centre_app)
    shop = box.settings.shop
    app = _flask(shop.language, shop.timezone, live_port, own_names(box))
    app.secret_key = kept_secret(box.settings.home / "screens.key")
    app.extensions[BOX] = box
    app.extensions["emma-article-words"] = _article_words(box.shelves.article)
    app.extensions["emma-shop-name"] = shop.name
    app.extensions["emma-store-words"] = _store_words(box.settings)
    screens: tuple[str, ...] = STORE_SCREENS
    if account_api is not None:
        _add_account(app, account_api, demo_account_key)
        screens = (*STORE_SCREENS, *HEAD_OFFICE_SCREENS)
    _register(app, screens)
    return app


def create_head_office(
    home: Path, *, language: str = "de", hosts: Sequence[str] = (), demo: bool = False, points: str = ""
) -> WsgiApp:
    """Head office on its own: its API, and the customer's account pages under the names `hosts`.

    With `demo` the demo shop's customer is there, and the demo goods are called by their names. `points` is
    the file of the points programme.
    """
    secret = kept_secret(home / "screens.key")
    centre_app = open_head_office(home, points)
    app = _flask(language, "Europe/Berlin", None, OwnNames(hosts))
    app.secret_key = secret
    key = seed_demo_customer(Settings(home=home), centre_app) if demo else ""
    _add_account(app, local_account_api(home, centre_app), key)
    if demo:
        app.extensions["emma-article-words"] = _article_words({a.gtin: a for a in price_list()}.get)
        app.extensions["emma-store-words"] = _store_words(Settings(home=home))
    _register(app, HEAD_OFFICE_SCREENS)
    app.add_url_rule("/", "front", lambda: redirect("/account"))
    return one_door(app, centre_app)


def one_door(screens: Flask, centre_app: Flask | None) -> WsgiApp:
    """Head office's API under `/api/`, the screens under everything else."""

    def door(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        to_api = centre_app is not None and environ.get("PATH_INFO", "").startswith("/api/")
        return (centre_app if to_api and centre_app else screens)(environ, start_response)

    return door


# Head office, in this process


def open_head_office(home: Path, points: str = "") -> Flask:
    """Head office's API with its own database in `home/head-office`; `points` is its programme's file."""
    return create_central(CentralSettings(home=home / "head-office", programme=load_programme(points)))


def centre_of(centre_app: Flask) -> Centre:
    centre = centre_app.extensions["centre"]
    assert isinstance(centre, Centre)
    return centre


def new_key(home: Path, kind: Kind, name: str) -> str:
    """Issue a key at a head office whose data lie in `home`; its text is kept nowhere."""
    centre = open_centre(CentralSettings(home=home / "head-office"))
    try:
        return issue_key(centre.database, kind, name)
    finally:
        centre.close()


def local_head_office(settings: Settings, centre_app: Flask) -> HeadOffice:
    """The same client as over the network, on head office in this process."""
    key = _kept_key(settings.home, centre_app, "store", settings.shop.id)
    return HeadOffice(IN_PROCESS, key, httpx.WSGITransport(app=centre_app))


def local_account_api(home: Path, centre_app: Flask) -> AccountApi:
    key = _kept_key(home, centre_app, "office", "account-pages")
    return AccountApi(IN_PROCESS, key, httpx.WSGITransport(app=centre_app))


def seed_demo_customer(settings: Settings, centre_app: Flask) -> str:
    """Erika with her past purchases; gives her sign-in key, or "" if she had herself erased."""
    by_favour = sorted(
        (
            article
            for article in price_list()
            if article.unit == "piece" and article.department == "groceries"
        ),
        key=lambda article: (article.picture not in DEMO_FAVOURITES, article.gtin),
    )
    articles = [DemoArticle(a.gtin, a.price_minor, vat_bp(a.vat, now().date())) for a in by_favour[:24]]
    return seed_demo(centre_of(centre_app), articles, store=_own_ids(settings)[1]) or ""


# The store


def open_store(settings: Settings, head_office: HeadOffice, public_address: str = "") -> Box:
    """Open the box; an empty demo store is filled with its goods, then comes the retailer's own price list.

    Raises BadSettings for a list that does not hold.
    """
    try:
        kinds = deposit_kinds(settings)
        own = price_list_in(Path(settings.price_list), kinds) if settings.price_list else ()
    except AssortmentError as error:
        raise BadSettings(str(error)) from None
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    box = Box(settings, head_office=head_office, public_address=public_address)
    if settings.demo and box.shelves.is_empty():
        box.shelves.put(price_list(kinds))
        box.stock.take_over(counted())
    box.shelves.put((*own, *kinds.articles()))
    if settings.price_list:
        box.stock.take_over(counted(Path(settings.price_list)))
    return box


def _article_words(article_of: Callable[[str], Article | None]) -> Callable[[str], tuple[str, str] | None]:
    """An article's name in the reader's language and its picture's address, for who knows only GTINs."""

    def words(gtin: str) -> tuple[str, str] | None:
        article = article_of(gtin)
        if article is None:
            return None
        return article.called(str(get_locale())), f"/pictures/{picture_path(article.picture, article.tint)}"

    return words


def _store_words(settings: Settings) -> Callable[[str], str | None]:
    """This store by its name, also for what its demo customer did before it opened."""
    return lambda store: settings.shop.name if store in _own_ids(settings) else None


def _own_ids(settings: Settings) -> tuple[str, str]:
    return settings.shop.id, f"{settings.shop.id}-before"


# Flask


def own_names(box: Box) -> OwnNames:
    """What this store is called in a browser."""
    return OwnNames([box.public_address, *box.settings.front_door.hosts])


def _flask(language: str, time_zone: str, live_port: int | None, names: OwnNames) -> Flask:
    app = Flask("kiosk_ui")
    init_i18n(app, default_language=language, time_zone=time_zone)
    init_format(app)
    init_vendor(app)
    init_security(app, live_port=live_port, own_names=names)
    init_trouble(app)
    app.add_url_rule("/pictures/<file>", "picture", _picture)
    if live_port is not None:
        app.context_processor(lambda: {"live_url": f"{live_origin(live_port)}/live"})
    return app


def _picture(file: str) -> Response:
    name, _, tint = file.removesuffix(".svg").rpartition("-")
    try:
        svg = picture_svg(name, tint)
    except (LookupError, ValueError):
        abort(404)
    response = Response(svg, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={PICTURE_KEPT_S}"
    return response


def _add_account(app: Flask, api: AccountApi, demo_account_key: str) -> None:
    app.extensions["emma-account-api"] = api
    app.extensions["emma-demo-account-key"] = demo_account_key


def _register(app: Flask, screens: Iterable[str]) -> None:
    for screen in screens:
        app.register_blueprint(import_module(f"kiosk_ui.{screen}.views").blueprint)


# Keys of this process


def _kept_key(home: Path, centre_app: Flask, kind: Kind, name: str) -> str:
    """This process's own key for its own head office; a new one where the kept one is no longer good."""
    database = centre_of(centre_app).database
    file = home / f"{kind}-{name}.key"
    if file.exists():
        key = file.read_text(encoding="ascii").strip()
        with database.read() as connection:
            if caller_of(connection, key) is not None:
                return key
    key = issue_key(database, kind, name)
    write_secret(file, key)
    return key
