"""Are an export's signatures right? Without the TSE, by its key and what stands in the tables (3.1.2.5)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from hardware.tse.algorithms import ALGORITHMS, has_signed, point_of, read_key
from hardware.tse.log_message import TIME_FORMATS, TransactionLog

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Unit:
    key: ec.EllipticCurvePublicKey
    serial: bytes
    algorithm: str
    time_format: str


class Units:
    """The signing devices and terminals that an export names, by closing."""

    def __init__(self, units: Iterable[Fields], terminals: Iterable[Fields]) -> None:
        self._units = {(fields["Z_NR"], fields["TSE_ID"]): _unit(fields) for fields in units}
        self._clients = {
            (fields["Z_NR"], fields["TERMINAL_ID"]): fields["TERMINAL_SERIENNR"] for fields in terminals
        }

    def fault(self, signed: Fields, terminal: str) -> str:
        """What is wrong with a row of TSE_Transaktionen, "" if nothing is."""
        unit = self._units.get((signed["Z_NR"], signed["TSE_ID"]))
        client = self._clients.get((signed["Z_NR"], terminal))
        if unit is None or client is None:
            return f"TSE {signed['TSE_ID']!r} or terminal {terminal!r} is not described, or not rightly"
        try:
            message = TransactionLog(
                client,
                signed["TSE_TA_VORGANGSART"],
                signed["TSE_VORGANGSDATEN"],
                int(signed["TSE_TANR"]),
                unit.serial,
                unit.algorithm,
                int(signed["TSE_TA_SIGZ"]),
                dt.datetime.fromisoformat(signed["TSE_TA_ENDE"]),
                unit.time_format,
            )
            signature = base64.b64decode(signed["TSE_TA_SIG"], validate=True)
        except (ValueError, binascii.Error):
            return "what was signed is not written as it should be"
        if not has_signed(unit.key, signature, message.signed_bytes(), ALGORITHMS[unit.algorithm].digest):
            return "the signature is not this TSE's over this process"
        return ""


def _unit(fields: Fields) -> _Unit | None:
    """None where its data are wrong: a TSE's serial number is its key's hash (TR-03153-1, 7.5)."""
    try:
        key = read_key(base64.b64decode(fields["TSE_PUBLIC_KEY"], validate=True))
        serial = bytes.fromhex(fields["TSE_SERIAL"])
    except (ValueError, binascii.Error):
        return None
    known = fields["TSE_SIG_ALGO"] in ALGORITHMS and fields["TSE_ZEITFORMAT"] in TIME_FORMATS
    if not known or hashlib.sha256(point_of(key)).digest() != serial:
        return None
    return _Unit(key, serial, fields["TSE_SIG_ALGO"], fields["TSE_ZEITFORMAT"])
