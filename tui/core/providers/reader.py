"""What every dialect's reader does: take JSON payloads one by one and build up the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from tui.core.providers.base import (
    Delta,
    Finish,
    JsonObject,
    JsonValue,
    ReasoningDelta,
    TextAnew,
    TextDelta,
    Usage,
)
from tui.core.providers.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Reader(ABC):
    """The answer so far.

    A dialect implements `_read`, which gives the deltas of one payload and notes everything else. A whole
    answer in one JSON body goes through `feed` exactly like the events of a stream.
    """

    finishes: ClassVar[Mapping[str, Finish]]
    """The vendor's words for why an answer ended; any other word counts as "other"."""

    def __init__(self) -> None:
        self._text = Pieces()
        self._reasoning = Pieces()
        self._counts: dict[str, JsonValue] = {}
        self.raw_finish = ""
        self.filtered_reason = ""
        self.model = ""
        self.id = ""
        self.recognised = False
        """Whether anything looked like an answer of this dialect."""
        self.finished = False
        """Whether the vendor said that the answer is complete."""

    def feed(self, payload: JsonObject) -> list[Delta]:
        """Take the next payload; gives what it adds to the answer."""
        return [whole for delta in self._read(payload) if (whole := self._take(delta)).text]

    def _take(self, delta: Delta) -> Delta:
        """Add a delta to the answer; returns it as it was added, of whole characters."""
        match delta:
            case TextDelta():
                return TextDelta(self._text.append(delta.text))
            case ReasoningDelta():
                return ReasoningDelta(self._reasoning.append(delta.text))
            case TextAnew():
                self._text = Pieces()
                return TextAnew(self._text.append(delta.text))

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return str(self._text)

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return str(self._reasoning)

    @property
    def finish(self) -> Finish:
        """Why the answer ended, in our words."""
        return "filtered" if self.filtered_reason else self.finishes.get(self.raw_finish, "other")

    def usage(self) -> Usage:
        """Give the tokens as counted by the vendor, None where it did not say."""
        return self._usage(self._counts)

    @abstractmethod
    def _read(self, payload: JsonObject) -> Iterator[Delta]: ...

    @abstractmethod
    def _usage(self, counts: JsonObject) -> Usage: ...

    def _count(self, usage: JsonObject) -> None:
        """Note counts; later ones win, and a null never erases what was said before."""
        if usage:  # most chunks of a stream have none
            self._counts.update({key: value for key, value in usage.items() if value is not None})

    def _end(self, reason: str) -> None:
        """Note that the vendor gave a reason for the end, which is what makes an answer complete."""
        if reason:
            self.raw_finish = reason
            self.finished = True
