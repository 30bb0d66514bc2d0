"""Who holds something before the camera that it cannot read is told, once."""

from __future__ import annotations

from store_edge.vision.unread import Unread

FRAME_S = 0.1


def told(*stretches: tuple[float, str]) -> list[float]:
    """Stretches of (seconds, what the camera sees): when somebody was told, in seconds from the start."""
    unread = Unread(patience_s=2.5, gone_s=0.5)
    times, frame = [], 0
    for length_s, sees in stretches:
        for _ in range(round(length_s / FRAME_S)):
            now_s = frame * FRAME_S
            if unread.look(there=sees != "nothing", read=sees == "code", now_s=now_s):
                times.append(round(now_s, 1))
            frame += 1
    return times


def test_once_for_each_thing_that_waits() -> None:
    assert told((1, "nothing"), (9, "smudge"), (1, "nothing"), (9, "smudge")) == [3.5, 13.5]


def test_what_was_read_may_lie_there() -> None:
    assert told((1, "nothing"), (1, "smudge"), (0.2, "code"), (60, "smudge")) == []


def test_a_moment_is_no_reason_to_speak() -> None:
    assert told((1, "nothing"), (2, "smudge"), (1, "nothing"), (2, "smudge")) == []


def test_a_flicker_of_nothing_is_the_same_thing() -> None:
    assert told((1, "nothing"), (1, "smudge"), (0.2, "nothing"), (5, "smudge")) == [3.5]


def test_a_counter_that_never_was_empty_says_nothing() -> None:
    assert told((60, "smudge")) == []
