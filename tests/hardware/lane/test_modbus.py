"""Modbus: the specification's own examples, pymodbus at the other end of both wires, and broken bytes."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, WriteSingleCoilRequest
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hardware.errors import Busy, Garbled, Unreachable
from hardware.modbus import codec
from hardware.modbus.codec import ReadCoils, WriteCoil
from hardware.modbus.driver import GateRelay, LightTower, RelayBoard
from hardware.modbus.emulator import GateEmulator, RelayEmulator, TowerEmulator
from hardware.modbus.framing import Framed, RtuBuffer, TcpBuffer, to_rtu, to_tcp
from hardware.readings import Lamp, Lamps

SPECIFICATION = Path(__file__).parents[2] / "recordings" / "modbus" / "specification.toml"
EXCHANGES = tomllib.loads(SPECIFICATION.read_text("utf-8"))["exchanges"]
START_S_MAX = 15.0
reads = st.builds(ReadCoils, st.integers(0, 0xF000), st.integers(1, 2000))
writes = st.builds(WriteCoil, st.integers(0, 0xFFFF), st.booleans())
units = st.integers(1, 247)
numbers = st.integers(0, 0xFFFF)


# What others wrote


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange["section"])
def test_the_specification_s_examples_are_read_and_written_byte_for_byte(exchange: dict[str, Any]) -> None:
    asked = ReadCoils(**exchange["read"]) if "read" in exchange else WriteCoil(**exchange["write"])
    question, answer = bytes.fromhex(exchange["question"]), bytes.fromhex(exchange["answer"])
    coils = tuple(coil == "1" for coil in exchange["coils"])
    assert codec.question(asked) == question
    assert codec.read_question(question) == asked
    assert codec.read_answer(asked, answer) == coils
    assert codec.answer(asked, coils) == answer


@given(reads | writes, units, numbers)
def test_frames_are_those_that_pymodbus_writes(asked: codec.Question, unit: int, number: int) -> None:
    theirs: Any
    match asked:
        case ReadCoils(first, count):
            theirs = ReadCoilsRequest(address=first, count=count, dev_id=unit, transaction_id=number)
        case WriteCoil(coil, on):
            theirs = WriteSingleCoilRequest(address=coil, bits=[on], dev_id=unit, transaction_id=number)
    message = codec.question(asked)
    assert to_rtu(Framed(unit, message)) == FramerRTU(DecodePDU(False)).buildFrame(theirs)
    assert to_tcp(Framed(unit, message, number)) == FramerSocket(DecodePDU(False)).buildFrame(theirs)


@pytest.mark.parametrize("rtu", [False, True])
def test_pymodbus_moves_our_emulator_s_relays(rtu: bool) -> None:
    board = RelayEmulator(rtu=rtu)
    address = board.start()
    client: Any = (
        ModbusSerialClient(address, baudrate=9600)
        if rtu
        else ModbusTcpClient("127.0.0.1", port=int(address.rsplit(":", 1)[1]))
    )
    try:
        assert client.connect()
        assert not client.write_coil(2, True, device_id=1).isError()
        assert board.relays == (False, False, True, False, False, False, False, False)
        assert client.read_coils(0, count=8, device_id=1).bits == list(board.relays)
        assert client.read_coils(7, count=2, device_id=1).exception_code == codec.ILLEGAL_ADDRESS
        if not rtu:  # there nobody can tell where a question ends that one does not know
            refused = client.read_holding_registers(0, device_id=1)
            assert refused.exception_code == codec.ILLEGAL_FUNCTION
    finally:
        client.close()
        board.stop()


@contextmanager
def pymodbus_board() -> Iterator[str]:
    """Sixteen coils on a real port, served by pymodbus; gives their address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    loop, started = asyncio.new_event_loop(), threading.Event()
    coils = SimData(0, values=[False] * 16, datatype=DataType.BITS)
    device = SimDevice(1, simdata=coils, use_bit_addressing=True)

    async def serve() -> None:
        server = ModbusTcpServer(device, address=("127.0.0.1", port))
        serving = asyncio.ensure_future(server.serve_forever())
        stop.append(server)
        started.set()
        await serving

    stop: list[ModbusTcpServer] = []
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert started.wait(START_S_MAX)
    try:
        yield f"tcp://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(stop[0].shutdown(), loop)
        thread.join(START_S_MAX)
        loop.close()


