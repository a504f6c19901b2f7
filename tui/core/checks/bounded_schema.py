"""JSON Schema whose patterns have a limit of time, and that fetches nothing; slow to import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
from jsonschema import validators
from jsonschema.exceptions import SchemaError, ValidationError
from referencing import Registry
from referencing.exceptions import Unresolvable

from tui.core.checks.patterns import BadPattern, compile_pattern, search
from tui.core.checks.sameness import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.protocols import Validator


class NoReference(LookupError):
    """A `$ref` that leads nowhere; the message is the reference."""


def validator_for(schema: dict[str, Any]) -> Validator:
    """Return what validates by a schema. Raises SchemaError, NoReference, and RecursionError."""
    base = validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    base.check_schema(schema)
    _check_inside(schema)
    made = validators.extend(  # type: ignore[no-untyped-call]
        base,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
            "uniqueItems": _unique_items,
        },
    )
    validator: Validator = made(schema, registry=Registry())
    _resolve_all(validator, schema)
    return validator


def _check_inside(schema: Any) -> None:
    """Raise SchemaError for a pattern that is none."""
    if isinstance(schema, dict):
        sources = [schema["pattern"]] if isinstance(schema.get("pattern"), str) else []
        of_names = schema.get("patternProperties")
        sources += list(of_names) if isinstance(of_names, dict) else []
        for source in sources:
            try:
                compile_pattern(source)
            except BadPattern as error:
                raise SchemaError(f"{source!r} is no regular expression: {error}") from error
    for item in _inner(schema):
        _check_inside(item)


def _resolve_all(validator: Validator, schema: Any) -> None:
    if isinstance(schema, dict):
        target = schema.get("$ref")
        if isinstance(target, str):
            try:
                validator._resolver.lookup(target)  # type: ignore[attr-defined]  # there is no public way
            except Unresolvable as error:
                raise NoReference(target) from error
    for item in _inner(schema):
        _resolve_all(validator, item)


def _inner(schema: Any) -> Iterable[Any]:
    if isinstance(schema, dict):
        return schema.values()
    return schema if isinstance(schema, list) else ()


def _found(source: str, text: str) -> bool:
    return search(compile_pattern(source), text) is not None


def _pattern(_: Any, source: str, value: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _found(source, value):
        yield ValidationError(f"{value!r} does not match {source!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], value: Any, _: Any
) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for source, schema in patterns.items():
            for key, item in value.items():
                if _found(source, key):
                    yield from validator.descend(item, schema, path=key, schema_path=source)


def _additional_properties(
    validator: Any, allowed: Any, value: Any, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key, item in value.items():
        if key in known or any(_found(source, key) for source in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"{key!r} was not expected")
        else:
            yield from validator.descend(item, allowed, path=key)


def _unique_items(_: Any, wanted: bool, value: Any, __: Any) -> Iterator[ValidationError]:
    """Compare in linear time, where the library's own way takes the square of it for lists of objects."""
    if wanted and isinstance(value, list):
        seen: set[str] = set()
        for item in map(canonical, value):
            if item in seen:
                yield ValidationError(f"{item} stands there twice")
                return
            seen.add(item)
