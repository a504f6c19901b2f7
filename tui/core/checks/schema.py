"""The check `json_schema`: whether an answer is JSON of a certain shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.core.checks.base import Argument, BadArgument, Evidence, Finding
from tui.core.checks.patterns import TIME_LIMIT_S, OutOfTime, time_limit
from tui.core.checks.structured import NotJson, parse
from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.core.checks.base import Test
    from tui.core.prompts.yaml_reader import JsonValue

_REFERENCES = ("$ref", "$dynamicRef")
_WIDTH = 160


def json_schema(argument: Argument) -> Test:
    """Make the check that the whole answer is JSON that fits a JSON Schema: 2020-12, or as `$schema` says."""
    schema = argument.value
    if not isinstance(schema, dict):
        fix = "Write it as: json_schema: {type: object, required: [name]}"
        raise BadArgument("`json_schema` needs a map.", fix)
    _refuse_what_is_elsewhere(schema)
    first_error = _validator(schema)

    def test(answer: Evidence) -> Finding:
        try:
            with time_limit():
                reason = first_error(parse(answer.text))
        except NotJson as error:
            reason = str(error)
        except RecursionError:
            reason = "It is nested too deeply."
        except OutOfTime:
            reason = f"A pattern was not found within {TIME_LIMIT_S:g} s; make it simpler."
        return Finding.either(reason is None, "It fits the schema.", reason or "")

    return test


def _validator(schema: dict[str, JsonValue]) -> Callable[[Any], str | None]:
    """Return what says why a value does not fit, None if it does. Raises BadArgument."""
    from jsonschema.exceptions import SchemaError, best_match

    from tui.core.checks.bounded_schema import NoReference, validator_for

    try:
        validator = validator_for(schema)
    except NoReference as error:
        message = f"`json_schema` has nothing at {quoted(str(error))}."
        raise BadArgument(message, "Correct the `$ref`.") from error
    except SchemaError as error:
        path = tuple(error.absolute_path)
        message = f"`json_schema` is no JSON Schema: {_one_line(error.message)}."
        raise BadArgument(message, "See json-schema.org for what it may say.", path) from error
    except RecursionError:
        raise BadArgument("`json_schema` is nested too deeply.", "Make it simpler.") from None

    def first_error(value: Any) -> str | None:
        error = best_match(validator.iter_errors(value))
        return None if error is None else f"At {quoted(error.json_path)}: {_one_line(error.message)}."

    return first_error


def _refuse_what_is_elsewhere(schema: JsonValue) -> None:
    """Raise BadArgument where a schema refers to another file or host: nothing is fetched for a check."""
    for path, item in _maps(schema, ()):
        for key in _REFERENCES:
            target = item.get(key)
            if isinstance(target, str) and not target.startswith("#"):
                message = f"`{key}` leads out of this schema, to {quoted(target)}."
                raise BadArgument(message, "Put what it means under `$defs`, as #/$defs/name.", (*path, key))
        inside = (other for _, other in _maps(item, ()))
        if "unevaluatedProperties" in item and any("patternProperties" in other for other in inside):
            message = "`unevaluatedProperties` cannot be used together with `patternProperties` here."
            raise BadArgument(message, "Use `additionalProperties`.", (*path, "unevaluatedProperties"))


def _maps(
    value: JsonValue, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, JsonValue]]]:
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from _maps(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _maps(item, (*path, index))


def _one_line(message: str) -> str:
    line = " ".join(message.split()).rstrip(".")
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"
