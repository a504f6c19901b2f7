"""Checks of the words: `contains`, `not_contains`, `equals` and `matches`, all with the case as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.checks.base import BadArgument, Evidence, Finding, need_text
from tui.core.checks.patterns import TIME_LIMIT_S, BadPattern, OutOfTime, compile_pattern, search
from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from tui.core.checks.base import Argument, Test


def contains(argument: Argument) -> Test:
    """Make the check that a text stands somewhere in the answer."""
    wanted = need_text("contains", argument, "rain")
    folded = wanted.casefold()

    def test(answer: Evidence) -> Finding:
        if wanted in answer.text:
            return Finding("pass", f"It contains {quoted(wanted)}.")
        hint = ", only with other capital letters" if folded in answer.text.casefold() else ""
        return Finding("fail", f"It does not contain {quoted(wanted)}{hint}.")

    return test


def not_contains(argument: Argument) -> Test:
    """Make the check that a text stands nowhere in the answer."""
    unwanted = need_text("not_contains", argument, "As an AI")

    def test(answer: Evidence) -> Finding:
        at = answer.text.find(unwanted)
        if at < 0:
            return Finding("pass", f"It does not contain {quoted(unwanted)}.")
        return Finding("fail", f"It contains {quoted(unwanted)} {_line(answer.text, at)}.")

    return test


def equals(argument: Argument) -> Test:
    """Make the check that the answer is a text, but for white space around it."""
    wanted = need_text("equals", argument, "yes").strip()

    def test(answer: Evidence) -> Finding:
        said = answer.text.strip()
        return Finding.either(
            said == wanted, f"It is {quoted(wanted)}.", f"It is {quoted(said)}, not {quoted(wanted)}."
        )

    return test


def matches(argument: Argument) -> Test:
    """Make the check that a regular expression is found in the answer, before its time is over."""
    source = need_text("matches", argument, "'^[0-9]+$'")
    try:
        pattern = compile_pattern(source)
    except BadPattern as error:
        message = f"`matches` is no regular expression: {error}."
        raise BadArgument(message, "Correct it, and put it between '…'.") from error

    def test(answer: Evidence) -> Finding:
        try:
            found = search(pattern, answer.text)
        except OutOfTime:
            reason = f"{quoted(source)} was not found within {TIME_LIMIT_S:g} s; make it simpler."
            return Finding("fail", reason)
        if found is None:
            return Finding("fail", f"{quoted(source)} is not found.")
        return Finding("pass", f"{quoted(source)} is found {_line(answer.text, found[0])}.")

    return test


def _line(text: str, at: int) -> str:
    return f"in line {text.count(chr(10), 0, at) + 1}"
