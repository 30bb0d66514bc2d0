"""Lines to devices: TCP, serial, or the replay of a recorded dialogue.

Every call carries its own deadline, wakes as soon as bytes arrive, and says
`Unreachable` when the line is gone. Nothing here knows a protocol.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import socket
import termios
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypedDict, TypeVar
from urllib.parse import parse_qs, urlsplit

import serial

from hardware.errors import Busy, Unreachable

READ_BYTES_MAX = 4096
"""Most bytes that one read hands out; what is left waits in the kernel's own bounded buffer."""
BAUD_DEFAULT = 9600
FRAMINGS = {
    f"{bits}{parity}{stops}": (bits, parity, stops) for bits in (7, 8) for parity in "NEO" for stops in (1, 2)
}
"""How a byte goes over a serial line, as manuals write it: data bits, parity (none, even, odd), stop bits."""
FRAMING_DEFAULT = "8N1"
RECORDING_STEPS_MAX = 10_000

_T = TypeVar("_T")
_GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Wire(Protocol):
    """A line to one device."""

    def read(self, within_s: float) -> bytes:
        """Bytes as soon as there are any (1 to `READ_BYTES_MAX`), or b"" when `within_s` seconds have passed.

        Raises Unreachable when the line is gone.
        """

    def write(self, data: bytes, within_s: float) -> None:
        """Hand all of `data` to the line within `within_s` seconds.

        Raises Unreachable when it is gone or did not take them in time; some of them may have left.
        """

    def close(self) -> None:
        """Let go of the line, from any thread: a waiting read or write ends in Unreachable. Repeatable."""


Connect = Callable[[str, float], Wire]
"""Opens an address within so many seconds: `open_wire`, or a test's stand-in for it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is: a TCP host and port, or the path, speed and framing of a serial line.

    `usb` is a printer's own device file, which has neither speed nor framing. `framing` is one of
    `FRAMINGS`, "" for what its driver is used to.
    """

    host: str = ""
    port: int = 0
    path: str = ""
    baud: int = BAUD_DEFAULT
    framing: str = ""
    usb: bool = False


def parse_address(text: str) -> Address:
    """Read `tcp://127.0.0.1:20007`, `serial:///dev/ttyUSB0?baud=9600&framing=7E1`, `usb:///dev/usb/lp0`, or a
    serial line's path.

    Raises ValueError naming what is wrong.
    """
    if "://" not in text:
        if not text:
            raise ValueError("a device address is empty")
        return Address(path=text)
    parts = urlsplit(text)
    if parts.scheme == "tcp" and parts.hostname and parts.port and not parts.path.strip("/"):
        return Address(host=parts.hostname, port=parts.port)
    if parts.scheme == "serial" and parts.path and not parts.netloc:
        return Address(path=parts.path, **_serial_options(parts.query, text))
    if parts.scheme == "usb" and parts.path and not parts.netloc and not parts.query:
        return Address(path=parts.path, usb=True)
    raise ValueError(
        f"not a device address: {text!r} (tcp://host:port, serial:///path?baud=9600, usb:///path or a path)"
    )


class _SerialOptions(TypedDict):
    baud: int
    framing: str


def _serial_options(query: str, text: str) -> _SerialOptions:
    options = parse_qs(query, keep_blank_values=True)
    speed = options.pop("baud", [str(BAUD_DEFAULT)])[-1]
    framing = options.pop("framing", [""])[-1]
    if options or not speed.isdecimal() or not int(speed) or framing not in ("", *FRAMINGS):
        raise ValueError(f"a serial address takes only baud=<number> and framing=<such as 7E1>: {text!r}")
    return {"baud": int(speed), "framing": framing}


def open_wire(address: str, within_s: float, framing: str = FRAMING_DEFAULT) -> Wire:
    """Open a line to `address` within `within_s` seconds; `framing` holds where the address says none.

    Raises Unreachable when nobody is there, Busy when somebody else holds the
    serial line, ValueError when `address` is none (see `parse_address`).
    """
    place = parse_address(address)
    if place.host:
        return open_tcp(place.host, place.port, within_s)
    if place.usb:
        return open_usb(place.path)
    return open_serial(place.path, place.baud, place.framing or framing)


def open_tcp(host: str, port: int, within_s: float) -> Wire:
    """Connect to a TCP port; small messages leave at once (TCP_NODELAY). Raises Unreachable."""
    try:
        line = socket.create_connection((host, port), timeout=within_s)
    except OSError as fault:
        raise Unreachable(f"nobody answers at tcp://{host}:{port} ({_why(fault)})") from fault
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    line.setblocking(False)
    return FileWire(line.fileno(), f"tcp://{host}:{port}", line.close)


def open_serial(path: str, baud: int = BAUD_DEFAULT, framing: str = FRAMING_DEFAULT) -> Wire:
    """Open a serial line or a pty, raw, for us alone; a byte that fails its parity is read as 0.

    Raises Unreachable or Busy.
    """
    bits, parity, stops = FRAMINGS[framing]
    try:
        port = serial.Serial(
            path, baudrate=baud, bytesize=bits, parity=parity, stopbits=stops, timeout=0, exclusive=True
        )
        if parity != "N":
            _mark_bad_parity(port.fileno())
    except (OSError, ValueError, termios.error) as fault:
        if getattr(fault, "errno", None) in (errno.EAGAIN, errno.EBUSY):
            raise Busy(f"somebody else holds the serial line {path}") from fault
        raise Unreachable(f"no serial line at {path} ({_why(fault)})") from fault
    return FileWire(port.fileno(), path, port.close)


