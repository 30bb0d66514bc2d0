"""What tag reports cost: one report read by us, llrpkit and sllurp, and the whole way from socket to tray.

All three read the same bytes in the same run. sllurp is under the GPL: it is installed into a Python of its
own in the cache (see `peer.py`) and runs as a program; nothing of it is imported here. Processor time counts.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from llrpkit.inventory import TagReport
from llrpkit.protocol import decode_message, enums, impinj, messages, params
from peer import CACHE, INSTALL_S_MAX, NotThere, output_of
from table import Row, is_quick, quantile, report, say

from hardware.llrp.driver import LlrpReader
from hardware.llrp.session import STEPS
from hardware.llrp.tag_report import tag_reads
from store_edge.rfid.presence import TrayPresence

SLLURP = "sllurp==3.0.5"
TAGS, TAGS_A_MESSAGE, MESSAGES = 200, 8, 250
REPEATS, REPEATS_QUICK = 20, 3
REPORT_US_MAX = 10.0
READS_PER_S_MIN = 20_000
BLAST, BLAST_QUICK = 400_000, 40_000
"""Reads sent over the socket in one go."""
LOOK_S = 0.05
ARRIVED_S_MAX = 60.0
SLLURP_PROGRAM = """
import json, sys, time
from sllurp.llrp import LLRPMessage
messages = [bytes.fromhex(line) for line in open(sys.argv[1])]
spent = []
for _ in range(int(sys.argv[2])):
    began = time.process_time()
    tags = sum(len(LLRPMessage(msgbytes=m).msgdict["RO_ACCESS_REPORT"]["TagReportData"]) for m in messages)
    spent.append((time.process_time() - began) / tags * 1e6)
print(json.dumps(spent))
"""


def sightings(chance: random.Random, fine: bool) -> list[bytes]:
    """Reports as a fast reader sends them: eight tags each; `fine` with Impinj's RSSI and phase."""
    epcs = [chance.randbytes(12) for _ in range(TAGS)]

    def tag() -> params.TagReportData:
        custom = [impinj.ImpinjPeakRSSI(rssi=-5600), impinj.ImpinjRFPhaseAngle(phase_angle=99)]
        return params.TagReportData(
            epc_parameter=params.EPC_96(epc=chance.choice(epcs)),
            antenna_id=params.AntennaID(antenna_id=chance.randint(1, 4)),
            peak_rssi=params.PeakRSSI(peak_rssi=-chance.randint(45, 65)),
            channel_index=params.ChannelIndex(channel_index=2),
            first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=1_700_000_000_000_000),
            last_seen_timestamp_utc=params.LastSeenTimestampUTC(microseconds=1_700_000_000_000_100),
            tag_seen_count=params.TagSeenCount(tag_count=1),
            custom=custom if fine else [],
        )

    return [
        messages.RO_ACCESS_REPORT(tag_report_datas=[tag() for _ in range(TAGS_A_MESSAGE)]).to_bytes(number)
        for number in range(MESSAGES)
    ]


def per_report_us(read: Callable[[bytes], Sequence[object]], sent: list[bytes], repeats: int) -> list[float]:
    """Processor time of one tag's report, a value per repeat."""
    spent = []
    for _ in range(repeats):
        cpu_s = time.process_time()
        tags = sum(len(read(message)) for message in sent)
        spent.append((time.process_time() - cpu_s) / tags * 1e6)
    return spent


def by_llrpkit(message: bytes) -> list[TagReport]:
    return [TagReport.from_param(tag) for tag in decode_message(message).tag_report_datas]


def by_sllurp(sent: list[bytes], repeats: int) -> list[float]:
    """The same by sllurp in its own Python. Raises NotThere where it cannot be installed."""
    folder = CACHE / "sllurp"
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        say("installing sllurp into a Python of its own, once")
        folder.parent.mkdir(parents=True, exist_ok=True)
        output_of(folder.parent, INSTALL_S_MAX, sys.executable, "-m", "venv", "--clear", str(folder))
        output_of(folder, INSTALL_S_MAX, str(python), "-m", "pip", "install", "--quiet", SLLURP)
        (folder / "ready").touch()
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "reports.hex"
        file.write_text("\n".join(message.hex() for message in sent), "ascii")
        said = output_of(folder, INSTALL_S_MAX, str(python), "-c", SLLURP_PROGRAM, str(file), str(repeats))
    return [float(us) for us in json.loads(said)]


# The whole way

