"""What a reader looks at is said once and rightly, and no camera looks into a cabin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from store_edge.rfid.judge import SHIPPED
from store_edge.settings import (
    DEMO_DEVICES,
    BadSettings,
    DeviceSettings,
    Settings,
    ZoneSettings,
    load_settings,
)
from store_edge.zones import Zones, places_of

READER = """
[devices.fitting-1]
driver = "rfid.llrp"
address = "tcp://192.168.1.40:5084"
lane = ""
[devices.fitting-1.zones]
cabin-1 = { kind = "cabin", antennas = [1, 2] }
cabin-2 = { kind = "cabin", antennas = [3] }
[devices.fitting-2]
driver = "rfid.r700"
address = "http://192.168.1.41"
lane = ""
zones = { cabin-2 = { kind = "cabin", antennas = [1] }, exit = { kind = "gate", antennas = [2] } }
"""


def loaded(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "store.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, environ={})


def test_a_place_may_be_looked_at_by_several_readers(tmp_path: Path) -> None:
    settings = loaded(tmp_path, READER)
    assert settings.cabins == ("cabin-1", "cabin-2")
    assert {place.name: place.antennas for place in places_of(settings.devices)} == {
        "cabin-1": (("fitting-1", 1), ("fitting-1", 2)),
        "cabin-2": (("fitting-1", 3), ("fitting-2", 1)),
        "exit": (("fitting-2", 2),),
    }


def test_the_demo_shop_has_two_cabins_and_a_gate() -> None:
    assert Settings().cabins == ("cabin-1", "cabin-2")
    assert {place.kind for place in places_of(DEMO_DEVICES)} == {"cabin", "gate"}
    assert Settings(devices={}).cabins == ()


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ('kind = "gate"', 'kind = "door"', "there are cabin, gate, shelf, floor"),
        ("antennas = [2] }", "antennas = [] }", "no antenna looks at it"),
        ("antennas = [3]", "antennas = [2]", "antenna 2 looks at one place only"),
        ("antennas = [3]", "antenna = [3]", "did you mean 'antennas'"),
        ("antennas = [3]", 'antennas = ["3"]', "that is not what belongs there"),
        ("{ cabin-2 =", '{ "cabin 2" =', "letters, digits, dots and hyphens"),
        ("{ cabin-2 =", '{ "1" =', "1 is a lane with a till"),
        ('kind = "gate"', 'kinds = "gate"', "did you mean 'kind'"),
        ("exit =", "cabin-1 =", "cabin-1 is a cabin already"),
        ('"rfid.r700"', '"scale.dialog06"', "only an RFID reader has zones"),
    ],
)
def test_what_cannot_be_is_refused_in_words(tmp_path: Path, wrong: str, right: str, says: str) -> None:
    assert wrong in READER
    with pytest.raises(BadSettings) as refused:
        loaded(tmp_path, READER.replace(wrong, right))
    assert says in str(refused.value)


def test_a_sites_own_weights_are_read_or_refused(tmp_path: Path, open_box: Callable[..., object]) -> None:
    own = tmp_path / "own.toml"
    own.write_bytes(SHIPPED.read_bytes())
    open_box(Settings(home=tmp_path / "one", devices={}, rfid_parameters=str(own)), start=False)
    own.write_text("[card]\n", encoding="utf-8")
    for file in (own, tmp_path / "nowhere.toml"):
        with pytest.raises(BadSettings, match="rfid_parameters"):
            Zones(SimpleNamespace(settings=Settings(devices={}, rfid_parameters=str(file))))  # type: ignore[arg-type]


CAMERA = DeviceSettings("camera.opencv", "/dev/video0", lane="cabin-1")


@pytest.mark.parametrize(
    "camera",
    [
        CAMERA,
        replace(CAMERA, driver="camera.of_another_maker"),
        replace(CAMERA, emulated=True, address=""),
        replace(CAMERA, lane="1", zones={"cabin-1": ZoneSettings("cabin", (1,))}),
        replace(CAMERA, lane="", zones={"cabin-9": ZoneSettings("cabin", (1,))}),
    ],
)
def test_no_camera_in_a_cabin_ever(tmp_path: Path, camera: DeviceSettings) -> None:
    """Such a shop does not even have settings, so nothing can open it."""
    with pytest.raises(BadSettings, match="no camera in a cabin, ever"):
        Settings(home=tmp_path, devices={**DEMO_DEVICES, "camera-9": camera})
    text = READER + '[devices.eye]\ndriver = "camera.opencv"\nlane = "cabin-2"\n'
    with pytest.raises(BadSettings, match="no camera in a cabin, ever"):
        loaded(tmp_path, text)
    with pytest.raises(BadSettings, match="no camera in a cabin, ever"):
        replace(Settings(home=tmp_path), devices={**DEMO_DEVICES, "camera-9": camera})


def test_a_camera_at_a_till_is_no_camera_in_a_cabin(tmp_path: Path, open_box: Callable[..., object]) -> None:
    open_box(Settings(home=tmp_path, devices={**DEMO_DEVICES}), start=False)