def open_usb(path: str) -> Wire:
    """Open a USB printer's device file (Linux: usblp), which one program has. Raises Unreachable, Busy."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError as fault:
        if fault.errno == errno.EBUSY:
            raise Busy(f"somebody else holds the printer {path}") from fault
        raise Unreachable(f"no printer at {path} ({_why(fault)})") from fault
    return FileWire(fd, path, partial(os.close, fd))


def _mark_bad_parity(fd: int) -> None:
    """pyserial sets the parity and leaves its check off: a flipped bit would pass for another digit."""
    settings = termios.tcgetattr(fd)
    settings[0] |= termios.INPCK
    termios.tcsetattr(fd, termios.TCSANOW, settings)


def _why(fault: BaseException) -> str:
    number = getattr(fault, "errno", None)
    return os.strerror(number) if isinstance(number, int) and number > 0 else type(fault).__name__


class FileWire:
    """A line on a non-blocking file descriptor: a socket, a serial port, a pty.

    `release` closes the descriptor. It is called once, and never while another
    thread still waits on the line: the number might by then mean another file.
    """

    def __init__(
        self, fd: int, name: str, release: Callable[[], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fd = fd
        self._name = name
        self._release = release
        self._clock = clock
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False
        self._wake_read, self._wake_write = os.pipe()

    def read(self, within_s: float) -> bytes:
        with self._used():
            if not self._ready(select.POLLIN, self._clock() + within_s):
                return b""
            data = self._attempt(partial(os.read, self._fd, READ_BYTES_MAX))
            if data == b"":
                raise Unreachable(f"the line to {self._name} is gone")
            return data or b""

    def write(self, data: bytes, within_s: float) -> None:
        ends = self._clock() + within_s
        left = memoryview(data)
        with self._used():
            while left:
                if not self._ready(select.POLLOUT, ends):
                    raise Unreachable(f"the line to {self._name} takes nothing")
                sent = self._attempt(partial(os.write, self._fd, left[:READ_BYTES_MAX]))
                left = left[sent or 0 :]

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._users:
                os.write(self._wake_write, b"x")
            else:
                self._let_go()

    @contextlib.contextmanager
    def _used(self) -> Iterator[None]:
        with self._lock:
            if self._closed:
                raise Unreachable(f"the line to {self._name} is closed")
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._closed and not self._users:
                    self._let_go()

    def _let_go(self) -> None:
        os.close(self._wake_read)
        os.close(self._wake_write)
        with contextlib.suppress(OSError):
            self._release()

    def _ready(self, wanted: int, ends: float) -> bool:
        """Wait until the descriptor is ready, broken or closed, or the clock shows `ends`."""
        poll = select.poll()
        poll.register(self._fd, wanted)
        poll.register(self._wake_read, select.POLLIN)
        found = dict(poll.poll(max(0.0, ends - self._clock()) * 1000))
        if self._wake_read in found or found.get(self._fd, 0) & select.POLLNVAL:
            raise Unreachable(f"the line to {self._name} was closed")
        if found.get(self._fd, 0) & _GONE and wanted == select.POLLOUT:
            raise Unreachable(f"the line to {self._name} is gone")
        return self._fd in found

    def _attempt(self, action: Callable[[], _T]) -> _T | None:
        try:
            return action()
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as fault:
            raise Unreachable(f"the line to {self._name} broke ({_why(fault)})") from fault


@dataclass(frozen=True, slots=True)
class Step:
    """One turn of a recorded dialogue: bytes that we said (`ours`) or heard; None when the line broke."""

    ours: bool
    data: bytes | None


def parse_recording(text: str) -> tuple[Step, ...]:
    """Read a recorded dialogue: `> 06 00 ...` we said, `< 80 00 00` we heard, `! gone`, `# remark`.

    Raises ValueError naming the line that is none of these.
    """
    steps: list[Step] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        if len(steps) == RECORDING_STEPS_MAX:
            raise ValueError(f"a recording has at most {RECORDING_STEPS_MAX} steps")
        if line == "! gone":
            steps.append(Step(ours=False, data=None))
        elif line[0] in "<>":
            steps.append(Step(ours=line[0] == ">", data=bytes.fromhex(line[1:])))
        else:
            raise ValueError(f"line {number} of the recording is neither <, > nor ! gone")
    return tuple(steps)


class ReplayWire:
    """The other side of a recorded dialogue: expects what we said then, answers what we heard then.

    Reads past the end come back empty at once, as if the time had passed.
    """

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._left = list(steps)

    @property
    def finished(self) -> bool:
        """True when the whole recording was played."""
        return not self._left

    def read(self, within_s: float) -> bytes:
        if not self._left or self._left[0].ours:
            return b""
        data = self._left.pop(0).data
        if data is None:
            raise Unreachable("the recorded line is gone")
        return data

    def write(self, data: bytes, within_s: float) -> None:
        said = self._left.pop(0) if self._left else Step(ours=True, data=None)
        if not said.ours and said.data is None:
            raise Unreachable("the recorded line is gone")
        expected = said.data.hex(" ") if said.ours and said.data is not None else "nothing"
        if data.hex(" ") != expected:
            raise AssertionError(f"the recording has {expected} here, not {data.hex(' ')}")

    def close(self) -> None:
        self._left.clear()
