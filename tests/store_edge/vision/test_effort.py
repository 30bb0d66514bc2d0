"""The longer something lies there unread, the harder the camera looks; for a while."""

from __future__ import annotations

from store_edge.vision.codes import DEEP_MS_MAX
from store_edge.vision.effort import LONGEST_MS, Effort


def looks(effort: Effort, pictures: int, *, there: bool = True, read: bool = False) -> list[float]:
    """So many pictures, a quarter of a second apart: what each one got."""
    given = []
    for _ in range(pictures):
        given.append(effort.deep_ms(effort._looked_s + 0.25 if given else 0.0))
        effort.found(there=there, read=read, deep=True)
    return given


def test_each_look_in_vain_lets_the_next_take_twice_as_long() -> None:
    assert looks(Effort(), 5) == [DEEP_MS_MAX, 2 * DEEP_MS_MAX, 4 * DEEP_MS_MAX, LONGEST_MS, LONGEST_MS]


def test_an_empty_counter_and_a_code_once_read_cost_no_more() -> None:
    assert set(looks(Effort(), 5, there=False)) == {DEEP_MS_MAX}
    assert set(looks(Effort(), 5, read=True)) == {DEEP_MS_MAX}


def test_what_was_read_at_last_may_be_read_again_for_its_second_vote() -> None:
    effort = Effort()
    assert looks(effort, 3)[-1] == 4 * DEEP_MS_MAX
    effort.found(there=True, read=True, deep=True)
    assert effort.deep_ms(10.0) == LONGEST_MS


def test_pictures_in_between_get_a_plain_look() -> None:
    effort = Effort()
    assert [effort.deep_ms(now_s) > 0 for now_s in (0.0, 0.1, 0.19, 0.2, 0.3, 0.4)] == [
        True, False, False, True, False, True,
    ]  # fmt: skip


def test_after_the_shopper_was_told_it_is_left_until_it_is_gone() -> None:
    effort = Effort()
    looks(effort, 4)
    effort.give_up()
    assert effort.deep_ms(20.0) == DEEP_MS_MAX
    effort.found(there=True, read=False, deep=True)
    assert effort.deep_ms(30.0) == DEEP_MS_MAX
    effort.found(there=False, read=False, deep=True)
    effort.found(there=True, read=False, deep=True)
    assert effort.deep_ms(40.0) == 2 * DEEP_MS_MAX
