"""Coverage-guided fuzzing of everything that reads bytes from a payment terminal.

    python tests/fuzz/zvt.py -runs=10000000        (or any other option of libFuzzer)

Bytes become messages, or `Garbled` with an offset within them; nothing else may be raised. What was read as a
message must be writable, and mean the same when it is read again. Needs `atheris`: `pip install atheris`.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402

with atheris.instrument_imports(include=["hardware.zvt"]):
    from hardware.errors import Garbled, Unreachable
    from hardware.zvt.codec import decode, encode
    from hardware.zvt.framing import PENDING_BYTES_MAX, ApduBuffer
    from hardware.zvt.orders import ORDERS, Authorisation, StatusEnquiry
    from hardware.zvt.reports import REPORTS, Unsupported, read_totals
    from hardware.zvt.serial_framing import FRAME_BYTES_MAX, wrap
    from hardware.zvt.serial_link import SerialLink
    from hardware.zvt.session import TABLE, Dialogue

INPUT_BYTES_MAX = 384
"""Longer than nearly all messages; more only makes a run slower (`-max_len` does)."""
CONTROLS = [kind.CONTROL for kind in (*ORDERS, *REPORTS)]


def read_messages(data: bytes) -> None:
    """A TCP stream."""
    buffer = ApduBuffer()
    try:
        buffer.feed(data)
        while (apdu := buffer.next_apdu()) is not None:
            for answers in (None, StatusEnquiry):
                meaning = decode(apdu, answers=answers)
                if not isinstance(meaning, Unsupported):
                    again = ApduBuffer()
                    again.feed(encode(meaning))
                    whole = again.next_apdu()
                    assert whole is not None
                    assert decode(whole, answers=answers) == meaning
    except Garbled as fault:
        assert 0 <= fault.offset <= len(data) + 2  # noqa: PT017
    assert buffer.pending <= PENDING_BYTES_MAX


def read_one_message(data: bytes) -> None:
    """A data block behind a control field that there is: deeper than a random stream gets."""
    control = CONTROLS[data[0] % len(CONTROLS)]
    body = data[1:250]
    read_messages(control + bytes([len(body)]) + body)


def read_serial(data: bytes) -> None:
    """A serial line, in pieces, with the clock going on."""
    now = [0.0]
    link = SerialLink(lambda: now[0])
    link.say(b"\x80\x00\x00")
    position = 0
    try:
        while position < len(data):
            size = 1 + data[position] % 32
            piece = data[position + 1 : position + 1 + size]
            link.feed(wrap(piece) if data[position] & 0x80 else piece)
            now[0] += 0.05
            link.tick()
            link.outgoing()
            position += 1 + size
            assert len(link.heard()) <= FRAME_BYTES_MAX
    except (Garbled, Unreachable):
        return


def play(data: bytes) -> None:
    """A dialogue that hears whatever decodes."""
    dialogue = Dialogue(StatusEnquiry("000000") if data[0] & 1 else Authorisation(500))
    buffer = ApduBuffer()
    try:
        buffer.feed(data[1:])
        while not dialogue.ended and (apdu := buffer.next_apdu()) is not None:
            dialogue.hear(decode(apdu, answers=type(dialogue.command)))
            assert dialogue.state in TABLE
        if dialogue.status is not None and dialogue.status.totals is not None:
            read_totals(dialogue.status.totals)
    except Garbled:
        return


TARGETS = (read_messages, read_one_message, read_serial, play)


def one(data: bytes) -> None:
    """The first byte chooses who reads the rest."""
    if len(data) > 1:
        TARGETS[data[0] % len(TARGETS)](data[1:])


if __name__ == "__main__":
    atheris.Setup([sys.argv[0], f"-max_len={INPUT_BYTES_MAX}", *sys.argv[1:]], one)
    atheris.Fuzz()
