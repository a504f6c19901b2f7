"""Checks of an answer that is JSON: `is_json` and `json_path`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from tui.core.checks.base import Argument, BadArgument, Evidence, Finding, need_map, need_text, scalar_text
from tui.core.checks.patterns import TIME_LIMIT_S, BadPattern, OutOfTime, compile_pattern, search, time_limit
from tui.core.checks.sameness import same
from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.core.checks.base import Test
    from tui.core.prompts.yaml_reader import JsonValue

_TOO_DEEP = "It is nested too deeply."


class NotJson(ValueError):
    """The answer is no JSON; the message is the sentence that says why."""


def parse(text: str) -> Any:
    """Return what JSON (RFC 8259) says: no NaN, no infinity. Raises NotJson."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        if text.lstrip().startswith("```"):
            raise NotJson("It is not plain JSON: it stands in a block of code.") from error
        message = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise NotJson(f"It is not JSON: {message} in line {error.lineno}, column {error.colno}.") from error
    except RecursionError:
        raise NotJson(_TOO_DEEP) from None
    except ValueError as error:  # a constant, or a number of thousands of digits
        raise NotJson(f"It is not JSON: {str(error).partition(';')[0]}.") from error


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no value")


def is_json(argument: Argument) -> Test:
    """Make the check that the whole answer is JSON."""
    if argument.value not in (None, True):
        raise BadArgument("`is_json` needs no argument.", "Write it as: - is_json")

    def test(answer: Evidence) -> Finding:
        try:
            parse(answer.text)
        except NotJson as error:
            return Finding("fail", str(error))
        return Finding("pass", "It is JSON.")

    return test


def json_path(argument: Argument) -> Test:
    """Make the check that a JSONPath (RFC 9535) finds something, or something with a certain value.

    The argument is the path, or a map of `path` with `equals` (any JSON) or `matches` (of texts and numbers).
    One of the values found is enough.
    """
    path, suits, wanted = _read(argument)
    find = _compile(path)
    what = f"{quoted(path)} {wanted}" if wanted else quoted(path)

    def test(answer: Evidence) -> Finding:
        from jsonpath import JSONPathError

        try:
            with time_limit():
                found = find(parse(answer.text))
                passed = any(map(suits, found))
        except NotJson as error:
            return Finding("fail", str(error))
        except (RecursionError, JSONPathError):
            return Finding("fail", _TOO_DEEP)
        except OutOfTime:
            return Finding("fail", f"{what} was not found within {TIME_LIMIT_S:g} s; make it simpler.")
        if passed:
            return Finding("pass", f"{what} is found.")
        beside = f", only {quoted(_shown(found[0]))}" if found else ""
        return Finding("fail", f"{what} is not found{beside}.")

    return test


def _shown(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"


def _read(argument: Argument) -> tuple[str, Callable[[Any], bool], str]:
    example = "{path: $.name, equals: Mara}"
    if not isinstance(argument.value, dict):
        return need_text("json_path", argument, "$.name"), lambda _: True, ""
    given = need_map("json_path", argument, ("path", "equals", "matches"), example)
    path = need_text("json_path", Argument(given.get("path")), example)
    if "equals" in given and "matches" in given:
        message = "`json_path` can be given `equals` or `matches`, not both."
        raise BadArgument(message, "Write two checks.", ("matches",))
    if "equals" in given:
        expected = given["equals"]
        return path, lambda value: same(value, expected), f"with the value {quoted(json.dumps(expected))}"
    if "matches" in given:
        return path, _matcher(given), f"that matches {quoted(str(given['matches']))}"
    return path, lambda _: True, ""


def _matcher(given: Mapping[str, JsonValue]) -> Callable[[Any], bool]:
    source = scalar_text(given["matches"])
    try:
        pattern = compile_pattern(source or "(")
    except BadPattern as error:
        message = f"`matches` is no regular expression: {error}."
        raise BadArgument(message, "Correct it, and put it between '…'.", ("matches",)) from error

    def suits(value: Any) -> bool:
        text = scalar_text(value)
        return text is not None and search(pattern, text) is not None

    return suits


def _compile(path: str) -> Callable[[Any], list[Any]]:
    from jsonpath import JSONPathError

    from tui.core.checks.json_paths import environment

    example = "Write it as: json_path: $.people[0].name"
    if not path.startswith("$"):
        raise BadArgument("A JSONPath begins with `$`.", example)
    try:
        find = environment().compile(path).findall
    except (JSONPathError, RecursionError, ValueError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        message = f"`json_path` is no JSONPath: {reason}."
        raise BadArgument(message, example) from error
    # A text it would take for JSON that is still to be read.
    return lambda value: find(json.dumps(value) if isinstance(value, str) else value)
