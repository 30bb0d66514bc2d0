"""The reader's start-up dialogue, message by message, without a socket."""

from __future__ import annotations

import pytest
from llrpkit.protocol import LLRPMessage, enums, messages, params

from hardware.errors import Busy, Garbled, Unreachable
from hardware.llrp.codec import TagReports, decode
from hardware.llrp.session import STEPS, Session, Wish
from hardware.readings import TagRead

ATTEMPT = enums.ConnectionAttemptStatusType


def event(**what: object) -> LLRPMessage:
    return messages.READER_EVENT_NOTIFICATION(
        reader_event_notification_data=params.ReaderEventNotificationData(
            timestamp=params.UTCTimestamp(microseconds=1), **what
        )
    )


def greeting(status: int = ATTEMPT.Success) -> LLRPMessage:
    return event(connection_attempt_event=params.ConnectionAttemptEvent(status=status))


def yes(step: int) -> LLRPMessage:
    message = STEPS[step].answer(llrp_status=params.LLRPStatus(status_code=enums.StatusCode.M_Success))
    message.message_id = step + 1
    return message


def no(step: int) -> LLRPMessage:
    message = yes(step)
    message.llrp_status.status_code = enums.StatusCode.M_ParameterError
    return message


def up_to(step: int) -> Session:
    session = Session(Wish())
    session.take(greeting())
    for done in range(step):
        session.take(yes(done))
    return session


def test_the_dialogue_asks_everything_in_order_and_then_reads() -> None:
    session = Session(Wish(antennas=(1,), keepalive_ms=500))
    turn, asked = session.take(greeting()), []
    for step in range(len(STEPS)):
        assert not session.reading
        (answer,) = turn.answers
        asked.append(type(decode(answer)).__name__)
        turn = session.take(yes(step))
    assert session.reading
    assert turn.answers == []
    assert asked == [
        "GET_READER_CAPABILITIES",
        "SET_READER_CONFIG",
        "DELETE_ROSPEC",
        "ADD_ROSPEC",
        "ENABLE_ROSPEC",
        "START_ROSPEC",
    ]


def test_a_taken_reader_is_busy() -> None:
    with pytest.raises(Busy, match="somebody else"):
        Session(Wish()).take(greeting(ATTEMPT.Failed_A_Client_Initiated_Connection_Already_Exists))


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_a_refused_step_is_busy_unless_it_does_no_harm(step: int) -> None:
    session = up_to(step)
    if STEPS[step].may_refuse:
        assert session.take(no(step)).answers
        return
    with pytest.raises(Busy, match="refuses"):
        session.take(no(step))


def test_an_error_message_is_a_refusal() -> None:
    status = params.LLRPStatus(status_code=enums.StatusCode.M_UnsupportedMessage)
    with pytest.raises(Busy, match="refuses"):
        up_to(1).take(messages.ERROR_MESSAGE(llrp_status=status))


def test_the_right_number_on_the_wrong_answer_is_garbled() -> None:
    wrong = yes(4)
    wrong.message_id = 2
    with pytest.raises(Garbled):
        up_to(1).take(wrong)


def test_answers_and_reports_of_an_earlier_client_are_left_alone() -> None:
    session, stale = up_to(1), yes(0)
    stale.message_id = 4711
    assert session.take(stale).answers == []
    assert session.take(TagReports([TagRead(bytes(12), 1)])).reads == []
    assert session.take(yes(1)).answers


def test_keepalives_are_answered_in_every_state() -> None:
    for session in (Session(Wish()), up_to(3), up_to(len(STEPS))):
        keepalive = messages.KEEPALIVE()
        keepalive.message_id = 42
        (answer,) = session.take(keepalive).answers
        message = decode(answer)
        assert isinstance(message, messages.KEEPALIVE_ACK)
        assert message.message_id == 42


def test_a_reader_that_says_goodbye_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="closed"):
        up_to(len(STEPS)).take(event(connection_close_event=params.ConnectionCloseEvent()))


def test_power_the_reader_cannot_give_is_refused() -> None:
    session = Session(Wish(power_dbm=3.0))
    session.take(greeting())
    with pytest.raises(Busy, match=r"3\.0 dBm"):
        session.take(yes(0))
