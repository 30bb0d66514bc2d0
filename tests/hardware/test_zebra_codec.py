"""Messages of a Zebra reader: as documented, damaged anywhere, made up at random; and a broker that goes."""

from __future__ import annotations

import contextlib
import os
import shutil
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardware.errors import DeviceFault, Garbled, Unreachable
from hardware.json_reads import LINE_BYTES_MAX
from hardware.readings import TagRead
from hardware.zebra.codec import decode, encode, heartbeat
from hardware.zebra.driver import ZebraReader
from hardware.zebra.emulator import ZebraEmulator

SAMPLE = (
    b'{"data":{"CRC":"6b8a","PC":"3000","antenna":1,"eventNum":9,"format":"epc",'
    b'"idHex":"e28068940000400a5cfbff00","peakRssi":-38,"reads":3},'
    b'"timestamp":"2022-11-22T06:52:01.130+0000","type":"SIMPLE"}'
)
"""An event with the documentation's members, and values of ours."""
NO_BROKER = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None
READS = st.builds(
    TagRead,
    st.binary(min_size=1, max_size=62),
    st.integers(1, 32),
    st.none() | st.integers(-128, 0).map(float),
    st.none() | st.integers(0, 4_000_000_000_000_000),
    seen_count=st.none() | st.integers(1, 1000),
)


def test_an_event_as_documented_is_a_read() -> None:
    (read,) = decode(SAMPLE)
    assert read == TagRead(
        bytes.fromhex("e28068940000400a5cfbff00"), 1, -38, 1_669_099_921_130_000, seen_count=3
    )


def test_a_batch_is_several_reads_and_a_heartbeat_is_none() -> None:
    assert len(decode(b"[" + SAMPLE + b"," + heartbeat() + b"," + SAMPLE + b"]")) == 2
    assert decode(heartbeat()) == []
    assert decode(b'{"type":"gpi","data":{"pin":1,"state":"HIGH"}}') == []


@given(READS)
def test_what_is_encoded_reads_back(read: TagRead) -> None:
    assert decode(encode(read)) == [read]


@pytest.mark.parametrize("length", range(len(SAMPLE)))
def test_every_prefix_is_garbled(length: int) -> None:
    with pytest.raises(Garbled):
        decode(SAMPLE[:length])


@pytest.mark.parametrize("byte", range(len(SAMPLE)))
def test_each_flipped_bit_is_garbled_or_a_value(byte: int) -> None:
    for bit in range(8):
        damaged = bytearray(SAMPLE)
        damaged[byte] ^= 1 << bit
        with contextlib.suppress(Garbled):
            decode(bytes(damaged))


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes_are_garbled_or_a_value(data: bytes) -> None:
    with contextlib.suppress(Garbled):
        decode(data)


@pytest.mark.parametrize(
    "message",
    [
        b'{"data":{"idHex":""}}',
        b'{"data":{"idHex":"xy"}}',
        b'{"data":{"idHex":7}}',
        b'{"data":{"idHex":"e2"},"timestamp":"noon"}',
        b"[" * 10_000,
        b'"' + b"x" * LINE_BYTES_MAX + b'"',
    ],
)
def test_messages_that_cannot_be_are_garbled(message: bytes) -> None:
    with pytest.raises(Garbled):
        decode(message)


@pytest.mark.skipif(NO_BROKER, reason="mosquitto is not installed on this machine")
def test_a_broker_that_goes_is_noticed_at_once() -> None:
    emulator = ZebraEmulator(round_s=0.02)
    reader = ZebraReader(emulator.start())
    fault: DeviceFault | None = None
    try:
        reader.open()
        emulator.stop_broker()
        until_s = time.monotonic() + 3
        while fault is None and time.monotonic() < until_s:
            try:
                reader.read(0.1)
            except DeviceFault as met:
                fault = met
    finally:
        reader.close()
        emulator.stop()
    assert isinstance(fault, Unreachable)
    assert "broker" in str(fault)


def test_no_broker_is_unreachable_and_a_bad_address_is_named() -> None:
    with pytest.raises(Unreachable, match="no MQTT broker"):
        ZebraReader("mqtt://127.0.0.1:1").open()
    with pytest.raises(ValueError, match="mqtt://"):
        ZebraReader("tcp://127.0.0.1:1883")
