"""The dialogue with a TSE: one question at a time, and the answers that may follow it.

    quiet --ask--> asked --answer--> quiet
                   asked --piece---> asked      (an export only)

Anything else is garbled: an answer to nothing, to another question, or of another kind.
"""

from __future__ import annotations

from collections import deque

from hardware.errors import Garbled
from hardware.tse import codec
from hardware.tse.codec import Answer, AnyAnswer, LineBuffer, Question, Refusal

_ANSWERS: dict[type[Question], tuple[type[Answer], ...]] = {
    codec.Describe: (codec.Described,),
    codec.Start: (codec.Begun,),
    codec.Update: (codec.Updated,),
    codec.Finish: (codec.Ended,),
    codec.ListOpen: (codec.Opened,),
    codec.Recall: (codec.Ended, codec.Begun),
    codec.Export: (codec.Piece, codec.Exported),
}
"""Which answers a question may have, beside a refusal."""


class Session:
    """One line's dialogue, without the line: bytes to send come out, bytes heard go in."""

    def __init__(self) -> None:
        self._number = 0
        self._asked: type[Question] | None = None
        self._buffer = LineBuffer()
        self._heard: deque[AnyAnswer] = deque()

    @property
    def quiet(self) -> bool:
        """Nothing was asked that is not answered."""
        return self._asked is None

    def ask(self, question: Question) -> bytes:
        """The bytes that ask it."""
        assert self._asked is None, "one question at a time"
        self._number = self._number % codec.NUMBER_MAX + 1
        self._asked = type(question)
        return codec.encode(self._number, question)

    def hear(self, data: bytes) -> None:
        """Take what the line brought. Raises Garbled."""
        for offset, line in self._buffer.feed(data):
            number, answer = codec.decode_answer(line, offset)
            if self._asked is None or number != self._number:
                raise Garbled("an answer to what was not asked", offset)
            if not isinstance(answer, (Refusal, *_ANSWERS[self._asked])):
                raise Garbled("an answer of another kind", offset)
            if not isinstance(answer, codec.Piece):
                self._asked = None
            self._heard.append(answer)

    def next_answer(self) -> AnyAnswer | None:
        """The next answer that was heard, None if there is none yet."""
        return self._heard.popleft() if self._heard else None
