"""Tells a customer display what to show. It never answers: all one can know is whether its line is there."""

from __future__ import annotations

from hardware.display import codec
from hardware.errors import DeviceFault, Unreachable
from hardware.transport import Connect, Wire, open_wire, parse_address

OPEN_S_MAX = 2.0
SEND_S_MAX = 1.0


class EscposDisplay:
    """A display of the DM-D series or alike at `serial:///dev/ttyUSB0?baud=9600`.

    `page` is the number under which it has a code page of ours. Raises ValueError for an address or a page
    that is none.
    """

    columns = codec.COLUMNS

    def __init__(self, address: str, *, page: int = codec.PAGE_NUMBER, connect: Connect = open_wire) -> None:
        parse_address(address)
        self._start = codec.start(page)
        self._page = page
        self._address = address
        self._connect = connect
        self._wire: Wire | None = None

    def open(self) -> None:
        """Open the line and make the display empty. Raises Unreachable, Busy when another program has it."""
        self.close()
        self._wire = self._connect(self._address, OPEN_S_MAX)
        try:
            self._say(self._start)
        except DeviceFault:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the line; what stands on the display stays."""
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def check(self) -> None:
        """Look whether its line is there. Raises Unreachable."""
        self._wire_or_fault().read(0.0)

    def show(self, top: str, bottom: str) -> None:
        """Show two lines; what is too long is cut off, what it has no letter for is a question mark.

        Raises Unreachable.
        """
        self._say(codec.encode(codec.shows(top, bottom), self._page))

    def _say(self, data: bytes) -> None:
        self._wire_or_fault().write(data, SEND_S_MAX)

    def _wire_or_fault(self) -> Wire:
        wire = self._wire
        if wire is None:
            raise Unreachable(f"the customer display at {self._address} is not open")
        return wire
