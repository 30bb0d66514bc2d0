"""Coverage-guided fuzzing of one codec: what a device sends, or what stands in a code or a tag.

    python tests/fuzz/codecs.py CODEC -runs=10000000        (or any other option of libFuzzer)
    python tests/fuzz/every.py                              (all of them in turn, with a table)

Bytes become values, or the one error that the codec names, with an offset that is no further than the
bytes; nothing else may be raised. Where a codec also writes, what was read is written and read again.
Card terminals have `zvt.py`. Needs `atheris`: `pip install atheris`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402
from seeds import seeds  # noqa: E402
from services import giro, on_file, transfer, tse_cloud  # noqa: E402

Read = Callable[[bytes], object]
"""Reads bytes as they came; raises only what its codec allows."""

PIECE_BYTES_MAX = 32
INPUT_BYTES_MAX = 384
"""Longer than most buffers for lines and frames; more only makes a run slower (`-max_len` allows it)."""


def pieces(data: bytes) -> Iterable[bytes]:
    """The bytes cut as the bytes themselves say: a line delivers as it likes."""
    position = 0
    while position < len(data):
        size = 1 + data[position] % PIECE_BYTES_MAX
        yield data[position : position + size]
        position += size


def llrp() -> Read:
    from hardware.llrp.codec import Framer
    from hardware.llrp.tag_report import HEADER_BYTES, RO_ACCESS_REPORT, tag_reads

    def read(data: bytes) -> None:
        if data[0] & 1:  # a report whose head is right: deeper than a random stream gets
            head = (0x0400 | RO_ACCESS_REPORT).to_bytes(2, "big") + (len(data) + HEADER_BYTES).to_bytes(
                4, "big"
            )
            tag_reads(head + bytes(4) + data)
        framer = Framer()
        for piece in pieces(data):
            framer.feed(piece)

    return read


def m100() -> Read:
    from hardware.m100.codec import NOTICE, POLL, Frame, Framer, decode, encode, tag_read

    def read(data: bytes) -> None:
        framer = Framer()
        frame = Frame(NOTICE, POLL, data[:255])
        assert decode(encode(frame)) == frame
        for one in framer.feed(encode(frame)) + [
            found for piece in pieces(data) for found in framer.feed(piece)
        ]:
            tag_read(one)

    return read


def r700() -> Read:
    from hardware.json_reads import LineBuffer
    from hardware.r700.codec import decode, encode

    def read(data: bytes) -> None:
        lines = LineBuffer()
        for piece in pieces(data):
            for offset, line in lines.feed(piece):
                if (found := decode(line, offset)) is not None:
                    assert decode(encode(found).strip()) == found

    return read


def zebra() -> Read:
    from hardware.zebra.codec import decode

    return decode


def dialog06() -> Read:
    from hardware.scale.dialog06.codec import AnswerBuffer, OrderBuffer, encode, from_scale, to_scale

    def read(data: bytes) -> None:
        orders = OrderBuffer()
        for piece in pieces(data):
            for order in orders.feed(piece):
                if order is not None:
                    assert to_scale(encode(order).removeprefix(b"\x04")) == order
        answers = AnswerBuffer()
        for piece in pieces(data):
            if (answer := answers.feed(piece)) is not None:
                assert from_scale(encode(answer)) == answer

    return read


def mt8217() -> Read:
    from hardware.scale.mt8217.codec import AnswerBuffer, Weighed, decode, encode

    def read(data: bytes) -> None:
        answers = AnswerBuffer()
        for piece in pieces(data):
            answer = answers.feed(piece)
            if answer is not None and not (isinstance(answer, Weighed) and answer.weight_g > 99_999):
                assert decode(encode(answer)) == answer

    return read


def scanner() -> Read:
    from hardware.scanner.codec import ScanBuffer, decode, encode

    def read(data: bytes) -> None:
        scans = ScanBuffer(prefix=b"P" if data[0] & 1 else b"", suffix=b"\r" if data[0] & 2 else b"\r\n")
        for piece in pieces(data[1:]):
            scans.feed(piece)
            while (scan := scans.next_scan()) is not None:
                if scan.symbology:
                    assert decode(encode(scan).removesuffix(b"\r\n")) == scan

    return read


def ssi() -> Read:
    from hardware.scanner.ssi.codec import PacketBuffer, checksum, decode, encode, scan_of

    def read(data: bytes) -> None:
        packets = PacketBuffer()
        head = bytes([4 + len(data[:200]), 0xF3, 0, 0]) + data[:200]
        for piece in (head + checksum(head), *pieces(data)):
            packets.feed(piece)
            while (packet := packets.next_packet()) is not None:
                assert decode(encode(packet)) == packet
                scan_of(packet.data)

    return read


def hid() -> Read:
    from hardware.scanner.hid.codec import EV_KEY, EVENT, KeyReader

    def read(data: bytes) -> None:
        keys = KeyReader()
        keys.feed(b"".join(EVENT.pack(0, 0, EV_KEY, code & 0x7F, code >> 7) for code in data))
        keys.feed(data[: len(data) // EVENT.size * EVENT.size])
        while keys.next_scan() is not None:
            pass

    return read


def camera() -> Read:
    from hardware.camera.codec import MjpegReader, picture_size
    from hardware.errors import Busy

    def read(data: bytes) -> None:
        if data[0] & 1:
            picture_size(data[1:])
            return
        stream = MjpegReader()
        stream.feed(b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n--b\r\n")
        try:
            for piece in pieces(data[1:]):
                stream.feed(piece)
        except Busy:
            return

    return read


def escpos() -> Read:
    from hardware.escpos.codec import AnswerBuffer, offline_reason, paper_is_out, paper_ran_out
    from hardware.escpos.paper import PaperReader

    def read(data: bytes) -> None:
        if data[0] & 1:
            answers = AnswerBuffer()
            for piece in pieces(data[1:]):
                answers.feed(piece)
            return
        paper = PaperReader()
        for piece in pieces(data):
            paper.feed(piece)
        for judge in (offline_reason, paper_is_out, paper_ran_out):
            judge(data[0])

    return read


def lanebox() -> Read:
    from hardware.lanebox.codec import LINE_BYTES_MAX, LineBuffer, state, state_words

    def read(data: bytes) -> None:
        if data[0] & 1:  # the words of a line whose checksum is right
            told = state(data[1:].decode("latin-1"))
            assert state(state_words(told)) == told
        lines = LineBuffer()
        for piece in pieces(data):
            for said in lines.feed(piece):
                state(said.words)
            assert len(lines._held) <= LINE_BYTES_MAX

    return read


def modbus() -> Read:
    from hardware.errors import Busy
    from hardware.modbus.codec import question, read_answer, read_question
    from hardware.modbus.framing import Framed, RtuBuffer, TcpBuffer, to_rtu, to_tcp

    def read(data: bytes) -> None:
        if data[0] & 1:  # messages in frames whose checksums are right
            asked = read_question(data[1:6])
            assert question(asked) == data[1:6]
            framed = Framed(1, data[1:6])
            assert RtuBuffer(answers=False).feed(to_rtu(framed)) == [framed]
            assert TcpBuffer().feed(to_tcp(framed)) == [framed]
            try:
                read_answer(asked, data[6:])
            except Busy:
                return
        buffer = (RtuBuffer(), RtuBuffer(answers=False), TcpBuffer())[data[0] // 2 % 3]
        for piece in pieces(data):
            buffer.feed(piece)
            assert len(buffer._held) <= 300

    return read


def display() -> Read:
    from hardware.display.codec import PYTHON_PAGES, Glass, encode

    pages = tuple(PYTHON_PAGES)

    def read(data: bytes) -> None:
        glass = Glass()
        for piece in pieces(data):
            glass.feed(piece)
        if data:
            Glass().feed(encode(glass.shows, pages[data[0] % len(pages)]))

    return read


def tse() -> Read:
    import zlib

    from hardware.tse.codec import LineBuffer, decode_answer, decode_question, encode

    def read(data: bytes) -> None:
        body = b"%d %s" % (data[0], data[1:].replace(b"\n", b" "))
        lines = LineBuffer()
        for piece in (b"%08x %s\n" % (zlib.crc32(body), body), *pieces(data)):
            for offset, line in lines.feed(piece):
                decode = decode_question if data[0] & 1 else decode_answer
                number, message = decode(line, offset)
                assert decode(encode(number, message)[:-1]) == (number, message)

    return read


def tse_log() -> Read:
    from hardware.tse.log_message import read_message

    def read(data: bytes) -> None:
        log, signature, end = read_message(data)
        assert log.message(signature) == data[:end]

    return read


def receipt_qr() -> Read:
    from hardware.tse.receipt_qr import verify

    def read(data: bytes) -> None:
        verdict = verify(data.decode("latin-1"))
        assert not verdict.valid or data.startswith(b"V0;")

    return read


def codes() -> Read:
    from checkout.errors import Refused
    from checkout.gs1 import read_code

    def read(data: bytes) -> None:
        try:
            read_code(
                data[1:].decode("latin-1"), ("", "]E0", "]d2", "]C1", "]Q3", "]I1", "]e0", "]E4")[data[0] % 8]
            )
        except Refused:
            return

    return read


def epc() -> Read:
    from checkout.epc import decode, decode_hex
    from checkout.epc.bits import EpcUnreadable

    def read(data: bytes) -> None:
        for meaning in (lambda: decode(data), lambda: decode_hex(data.decode("latin-1"))):
            try:
                meaning()
            except EpcUnreadable:
                continue

    return read


DEVICES = (llrp, m100, r700, zebra, dialog06, mt8217, scanner, ssi, hid, camera, escpos, tse, tse_log)
LANE = (lanebox, modbus, display)
SERVICES = (on_file, transfer, giro, tse_cloud)
TEXTS = (receipt_qr, codes, epc)
CODECS = {made.__name__.replace("_", "-"): made for made in (*DEVICES, *LANE, *SERVICES, *TEXTS)}
OFFSET_SLACK_BYTES = 320
"""What a target may put around the bytes it was given."""


def main() -> None:
    """Fuzz the codec that the first argument names."""
    if len(sys.argv) < 2 or sys.argv[1] not in CODECS:
        sys.exit(f"Which codec? One of: {', '.join(CODECS)}")
    codec = sys.argv.pop(1)
    with atheris.instrument_imports(include=["hardware", "checkout"]):
        read = CODECS[codec]()
        from hardware.errors import Garbled

    def one(data: bytes) -> None:
        if data:
            try:
                read(data)
            except Garbled as fault:
                assert 0 <= fault.offset <= len(data) + OFFSET_SLACK_BYTES  # noqa: PT017

    with tempfile.TemporaryDirectory() as folder:
        begin = [Path(folder) / f"{number}" for number, _ in enumerate(seeds(codec))]
        for path, seed in zip(begin, seeds(codec), strict=True):
            path.write_bytes(seed)
        first = [f"-seed_inputs={','.join(map(str, begin))}"] if begin else []
        size = [f"-max_len={INPUT_BYTES_MAX}"]  # an option of the command line goes before it
        atheris.Setup([sys.argv[0], *first, *size, *sys.argv[1:]], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
