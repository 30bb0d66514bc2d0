"""Live screens: server-sent events from the journal, on a listener of their own.

A page hears only that something happened: type, lane and journal number. It
fetches what it shows itself. `Last-Event-ID` is the journal number, so a page
that lost the line misses nothing (HTML Standard, section 9.2).

The listener has its own port and its own event loop: with pages and streams on
the same threads, the 33rd open screen would starve the till.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import uvicorn

from kiosk_ui.own_names import OwnNames
from kiosk_ui.serve import listening
from store_edge.db.journal import Entry, Journal

log = logging.getLogger(__name__)

PATH = "/live"
STREAMS_MAX = 2_000
TOPICS_MAX = 64
BACKLOG_MAX = 500
"""A page further behind than this is told to fetch everything anew."""
WAITING_MAX = 1_000
"""Messages that may wait for one slow page before its line is cut; it will come back by itself."""
HEARTBEAT_S = 10.0
LOOK_UP_S = 0.5
RETRY_MS = 500
STOP_WAIT_S_MAX = 5.0
SEND_S_MAX = 15.0
"""A page that takes nothing for so long, or that vanished without a word, loses its line."""
EVERY_LANE = "lane-*"

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def topic_of(entry: Entry) -> str:
    return f"lane-{entry.lane}" if entry.lane else "store"


def message(entry: Entry) -> bytes:
    """One journal entry as a server-sent event: no data of the event itself leaves this way."""
    data = json.dumps({"type": entry.type, "lane": entry.lane, "number": entry.number}, separators=(",", ":"))
    return f"id: {entry.number}\ndata: {data}\n\n".encode()


class _Stream:
    """One open page: what it listens to, and what waits for it."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.waiting: asyncio.Queue[tuple[int, bytes] | None] = asyncio.Queue(WAITING_MAX)

    def wants(self, topic: str) -> bool:
        return topic in self.topics or (EVERY_LANE in self.topics and topic != "store")

    def put(self, item: tuple[int, bytes] | None) -> None:
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            item = None
        self.waiting.put_nowait(item)


class LiveDesk:
    """The listener: an ASGI application, a thread that follows the journal, a server.

    Port 0 takes a free one; `own_names` None answers to every host. Raises AddressTaken.
    """

    def __init__(self, journal: Journal, host: str, port: int, *, own_names: OwnNames | None = None) -> None:
        self._journal = journal
        self._own_names = own_names
        self._streams: set[_Stream] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = threading.Event()
        self._told = 0
        self._door = listening(host, port, STREAMS_MAX)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; every stream inherits it
            self._door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(SEND_S_MAX * 1000))
        self._port = int(self._door.getsockname()[1])
        config = uvicorn.Config(
            self, lifespan="off", ws="none", http="h11", loop="asyncio", log_config=None, access_log=False,
            timeout_graceful_shutdown=1, timeout_keep_alive=30, backlog=STREAMS_MAX,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._threads = (
            threading.Thread(target=self._serve, name="live", daemon=True),
            threading.Thread(target=self._follow, name="live journal", daemon=True),
        )
        self._ready = threading.Event()

    @property
    def port(self) -> int:
        return self._port

    @property
    def streams(self) -> int:
        """How many pages listen now."""
        return len(self._streams)

    def start(self) -> None:
        self._told = self._journal.last_number()
        for thread in self._threads:
            thread.start()
        self._ready.wait(STOP_WAIT_S_MAX)

    def stop(self) -> None:
        """Close every stream, then the server. Repeatable, and harmless before `start`."""
        self._stopping.set()
        self._server.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close_streams)
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOP_WAIT_S_MAX)

    def _serve(self) -> None:
        async def serve() -> None:
            self._loop = asyncio.get_running_loop()
            self._ready.set()
            await self._server.serve(sockets=[self._door])

        asyncio.run(serve())

    def _follow(self) -> None:
        self._ready.wait()
        while not self._stopping.is_set():
            try:
                entries = self._journal.wait(self._told, LOOK_UP_S)
            except Exception:
                log.exception("the live desk cannot read the journal after=%d", self._told)
                self._stopping.wait(LOOK_UP_S)
                continue
            if entries and self._loop is not None and not self._loop.is_closed():
                self._told = entries[-1].number
                self._loop.call_soon_threadsafe(self._tell, entries)

    def _tell(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            topic, item = topic_of(entry), (entry.number, message(entry))
            for stream in self._streams:
                if stream.wants(topic):
                    stream.put(item)

    def _close_streams(self) -> None:
        for stream in self._streams:
            stream.put(None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        if scope["path"] != PATH or scope["method"] != "GET":
            await _answer(send, 404)
        elif self._own_names is not None and headers.get("host", "") not in self._own_names:
            await _answer(send, 400)
        elif origin and _host_of(origin) != _host_of(f"//{headers.get('host', '')}"):
            await _answer(send, 403)
        elif len(self._streams) >= STREAMS_MAX:
            await _answer(send, 503)
        else:
            await self._stream(scope, headers, origin, receive, send)

    async def _stream(
        self, scope: Scope, headers: dict[str, str], origin: str, receive: Receive, send: Send
    ) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        topics = frozenset((query.get("topics") or [""])[0].split()[:TOPICS_MAX])
        after = headers.get("last-event-id") or (query.get("after") or [""])[0]
        stream = _Stream(topics)
        self._streams.add(stream)  # before looking back, so that nothing falls between
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _stream_headers(origin)})
            shown = await self._look_back(stream, after, send)
            while not gone.done():
                item = await _next(stream, gone)
                if item is None:
                    break
                number, text = item
                if number > shown or not number:
                    await _write(send, text)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._streams.discard(stream)
            gone.cancel()

    async def _look_back(self, stream: _Stream, after: str, send: Send) -> int:
        """Send what the page missed; gives the last number it has been told about."""
        await _write(send, f"retry: {RETRY_MS}\n\n".encode())
        if not after.isdecimal() or len(after) > 18:
            return 0
        missed = await asyncio.to_thread(self._journal.read, int(after), BACKLOG_MAX + 1)
        last = missed[-1].number if missed else await asyncio.to_thread(self._journal.last_number)
        if len(missed) > BACKLOG_MAX or int(after) > last:  # the latter knows another life of the store
            last = await asyncio.to_thread(self._journal.last_number)
            await _write(send, f"id: {last}\nevent: reset\ndata: {{}}\n\n".encode())
            return last
        for entry in missed:
            if stream.wants(topic_of(entry)):
                await _write(send, message(entry))
        return missed[-1].number if missed else int(after)  # what came since waits in the stream


def _host_of(address: str) -> str | None:
    """The host an origin or a Host header names; "?" for one that is none, so that it is nobody's."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return "?"


async def _next(stream: _Stream, gone: asyncio.Future[None]) -> tuple[int, bytes] | None:
    """The next message, a heartbeat when there is none for a while, None when the page has gone."""
    waiting = asyncio.ensure_future(stream.waiting.get())
    either: set[asyncio.Future[Any]] = {waiting, gone}
    await asyncio.wait(either, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    return None if gone.done() else (0, b": still here\n\n")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _answer(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def _stream_headers(origin: str) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-accel-buffering", b"no"),
    ]
    if origin:
        headers += [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]
    return headers