BLASTER = """
import socket, sys
answers = [bytes.fromhex(line) for line in open(sys.argv[1])]
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
line, _ = door.accept()
line.sendall(answers[0])
for answer in answers[1:7]:
    line.recv(65536)
    line.sendall(answer)
for _ in range(int(sys.argv[2])):
    line.sendall(b"".join(answers[7:]))
line.recv(1)
"""
"""A reader with nothing but speed, in a process of its own: greets, says yes six times, then reports."""


def dialogue() -> list[bytes]:
    """What a reader says before it reports: the connection, then yes to each step."""
    greeting = messages.READER_EVENT_NOTIFICATION(
        reader_event_notification_data=params.ReaderEventNotificationData(
            timestamp=params.UTCTimestamp(microseconds=1),
            connection_attempt_event=params.ConnectionAttemptEvent(
                status=enums.ConnectionAttemptStatusType.Success
            ),
        )
    )
    yes = params.LLRPStatus(status_code=enums.StatusCode.M_Success)
    return [
        greeting.to_bytes(0),
        *(step.answer(llrp_status=yes).to_bytes(number) for number, step in enumerate(STEPS, start=1)),
    ]


def from_socket_to_tray(sent: list[bytes], reads: int) -> float:
    """Reads per second of this process's processor time through driver, decoder and presence."""
    rounds = reads // (MESSAGES * TAGS_A_MESSAGE)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "said.hex"
        file.write_text("\n".join(data.hex() for data in (*dialogue(), *sent)), "ascii")
        blaster = subprocess.Popen(
            [sys.executable, "-c", BLASTER, str(file), str(rounds)], stdout=subprocess.PIPE, text=True
        )
        assert blaster.stdout is not None
        reader = LlrpReader(f"tcp://127.0.0.1:{int(blaster.stdout.readline())}", silence_s=30.0)
        presence, came, total = TrayPresence(), 0, rounds * MESSAGES * TAGS_A_MESSAGE
        cpu_s, until_s = time.process_time(), time.monotonic() + ARRIVED_S_MAX
        try:
            reader.open()
            while came + reader.dropped < total and time.monotonic() < until_s:
                found = reader.read(LOOK_S)
                presence.update(found, reader.heard_s)
                came += len(found)
            spent_s = time.process_time() - cpu_s
        finally:
            reader.close()
            blaster.stdout.close()
            blaster.wait(ARRIVED_S_MAX)
    if len(presence.here) != TAGS or came + reader.dropped != total:
        raise SystemExit(f"{came} of {total} reads came, {len(presence.here)} of {TAGS} tags lie on the tray")
    if reader.dropped:
        say(f"{reader.dropped} of {total} reads were dropped, as the tray was looked at too late")
    return came / spent_s


def main() -> None:
    repeats = REPEATS_QUICK if is_quick() else REPEATS
    chance = random.Random(7)
    plain, fine = sightings(chance, fine=False), sightings(chance, fine=True)
    ours, kit = {}, {}
    for what, sent in (("plain", plain), ("with Impinj's RSSI and phase", fine)):
        ours[what] = per_report_us(tag_reads, sent, repeats)
        kit[what] = per_report_us(by_llrpkit, sent, repeats)
        say(f"reports {what}")
    try:
        other, why = by_sllurp(plain, repeats), ""
    except NotThere as missing:
        other, why = [], str(missing)
    blast = BLAST_QUICK if is_quick() else BLAST
    whole = [from_socket_to_tray(plain, blast) for _ in range(max(2, repeats // 4))]
    note = f"{blast} reads a time of {TAGS} tags, {TAGS_A_MESSAGE} a report, over a socket of this machine"
    rows = [
        Row("one report read by llrpkit", "cpu us", kit["plain"], key="llrpkit_us"),
        Row("one report read by sllurp", "cpu us", other, note=why, key="sllurp_us"),
    ]
    for what, spent in ours.items():
        met = quantile(spent, 0.5) <= REPORT_US_MAX
        target = f"<= {REPORT_US_MAX:.0f} us"
        rows.append(Row(f"one report read by us, {what}", "cpu us", spent, target, met, beside="llrpkit_us"))
    met = quantile(whole, 0.5) >= READS_PER_S_MIN
    target = f">= {READS_PER_S_MIN}/s"
    kit_per_s = [1e6 / us for us in kit["plain"]]
    rows += [
        Row("reports per second and core by llrpkit, read only", "per s", kit_per_s, key="llrpkit_per_s"),
        Row("reports per second and core by sllurp, read only", "per s", [1e6 / us for us in other]),
        Row("from socket to tray by us", "per s", whole, target, met, note, beside="llrpkit_per_s"),
    ]
    report("Tag reports, processor time", rows)


if __name__ == "__main__":
    main()
