"""The page server as a process: half requests hold nobody up, SIGTERM ends it, a taken port is a sentence."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kiosk_ui.serve import THREADS, AddressTaken, PageServer

REPOSITORY = Path(__file__).parents[2]
WAIT_S_MAX = 20.0
PROGRAM = """
from kiosk_ui.serve import PageServer

def app(environ, start_response):
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]

server = PageServer(app, "127.0.0.1", 0)
print(server.port, flush=True)
try:
    server.run()
finally:
    server.close()
    print("closed", flush=True)
"""


@pytest.fixture
def server() -> Iterator[tuple[subprocess.Popen[str], int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    if process.poll() is None:
        process.kill()
    process.wait(WAIT_S_MAX)
    process.stdout.close()


HALVES = (
    b"POST / HTT",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Le",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nhalf of",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf of",
)


def test_fault_11_half_requests_that_never_end_hold_nobody_up(
    server: tuple[subprocess.Popen[str], int],
) -> None:
    _, port = server
    lines = [socket.create_connection(("127.0.0.1", port), WAIT_S_MAX) for _ in range(5 * THREADS)]
    for i, line in enumerate(lines):
        line.sendall(HALVES[i % len(HALVES)])
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S_MAX, trust_env=False) as client:
        for _ in range(3):
            assert client.post("/", content=b"a whole one").text == "a whole one"
        for line in lines:
            line.close()
        assert client.post("/", content=b"still here").text == "still here"


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_closes_when_told_to(server: tuple[subprocess.Popen[str], int], sign: int) -> None:
    process, port = server
    assert httpx.post(f"http://127.0.0.1:{port}", content=b"x", trust_env=False).text == "x"
    process.send_signal(sign)
    assert process.wait(WAIT_S_MAX) == 0
    assert process.stdout is not None
    assert process.stdout.read() == "closed\n"


def test_a_taken_port_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressTaken, match=f"127.0.0.1:{port} cannot be used: "):
            PageServer(lambda _environ, _start: [], "127.0.0.1", port)
