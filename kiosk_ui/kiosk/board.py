"""The one board of what was last said on each lane, for all screens of this application."""

from __future__ import annotations

from flask import current_app

from kiosk_ui.front_door import the_box
from kiosk_ui.kiosk.lanes import LaneBoard

_BOARD = "emma-kiosk-board"


def the_board() -> LaneBoard:
    """This application's board; it begins to read with the first look."""
    board = current_app.extensions.get(_BOARD)
    if board is None:
        board = current_app.extensions.setdefault(_BOARD, LaneBoard(the_box().journal))
    assert isinstance(board, LaneBoard)
    return board
