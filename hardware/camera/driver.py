"""A camera whose newest picture is always at hand, and whose silence is noticed.

A thread takes pictures as they come and keeps only the last: whoever looks
rarely sees the present, not a backlog. Pictures stay encoded until somebody
looks, so that an unwatched camera costs next to nothing.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections.abc import Callable

from hardware.camera.codec import Picture, decode_picture
from hardware.camera.sources import Source, open_source
from hardware.errors import DeviceFault, Unreachable
from hardware.readings import Frame

SILENCE_S_MAX = 5.0
"""No new picture for this long: the camera is gone, whatever its line says (FAULTS 22 asks for 20 s)."""
STILL_S_MAX = 15.0
"""The very same picture, bit for bit, for this long: a sensor that hangs or sees black."""
GRAB_S = 0.5
FOLDER_EVERY_S = 0.5
CLOSE_S_MAX = 2.0

log = logging.getLogger(__name__)


class OpencvCamera:
    """One camera. Blocking, called from one thread; `close()` may come from another.

    Addresses: `0` or `/dev/video0` (V4L2), `rtsp://...`, `http://...` (MJPEG),
    the path of a video file, or of a folder of pictures (JPEG, PNG, WebP).
    """

    def __init__(
        self,
        address: str,
        *,
        silence_s: float = SILENCE_S_MAX,
        still_s: float | None = STILL_S_MAX,
        every_s: float = FOLDER_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`every_s` is the pace of a folder; ValueError unless `silence_s` is longer.

        `still_s` None: a picture that never changes is no fault (some cameras remove all grain).
        """
        if not 0 < every_s < silence_s:
            raise ValueError(f"every_s={every_s} must be above 0 and below silence_s={silence_s}")
        self._address = address
        self._silence_s = silence_s
        self._still_s = still_s
        self._every_s = every_s
        self._clock = clock
        self._news = threading.Condition()
        self._newest: tuple[bytes | Picture, float] | None = None
        self._last_s = 0.0
        self._changed_s = 0.0
        self._checksum = -1
        self._fault: DeviceFault | None = Unreachable("The camera is not open")
        self._source: Source | None = None
        self._grabber: threading.Thread | None = None
        self.skipped = 0
        """Pictures replaced by a newer one before anybody looked, since `open()`."""

    def open(self) -> None:
        """Connect and start looking. Raises Unreachable, Garbled; ValueError for an impossible address."""
        self.close()
        source = open_source(self._address, self._every_s)
        with self._news:
            self._source, self._fault, self._newest = source, None, None
            self._last_s = self._changed_s = self._clock()
            self.skipped = 0
        self._grabber = threading.Thread(target=self._grab, args=(source,), name="camera", daemon=True)
        self._grabber.start()

    def close(self) -> None:
        """Stop looking. A `frame()` waiting in another thread ends with Unreachable."""
        with self._news:
            self._source = None
            self._newest = None
            self._fault = Unreachable("The camera is not open")
            self._news.notify_all()
        grabber = self._grabber
        if grabber is not None and grabber is not threading.current_thread():
            grabber.join(CLOSE_S_MAX)

    def frame(self, timeout_s: float) -> Frame | None:
        """The newest picture that was not handed out yet, waiting up to `timeout_s`; None when none came.

        Raises Unreachable (broken, no picture for `silence_s`, the same one for `still_s`),
        Garbled (no picture, or one of absurd size), Busy (the camera refuses).
        """
        ends = self._clock() + max(0.0, timeout_s)
        with self._news:
            while True:
                now = self._clock()
                self._check(now)
                if self._newest is not None:
                    break
                if now >= ends:
                    return None
                self._news.wait(min(ends, self._last_s + self._silence_s) - now)
            (raw, taken_s), self._newest = self._newest, None
        return Frame(decode_picture(raw) if isinstance(raw, bytes) else raw, taken_s)

    def _check(self, now: float) -> None:
        if self._newest is None and self._fault is not None:
            raise self._fault.with_traceback(None)
        if now - self._last_s >= self._silence_s:
            raise Unreachable("The camera shows nothing new any more")
        live = self._source is not None and self._source.live
        if live and self._still_s is not None and now - self._changed_s >= self._still_s:
            raise Unreachable("The camera shows the same picture over and over")

    def _grab(self, source: Source) -> None:
        try:
            while self._source is source:
                raw = source.next(GRAB_S)
                if raw is not None:
                    self._keep(source, raw)
        except DeviceFault as fault:
            self._give_up(source, fault)
        except BaseException:  # a bug of ours: it must not look like a quiet scene
            self._give_up(source, Unreachable("The camera's thread stopped"))
            raise
        finally:
            source.close()

    def _give_up(self, source: Source, fault: DeviceFault) -> None:
        with self._news:
            if self._source is source:
                self._fault = fault
                log.info("camera lost fault=%s", type(fault).__name__)
            self._news.notify_all()

    def _keep(self, source: Source, raw: bytes | Picture) -> None:
        checksum = zlib.crc32(raw if isinstance(raw, bytes) else raw.tobytes()) if source.live else 0
        with self._news:
            if self._source is not source:
                return
            self.skipped += self._newest is not None
            self._last_s = self._clock()
            if checksum != self._checksum:
                self._checksum, self._changed_s = checksum, self._last_s
            self._newest = (raw, self._last_s)
            self._news.notify_all()
