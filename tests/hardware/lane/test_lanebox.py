"""The lane box's line: a recorded dialogue, every broken byte, and its sketch compiled as the other end."""

from __future__ import annotations

import binascii
import os
import pty
import shutil
import subprocess
import tomllib
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.errors import Garbled, Unreachable
from hardware.lanebox import codec
from hardware.lanebox.codec import LINE_BYTES_MAX, LineBuffer, Said, State, decode, encode
from hardware.lanebox.driver import LaneBox
from hardware.lanebox.emulator import LaneBoxEmulator
from hardware.readings import Bagged, Lamp, Lamps
from hardware.transport import ReplayWire, parse_recording

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "recordings" / "lanebox"
SKETCH = ROOT / "hardware" / "lanebox" / "lane_box"
COMPILE_S_MAX = 120
lamps = st.builds(Lamps, *[st.sampled_from(Lamp)] * 3)
reasons = st.sampled_from(["motion", "over", "under", "cell"])
bagged = st.builds(Bagged, st.integers(-99_999, 999_999), st.booleans()) | st.builds(
    Bagged, st.none(), st.booleans(), reasons
)
states = st.builds(State, bagged, lamps)


def test_a_recorded_dialogue_means_what_is_written_beside_it() -> None:
    line = ReplayWire(parse_recording((FOLDER / "dialogue.txt").read_text("utf-8")))
    box = LaneBox("/dev/none", connect=lambda _address, _within_s: line)
    for act in tomllib.loads((FOLDER / "dialogue.toml").read_text("utf-8"))["acts"]:
        match act:
            case {"act": "open"}:
                box.open()
            case {"act": "show"}:
                box.show(Lamps(green=Lamp(act["green"])))
            case {"act": "look"}:
                weight_g, key_on = act.get("weight_g"), act.get("key_on", False)
                assert box.look() == Bagged(weight_g, key_on, act.get("reason", ""))
            case {"act": "zero"}:
                assert box.zero() is act["done"]
    assert line.finished


def test_the_checksum_is_the_catalogue_s() -> None:
    """CRC-16/IBM-3740 of "123456789" is 29B1, in the catalogue of parametrised CRC algorithms."""
    assert binascii.crc_hqx(b"123456789", codec.CRC_FIRST) == 0x29B1


@given(st.integers(0, 255), states)
def test_a_state_comes_back_as_it_was_told(number: int, state: State) -> None:
    said = decode(encode(Said(number, codec.state_words(state))))
    assert said.number == number
    assert codec.state(said.words) == state


@given(st.integers(0, 255), states, st.data())
def test_no_cut_and_no_flipped_bit_is_a_line(number: int, state: State, data: st.DataObject) -> None:
    whole = encode(Said(number, codec.state_words(state)))
    with pytest.raises(Garbled):
        decode(whole[: data.draw(st.integers(0, len(whole) - 1))])
    wrong = bytearray(whole)
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    wrong[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Garbled):
        decode(bytes(wrong))


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_bytes_are_lines_or_garbled_and_never_kept(pieces: list[bytes]) -> None:
    buffer, offset = LineBuffer(), 0
    try:
        for piece in pieces:
            buffer.feed(piece)
            assert len(buffer._held) <= LINE_BYTES_MAX
    except Garbled as garbled:
        offset = garbled.offset
    assert 0 <= offset <= sum(map(len, pieces)) + LINE_BYTES_MAX


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=40))
def test_words_are_a_state_or_garbled(words: str) -> None:
    try:
        codec.state(words)
    except Garbled:
        return


def test_a_bit_lost_on_the_way_is_asked_again_and_nobody_notices() -> None:
    emulator = LaneBoxEmulator()
    box = LaneBox(emulator.start())
    box.open()
    for bit in (0, 40, 90):
        emulator.flip(bit)
        assert box.look() == Bagged(0, False)
    box.close()
    emulator.stop()


# The sketch's own code at the other end of a line

HOST = """
#include "lane_line.h"
#include <unistd.h>
// Stands in for the board: something lies still on it, and its key is turned.
int main() {
  LaneState state;
  LaneLine line(state);
  Settling settling;
  const long readings[] = {1530, 1532, 1531, 1532, 1531};
  for (long grams : readings) state.flag = settling.take(grams);
  state.grams = settling.grams();
  state.key_on = true;
  char c;
  while (read(0, &c, 1) == 1)
    if (line.feed(c) && write(1, line.answer(), strlen(line.answer())) < 0) return 1;
}
"""


@pytest.fixture(scope="module")
def sketch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program of the sketch's line; as a board's compiler would, every warning is an error."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler on this machine")
    folder = tmp_path_factory.mktemp("sketch")
    (folder / "host.cpp").write_text(HOST, encoding="utf-8")
    flags = [
        "-std=c++11",
        "-O1",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-fsanitize=undefined",
        "-fno-sanitize-recover",
    ]
    command = [compiler, *flags, f"-I{SKETCH}", "host.cpp", "-o", "host"]
    built = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=COMPILE_S_MAX, check=False
    )
    assert built.returncode == 0, built.stderr
    return folder / "host"


@pytest.fixture
def board(sketch: Path) -> Iterator[str]:
    """The address of a line with the sketch at its other end."""
    master, slave = pty.openpty()
    tty.setraw(slave)
    with subprocess.Popen([sketch], stdin=master, stdout=master) as running:
        yield os.ttyname(slave)
        running.kill()
    os.close(master)
    os.close(slave)


def test_the_driver_talks_to_the_sketch(board: str) -> None:
    box = LaneBox(board)
    box.open()
    assert box.look() == Bagged(1531, True)
    box.show(Lamps(red=Lamp.ON, yellow=Lamp.BLINKING))
    assert box.zero()
    assert box.look() == Bagged(0, True)
    box.check()
    box.close()


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_the_sketch_survives_any_bytes(sketch: Path, pieces: list[bytes]) -> None:
    asked = b"".join(pieces) + b"\n" + encode(Said(0xA7, "S"))
    heard = subprocess.run([sketch], input=asked, capture_output=True, timeout=COMPILE_S_MAX, check=True)
    assert heard.stderr == b""
    answers = [decode(line + b"\n") for line in heard.stdout.split(b"\n")[:-1]]
    assert answers[-1] == Said(0xA7, "S 1531 s 1 000")


@pytest.mark.parametrize("words", ["", "L 003", "L 0011", "l 001", "H 2", "Z Z", "S S", "A" * 30])
def test_the_sketch_says_no_to_what_it_does_not_know(sketch: Path, words: str) -> None:
    line = b":01 " + words.encode()
    asked = line + b"*%04X\n" % binascii.crc_hqx(line[1:], codec.CRC_FIRST)
    heard = subprocess.run([sketch], input=asked, capture_output=True, timeout=COMPILE_S_MAX, check=True)
    answer: Any = decode(heard.stdout).words if heard.stdout else ""
    assert answer in ("", "N not understood")


def test_a_board_with_another_sketch_is_no_lane_box() -> None:
    line = ReplayWire(())
    box = LaneBox("/dev/none", connect=lambda _address, _within_s: line, clock=iter(range(10_000)).__next__)
    line.write = lambda data, within_s: None  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        box.open()
