"""What a fuzz run of a codec begins with, where random bytes would not get past the first character."""

from __future__ import annotations

from collections.abc import Callable


def seeds(codec: str) -> list[bytes]:
    """Inputs as the codec's target reads them: often a first byte that chooses, then what the device says."""
    made = WRITTEN.get(codec)
    return [*TEXTS.get(codec, []), *(made() if made else [])]


RECEIPT = (
    b"V0;1;Kassenbeleg-V1;Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar;1;2;2026-01-01T10:00:00.000Z;"
    b"2026-01-01T10:00:01.000Z;ecdsa-plain-SHA256;unixTime;AA==;AA=="
)
GIRO = b"BCD\n002\n1\nSCT\n\nEmma\nDE02120300000000202051\nEUR12.30\n\n\nRF18539007547034\n"
TEXTS = {
    "tse": [b'1{"do":"describe"}', b'1{"do":"recall","number":1}', b'0{"says":"updated"}'],
    "receipt-qr": [RECEIPT],
    "codes": [
        b"09520123456788",
        b"02812345012345",
        b"2(01)09520123456788(17)261231(10)A",
        b"2https://id.gs1.org/01/09520123456788",
        b"3]C10109520123456788310300075017261231",
    ],
    "lanebox": [b"1S 1532 s 1 021", b"1S 0 m 0 000", b"2:01 S 1532 s 1 021*0000\n"],
    "modbus": [bytes.fromhex("010100130013 0103CD6B05"), bytes.fromhex("0105 00ACFF00 0500ACFF00")],
    "display": [bytes.fromhex("1B401F011B74130C 1F24010141")],
    "mt8217": [b"\x0a\x0201.234N\r", b"\x03\x02?\x41\r"],
    "epc": [bytes.fromhex("30364521481d67c000000001"), b"30364521481d67c000000001"],
    "giro": [GIRO],
    "m100": [bytes.fromhex("c4 3000 30364521481d67c000000001 1234")],
    "ssi": [b"\x0b9521234103011", b"\x01]A0ABC-1"],
    "scanner": [b"\x02]E09521234103011\r", b"\x01P]d2010952123410301117261231\r\n"],
    "escpos": [
        b"\x00\x1b@\x1bt\x13\x1ba\x01Emma\n\x1dV\x00\x1bp\x00\x19\x19",
        b"\x00\x1d(k\x04\x001A2\x00\x1d(k\x06\x001P0abc\x1d(k\x03\x001Q0",
        b"\x00\x1dv0\x00\x01\x00\x08\x00\xff\x81\x81\x81\x81\x81\x81\xff",
        b"\x01\x12\x12\x10\x00\x00\x0f",
    ],
    "camera": [b"\x00Content-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9\r\n--b\r\n"],
    "on-file": [
        b'\x00{"id":"a","state":"captured","amount_minor":5,"captured_minor":5,"refunded_minor":1}',
        b'\x01{"name":"Emma","active":true}',
        b'\x02{"mandate":"m","amount_minor":5,"currency":"EUR","capture":true}',
        b'\x04{"charge":"a"}',
    ],
    "transfer": [
        (
            b'\x00{"entries":[{"account_servicer_reference":"1","amount":"1.00","currency":"EUR",'
            b'"credit_debit":"CRDT","status":"BOOK","booked_at":"","remittance":"RF18 5390 0754 7034"}]}'
        ),
    ],
    "tse-cloud": [
        (
            b'\x00{"_id":"a","number":1,"state":"FINISHED","latest_revision":1,"client_serial_number":"a",'
            b'"time_start":1,"time_end":2,"signature":{"value":"AA==","counter":1},'
            b'"schema":{"raw":{"process_type":"a","process_data":"AA=="}}}'
        ),
        b'\x03{"access_token":"a","access_token_expires_in":1}',
        b'\x04{"state":"COMPLETED"}',
    ],
}


def _llrp() -> list[bytes]:
    """One tag with what readers and Impinj's extensions say of it, and a keepalive."""
    custom = b"".join(
        (0x03FF0000 + 14).to_bytes(4, "big")
        + (25882).to_bytes(4, "big")
        + kind.to_bytes(4, "big")
        + b"\x01\x02"
        for kind in (56, 57, 68)
    )
    known = bytes.fromhex(
        "8d30364521481d67c000000001 810001 86c4 82000000000000000a 84000000000000000b 880002"
    )
    loose = bytes.fromhex("00f1000c 0030 3036452148 1d")
    told = [(0x00F00000 + 4 + len(body)).to_bytes(4, "big") + body for body in (known + custom, loose)]
    report = b"".join(told)
    stream = (0x043D).to_bytes(2, "big") + (10 + len(report)).to_bytes(4, "big") + bytes(4) + report
    return [*told, report, stream, bytes.fromhex("043E0000000A00000001")]


def _dialog06() -> list[bytes]:
    from hardware.scale.dialog06.codec import PriceSet, encode

    return [
        b"\x1f" + encode(PriceSet(199)),
        b"\x1f" + encode(PriceSet(199, 12, "APFEL")),
        b"\x02\x0202\x1b3\x1b01234\x1b000199\x1b000246\x03",
        b"\x02\x0209\x1b20\x03",
    ]


def _json_reads(codec: str) -> list[bytes]:
    from hardware.r700.codec import encode as as_r700
    from hardware.readings import TagRead
    from hardware.zebra.codec import encode as as_zebra

    tag = TagRead(bytes.fromhex("30364521481d67c000000001"), 2, -56.5)
    return [as_r700(tag) + b"\n"] if codec == "r700" else [as_zebra(tag)]


def _tse_log() -> list[bytes]:
    """A message in each format of the time."""
    import datetime as dt

    from hardware.tse.log_message import TransactionLog

    at = dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC)
    formats = ("unixTime", "utcTimeWithSeconds", "generalizedTime", "generalizedTimeWithMilliseconds")
    sale = ("till-1", "Kassenbeleg-V1", "Beleg^1.00_0.00_0.00_0.00_0.00^1.00:Bar", 1)
    return [
        TransactionLog(*sale, bytes(32), "ecdsa-plain-SHA256", 2, at, form, "FinishTransaction").message(
            bytes(8)
        )
        for form in formats
    ]


WRITTEN: dict[str, Callable[[], list[bytes]]] = {
    "llrp": _llrp,
    "dialog06": _dialog06,
    "r700": lambda: _json_reads("r700"),
    "zebra": lambda: _json_reads("zebra"),
    "tse-log": _tse_log,
}
