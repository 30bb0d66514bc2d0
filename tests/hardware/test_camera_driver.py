"""The camera's driver on real streams, files and folders: newest picture first, and no silence unnoticed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from hardware.camera import codec, sources
from hardware.camera.driver import OpencvCamera
from hardware.camera.emulator import SIDE_PIXELS_MAX, SYMBOLOGIES, UPLOAD_BYTES_MAX, CameraEmulator
from hardware.errors import Busy, DeviceFault, Garbled, Unreachable
from hardware.loopback import Outlet


@pytest.fixture
def scene() -> Iterator[CameraEmulator]:
    emulator = CameraEmulator(frame_s=0.02)
    yield emulator
    emulator.stop()


@pytest.fixture
def camera(scene: CameraEmulator) -> Iterator[OpencvCamera]:
    device = OpencvCamera(scene.start(), silence_s=1.0)
    device.open()
    yield device
    device.close()


def grey(level: int) -> codec.Picture:
    return np.full((48, 64, 3), level, np.uint8)


def level_seen(camera: OpencvCamera) -> int:
    frame = camera.frame(2.0)
    assert frame is not None
    return int(frame.image.mean())


def wait_for_level(camera: OpencvCamera, level: int) -> None:
    end = time.monotonic() + 3.0
    while abs(level_seen(camera) - level) > 2:
        assert time.monotonic() < end, "the picture never came"


def wait_for_fault(camera: OpencvCamera, limit_s: float) -> DeviceFault:
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        try:
            camera.frame(limit_s)
        except DeviceFault as fault:
            return fault
    pytest.fail("the driver noticed nothing")


def test_what_is_shown_is_seen(scene: CameraEmulator, camera: OpencvCamera) -> None:
    frame = camera.frame(2.0)
    assert frame is not None
    assert (frame.image.shape, frame.image.dtype) == ((480, 640, 3), np.uint8)
    assert abs(frame.taken_s - time.monotonic()) < 1.0
    empty = int(frame.image.mean())
    scene.show(grey(40))
    wait_for_level(camera, 40)
    scene.clear()
    wait_for_level(camera, empty)


def test_an_encoded_file_can_be_shown(scene: CameraEmulator, camera: OpencvCamera) -> None:
    scene.show(bytes(cv2.imencode(".png", grey(77))[1]))
    wait_for_level(camera, 77)


def test_each_picture_is_handed_out_once_and_stale_ones_never(
    scene: CameraEmulator, camera: OpencvCamera
) -> None:
    scene.show(grey(10))
    wait_for_level(camera, 10)
    scene.show(grey(200))
    time.sleep(0.4)  # many pictures pass while nobody looks
    assert abs(level_seen(camera) - 200) <= 2
    assert camera.skipped > 3
    frames = [camera.frame(2.0) for _ in range(5)]
    times = [frame.taken_s for frame in frames if frame is not None]
    assert times == sorted(set(times))


def test_no_picture_yet_is_none_in_time(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bytes(cv2.imencode(".png", grey(1))[1]))
    camera = OpencvCamera(str(tmp_path), silence_s=30.0, every_s=20.0)
    camera.open()
    try:
        assert camera.frame(2.0) is not None
        start = time.monotonic()
        assert camera.frame(0.1) is None
        assert time.monotonic() - start < 1.0
    finally:
        camera.close()


@pytest.mark.parametrize(
    ("symbology", "text", "read"),
    [
        ("EAN-13", "9521234567899", "9521234567899"),
        ("EAN-8", "96385074", "96385074"),
        ("UPC-A", "036000291452", "0036000291452"),
        ("UPC-E", "01234565", "0012345000065"),
        ("Code128", "(abc-1)", "(abc-1)"),
        ("ITF", "04601234567893", "04601234567893"),
        ("DataBar", "04012345678901", "0104012345678901"),
        ("QR", "EMMA1.äöü." + "x" * 300, "EMMA1.äöü." + "x" * 300),
        ("DataMatrix", "hello", "hello"),
    ],
)
def test_a_shown_code_can_be_read_from_the_picture(
    scene: CameraEmulator, camera: OpencvCamera, symbology: str, text: str, read: str
) -> None:
    scene.show_code(text, symbology)
    end, found = time.monotonic() + 3.0, list[str]()
    while not found and time.monotonic() < end:
        frame = camera.frame(1.0)
        assert frame is not None
        codes = zxingcpp.read_barcodes(frame.image, text_mode=zxingcpp.TextMode.Plain)
        found = [code.text for code in codes]
    assert found == [read]
    assert symbology in SYMBOLOGIES


@pytest.mark.parametrize(
    ("text", "symbology"),
    [("1", "Aztec"), ("x" * 1001, "QR"), ("9521234567890", "EAN-13"), ("abc", "EAN-13")],
)
def test_impossible_codes_cannot_be_shown(scene: CameraEmulator, text: str, symbology: str) -> None:
    with pytest.raises(ValueError, match=r"unknown symbology|at most|is no EAN-13"):
        scene.show_code(text, symbology)


def test_absurd_uploads_are_refused_and_the_picture_stays(
    scene: CameraEmulator, camera: OpencvCamera
) -> None:
    scene.show(grey(90))
    for upload in (b"no picture", b"\xff\xd8" + bytes(UPLOAD_BYTES_MAX), np.zeros((0, 9, 3), np.uint8)):
        with pytest.raises(Garbled):
            scene.show(upload)
    wait_for_level(camera, 90)


def test_large_pictures_are_scaled_to_the_sensor(scene: CameraEmulator, camera: OpencvCamera) -> None:
    scene.show(np.full((3000, 400, 3), 33, np.uint8))
    wait_for_level(camera, 33)
    frame = camera.frame(2.0)
    assert frame is not None
    assert frame.image.shape[:2] == (SIDE_PIXELS_MAX, 256)


def test_a_frozen_camera_is_noticed_and_healed_by_a_power_cycle(
    scene: CameraEmulator, camera: OpencvCamera
) -> None:
    assert camera.frame(2.0) is not None
    scene.freeze()
    start = time.monotonic()
    assert isinstance(wait_for_fault(camera, 5.0), Unreachable)
    assert time.monotonic() - start < 3.0
    scene.unplug()
    scene.plug()
    camera.open()
    assert camera.frame(2.0) is not None


def test_a_hung_sensor_is_noticed_and_healed_by_a_power_cycle(scene: CameraEmulator) -> None:
    camera = OpencvCamera(scene.start(), still_s=0.5)
    camera.open()
    try:
        end = time.monotonic() + 1.0
        while time.monotonic() < end:  # a quiet scene is no fault
            assert camera.frame(2.0) is not None
        scene.stick()
        fault = wait_for_fault(camera, 5.0)
        assert isinstance(fault, Unreachable)
        assert "same picture" in str(fault)
        scene.unplug()
        scene.plug()
        camera.open()
        assert camera.frame(2.0) is not None
    finally:
        camera.close()


def test_a_camera_without_grain_may_stand_still(scene: CameraEmulator) -> None:
    scene.stick()
    camera = OpencvCamera(scene.start(), still_s=None)
    camera.open()
    try:
        assert all(camera.frame(2.0) is not None for _ in range(5))
    finally:
        camera.close()


def test_a_pulled_plug_is_unreachable_and_comes_back_at_its_address(
    scene: CameraEmulator, camera: OpencvCamera
) -> None:
    address = scene.start()
    scene.show(grey(120))
    scene.unplug()
    assert isinstance(wait_for_fault(camera, 3.0), Unreachable)
    with pytest.raises(Unreachable):
        camera.open()
    scene.plug()
    assert scene.start() == address
    camera.open()
    wait_for_level(camera, 120)


def test_a_wrong_path_is_busy(scene: CameraEmulator) -> None:
    camera = OpencvCamera(scene.start().replace("/stream", "/other"))
    camera.open()
    assert isinstance(wait_for_fault(camera, 3.0), Busy)
    camera.close()


def served(stream: bytes, asked: list[bytes] | None = None) -> Outlet:
    """A peer that takes one request, sends `stream`, and then keeps the line open."""

    def serve(line: socket.socket) -> None:
        request = line.recv(4096)
        if asked is not None:
            asked.append(request)
        line.sendall(stream)
        while line.recv(4096):
            pass

    return Outlet(serve, "scripted-camera")


def test_name_and_password_of_the_address_are_sent() -> None:
    asked: list[bytes] = []
    peer = served(b"HTTP/1.0 401 Unauthorized\r\n\r\n", asked)
    camera = OpencvCamera(f"http://emma:k%40se@127.0.0.1:{peer.plug()}/video?fps=5")
    try:
        camera.open()
        assert isinstance(wait_for_fault(camera, 3.0), Busy)
    finally:
        camera.close()
        peer.stop()
    assert asked[0].startswith(b"GET /video?fps=5 HTTP/1.0\r\n")
    assert b"Authorization: Basic ZW1tYTprQHNl\r\n" in asked[0]


def test_garbage_is_garbled() -> None:
    peer = served(bytes(range(1, 256)) * 64)
    camera = OpencvCamera(f"http://127.0.0.1:{peer.plug()}/")
    try:
        camera.open()
        assert isinstance(wait_for_fault(camera, 3.0), Garbled)
    finally:
        camera.close()
        peer.stop()


def test_a_picture_of_a_hundred_megapixels_is_garbled() -> None:
    bomb = b"\xff\xd8\xff\xc0\x00\x11\x08" + (10_000).to_bytes(2, "big") * 2 + bytes(20)
    part = b"--b\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(bomb), bomb)
    peer = served(b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=b\r\n\r\n" + part)
    camera = OpencvCamera(f"http://127.0.0.1:{peer.plug()}/")
    try:
        camera.open()
        with pytest.raises(Garbled, match="10000 x 10000"):
            camera.frame(3.0)
    finally:
        camera.close()
        peer.stop()


def test_a_silent_rtsp_camera_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "CONNECT_S_MAX", 0.5)
    peer = served(b"")
    camera = OpencvCamera(f"rtsp://127.0.0.1:{peer.plug()}/live")
    start = time.monotonic()
    try:
        with pytest.raises(Unreachable):
            camera.open()
    finally:
        peer.stop()
    assert time.monotonic() - start < 3.0


def test_close_from_another_thread_ends_a_waiting_look(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bytes(cv2.imencode(".png", grey(1))[1]))
    camera = OpencvCamera(str(tmp_path), silence_s=30.0, every_s=20.0)
    camera.open()
    assert camera.frame(2.0) is not None
    threading.Timer(0.1, camera.close).start()
    start = time.monotonic()
    with pytest.raises(Unreachable, match="not open"):
        camera.frame(10.0)
    assert time.monotonic() - start < 3.0


def test_a_folder_shows_its_pictures_in_order_round_and_round(tmp_path: Path) -> None:
    for level in (10, 60, 110):
        (tmp_path / f"{level:03}.png").write_bytes(bytes(cv2.imencode(".png", grey(level))[1]))
    (tmp_path / "labels.csv").write_text("no picture")
    camera = OpencvCamera(str(tmp_path), every_s=0.05)
    camera.open()
    try:
        levels = [level_seen(camera) for _ in range(7)]
    finally:
        camera.close()
    start = (10, 60, 110).index(levels[0])
    assert levels == [(10, 60, 110)[(start + step) % 3] for step in range(7)]


def test_a_damaged_picture_in_a_folder_is_garbled_and_the_next_is_seen(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"\xff\xd8 no")
    (tmp_path / "2.png").write_bytes(bytes(cv2.imencode(".png", grey(5))[1]))
    camera = OpencvCamera(str(tmp_path), every_s=0.3)
    camera.open()
    try:
        with pytest.raises(Garbled):
            camera.frame(2.0)
        assert level_seen(camera) == 5
    finally:
        camera.close()


def test_a_video_file_plays_and_starts_over(tmp_path: Path) -> None:
    path = str(tmp_path / "clip.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 50.0, (64, 48))
    for level in (20, 120, 220):
        writer.write(grey(level))
    writer.release()
    camera = OpencvCamera(path)
    camera.open()
    try:
        levels = {round(level_seen(camera), -1) for _ in range(9)}
    finally:
        camera.close()
    assert levels == {20, 120, 220}


@pytest.mark.parametrize("address", ["/nowhere/at/all", "/dev/video97", "97"])
def test_a_camera_that_is_not_there_is_unreachable(address: str) -> None:
    with pytest.raises(Unreachable):
        OpencvCamera(address).open()


def test_an_empty_folder_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="no pictures"):
        OpencvCamera(str(tmp_path)).open()


@pytest.mark.parametrize("address", ["", "ftp://camera", "http:///path"])
def test_a_bad_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="camera is"):
        OpencvCamera(address).open()


def test_opencv_keeps_to_one_thread(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bytes(cv2.imencode(".png", grey(1))[1]))
    cv2.setNumThreads(2)
    camera = OpencvCamera(str(tmp_path))
    camera.open()
    camera.close()
    assert cv2.getNumThreads() == sources.CV_THREADS
