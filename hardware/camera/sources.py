"""Where pictures come from: a network camera, a video device or stream, a folder. All with deadlines."""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np

from hardware.camera.codec import PICTURE_BYTES_MAX, MjpegReader, Picture, check_size
from hardware.errors import Unreachable
from hardware.transport import open_tcp

CONNECT_S_MAX = 3.0
READ_S_MAX = 3.0
"""Longest that FFmpeg may sit on one open or read before it gives up."""
CV_THREADS = 1
FOLDER_FILES_MAX = 10_000
PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
FILE_FPS_DEFAULT = 25.0


class Source(Protocol):
    """A stream of pictures, encoded or not. `live`: from a sensor, whose grain never repeats."""

    live: bool

    def next(self, within_s: float) -> bytes | Picture | None:
        """The next picture, or None when none came in time. Raises Unreachable, Garbled or Busy."""

    def close(self) -> None:
        """Let go. Called by the thread that calls `next`, except for network cameras: there by any."""


def open_source(address: str, every_s: float) -> Source:
    """The source that `address` names (see `OpencvCamera`). Raises Unreachable, or ValueError."""
    cv2.setNumThreads(CV_THREADS)
    scheme = urlsplit(address).scheme.lower()
    if scheme == "http":
        return MjpegSource(address)
    if scheme in ("rtsp", "rtsps"):
        return CaptureSource(address, cv2.CAP_FFMPEG)
    if "://" in address or not address:
        raise ValueError("a camera is a number, a path, http://... or rtsp://...")
    if address.isdecimal() or address.startswith("/dev/"):
        return CaptureSource(int(address) if address.isdecimal() else address, cv2.CAP_V4L2)
    path = Path(address)
    if path.is_dir():
        return FolderSource(path, every_s)
    if path.is_file():
        return CaptureSource(address, cv2.CAP_FFMPEG, loop=True)
    raise Unreachable("No camera and no pictures are there")


class MjpegSource:
    """An IP camera's MJPEG stream, `http://[user:password@]host[:port]/path`."""

    live = True

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise ValueError("a network camera is http://host[:port]/path")
        self._wire = open_tcp(parts.hostname, parts.port or 80, CONNECT_S_MAX)
        self._reader = MjpegReader()
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # HTTP/1.0, so that no server answers in chunks
        head = f"GET {path} HTTP/1.0\r\nHost: {parts.hostname}\r\nAccept: multipart/x-mixed-replace\r\n"
        if parts.username is not None:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            head += f"Authorization: Basic {base64.b64encode(secret.encode()).decode()}\r\n"
        self._wire.write(f"{head}\r\n".encode(), CONNECT_S_MAX)

    def next(self, within_s: float) -> bytes | None:
        """The newest of the pictures that arrived."""
        ends = time.monotonic() + within_s
        while (left_s := ends - time.monotonic()) > 0:
            found = self._reader.feed(self._wire.read(left_s))
            if found:
                return found[-1]
        return None

    def close(self) -> None:
        self._wire.close()


class CaptureSource:
    """What OpenCV captures: a V4L2 device, an RTSP stream, a video file (which starts over at its end)."""

    def __init__(self, target: str | int, backend: int, *, loop: bool = False) -> None:
        # errors only: warnings would print the address, password and all
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        options = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(CONNECT_S_MAX * 1000)]
        options += [
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            int(READ_S_MAX * 1000),
            cv2.CAP_PROP_N_THREADS,
            CV_THREADS,
        ]
        if backend != cv2.CAP_FFMPEG:
            options = [cv2.CAP_PROP_BUFFERSIZE, 1]
        try:
            self._capture = cv2.VideoCapture(target, backend, options)
        except cv2.error as fault:
            raise Unreachable("The camera cannot be opened") from fault
        if not self._capture.isOpened():
            self._capture.release()
            raise Unreachable("The camera cannot be opened")
        check_size(
            int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        )
        self._loop = loop
        self.live = not loop
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self._pause_s = 1.0 / (fps if 1.0 <= fps <= 240.0 else FILE_FPS_DEFAULT) if loop else 0.0
        self._due = time.monotonic()
        self._wake = threading.Event()

    def next(self, within_s: float) -> Picture | None:
        """One frame. A file is played at its own speed."""
        wait_s = self._due - time.monotonic()
        if wait_s > 0:
            self._wake.wait(min(wait_s, within_s))
            if wait_s > within_s:
                return None
        self._due = max(self._due, time.monotonic() - self._pause_s) + self._pause_s
        try:
            there, frame = self._capture.read()
            if not there and self._loop:
                self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
                there, frame = self._capture.read()
        except cv2.error as fault:
            raise Unreachable("The camera gives no more pictures") from fault
        if not there or frame is None:
            raise Unreachable("The camera gives no more pictures")
        check_size(frame.shape[1], frame.shape[0])
        return np.asarray(frame, np.uint8)

    def close(self) -> None:
        self._wake.set()
        self._capture.release()


class FolderSource:
    """The pictures of a folder in the order of their names, one every `every_s` seconds, round and round."""

    live = False

    def __init__(self, folder: Path, every_s: float) -> None:
        files = (path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES)
        self._files = sorted(itertools.islice(files, FOLDER_FILES_MAX))
        if not self._files:
            raise Unreachable("The folder holds no pictures")
        self._turn: Iterator[Path] = itertools.cycle(self._files)
        self._every_s = every_s
        self._due = time.monotonic()
        self._wake = threading.Event()

    def next(self, within_s: float) -> bytes | None:
        """The next file's bytes, when it is due."""
        wait_s = self._due - time.monotonic()
        if wait_s > 0:
            self._wake.wait(min(wait_s, within_s))
            if wait_s > within_s:
                return None
        self._due = time.monotonic() + self._every_s
        try:
            with next(self._turn).open("rb") as file:
                return file.read(PICTURE_BYTES_MAX + 1)
        except OSError as fault:
            raise Unreachable("A picture of the folder cannot be read") from fault

    def close(self) -> None:
        self._wake.set()
