"""What the lane cannot do just now is said on its screen, with what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk_ui.kiosk.lanes import LaneBoard
from kiosk_ui.kiosk.scene import scene_on
from store_edge.devices.health import LOST, WELL
from tests.kiosk_ui.kiosk_shop import Clock, open_box


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (("terminal-1",), ("terminal",)),
        (("scanner-1",), ()),  # the second scanner still reads
        (("scanner-1", "scanner-2"), ("scanner",)),
        (("printer-1",), ()),
        (("terminal-9",), ()),  # another lane's
    ],
)
def test_a_lane_tells_what_it_has_lost(tmp_path: Path, lost: tuple[str, ...], told: tuple[str, ...]) -> None:
    box = open_box(tmp_path, Clock())
    for device, driver, lane in (
        ("terminal-1", "terminal.zvt", "1"),
        ("scanner-1", "scanner.serial", "1"),
        ("scanner-2", "scanner.serial", "1"),
        ("printer-1", "printer.escpos", "1"),
        ("terminal-9", "terminal.zvt", "2"),
    ):
        box.health.enter(device, driver, lane)
        box.health.change(device, LOST if device in lost else WELL, "pulled")

    scene = scene_on("1", box, LaneBoard(box.journal), "de")

    assert scene.gone == told
    assert scene.shown.gone == " ".join(told)
    box.stop()
