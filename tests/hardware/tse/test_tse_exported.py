"""A TSE's exported log, judged: what is there, what is missing, what was changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from hardware.errors import Garbled
from hardware.tse.algorithms import ALGORITHMS, point_of
from hardware.tse.der import OCTET_STRING, SEQUENCE, context, element, integer, object_identifier
from hardware.tse.driver import LocalTse
from hardware.tse.emulator import TseEmulator
from hardware.tse.exported import NotALog, judge, read_envelope
from hardware.tse.log_message import START, TransactionLog, name_of

RECEIPT, PAID = "Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Unbar"
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
Files = list[tuple[str, bytes]]


class Clock:
    """A minute later each time it is asked."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> dt.datetime:
        self.now += dt.timedelta(minutes=1)
        return self.now


def exported(**kind: str) -> Files:
    """Four sales, a minute for each message, out of an emulator over its wire."""
    with TseEmulator(calendar=Clock(), **kind) as emulator:  # type: ignore[arg-type]
        tse = LocalTse(emulator.address)
        tse.open()
        for _ in range(4):
            tse.finish("demo-1", tse.start("demo-1").transaction, RECEIPT, PAID)
        return files(b"".join(tse.export()))


def files(tar: bytes) -> Files:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return [(one.name, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]


def packed(folder: Path, content: Iterable[tuple[str, bytes]]) -> Path:
    file = folder / "log.tar"
    with tarfile.open(file, "w") as archive:
        for name, data in content:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file


def sentences(folder: Path, content: Iterable[tuple[str, bytes]]) -> list[str]:
    return [finding.sentence for finding in judge(packed(folder, content)).findings]


@pytest.fixture(scope="module")
def log() -> Files:
    return exported()


@pytest.mark.parametrize(
    "time_format",
    ["unixTime", "utcTime", "utcTimeWithSeconds", "generalizedTime", "generalizedTimeWithMilliseconds"],
)
def test_an_export_is_right_in_every_time_format(tmp_path: Path, time_format: str) -> None:
    found = judge(packed(tmp_path, exported(time_format=time_format, curve="brainpoolP384r1")))
    assert (found.messages, found.finished, found.findings) == (8, 4, ())


def test_names_are_those_of_the_guideline() -> None:
    """The example of TR-03151, as its verification tool's tests have it."""
    at = dt.datetime(2018, 11, 9, 15, 30, 45, tzinfo=dt.UTC)
    log = TransactionLog("03", "", "", 713, b"", "ecdsa-plain-SHA256", 1572, at, "utcTime", START)
    assert name_of(log) == "Utc_181109153045Z_Sig-1572_Log-Tra_No-713_Start_Client-03.log"


def test_a_span_of_the_log_has_no_gap_either(tmp_path: Path) -> None:
    with TseEmulator(calendar=Clock()) as emulator:
        tse = LocalTse(emulator.address)
        tse.open()
        for _ in range(4):
            tse.finish("demo-1", tse.start("demo-1").transaction, RECEIPT, PAID)
        middle = [NOON + dt.timedelta(minutes=minute) for minute in (3, 8)]
        found = files(b"".join(tse.export(*middle)))
    assert [name.split("_")[2] for name, _ in found if name.endswith(".log")] == [
        "Sig-2", "Sig-3", "Sig-4", "Sig-5", "Sig-6",
    ]  # fmt: skip
    assert judge(packed(tmp_path, found)).findings == ()


def test_what_is_missing_is_named(tmp_path: Path, log: Files) -> None:
    places = [place for place, (name, _) in enumerate(log) if name.endswith(".log")]
    for place in places[1:-1]:
        found = sentences(tmp_path, log[:place] + log[place + 1 :])
        assert any(f"signature {place - 1} of TSE" in sentence for sentence in found)
    assert any("3 to 5" in sentence for sentence in sentences(tmp_path, log[: places[2]] + log[places[5] :]))
    assert any("there is no certificate" in one for one in sentences(tmp_path, log[2:]))


def test_what_is_there_twice_or_under_another_name_is_found(tmp_path: Path, log: Files) -> None:
    name, data = log[4]
    again = name.replace(".log", "_Fc-1.log")
    assert any("is there twice" in one for one in sentences(tmp_path, [*log, (again, data)]))
    renamed = [*log[:4], (name.replace("Sig-3", "Sig-4"), data), *log[5:]]
    assert any("should be called" in one for one in sentences(tmp_path, renamed))


def test_every_flipped_bit_of_a_message_is_found(tmp_path: Path, log: Files) -> None:
    name, data = log[3]
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << random.Random(place).randrange(8)
        assert sentences(tmp_path, [*log[:2], (name, bytes(changed))])


def test_any_bytes_are_a_message_or_garbled(log: Files) -> None:
    _, data = log[3]
    chance = random.Random(1)
    for length in range(len(data)):
        with pytest.raises(Garbled):
            read_envelope(data[:length])
        with pytest.raises(Garbled):
            read_envelope(chance.randbytes(length))


@pytest.mark.parametrize("text", [b"", b"no tar", b"\x00" * 100])
def test_what_is_no_tar_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "log.tar").write_bytes(text)
    with pytest.raises(NotALog):
        judge(tmp_path / "log.tar")