def open_soon(board: RelayBoard) -> None:
    """As soon as the other side listens."""
    ends_s = time.monotonic() + START_S_MAX
    while True:
        try:
            return board.open()
        except Unreachable:
            assert time.monotonic() < ends_s


def test_our_driver_moves_pymodbus_s_coils() -> None:
    with pymodbus_board() as address:
        board = RelayBoard(address)
        open_soon(board)
        board.write_coil(3, True)
        assert board.read_coils(0, 8) == (False, False, False, True, False, False, False, False)
        board.write_coil(3, False)
        assert board.read_coils(3, 1) == (False,)
        with pytest.raises(Busy, match="no such relay"):
            board.read_coils(5000, 1)
        board.close()


# Bad input


@given(reads | writes, st.data())
def test_a_cut_or_changed_answer_is_garbled_or_a_refusal(asked: codec.Question, data: st.DataObject) -> None:
    drawn = data.draw(st.integers(0, 2**16))
    coils = tuple(bool(drawn >> place & 1) for place in range(getattr(asked, "count", 0)))
    whole = codec.answer(asked, coils)
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises((Garbled, Busy)):
        codec.read_answer(asked, cut)


@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from([RtuBuffer, TcpBuffer]))
def test_any_bytes_are_frames_or_garbled(pieces: list[bytes], kind: type[RtuBuffer | TcpBuffer]) -> None:
    buffer = kind()
    for piece in pieces:
        try:
            for framed in buffer.feed(piece):
                assert framed.message
        except Garbled:
            continue
        assert len(buffer._held) <= 300


@given(units, reads, st.integers(0, 63), st.data())
def test_a_flipped_bit_on_a_serial_line_is_never_another_answer(
    unit: int, asked: ReadCoils, bit: int, data: st.DataObject
) -> None:
    good = to_rtu(Framed(unit, codec.answer(WriteCoil(asked.first, True))))
    wrong = bytearray(good)
    wrong[bit // 8] ^= 1 << bit % 8
    try:
        heard = RtuBuffer().feed(bytes(wrong))
    except Garbled:
        return
    assert heard == []


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), units, writes)
def test_frames_come_whole_from_any_pieces(cuts: list[int], unit: int, asked: WriteCoil) -> None:
    framed = Framed(unit, codec.question(asked))
    for buffer, stream in ((RtuBuffer(), to_rtu(framed) * 3), (TcpBuffer(), to_tcp(framed) * 3)):
        heard, place = [], 0
        for cut in [*cuts, len(stream)]:
            heard += buffer.feed(stream[place : place + cut])
            place += cut
        assert heard == [framed] * 3


# Lamps and gate


def test_a_tower_s_relays_may_stand_in_another_order() -> None:
    tower = TowerEmulator()
    driver = LightTower(tower.start(), red=2, yellow=1, green=0)
    driver.open()
    driver.show(Lamps(red=Lamp.ON))
    assert tower.relays[:3] == (False, False, True)
    driver.close()
    tower.stop()


def test_a_gate_held_shut_by_current_opens_when_it_drops() -> None:
    gate = GateEmulator()
    driver = GateRelay(gate.start(), drops_to_open=True)
    driver.open()
    assert gate.relays[0], "shut"
    driver.let_pass()
    assert not gate.relays[0]
    gate.unplug()
    assert not gate.relays[0], "without power nobody is locked in"
    driver.close()
    gate.stop()


def test_another_unit_on_the_bus_is_not_listened_to() -> None:
    board = RelayEmulator(rtu=True, unit=9)
    address = board.start()
    driver = RelayBoard(address, unit=9)
    driver.open()
    driver.close()
    board.stop()
    with pytest.raises(ValueError, match="unit"):
        RelayBoard(address, unit=248)
