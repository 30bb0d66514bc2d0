"""The store says exactly what the golden files say: same fields, same order, same values."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from checkout.events import Event
from store_edge.db.coding import encode
from store_edge.db.journal import Entry
from store_edge.sync.outbox import cloud_event

GOLDEN = sorted((Path(__file__).parent / "events").glob("*.v*.json"))


def _latest() -> list[Path]:
    """The newest version of each type: what a store of today sends."""
    newest: dict[str, Path] = {}
    for path in GOLDEN:
        newest[path.name.split(".")[0]] = path
    return list(newest.values())


@pytest.mark.parametrize("path", _latest(), ids=lambda path: path.name.split(".")[0])
def test_the_store_emits_exactly_the_golden_file(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    name = golden["type"].removeprefix("emma.")
    event = msgspec.convert(golden["data"], Event.names[name])
    _, _, lane = golden["source"].partition("/lanes/")
    entry = Entry(golden["number"], golden["epoch"], golden["time"], lane, name, encode(event), b"")

    sent = cloud_event("demo", entry)

    assert json.dumps(sent) == json.dumps(golden)
