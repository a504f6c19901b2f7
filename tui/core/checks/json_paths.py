"""JSONPath (RFC 9535) whose functions `match` and `search` have a limit of time; slow to import."""

from __future__ import annotations

from functools import cache

from jsonpath import JSONPathEnvironment
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.function_extensions._pattern import map_re

from tui.core.checks.patterns import BadPattern, compile_pattern, search


class _Matching(FilterFunction):
    """Looks for a pattern, which may come from the answer itself; one that is none is found nowhere."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012 - as its base has it
    return_type = ExpressionType.LOGICAL

    def __init__(self, whole: bool) -> None:
        self._form = r"\A(?:{})\Z" if whole else "{}"

    def __call__(self, value: object, pattern: object) -> bool:
        """Return whether the value matches. Raises OutOfTime."""
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            compiled = compile_pattern(self._form.format(map_re(pattern)))
        except BadPattern:
            return False
        return search(compiled, value) is not None


@cache
def environment() -> JSONPathEnvironment:
    """Return the rules by which paths are read."""
    made = JSONPathEnvironment(strict=True)
    made.function_extensions["match"] = _Matching(whole=True)
    made.function_extensions["search"] = _Matching(whole=False)
    return made
