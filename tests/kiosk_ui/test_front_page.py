"""The front page: every door of this shop, and only those."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Blueprint

from store_edge.box import Box
from store_edge.settings import HeadOfficeSettings
from tests.kiosk_ui.bench_shop import screens
from tests.kiosk_ui.kiosk_shop import Clock, open_box


def hrefs(text: str) -> list[str]:
    return re.findall(r'<a class="door" href="([^"]+)"', text)


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "How to try it"), ("de", "So probieren Sie es aus")]
)
def test_it_speaks_the_readers_language(box: Box, language: str, sentence: str) -> None:
    answer = screens(box).test_client().get(f"/?lang={language}")
    assert answer.status_code == 200
    assert sentence in answer.text
    assert "Tante Emma" in answer.text
    assert answer.text.count('class="steps__one"') == 3
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", answer.text)


def test_a_kiosk_for_each_lane_and_no_account_where_there_is_none(box: Box) -> None:
    doors = hrefs(screens(box).test_client().get("/").text)
    assert doors == ["/kiosk/1", "/kiosk/2", "/phone", "/bench", "/tablet", "/design"]


def test_the_account_where_head_office_is_in_this_process(box: Box) -> None:
    app = screens(box)
    app.register_blueprint(Blueprint("account", __name__))
    doors = hrefs(app.test_client().get("/").text)
    assert "/account" in doors
    assert "/api/v1/docs" in doors


def test_the_account_where_head_office_is_elsewhere(tmp_path: Path) -> None:
    there = HeadOfficeSettings(url="https://head-office.example/")
    box = open_box(tmp_path, Clock(), head_office=there)
    doors = hrefs(screens(box).test_client().get("/").text)
    box.stop()
    assert "https://head-office.example/account" in doors
    assert "https://head-office.example/api/v1/docs" in doors
