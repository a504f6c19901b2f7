"""What the simulator needs to know of a wire format."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Ask, Call
    from tui.simulator.faults import Fault
    from tui.simulator.pace import Piece


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of a stream that is sent in one go.

    `part` says what it is for: `open` comes before the text, `content` carries text, `close` is the
    terminal marker and what belongs to it. `tokens` is how long the model takes to produce it.
    """

    data: bytes
    part: Literal["open", "content", "close"]
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is ready to be sent at once."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Dialect(Protocol):
    """A provider's wire format: understands its requests and writes its answers and errors."""

    provider: str
    keep_alive: bytes
    """What is sent while nothing happens in a stream, b"" where the provider stays silent."""
    blank: bytes
    """What is sent while a whole answer is being made, b"" for nothing."""

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""

    def authorise(self, call: Call) -> None:
        """Raises Fault when the credentials are missing or wrong."""

    def read(self, call: Call) -> Ask:
        """Understand a request; raises Fault as the provider refuses it."""

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """The complete answer as one body."""

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """The answer as a stream; `pieces` are the parts of its text."""

    def error(self, call: Call, fault: Fault) -> Reply:
        """The error in the provider's words."""

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """The error inside a stream that has begun."""

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """Headers of every response, about limits above all."""
