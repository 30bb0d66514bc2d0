"""A customer display: recorded bytes and what they show, code pages, and every broken byte."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.display import codec
from hardware.display.codec import COLUMNS, Glass, Shows, encode, shows
from hardware.display.driver import EscposDisplay
from hardware.errors import Garbled
from hardware.transport import ReplayWire, parse_recording

FOLDER = Path(__file__).parents[2] / "recordings" / "display"
RECORDED = parse_recording((FOLDER / "sale.txt").read_text("utf-8"))
MEANING = [Shows(*lines) for lines in tomllib.loads((FOLDER / "sale.toml").read_text("utf-8"))["shows"]]
NODE_ESCPOS = {"CLR": "0C", "US_MD1": "1F 01", "US_$": "1F 24"}
"""Command bytes as node-escpos lists them for displays (packages/screen, commands.ts)."""


def test_the_commands_are_those_that_node_escpos_knows() -> None:
    ours = {"CLR": codec.CLEAR, "US_MD1": codec.OVERWRITE, "US_$": codec.MOVE_TO}
    assert {name: command.hex(" ").upper() for name, command in ours.items()} == NODE_ESCPOS


def test_recorded_bytes_show_what_they_mean() -> None:
    glass = Glass()
    for step, meaning in zip(RECORDED, MEANING, strict=True):
        assert step.data is not None
        glass.feed(step.data)
        assert glass.shows == meaning


def test_the_driver_says_the_recorded_bytes() -> None:
    line = ReplayWire(RECORDED)
    display = EscposDisplay("/dev/none", connect=lambda _address, _within_s: line)
    display.open()
    for meaning in MEANING[1:]:
        display.show(meaning.top, meaning.bottom)
    assert line.finished


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(sorted(codec.PYTHON_PAGES)))
def test_any_text_shows_itself_or_question_marks(top: str, bottom: str, page: int) -> None:
    glass = Glass()
    glass.feed(codec.start(page) + encode(shows(top, bottom), page))
    assert len(glass.shows.top) == len(glass.shows.bottom) == COLUMNS
    for wanted, seen in zip(shows(top, bottom).top, glass.shows.top, strict=True):
        assert seen == wanted or seen in "? "


@given(st.lists(st.binary(max_size=12), max_size=12))
def test_any_bytes_are_shown_or_garbled(pieces: list[bytes]) -> None:
    glass, offset = Glass(), 0
    try:
        for piece in pieces:
            glass.feed(piece)
            assert len(glass._held) < 4
    except Garbled as garbled:
        offset = garbled.offset
    assert 0 <= offset <= sum(map(len, pieces))
    assert len(glass.shows.top) == COLUMNS


def test_a_page_that_no_display_has_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="code pages"):
        EscposDisplay("/dev/none", page=3)
