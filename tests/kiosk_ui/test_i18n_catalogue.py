"""Every sentence on every screen is translated, and no translation is left over.

When this fails: `python -m kiosk_ui.i18n update`, then fill in the empty `msgstr` lines.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from kiosk_ui.i18n import CATALOGUES, SOURCE_LANGUAGE, catalogue_file, found_languages
from kiosk_ui.i18n.__main__ import main
from kiosk_ui.i18n.catalogue import as_text, extract, read, state, update

LANGUAGES = [code for code in found_languages() if code != SOURCE_LANGUAGE]
_GAPS = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def sentences() -> Catalog:
    return extract()


def test_there_is_german() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_left_over(language: str, sentences: Catalog) -> None:
    found = state(language, sentences)
    assert found.untranslated == (), "run `python -m kiosk_ui.i18n update` and translate"
    assert found.unused == (), "run `python -m kiosk_ui.i18n update`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_gaps_survive_translation(language: str) -> None:
    for message in read(language):
        if not message.id:
            continue
        asked = message.id if isinstance(message.id, str) else " ".join(message.id)
        given = message.string if isinstance(message.string, str) else " ".join(message.string)
        assert set(_GAPS.findall(given)) <= set(_GAPS.findall(asked)) | {"num"}, asked
        if isinstance(message.id, str):
            assert set(_GAPS.findall(given)) == set(_GAPS.findall(asked)), asked


def test_german_says_sie() -> None:
    for message in read("de"):
        given = message.string if isinstance(message.string, str) else " ".join(message.string)
        assert not re.search(r"\b(?:du|dich|dir|dein\w*)\b", given, re.IGNORECASE), given


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_is_as_update_would_write_it(language: str) -> None:
    assert (
        as_text(read(language)).decode().split()
        == catalogue_file(language).read_text(encoding="utf-8").split()
    )


def test_update_keeps_merges_and_drops(tmp_path: Path) -> None:
    shutil.copytree(CATALOGUES / "de", tmp_path / "de")
    sentences = Catalog()
    sentences.add("Help")
    sentences.add("A sentence nobody has said yet")
    found = update("de", sentences, tmp_path)
    assert found.untranslated == ("A sentence nobody has said yet",)
    assert found.unused == ()
    assert {m.id: m.string for m in read("de", tmp_path) if m.id} == {
        "Help": "Hilfe",
        "A sentence nobody has said yet": "",
    }


def test_extraction_sees_python_and_templates(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "views.py").write_text(
        "x = _('In Python')\ny = ngettext('%(num)s thing', '%(num)s things', 2)\nz = lazy_gettext('Later')\n"
    )
    (tmp_path / "templates" / "page.html").write_text(
        "{% trans %}  In a\n  template {% endtrans %}{{ _('Short') }}"
    )
    found = {message.id for message in extract(tmp_path) if message.id}
    assert found == {"In Python", ("%(num)s thing", "%(num)s things"), "Later", "In a template", "Short"}


def test_check_says_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    assert "de: 0 untranslated, 0 unused" in capsys.readouterr().out
