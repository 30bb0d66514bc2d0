"""Tickets to bytes to paper: what the caller laid out is what stands there, and damage is Garbled."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.escpos import codec
from hardware.escpos.paper import ROWS_MAX, Paper, PaperReader, Row, StatusAsked
from hardware.escpos.ticket import Align, Cut, Line, QrCode, Rule, Ticket, two_columns

GERMAN = "Käse, Äpfel, Öl, Übergröße, süß: 3,50 €"
RECEIPT = Ticket(
    (
        Line("Tante Emma", bold=True, double=True, align=Align.CENTER),
        Line(two_columns("Äpfel Elstar", "2,49 € A", 42)),
        Rule(),
        Line(two_columns("Summe", "2,49 €", 42), bold=True),
        Line(),
        QrCode("V0;demo;Kassenbeleg-V1;Beleg^0.00_2.49;ä€"),
        Line("Danke!", align=Align.RIGHT),
        Cut(),
    )
)


def printed(ticket: Ticket) -> Paper:
    (paper,) = PaperReader(ticket.width).feed(codec.encode(ticket))
    assert isinstance(paper, Paper)
    return paper


def one_line(text: str) -> str:
    return printed(Ticket((Line(text), Cut()), 48)).rows[0].text


def test_a_receipt_stands_on_paper_as_it_was_laid_out() -> None:
    assert printed(RECEIPT).rows == (
        Row("Tante Emma", bold=True, double=True, align=Align.CENTER),
        Row("Äpfel Elstar                      2,49 € A"),
        Row("-" * 42),
        Row("Summe                               2,49 €", bold=True),
        Row(""),
        Row(align=Align.CENTER, qr="V0;demo;Kassenbeleg-V1;Beleg^0.00_2.49;ä€"),
        Row("Danke!", align=Align.RIGHT),
    )


def test_umlauts_and_the_euro_sign_are_code_page_858() -> None:
    assert one_line(GERMAN) == GERMAN
    data = codec.encode(Ticket((Line(GERMAN),)))
    assert data.count(b"\x1bt") == 1
    assert b"\x1bt\x13K\x84se" in data
    assert b"3,50 \xd5\n" in data


@pytest.mark.parametrize("text", ["Kürbis ğış", "Łódź", "“Guten Tag” – so…", "Καφές", "Борщ", "café naïve"])
def test_other_european_texts_switch_the_code_page(text: str) -> None:
    assert one_line(text) == text


def test_a_decomposed_umlaut_prints_as_one_letter() -> None:
    assert one_line("Ka\u0308se") == "Käse"


def test_what_no_page_has_prints_as_a_question_mark() -> None:
    assert one_line("茶 ☕ 5 g") == "? ? 5 g"


@pytest.mark.parametrize("smuggled", ["\x1b@", "\x1dV\x00", "\x10\x04\x01", "a\nb", "\x7f", "\x9b1m"])
def test_a_text_cannot_smuggle_commands(smuggled: str) -> None:
    (paper,) = PaperReader(48).feed(codec.encode(Ticket((Line(smuggled), Cut()), 48)))
    assert isinstance(paper, Paper)
    assert len(paper.rows) == 1
    assert "?" in paper.rows[0].text


@given(st.text(st.characters(codec="cp858", exclude_categories=("Cc",)), max_size=48))
def test_every_character_of_the_home_page_survives(text: str) -> None:
    assert [row.text for row in printed(Ticket((Line(text), Line("end"), Cut()), 48)).rows[:-1]] == [text]


@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_text_prints_as_one_row_each(texts: list[str]) -> None:
    paper = printed(Ticket((*map(Line, texts), Line("end"), Cut()), 48))
    assert len(paper.rows) == len(texts) + 1


def test_too_long_a_line_wraps_as_on_paper() -> None:
    rows = printed(Ticket((Line("x" * 50), Line("y" * 22, double=True), Cut()), 42)).rows
    assert [row.text for row in rows] == ["x" * 42, "x" * 8, "y" * 21, "y"]


BYTES = codec.encode(RECEIPT) + codec.ASK_OFFLINE + codec.ASK_DONE


@given(st.lists(st.integers(0, len(BYTES)), max_size=10))
def test_any_cut_of_the_stream_gives_the_same_paper(cuts: list[int]) -> None:
    reader, out = PaperReader(), list[object]()
    for start, end in itertools.pairwise([0, *sorted(cuts), len(BYTES)]):
        out += reader.feed(BYTES[start:end])
    assert out == [printed(RECEIPT), StatusAsked("now", 2), StatusAsked("in turn", 1)]


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_are_garbled_or_a_value(data: bytes) -> None:
    with contextlib.suppress(Garbled):
        PaperReader().feed(data)


@settings(max_examples=300)
@given(st.integers(0, len(BYTES) * 8 - 1), st.integers(0, len(BYTES)))
def test_flipped_bits_and_prefixes_are_garbled_or_a_value(bit: int, end: int) -> None:
    damaged = bytearray(BYTES)
    damaged[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(Garbled):
        reader = PaperReader()
        reader.feed(bytes(damaged[:end]))
        reader.tear_off()


def test_garbled_names_the_offset_in_the_stream() -> None:
    reader = PaperReader()
    reader.feed(b"abc\n")
    with pytest.raises(Garbled) as caught:
        reader.feed(b"de\x1b\xff")
    assert caught.value.offset == 6


@pytest.mark.parametrize(
    "data",
    [
        b"\x1d(k\xff\xff1P0",  # far too long
        b"\x1d(k\x01\x001",  # too short for a function
        b"\x1d(k\x04\x000A2\x00",  # PDF417
        b"\x1d(k\x04\x001Z2\x00",
        b"\x1d(k\x05\x001P0\xff\xfe\x1d(k\x03\x001Q0",  # no UTF-8
        b"\x1bt\xff",
        b"\x1ba\x09",
        b"\x1dV\x09",
        b"\x1dr\x09",
        b"\x10\x04\x09",
        b"\x1bt\x0d\xd5",  # a hole in code page 857
        b"\x08",
    ],
)
def test_commands_outside_the_subset_are_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        PaperReader().feed(data)


def test_paper_without_end_is_garbled() -> None:
    with pytest.raises(Garbled, match="without a cut"):
        PaperReader().feed(b"\n" * (ROWS_MAX + 1))


def test_torn_paper_has_its_rows() -> None:
    reader = PaperReader()
    assert reader.tear_off() is None
    reader.feed(b"one\ntwo")
    torn = reader.tear_off()
    assert torn is not None
    assert torn.text == "one\ntwo"


def test_status_answers_are_read_by_their_bits() -> None:
    assert codec.offline_reason(0x12) is None
    assert codec.offline_reason(0x16) == "The printer's cover is open"
    assert codec.offline_reason(0x32) == "The printer is out of paper"
    assert codec.offline_reason(0x52) == "The printer reports an error"
    assert not codec.paper_is_out(0x1E)  # near the end is not the end
    assert codec.paper_is_out(0x7E)
    assert not codec.paper_ran_out(0x03)
    assert codec.paper_ran_out(0x0F)


@given(st.integers(0, 255))
def test_any_status_byte_is_garbled_or_a_value(answer: int) -> None:
    for read in (codec.offline_reason, codec.paper_is_out, codec.paper_ran_out):
        with contextlib.suppress(Garbled):
            read(answer)


@given(st.text("abcÄß€ ", max_size=60), st.text("0123456789,€ ", max_size=42), st.sampled_from([42, 48]))
def test_two_columns_fill_the_width_and_never_cut_the_money(left: str, right: str, width: int) -> None:
    line = two_columns(left, right, width)
    assert len(line) == width
    assert line.endswith(right)
    if right and len(right) < width:
        assert line[-len(right) - 1] == " "


def test_money_wider_than_the_paper_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        two_columns("", "9" * 43, 42)


@pytest.mark.parametrize(
    "parts",
    [(QrCode(""),), (QrCode("x" * 2049),), (QrCode("x", dots=17),), tuple(Line() for _ in range(2001))],
)
def test_impossible_tickets_are_refused(parts: tuple[Line | QrCode, ...]) -> None:
    with pytest.raises(ValueError, match=r"QR|parts"):
        Ticket(parts)
    with pytest.raises(ValueError, match="columns"):
        Ticket((), width=40)


def test_loading_python_escpos_leaves_no_logger_and_no_folder_behind(tmp_path: Path) -> None:
    code = (
        "import logging, sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "import hardware.escpos.driver\n"
        "assert 'escpos' not in sys.modules\n"
        "from hardware.escpos import codec; codec.load()\n"
        "assert 'escpos' in sys.modules and not logging.getLogger().handlers\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=30)
    assert list(tmp_path.iterdir()) == []
