"""The line to a local TSE under noise: what arrives is a message, not yet one, or garbled and where."""

from __future__ import annotations

import datetime as dt
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Garbled
from hardware.tse import codec
from hardware.tse.codec import LINE_BYTES_MAX, Answer, LineBuffer, Question, decode_answer, decode_question
from hardware.tse.session import Session

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)
BEGUN = codec.Begun(7, 15, AT)
QUESTIONS: tuple[Question, ...] = (
    codec.Describe(),
    codec.Start("demo-1"),
    codec.Update("demo-1", 7, "Kassenbeleg-V1", ""),
    codec.Finish("demo-1", 7, "Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Bar"),
    codec.Finish("demo-1", 7, "Bestellung-V1", '2;"Käse; \n ""jung"""\r'),
    codec.ListOpen("demo-1"),
    codec.Recall("demo-1", 7),
    codec.Export(),
)
ANSWERS: tuple[Answer, ...] = (
    codec.Described("ab12", "ecdsa-plain-SHA256", "unixTime", b"\x04key", b"0\x82", "full"),
    BEGUN,
    codec.Ended(7, 16, AT, AT, "Kassenbeleg-V1", "Beleg^", b"\0\xff"),
    codec.Updated(7, 16),
    codec.Opened((BEGUN, BEGUN)),
    codec.Piece(b"\0" * codec.PIECE_BYTES_MAX),
    codec.Exported(3),
    codec.Refusal("expired"),
)


def line_of(message: Question | Answer) -> bytes:
    line = codec.encode(42, message)
    assert line.endswith(b"\n")
    return line[:-1]


def read(line: bytes, message: Question | Answer) -> tuple[int, Question | Answer]:
    return decode_question(line) if isinstance(message, Question) else decode_answer(line)


@pytest.mark.parametrize("message", [*QUESTIONS, *ANSWERS], ids=lambda one: type(one).__name__)
def test_every_message_comes_back_as_it_was_and_fits_a_line(message: Question | Answer) -> None:
    line = line_of(message)
    assert b"\n" not in line
    assert len(line) < LINE_BYTES_MAX
    assert read(line, message) == (42, message)


def test_what_the_protocol_shows_is_what_is_said() -> None:
    """The docstring's own lines."""
    shown = [line.strip().encode() for line in (codec.__doc__ or "").splitlines() if line.startswith("    ")]
    assert [codec.encode(12, codec.Start("demo-1")).strip(), codec.encode(12, BEGUN).strip()] == shown


@pytest.mark.parametrize("message", [*QUESTIONS, *ANSWERS[:5]], ids=lambda one: type(one).__name__)
def test_every_flipped_bit_and_every_prefix_is_garbled(message: Question | Answer) -> None:
    line = line_of(message)
    damaged = [line[:end] for end in range(len(line))]
    damaged += [
        line[:place] + bytes([line[place] ^ 1 << bit]) + line[place + 1 :]
        for place in range(len(line))
        for bit in range(8)
    ]
    for bad in damaged:
        with pytest.raises(Garbled) as caught:
            read(bad, message)
        assert 0 <= caught.value.offset <= len(bad)


@given(st.binary(max_size=200), st.integers(0, 1000))
def test_random_bytes_are_garbled(noise: bytes, offset: int) -> None:
    for decode in (decode_question, decode_answer):
        with pytest.raises(Garbled) as caught:
            decode(noise, offset)
        assert offset <= caught.value.offset <= offset + len(noise)


@pytest.mark.parametrize(
    "body", [b"{}", b"[" * 9_000, b'{"do":"start"}', b'{"do":"start","client":""}', b"\xff"]
)
def test_a_sound_line_that_says_nothing_known_is_garbled(body: bytes) -> None:
    text = b"1 " + body
    with pytest.raises(Garbled, match="at byte 11"):
        decode_question(b"%08x %s" % (zlib.crc32(text), text))


@given(st.lists(st.sampled_from(QUESTIONS), max_size=6), st.data())
def test_lines_are_found_however_they_are_cut(messages: list[Question], data: st.DataObject) -> None:
    stream = b"".join(codec.encode(number, one) for number, one in enumerate(messages, start=1))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    buffer, found = LineBuffer(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += [(offset, decode_question(line, offset)) for offset, line in buffer.feed(stream[start:end])]
    assert [message for _, (_, message) in found] == messages
    assert all(stream[offset - 1 : offset] in (b"", b"\n") for offset, _ in found)


def test_a_line_that_does_not_end_is_garbled_and_not_kept() -> None:
    buffer = LineBuffer()
    assert list(buffer.feed(b"x" * (LINE_BYTES_MAX - 1))) == []
    with pytest.raises(Garbled, match="does not end"):
        list(buffer.feed(b"x"))


# The dialogue


def test_an_answer_to_nothing_to_another_question_or_of_another_kind_is_garbled() -> None:
    unasked, other, wrong = Session(), Session(), Session()
    with pytest.raises(Garbled, match="not asked"):
        unasked.hear(codec.encode(1, BEGUN))
    other.ask(codec.Start("demo-1"))
    with pytest.raises(Garbled, match="not asked"):
        other.hear(codec.encode(2, BEGUN))
    wrong.ask(codec.Start("demo-1"))
    with pytest.raises(Garbled, match="another kind"):
        wrong.hear(codec.encode(1, codec.Exported(1)))


def test_an_export_has_many_answers_and_then_it_is_quiet() -> None:
    session = Session()
    session.ask(codec.Export())
    session.hear(codec.encode(1, codec.Piece(b"a")) + codec.encode(1, codec.Piece(b"b")))
    assert not session.quiet
    session.hear(codec.encode(1, codec.Exported(2)))
    assert session.quiet
    heard = [session.next_answer() for _ in range(4)]
    assert heard == [codec.Piece(b"a"), codec.Piece(b"b"), codec.Exported(2), None]