def test_a_torn_tar_is_refused_or_has_findings(tmp_path: Path, log: Files) -> None:
    whole = packed(tmp_path, log).read_bytes()
    content_bytes = sum(512 + (len(data) + 511) // 512 * 512 for _, data in log)
    for length in range(600, content_bytes - 512, 701):
        (tmp_path / "log.tar").write_bytes(whole[:length])
        try:
            messages = judge(tmp_path / "log.tar").messages
        except NotALog:
            continue
        assert messages < 8


class Unit:
    """A unit that also tells of itself: messages that our emulator does not write."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP384R1())
        self.serial = hashlib.sha256(point_of(self._key.public_key())).digest()
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.serial.hex())])
        certificate = (
            x509.CertificateBuilder(name, name, self._key.public_key(), 1, NOON, NOON + dt.timedelta(days=9))
            .sign(self._key, hashes.SHA384())
            .public_bytes(serialization.Encoding.PEM)
        )
        self.certificate = (f"{self.serial.hex()}_X509.pem", certificate)

    def message(self, kind: int, data: bytes, counter: int, *, own_data: bytes = b"") -> bytes:
        """A log message of a kind (1 transaction, 2 system, 3 audit) by TR-03151-1, 5.3, built by hand."""
        signed = b"".join(
            (
                integer(2),
                object_identifier(f"0.4.0.127.0.7.3.7.1.{kind}"),
                data,
                element(OCTET_STRING, self.serial),
                element(SEQUENCE, object_identifier(ALGORITHMS["ecdsa-plain-SHA384"].identifier)),
                element(OCTET_STRING, own_data) if own_data else b"",
                integer(counter),
                integer(int(NOON.timestamp()) + counter),
            )
        )
        r, s = utils.decode_dss_signature(self._key.sign(signed, ec.ECDSA(hashes.SHA384())))
        plain = r.to_bytes(48, "big") + s.to_bytes(48, "big")
        return element(SEQUENCE, signed + element(OCTET_STRING, plain))


def test_messages_of_the_system_and_of_the_unit_count_too(tmp_path: Path) -> None:
    unit, at = Unit(), int(NOON.timestamp())
    content = [
        (f"Unixt_{at + 1}_Sig-1_Log-Sys_initialize.log", unit.message(2, context(0, b"initialize"), 1)),
        (f"Unixt_{at + 2}_Sig-2_Log-Aud.log", unit.message(3, b"", 2, own_data=b"all is well")),
        (f"Unixt_{at + 3}_Sig-3_Log-Sys_updateTime.log", unit.message(2, context(0, b"updateTime"), 3)),
        unit.certificate,
    ]
    found = judge(packed(tmp_path, content))
    assert (found.messages, found.units, found.findings) == (3, (unit.serial.hex(),), ())
    (gap,) = sentences(tmp_path, [content[0], content[2], content[3]])
    assert gap.startswith("signature 2 of TSE")
    renamed = (f"Unixt_{at + 2}_Sig-9_Log-Aud.log", content[1][1])
    (wrong,) = sentences(tmp_path, [content[0], renamed, *content[2:]])
    assert wrong == "it is signature 2, which its name does not say"
