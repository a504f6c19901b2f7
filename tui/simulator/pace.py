"""Divides an answer into the small pieces a stream brings, and says how long each one takes."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tui.simulator import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.simulator.settings import Pace

_WORD: Final = re.compile(r"\s*\S+\s*$|\s*\S+(?=\s)|\s+")
JITTER: Final = 0.45  # a piece takes between 1 - JITTER and 1 + JITTER of its average time


@dataclass(frozen=True, slots=True)
class Piece:
    """One to three words of a text, and how many tokens they are."""

    text: str
    tokens: int


def pieces(text: str, seed: str) -> list[Piece]:
    """Divide a text at word borders; joined again the pieces are the text."""
    chance = random.Random(seed)
    words = _WORD.findall(text)
    found: list[Piece] = []
    at = 0
    while at < len(words):
        size = chance.choice((1, 1, 2, 2, 3))
        part = "".join(words[at : at + size])
        found.append(Piece(part, tokens.count(part)))
        at += size
    return found


def first_delay(pace: Pace, seed: str) -> float:
    """Seconds before the first token, within 40 % of the pace's own."""
    return pace.first_token * random.Random(f"first {seed}").uniform(0.6, 1.4)


def delays(pace: Pace, seed: str) -> Iterator[float]:
    """Seconds for each token, without end: irregular, but the average is the pace."""
    chance = random.Random(f"delays {seed}")
    while True:
        factor = chance.uniform(1 - JITTER, 1 + JITTER)
        yield factor / pace.tokens_per_second if pace.tokens_per_second else 0.0
