"""Every screen in the reader's language. Adding a language is adding a file `<lang>/LC_MESSAGES/messages.po`.

The sentences in the code are English. Catalogues are text files, compiled in memory when first needed, so
there is nothing to build and nothing compiled to forget.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

from babel import Locale, negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, request
from flask_babel import Babel, Domain, get_locale

CATALOGUES = Path(__file__).resolve().parent
SOURCE_LANGUAGE = "en"
COOKIE = "emma_lang"
COOKIE_AGE_S = 180 * 24 * 3600
CATALOGUE_BYTES_MAX = 4_000_000

_EXTENSION = "emma.i18n"


class CatalogueFault(ValueError):
    """A catalogue cannot be used; the message names the file."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language to choose: its code, its own name for itself, and where its lines begin (ltr or rtl)."""

    code: str
    name: str
    direction: str

    @classmethod
    def of(cls, code: str) -> Language:
        locale = Locale.parse(code)
        name = locale.get_display_name(locale) or code
        return cls(code, name[:1].upper() + name[1:], locale.text_direction)


def catalogue_file(code: str, folder: Path = CATALOGUES) -> Path:
    """Where the sentences of one language lie."""
    return folder / code / "LC_MESSAGES" / "messages.po"


def found_languages(folder: Path = CATALOGUES) -> tuple[str, ...]:
    """Codes of every language there is a catalogue for, and English, in alphabetical order."""
    codes = {file.parts[-3] for file in folder.glob("*/LC_MESSAGES/messages.po")}
    return tuple(sorted(codes | {SOURCE_LANGUAGE}))


def compile_catalogue(file: Path, code: str) -> Translations:
    """A `.po` file as translations, without writing anything. Fuzzy sentences are left in English.

    Raises CatalogueFault when the file is larger than CATALOGUE_BYTES_MAX or is not a catalogue.
    """
    if file.stat().st_size > CATALOGUE_BYTES_MAX:
        raise CatalogueFault(f"{file} is larger than {CATALOGUE_BYTES_MAX} bytes")
    compiled = io.BytesIO()
    try:
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=code, abort_invalid=True))
    except Exception as fault:  # babel raises several kinds for a broken file, UnicodeDecodeError among them
        raise CatalogueFault(f"{file} is not a catalogue: {fault}") from fault
    compiled.seek(0)
    return Translations(compiled, domain="messages")


class TextDomain(Domain):  # type: ignore[misc]  # flask_babel brings no types
    """Flask-Babel's domain, reading `.po` files itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), "messages")
        self._folder = folder
        self._lock = threading.Lock()

    def get_translations(self) -> NullTranslations:
        """The sentences of this request's language; English ones where a catalogue has none."""
        locale = get_locale()
        if locale is None:
            return NullTranslations()
        code = str(locale)
        with self._lock:
            if code not in self.cache:
                file = catalogue_file(code, self._folder)
                self.cache[code] = compile_catalogue(file, code) if file.is_file() else NullTranslations()
            found: NullTranslations = self.cache[code]
            return found


class _ShopBabel(Babel):  # type: ignore[misc]  # flask_babel brings no types
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @cached_property
    def domain_instance(self) -> TextDomain:
        return TextDomain(self._folder)


def _asked_language(codes: tuple[str, ...]) -> str | None:
    asked = request.args.get("lang")
    return asked if asked in codes else None


def _chosen_language(codes: tuple[str, ...], default: str) -> str:
    """`?lang=`, then the cookie, then what the browser prefers, then the store's own language."""
    asked = _asked_language(codes)
    if asked:
        return asked
    kept = request.cookies.get(COOKIE)
    if kept in codes:
        return kept
    accepted = [name.replace("-", "_") for name in request.accept_languages.values()]
    return negotiate_locale(accepted, codes, sep="_") or default


def _keep_choice(codes: tuple[str, ...]) -> Callable[[Response], Response]:
    def keep(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.headers["Content-Language"] = str(get_locale())
            response.vary.update(["Accept-Language", "Cookie"])
        asked = _asked_language(codes)
        if asked:
            response.set_cookie(
                COOKIE, asked, max_age=COOKIE_AGE_S, httponly=True, samesite="Lax", secure=request.is_secure
            )
        return response

    return keep


def forget_language(response: Response) -> Response:
    """Let the next person at a shared screen begin in the store's language again."""
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def current_language() -> Language:
    """The language of this answer."""
    return Language.of(str(get_locale() or SOURCE_LANGUAGE))


def language_url(code: str) -> str:
    """This page's address in another language."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*arguments, ('lang', code)])}"


def init_i18n(
    app: Flask,
    *,
    default_language: str = "de",
    time_zone: str = "Europe/Berlin",
    folder: Path = CATALOGUES,
) -> None:
    """Teach `app` every language found in `folder`.

    Templates get `_`, `languages()` (each a Language), `current_language()` and `language_url(code)`.
    Raises LookupError when the store's own language has no catalogue.
    """
    codes = found_languages(folder)
    if default_language not in codes:
        raise LookupError(f"no catalogue for {default_language!r}; there are {', '.join(codes)}")
    all_languages = tuple(Language.of(code) for code in codes)
    app.extensions[_EXTENSION] = all_languages
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    _ShopBabel(folder).init_app(
        app,
        default_locale=default_language,
        default_timezone=time_zone,
        locale_selector=lambda: _chosen_language(codes, default_language),
    )
    app.after_request(_keep_choice(codes))
    app.add_template_global(lambda: all_languages, "languages")
    app.add_template_global(current_language, "current_language")
    app.add_template_global(language_url, "language_url")
