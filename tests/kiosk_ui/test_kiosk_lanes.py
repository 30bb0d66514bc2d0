"""What was last said on a lane, read from a real journal."""

from __future__ import annotations

import pytest

from checkout.errors import Refused
from checkout.events import PaymentProgressed, PaymentUnknown
from kiosk_ui.kiosk.lanes import LaneBoard, LaneSaid
from store_edge.box import Box
from tests.kiosk_ui.kiosk_shop import EGGS


def test_a_new_board_knows_what_shoppers_are_in_the_middle_of(box: Box) -> None:
    with pytest.raises(Refused):
        box.till.scan("1", "123", how="serial")
    number, said = LaneBoard(box.journal).look("1")
    assert number == box.journal.last_number()
    assert said.notice is not None
    assert (said.notice.kind, said.notice.reason) == ("refused", "code_unreadable")
    assert said.changed == said.notice.number


def test_a_lane_nothing_was_said_on(box: Box) -> None:
    assert LaneBoard(box.journal).look("2") == (box.journal.last_number(), LaneSaid())


def test_what_stays_the_same_is_no_change(box: Box) -> None:
    board = LaneBoard(box.journal)
    box.till.scan("1", EGGS, how="serial")
    before = board.look("1")[1]
    box.till.scan("1", EGGS, how="serial")
    assert board.look("1")[1] == before


def test_the_next_shopper_hears_nothing_of_the_last_but_help_still_comes(box: Box) -> None:
    board = LaneBoard(box.journal)
    box.till.scan("1", EGGS, how="serial")
    box.till.ask_for_help("1")
    with box.books.page() as page:
        page.announce(PaymentProgressed("b", "p", 10), "1")
        page.announce(PaymentUnknown("b", "p"), "1")
    said = board.look("1")[1]
    assert (said.terminal_status, said.unknown, said.help_asked) == (10, True, True)
    box.till.cancel("1")
    said = board.look("1")[1]
    assert (said.terminal_status, said.unknown, said.help_asked) == (None, False, True)
    with box.books.page() as page:
        page.close_tasks("1", "gone")
    assert not board.look("1")[1].help_asked


def test_more_than_one_page_of_entries(box: Box) -> None:
    board = LaneBoard(box.journal)
    with box.books.page() as page:
        for status in range(600):
            page.announce(PaymentProgressed("b", "p", status), "1")
    assert board.look("1")[1].terminal_status == 599
