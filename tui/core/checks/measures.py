"""Checks of how the answer came: `max_latency`, `max_cost` and `finish`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tui.core.checks.base import BadArgument, Evidence, Finding, need_amount, need_text

if TYPE_CHECKING:
    from tui.core.checks.base import Argument, Test

_ENDINGS = {
    "stop": "It ended by itself.",
    "length": "It was cut off at its greatest length.",
    "filtered": "The provider withheld it.",
    "other": "It ended for another reason.",
}


def max_latency(argument: Argument) -> Test:
    """Make the check that the answer was complete within so many seconds of being asked for."""
    most = need_amount("max_latency", argument, "seconds", 10)

    def test(answer: Evidence) -> Finding:
        took = answer.total_s
        if took is None:
            return Finding("unknown", "How long it took is not known.")
        return Finding.either(
            took <= most, f"It took {took:.3g} s.", f"It took {took:.3g} s, which is longer than {most:g} s."
        )

    return test


def max_cost(argument: Argument) -> Test:
    """Make the check that the answer cost at most so many US dollars; without a price it is unknown."""
    most = Decimal(str(need_amount("max_cost", argument, "US dollars", 0.01)))

    def test(answer: Evidence) -> Finding:
        cost = answer.usd
        if cost is None:
            return Finding("unknown", "Its price is not known; state it in the settings.")
        return Finding.either(
            cost <= most, f"It cost ${cost:.6f}.", f"It cost ${cost:.6f}, which is more than ${most:f}."
        )

    return test


def finish(argument: Argument) -> Test:
    """Make the check of why the answer ended."""
    wanted = need_text("finish", argument, "stop")
    if wanted not in _ENDINGS:
        known = ", ".join(f"`{name}`" for name in _ENDINGS)
        raise BadArgument("`finish` names no way to end.", f"There is {known}.")

    def test(answer: Evidence) -> Finding:
        said = _ENDINGS.get(answer.finish, _ENDINGS["other"])
        return Finding("pass" if answer.finish == wanted else "fail", said)

    return test
