"""Keeps the catalogues in step with the sentences in the code: extract, merge, and say what is missing."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from kiosk_ui.i18n import CATALOGUES, SOURCE_LANGUAGE, catalogue_file, found_languages

SCREENS = CATALOGUES.parent
LINE_WIDTH = 100

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.html", "ignore")]
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"}}
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
_HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Language: {language}\\n"\n"Plural-Forms: {plural_forms}\\n"\n\n'
)


@dataclass(frozen=True, slots=True)
class State:
    """How one language stands: sentences without a translation, and translations nobody asks for."""

    language: str
    untranslated: tuple[str, ...]
    unused: tuple[str, ...]


def _text(message_id: str | list[str] | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def extract(folder: Path = SCREENS) -> Catalog:
    """Every sentence marked for translation in the Python files and templates under `folder`."""
    catalogue = Catalog(project="Emma", charset="utf-8", fuzzy=False)
    for name, _line, message, comments, context in extract_from_dir(
        str(folder),
        _METHODS,
        _OPTIONS,
        keywords=_KEYWORDS,
        comment_tags=("Translators:",),
        strip_comment_tags=True,
    ):
        where = Path(folder.name, name).as_posix()
        catalogue.add(message, None, [(where, 0)], auto_comments=comments, context=context)
    return catalogue


def read(language: str, folder: Path = CATALOGUES) -> Catalog:
    """One language's catalogue. Raises FileNotFoundError when it has none."""
    with catalogue_file(language, folder).open("rb") as source:
        return read_po(source, locale=language)


def state(language: str, sentences: Catalog, folder: Path = CATALOGUES) -> State:
    """Compare a language's catalogue with the sentences in the code. Fuzzy counts as untranslated."""
    known = {(_text(m.id), m.context): m for m in read(language, folder) if m.id}
    asked = {(_text(m.id), m.context) for m in sentences if m.id}

    def done(key: tuple[str, str | None]) -> bool:
        message = known.get(key)
        if message is None or message.fuzzy:
            return False
        return bool(message.string) if isinstance(message.string, str) else all(message.string or [""])

    missing = sorted(text for text, context in asked if not done((text, context)))
    unused = sorted(text for text, context in known.keys() - asked)
    return State(language, tuple(missing), tuple(unused))


def as_text(catalogue: Catalog) -> bytes:
    """A catalogue as it is kept: sorted, without line numbers or dates, so that changes stay readable."""
    out = io.BytesIO()
    write_po(
        out,
        catalogue,
        width=LINE_WIDTH,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    header = _HEADER.format(language=catalogue.locale, plural_forms=catalogue.plural_forms)
    return header.encode() + out.getvalue().lstrip()


def update(language: str, sentences: Catalog, folder: Path = CATALOGUES) -> State:
    """Merge the sentences into a language's catalogue and write it; new ones stay empty, unused ones go."""
    catalogue = read(language, folder)
    catalogue.update(sentences, no_fuzzy_matching=True, update_header_comment=False)
    catalogue_file(language, folder).write_bytes(as_text(catalogue))
    return state(language, sentences, folder)


def update_all(folder: Path = CATALOGUES) -> list[State]:
    """Update every catalogue there is."""
    sentences = extract()
    return [update(code, sentences, folder) for code in found_languages(folder) if code != SOURCE_LANGUAGE]
