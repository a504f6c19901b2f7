"""Sends an answer at the provider's pace, and lets it fail the way a scenario says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui.simulator import pace
from tui.simulator.faults import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tui.simulator.answer import Answer
    from tui.simulator.ask import Ask, Call
    from tui.simulator.dialects.base import Dialect, Frame
    from tui.simulator.scenarios import Scenario
    from tui.simulator.simulation import Simulation

SLOW_FIRST_TOKEN: Final = 20.0
STALL: Final = 3600.0
KEEP_ALIVE_EVERY: Final = 5.0
BREAKING_CHARACTER: Final = "—"


class ConnectionCut(Exception):
    """Raised into the server to make it drop the connection in the middle of a response."""


@dataclass(slots=True)
class Reporter:
    """How far an answer has got: tokens produced, and whether it was sent to the end."""

    tokens: int = 0
    complete: bool = False


async def play_whole(
    simulation: Simulation,
    dialect: Dialect,
    call: Call,
    ask: Ask,
    answer: Answer,
    scenario: Scenario,
    sent: Reporter,
) -> AsyncIterator[bytes]:
    """The answer in one piece, after the time that its tokens take."""
    speed = simulation.settings.pace_of(dialect.provider)
    key = _key(simulation, ask)
    seconds = _first_delay(simulation, dialect, key, scenario)
    if speed.tokens_per_second:
        seconds += answer.output_tokens / speed.tokens_per_second
    if scenario.name == "stall":
        seconds += _stall(scenario)
    async for beat in _wait(simulation, seconds, dialect.blank):
        yield beat
    body = dialect.whole(call, ask, answer)
    if scenario.name == "cut":
        yield body[: len(body) // 2]
        raise ConnectionCut
    if scenario.name == "error_in_stream":
        body = dialect.error(call, Fault("overloaded")).body
    if scenario.name in ("malformed_chunk", "early_end"):
        body = body[: len(body) // 2]
    sent.tokens, sent.complete = answer.output_tokens, True
    yield body


async def play_stream(
    simulation: Simulation,
    dialect: Dialect,
    call: Call,
    ask: Ask,
    answer: Answer,
    scenario: Scenario,
    sent: Reporter,
) -> AsyncIterator[bytes]:
    """The answer frame by frame."""
    key = _key(simulation, ask)
    frames = dialect.frames(call, ask, answer, pace.pieces(answer.text, key))
    seconds = pace.delays(simulation.settings.pace_of(dialect.provider), key)
    middle = _middle(frames)
    async for beat in _wait(simulation, _first_delay(simulation, dialect, key, scenario), dialect.keep_alive):
        yield beat
    for index, frame in enumerate(frames):
        if frame.tokens:
            await simulation.sleep(sum(next(seconds) for _ in range(frame.tokens)))
        if index == middle:
            if scenario.name == "cut":
                yield cut(frame.data)
                raise ConnectionCut
            if scenario.name == "error_in_stream":
                yield dialect.error_frame(call, Fault("overloaded"))
                return
            if scenario.name == "malformed_chunk":
                yield malformed(frame.data)
                continue
            if scenario.name == "stall":
                async for beat in _wait(simulation, _stall(scenario), dialect.keep_alive):
                    yield beat
        if scenario.name == "early_end" and frame.part == "close":
            return
        sent.tokens += frame.tokens
        yield frame.data
    sent.complete = True


def cut(data: bytes) -> bytes:
    """The beginning of a frame, up to the middle of a character that takes several bytes."""
    at = next((index for index, byte in enumerate(data) if byte >= 0xC0), None)
    if at is not None:
        return data[: at + 1]
    half = len(data) // 2
    return data[:half] + BREAKING_CHARACTER.encode()[:1]


def malformed(data: bytes) -> bytes:
    """A frame whose JSON object is never closed."""
    before, _, after = data.rpartition(b"}")
    return before + after


def _middle(frames: list[Frame]) -> int:
    """The index of the frame in the middle of the text; of the last frame when there is no text."""
    content = [index for index, frame in enumerate(frames) if frame.part == "content"]
    return content[len(content) // 2] if content else len(frames) - 1


def _key(simulation: Simulation, ask: Ask) -> str:
    return f"{simulation.settings.seed}/{ask.provider}/{ask.model}/{ask.prompt}"


def _first_delay(simulation: Simulation, dialect: Dialect, key: str, scenario: Scenario) -> float:
    if scenario.name == "slow_first_token":
        return SLOW_FIRST_TOKEN if scenario.seconds is None else scenario.seconds
    return pace.first_delay(simulation.settings.pace_of(dialect.provider), key)


def _stall(scenario: Scenario) -> float:
    return STALL if scenario.seconds is None else scenario.seconds


async def _wait(simulation: Simulation, seconds: float, beat: bytes) -> AsyncIterator[bytes]:
    """Wait, with a sign of life now and then where the provider gives one."""
    while beat and seconds > KEEP_ALIVE_EVERY:
        await simulation.sleep(KEEP_ALIVE_EVERY)
        seconds -= KEEP_ALIVE_EVERY
        yield beat
    if seconds > 0:
        await simulation.sleep(seconds)
