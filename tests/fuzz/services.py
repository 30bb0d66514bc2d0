"""Codecs of what is a service: JSON of a provider, a bank or a cloud TSE, and a bank app's code.

As in `codecs.py`, which runs them: modules are imported when they are asked for, so that they are watched.
"""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[bytes], object]


def on_file() -> Read:
    from hardware.on_file.codec import Account, Charged, Notice, Part, Wish, decode, encode, standing_of

    kinds = (Charged, Account, Wish, Part, Notice)

    def read(data: bytes) -> None:
        kind = kinds[data[0] % len(kinds)]
        found = decode(data[1:], kind)
        assert decode(encode(found), kind) == found
        if isinstance(found, Charged):
            standing_of(found)

    return read


def transfer() -> Read:
    from hardware.transfer.codec import Account, Entries, decode, encode
    from hardware.transfer.epc import ids_in, reference_of

    def read(data: bytes) -> None:
        kind = (Entries, Account)[data[0] & 1]
        found = decode(data[1:], kind)
        assert decode(encode(found), kind) == found
        if isinstance(found, Entries):
            for entry in found.entries:
                assert entry.amount_minor >= 0
                for id in ids_in(entry.remittance):
                    assert id in ids_in(reference_of(id))

    return read


def giro() -> Read:
    from hardware.transfer.epc import ids_in, read_code, write_code

    def read(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        ids_in(text)
        transfer = read_code(text)
        if max(text, default="") < "\udc80":  # what is no UTF-8 can be read, but not written
            assert read_code(write_code(transfer)) == transfer

    return read


def tse_cloud() -> Read:
    from hardware.tse.cloud.codec import (
        ExportState,
        Leave,
        Transaction,
        Transactions,
        Tss,
        decode,
        encode,
        facts_of,
        signed_of,
        started_of,
        trouble_in,
    )

    kinds = (Transaction, Tss, Transactions, Leave, ExportState)

    def read(data: bytes) -> None:
        trouble_in(data[1:])
        kind = kinds[data[0] % len(kinds)]
        found = decode(data[1:], kind)
        assert decode(encode(found), kind) == found
        if isinstance(found, Tss):
            facts_of(found)
        if isinstance(found, Transaction):
            started_of(found)
            signed_of(found)

    return read
