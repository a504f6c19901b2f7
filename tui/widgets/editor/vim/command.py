"""Reading what is typed in normal mode: a count, an operator, a motion; or that more must be typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tui.widgets.editor.vim.motions import MOTIONS
from tui.widgets.editor.vim.objects import OBJECTS

OPERATORS = frozenset("dcy<>")
TO_A_CHARACTER = frozenset("fFtT")
_ACTS = frozenset("iaIAoOxXDCYsSJpPuvV~nN/:q.") | {"ZZ"}
_VISUAL_ACTS = frozenset("dcyxsDCYSJ~<>vVopPnN/:")
_COUNT = re.compile(r"[1-9]\d*")
MOST = 10_000
"""No count is larger; a slip of the finger shall not keep the screen busy."""


@dataclass(frozen=True, slots=True)
class Command:
    """What was typed, taken apart."""

    name: str
    """A motion, an object, or an act; of `dd` and the like the operator again."""
    count: int | None = None
    operator: str = ""
    character: str = ""
    """What follows f F t T r."""


def read(keys: str, *, visual: bool = False) -> Command | Literal["more", "nothing"]:
    """Return the command that was typed, or whether it goes on or means nothing."""
    count, rest = _counted(keys, None)
    operator = ""
    if rest[:1] in OPERATORS and rest and not visual:
        operator, rest = rest[0], rest[1:]
        count, rest = _counted(rest, count)
        if rest == operator:
            return Command(operator, count, operator)
    if not rest:
        return "more"
    if rest[0] in TO_A_CHARACTER or (rest[0] == "r" and not operator):
        return Command(rest[0], count, operator, rest[1]) if len(rest) > 1 else "more"
    two = rest[0] in "gZ" or ((operator or visual) and rest[0] in "ia")
    if two and len(rest) == 1:
        return "more"
    known = rest in MOTIONS or rest in (";", ",")
    known = known or rest in ((OBJECTS if operator else _ACTS) if not visual else _VISUAL_ACTS | OBJECTS)
    return Command(rest, count, operator) if known else "nothing"


def _counted(keys: str, before: int | None) -> tuple[int | None, str]:
    """Return the count at the beginning, times the one before the operator, and what follows."""
    digits = _COUNT.match(keys)
    if digits is None:
        return before, keys
    count = int(digits[0][:9]) * (before or 1)
    return min(count, MOST), keys[digits.end() :]
