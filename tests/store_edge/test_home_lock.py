"""One home, one process: the second one is refused in words, and a check leaves an open shop in peace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk_ui.cli import main
from store_edge.check import check_store
from store_edge.home_lock import HomeLock, ShopIsOpen
from store_edge.settings import DeviceSettings
from tests.store_edge.open_store import Store, store_settings

HOLD = "import sys\nfrom pathlib import Path\nfrom store_edge.home_lock import HomeLock\n\
with HomeLock(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
REPOSITORY = Path(__file__).parents[2]


def test_a_lock_is_held_once_and_free_again_afterwards(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    with HomeLock(home):
        with pytest.raises(ShopIsOpen, match=str(home)), HomeLock(home):
            pass
        with HomeLock(tmp_path / "another"):
            pass
    with HomeLock(home):
        pass


def test_a_killed_shop_leaves_no_lock_behind(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY, text=True,
    ) as shop:  # fmt: skip
        assert shop.stdout is not None
        assert shop.stdout.readline() == "held\n"
        with pytest.raises(ShopIsOpen), HomeLock(tmp_path):
            pass
        os.kill(shop.pid, signal.SIGKILL)
        shop.wait(10.0)
        with HomeLock(tmp_path):
            pass


def test_a_second_shop_in_one_home_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with HomeLock(tmp_path):
        assert main(["run", "--home", str(tmp_path), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "open already" in said
    assert [file.name for file in tmp_path.iterdir()] == ["lock"], "it has touched nothing"


def test_a_check_of_an_open_shop_leaves_its_devices_in_peace(
    open_box: Callable[..., Store], tmp_path: Path
) -> None:
    settings = store_settings(
        tmp_path / "store", {"scanner-1": DeviceSettings("scanner.serial", emulated=True)}
    )
    store = open_box(settings, start=False)
    with HomeLock(settings.home):
        findings = {finding.about: finding for finding in check_store(store.box)}
    assert findings["devices"].sentence == "the shop is open; devices are not tried"
    assert findings["devices"].well
    assert "scanner-1" not in findings
    assert store.box.bench.devices == {}
    assert "scanner-1" in {finding.about for finding in check_store(store.box)}
