"""LLRP bytes: every cut of a stream gives the same messages, and damage is Garbled, never another error."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llrpkit.protocol import BitStr, enums, messages, params

from hardware.errors import Garbled
from hardware.llrp.codec import (
    MESSAGE_BYTES_MAX,
    Framer,
    Message,
    TagReports,
    decode,
    inventory_request,
    keepalive_request,
    refusal,
)


def report(epcs: list[bytes]) -> bytes:
    return messages.RO_ACCESS_REPORT(
        tag_report_datas=[
            params.TagReportData(
                epc_parameter=params.EPC_96(epc=epc)
                if len(epc) == 12
                else params.EPCData(epc=BitStr.from_bytes(epc)),
                antenna_id=params.AntennaID(antenna_id=3),
                peak_rssi=params.PeakRSSI(peak_rssi=-61),
                first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=1_700_000_000_000_000),
            )
            for epc in epcs
        ]
    ).to_bytes(message_id=7)


STREAM = report([bytes(range(12))]) + messages.KEEPALIVE().to_bytes(message_id=8) + report([b"\xab" * 8])


@given(st.lists(st.binary(min_size=1, max_size=62), min_size=1, max_size=5))
def test_reports_become_tag_reads(epcs: list[bytes]) -> None:
    (message,) = Framer().feed(report(epcs))
    assert isinstance(message, TagReports)
    assert [read.epc for read in message.reads] == epcs
    assert {(r.antenna, r.rssi_dbm, r.seen_us) for r in message.reads} == {(3, -61.0, 1_700_000_000_000_000)}


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_any_cut_of_the_stream_gives_the_same_messages(cuts: list[int]) -> None:
    framer, found = Framer(), list[Message]()
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        found += framer.feed(STREAM[start:end])
    assert [type(m).__name__ for m in found] == ["TagReports", "KEEPALIVE", "TagReports"]


def feed_or_garbled(data: bytes) -> None:
    with contextlib.suppress(Garbled):
        Framer().feed(data)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes_are_garbled_or_wait_for_more(data: bytes) -> None:
    feed_or_garbled(data)


@settings(max_examples=300)
@given(st.integers(0, len(STREAM) * 8 - 1), st.integers(0, len(STREAM) * 8 - 1))
def test_flipped_bits_are_garbled_or_a_value(one: int, other: int) -> None:
    damaged = bytearray(STREAM)
    for bit in (one, other):
        damaged[bit // 8] ^= 1 << bit % 8
    feed_or_garbled(bytes(damaged))


@settings(max_examples=300)
@given(st.integers(0, 1023), st.binary(max_size=120))
def test_any_body_in_a_right_frame_is_garbled_or_a_value(kind: int, body: bytes) -> None:
    header = (1 << 10 | kind).to_bytes(2, "big") + (10 + len(body)).to_bytes(4, "big") + b"\0\0\0\1"
    feed_or_garbled(header + body)


def test_parameters_nested_without_end_are_garbled() -> None:
    body = b""
    for _ in range(5000):  # ROSpec (177) in ROSpec in ROSpec ...
        body = (177).to_bytes(2, "big") + min(len(body) + 10, 0xFFFF).to_bytes(2, "big") + bytes(6) + body
    header = (1 << 10 | 20).to_bytes(2, "big") + (10 + len(body)).to_bytes(4, "big") + bytes(4)
    with pytest.raises(Garbled):
        decode(header + body)


@pytest.mark.parametrize("length", [0, 9, MESSAGE_BYTES_MAX + 1, 0xFFFFFFFF])
def test_impossible_lengths_are_refused_before_anything_is_held(length: int) -> None:
    with pytest.raises(Garbled, match="impossible length"):
        Framer().feed(b"\x04\x3e" + length.to_bytes(4, "big") + bytes(4))


def test_garbage_after_good_messages_names_its_offset() -> None:
    framer = Framer()
    framer.feed(STREAM)
    with pytest.raises(Garbled) as caught:
        framer.feed(b"\xff" * 10)
    assert caught.value.offset == len(STREAM)


def test_requests_say_what_was_asked() -> None:
    keepalive = decode(keepalive_request(750).to_bytes())
    assert isinstance(keepalive, messages.SET_READER_CONFIG)
    assert keepalive.keepalive_spec is not None
    assert keepalive.keepalive_spec.periodic_trigger_value == 750
    inventory = decode(inventory_request((2, 4), 11).to_bytes())
    assert isinstance(inventory, messages.ADD_ROSPEC)
    (spec,) = inventory.ro_spec.spec_parameters
    assert isinstance(spec, params.AISpec)
    assert list(spec.antenna_ids) == [2, 4]


def test_refusal_reads_the_status() -> None:
    good = params.LLRPStatus(status_code=enums.StatusCode.M_Success)
    bad = params.LLRPStatus(
        status_code=enums.StatusCode.M_ParameterError, error_description="no such antenna"
    )
    assert refusal(messages.ADD_ROSPEC_RESPONSE(llrp_status=good)) is None
    assert refusal(messages.ADD_ROSPEC_RESPONSE(llrp_status=bad)) == "status 100 no such antenna"
    assert refusal(messages.KEEPALIVE()) is None
