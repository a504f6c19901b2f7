"""What all checks share: the answer they look at, what they find, and how their arguments are read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from decimal import Decimal

    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

Verdict = Literal["pass", "fail", "unknown"]
"""What is unknown counts neither for nor against the prompt: a price that nobody told, a judge that erred."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer with what is known about it; None: not told."""

    text: str
    finish: str = "stop"
    """Why it ended: stop, length, filtered or other."""
    tokens_out: int | None = None
    total_s: float | None = None
    """Seconds from sending the request to the end."""
    usd: Decimal | None = None
    """What it cost."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check makes of an answer; `reason` is one sentence."""

    verdict: Verdict
    reason: str

    @classmethod
    def either(cls, passed: bool, good: str, bad: str) -> Finding:
        """Return a pass with the one reason, or a failure with the other."""
        return cls("pass", good) if passed else cls("fail", bad)


Test: TypeAlias = "Callable[[Evidence], Finding]"
"""A check with its argument; it never raises, whatever the answer is."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands behind a check's name."""

    value: JsonValue
    text: str | None = None
    """A scalar as it was written, before it became a number or a boolean."""


class BadArgument(ValueError):
    """An argument that a check cannot use: what is wrong, what to do, and where in the argument."""

    def __init__(self, message: str, fix: str, path: KeyPath = ()) -> None:
        super().__init__(message)
        self.message, self.fix, self.path = message, fix, path


def need_text(kind: str, argument: Argument, example: str) -> str:
    """Return the text that a check is given. Raises BadArgument for none, or an empty one."""
    text = argument.text
    if text is None and argument.value is not None:
        text = scalar_text(argument.value)
    if not text:
        raise BadArgument(f"`{kind}` needs a text.", f"Write it as: {kind}: {example}")
    return text


def need_count(kind: str, argument: Argument, example: int) -> int:
    """Return the whole number from 0 that a check is given. Raises BadArgument."""
    value = argument.value
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadArgument(f"`{kind}` needs a whole number.", f"Write it as: {kind}: {example}")
    return value


def need_amount(kind: str, argument: Argument, unit: str, example: float) -> float:
    """Return the number above 0 that a check is given. Raises BadArgument."""
    value = argument.value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise BadArgument(f"`{kind}` needs a number of {unit}.", f"Write it as: {kind}: {example}")
    return float(value)


def need_map(kind: str, argument: Argument, known: Collection[str], example: str) -> Mapping[str, JsonValue]:
    """Return the map that a check is given. Raises BadArgument, also for a key that is not known."""
    value = argument.value
    if not isinstance(value, dict):
        raise BadArgument(f"`{kind}` needs a map.", f"Write it as: {kind}: {example}")
    for key in value:
        if key not in known:
            names = ", ".join(f"`{name}`" for name in known)
            raise BadArgument(f"`{kind}` knows no `{key}`.", f"There is {names}.", (key,))
    return value


def scalar_text(value: JsonValue) -> str | None:
    """Return a scalar as text, `true` for True; None for a list, a map or nothing."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else None
