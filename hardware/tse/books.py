"""The emulated TSE's memory: its key, and every log message it ever signed, one behind the other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hardware.errors import Garbled
from hardware.tse.log_message import TransactionLog, read_message


class LogBook:
    """Key and messages in a folder, so that a restart forgets nothing; in memory without one."""

    def __init__(self, folder: Path | None, curve: ec.EllipticCurve) -> None:
        """A folder that has a key keeps it, whatever `curve` says."""
        self._folder = folder
        self._forgetful = bytearray()
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._tear_off()
        self.key = self._key(curve)

    def write(self, message: bytes) -> None:
        """Keep a message; on disk before this returns."""
        if self._folder is None:
            self._forgetful += message
            return
        with self._messages.open("ab") as book:
            book.write(message)
            book.flush()
            os.fsync(book.fileno())

    def read(self) -> Iterator[tuple[TransactionLog, bytes, bytes]]:
        """(what was signed, signature, the whole message) of each message there is now, oldest first."""
        data = self._all()
        offset = 0
        while offset < len(data):
            log, signature, end = read_message(data, offset)
            yield log, signature, data[offset:end]
            offset = end

    def _all(self) -> bytes:
        if self._folder is None:
            return bytes(self._forgetful)
        return self._messages.read_bytes() if self._messages.exists() else b""

    @property
    def _messages(self) -> Path:
        assert self._folder is not None
        return self._folder / "messages.der"

    def _tear_off(self) -> None:
        """A message torn by a power cut was never answered for, so it may go."""
        whole = 0
        try:
            for _, _, message in self.read():
                whole += len(message)
        except Garbled:
            os.truncate(self._messages, whole)

    def _key(self, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
        file = self._folder / "key.pem" if self._folder else None
        if file is not None and file.exists():
            found = serialization.load_pem_private_key(file.read_bytes(), None)
            assert isinstance(found, ec.EllipticCurvePrivateKey)
            return found
        key = ec.generate_private_key(curve)
        if file is not None:
            file.write_bytes(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        return key
