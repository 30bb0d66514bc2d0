"""Our own reading of tag reports says what llrpkit says; damage is Garbled at its byte, and nothing else."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llrpkit.exceptions import LLRPError
from llrpkit.inventory import TagReport
from llrpkit.protocol import (
    BitStr,
    UnknownCustomParameter,
    UnknownParameter,
    decode_message,
    impinj,
    messages,
    params,
)

from hardware.errors import Garbled
from hardware.llrp.tag_report import HEADER_BYTES, tag_reads
from hardware.readings import TagRead

U16, U32, U64 = st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF), st.integers(0, 2**64 - 1)
S8, S16 = st.integers(-128, 127), st.integers(-32_768, 32_767)
OF_READER = {
    "ro_spec_id": st.builds(params.ROSpecID, ro_spec_id=U32),
    "spec_index": st.builds(params.SpecIndex, spec_index=U16),
    "antenna_id": st.builds(params.AntennaID, antenna_id=U16),
    "peak_rssi": st.builds(params.PeakRSSI, peak_rssi=S8),
    "channel_index": st.builds(params.ChannelIndex, channel_index=U16),
    "first_seen_timestamp_utc": st.builds(params.FirstSeenTimestampUTC, microseconds=U64),
    "last_seen_timestamp_utc": st.builds(params.LastSeenTimestampUTC, microseconds=U64),
    "last_seen_timestamp_uptime": st.builds(params.LastSeenTimestampUptime, microseconds=U64),
    "tag_seen_count": st.builds(params.TagSeenCount, tag_count=U16),
    "access_spec_id": st.builds(params.AccessSpecID, access_spec_id=U32),
}
OF_IMPINJ = (
    st.builds(impinj.ImpinjPeakRSSI, rssi=S16),
    st.builds(impinj.ImpinjRFPhaseAngle, phase_angle=U16),
    st.builds(impinj.ImpinjRFDopplerFrequency, doppler_frequency=S16),
    st.builds(impinj.ImpinjSerializedTID, t_id=st.lists(U16, max_size=6)),
)
OF_SOMEBODY = st.builds(
    UnknownCustomParameter,
    vendor_id=st.integers(1, 25_000),
    subtype=U32,
    payload=st.binary(max_size=8),
)


@st.composite
def sightings(draw: st.DrawFn) -> params.TagReportData:
    """A TagReportData as any reader may send it: whole or odd bytes of EPC, some parameters, extensions."""
    if draw(st.booleans()):
        epc: Any = params.EPC_96(epc=draw(st.binary(min_size=12, max_size=12)))
    else:
        data = draw(st.binary(min_size=1, max_size=62))
        epc = params.EPCData(epc=BitStr(8 * len(data) - draw(st.sampled_from((0, 0, 4, 7))), data))
    said = {name: draw(values) for name, values in OF_READER.items() if draw(st.booleans())}
    custom = [draw(values) for values in OF_IMPINJ if draw(st.booleans())]
    custom += draw(st.lists(OF_SOMEBODY, max_size=2))
    return params.TagReportData(
        epc_parameter=epc,
        air_protocol_tag_datas=draw(st.lists(st.builds(params.C1G2_PC, pc_bits=U16), max_size=1)),
        custom=draw(st.permutations(custom)),
        **said,
    )


def report(*tags: params.TagReportData) -> bytes:
    return messages.RO_ACCESS_REPORT(tag_report_datas=list(tags)).to_bytes(message_id=7)


def by_llrpkit(message: bytes) -> list[TagRead]:
    found = [TagReport.from_param(tag) for tag in decode_message(message).tag_report_datas]
    return [
        TagRead(
            seen.epc, seen.antenna or 0, seen.rssi_dbm, seen.first_seen_us,
            seen.last_seen_us, seen.seen_count, seen.phase_deg, seen.doppler_hz,
        )
        for seen in found
    ]  # fmt: skip


def read_or_fault(message: bytes, offset: int = 0) -> tuple[list[TagRead] | None, int]:
    """What the message says, or None and where it is garbled."""
    try:
        return tag_reads(message, offset), -1
    except Garbled as fault:
        return None, fault.offset


@given(st.lists(sightings(), max_size=4))
def test_reports_say_to_us_what_they_say_to_llrpkit(tags: list[params.TagReportData]) -> None:
    message = report(*tags)
    assert tag_reads(message) == by_llrpkit(message)


@given(st.lists(sightings(), min_size=1, max_size=2), st.data())
def test_every_prefix_is_garbled_within_it(tags: list[params.TagReportData], data: st.DataObject) -> None:
    message = report(*tags)
    cut = data.draw(st.integers(HEADER_BYTES, len(message)))
    reads, fault_at = read_or_fault(message[:cut], 1000)
    if reads is None:
        assert 1000 + HEADER_BYTES <= fault_at <= 1000 + cut
    else:
        assert reads == tag_reads(message)[: len(reads)]  # it ended just between two tags


WHOLE = report(
    params.TagReportData(
        epc_parameter=params.EPCData(epc=BitStr.from_bytes(b"\xab" * 8)),
        antenna_id=params.AntennaID(antenna_id=2),
        peak_rssi=params.PeakRSSI(peak_rssi=-61),
        first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=1_700_000_000_000_000),
        custom=[impinj.ImpinjRFPhaseAngle(phase_angle=1024), impinj.ImpinjPeakRSSI(rssi=-6123)],
    ),
    params.TagReportData(epc_parameter=params.EPC_96(epc=bytes(range(12)))),
)


@pytest.mark.parametrize("bit", range(8 * HEADER_BYTES, 8 * len(WHOLE)))
def test_each_flipped_bit_is_garbled_or_says_what_it_says_to_llrpkit(bit: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[bit // 8] ^= 0x80 >> bit % 8
    reads, fault_at = read_or_fault(bytes(damaged))
    if reads is None:
        assert HEADER_BYTES <= fault_at < len(damaged)
        return
    with contextlib.suppress(LLRPError):  # it knows more parameters than we read, and is strict about them
        assert reads == by_llrpkit(bytes(damaged))


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_random_bytes_are_garbled_or_tags(body: bytes) -> None:
    with contextlib.suppress(Garbled):
        assert all(read.epc for read in tag_reads(bytes(HEADER_BYTES) + body))


def test_what_we_do_not_know_is_skipped_where_it_says_its_length() -> None:
    strange = UnknownParameter(param_type=900, payload=b"\x81\x00\x09").encode()
    body = b"\x8d" + bytes(range(12)) + strange + b"\x81\x00\x04"
    tag = (240).to_bytes(2, "big") + (4 + len(body)).to_bytes(2, "big") + body
    (read,) = tag_reads(bytes(HEADER_BYTES) + strange + tag)
    assert (read.epc, read.antenna) == (bytes(range(12)), 4)


@pytest.mark.parametrize(
    ("tag", "at", "why"),
    [
        (b"\x8d" + bytes(11), 4, "cut short or unknown"),
        (b"\xff" + bytes(11), 4, "cut short or unknown"),  # TV 127: nobody knows how long
        (b"\x81\x00\x01", 4, "without an EPC"),
        (b"\x00\xf1\x00\x06\x00\x08", 4, "does not fit"),
        (b"\x03\xff\x00\x03", 6, "impossible length"),
        (b"\x00\xf1\x00", 4, "cut short"),
    ],
)
def test_damage_is_named_with_its_byte(tag: bytes, at: int, why: str) -> None:
    framed = (240).to_bytes(2, "big") + (4 + len(tag)).to_bytes(2, "big") + tag
    with pytest.raises(Garbled, match=why) as caught:
        tag_reads(bytes(HEADER_BYTES) + framed)
    assert caught.value.offset == HEADER_BYTES + at


def test_fine_rssi_goes_before_whole_dbm_and_phase_is_in_degrees() -> None:
    fine, plain = tag_reads(WHOLE)
    assert (fine.rssi_dbm, fine.phase_deg, fine.antenna) == (-61.23, 90.0, 2)
    assert plain == TagRead(bytes(range(12)), 0)
