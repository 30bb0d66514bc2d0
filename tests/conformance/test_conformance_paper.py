"""What every receipt printer and every signing device must do."""

from __future__ import annotations

import time

import pytest

from hardware.errors import Busy
from hardware.escpos.ticket import Cut, Line, QrCode, Rule, Ticket, two_columns
from hardware.readings import Signed, SigningFacts
from tests.conformance.conftest import Tried

TICKET = Ticket(
    (
        Line("Tante Emma", bold=True, double=True),
        Rule(),
        Line(two_columns("Äpfel grün, süß", "1,99 €", 42)),
        QrCode("https://emma.example/r/1"),
        Cut(),
    )
)
SOON_S_MAX = 15.0
TILL = "conformance-1"
PAID = ("Kassenbeleg-V1", "Beleg^1.19_0.00_0.00_0.00_0.00^1.19:Unbar")


@pytest.fixture
def opened(tried: Tried) -> Tried:
    tried.device.open()
    return tried


@pytest.mark.of_kind("printer")
def test_a_ticket_comes_out_as_it_was_handed_in(opened: Tried) -> None:
    opened.please("look at the paper: a heading, umlauts, a euro sign, a code to scan, a cut")
    opened.device.print(TICKET)
    if opened.hands is not None:
        (paper,) = opened.hands.papers
        assert "Äpfel grün, süß" in paper.text
        assert "1,99 €" in paper.text
        assert paper.qr_codes == ("https://emma.example/r/1",)


@pytest.mark.of_kind("printer")
def test_without_paper_it_prints_nothing_and_says_why(opened: Tried) -> None:
    hands = opened.emulated()
    hands.paper_out()
    with pytest.raises(Busy, match="paper"):
        opened.device.print(TICKET)
    assert hands.papers == []
    hands.paper_in()
    opened.device.print(TICKET)
    assert len(hands.papers) == 1


@pytest.mark.of_kind("printer")
def test_a_drawer_opens_when_it_is_kicked(opened: Tried) -> None:
    opened.please("look whether the drawer opens, if one is there")
    opened.device.kick()
    opened.device.check()
    if opened.hands is not None:
        assert opened.hands.kicks == 1


@pytest.mark.of_kind("tse")
def test_what_is_finished_is_signed_and_can_be_recalled(opened: Tried) -> None:
    facts = opened.device.check()
    assert isinstance(facts, SigningFacts)
    assert len(facts.serial) == 64
    before = opened.device.start(TILL)
    assert before.transaction in [one.transaction for one in opened.device.open_transactions(TILL)]
    signed = opened.device.finish(TILL, before.transaction, *PAID)
    assert isinstance(signed, Signed)
    assert (signed.process_type, signed.process_data) == PAID
    assert signed.counter > before.counter
    assert signed.signature
    assert opened.device.recall(TILL, before.transaction) == signed
    assert opened.device.open_transactions(TILL) == ()


@pytest.mark.of_kind("printer")
def test_paper_that_ends_is_told_unasked(opened: Tried) -> None:
    hands = opened.emulated()
    opened.device.listen()
    hands.paper_out()
    ends_s = time.monotonic() + SOON_S_MAX
    with pytest.raises(Busy, match="paper"):  # noqa: PT012  (it is told when it is told)
        while time.monotonic() < ends_s:
            opened.device.listen()
