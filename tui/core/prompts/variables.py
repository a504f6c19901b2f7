"""The variables that a prompt declares, in any of the forms in which people write them.

A list of names, a list of maps with a `name`, or a map from each name to nothing, to its default, or to a
map of `type`, `default`, `description` and `choices`. `inputs`, as dotprompt and Prompty call it, is read
where `variables` is missing; so are their words `kind`, `enum`, `enumValues` and `required: false` (which
gives an empty default).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.prompts.fields import FieldReader
    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

NAME = r"[^\W\d][\w.-]*"
"""The syntax of a variable's name: a letter or `_`, then letters, digits, `_`, `-` and `.`."""
_NAME = re.compile(NAME)


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that a prompt asks for; without a default it must be given."""

    name: str
    type: str = "string"
    default: str | None = None
    description: str = ""
    choices: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a run needs a value for it."""
        return self.default is None

    def as_dict(self) -> dict[str, str | list[str] | None]:
        """Return the variable as a plain JSON object."""
        return {
            "name": self.name,
            "type": self.type,
            "default": self.default,
            "description": self.description,
            "choices": list(self.choices),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Variable:
        """Read what `as_dict` wrote; what is missing takes its default."""
        default, choices = data.get("default"), data.get("choices")
        return cls(
            name=str(data.get("name", "")),
            type=str(data.get("type", "string")),
            default=None if default is None else str(default),
            description=str(data.get("description", "")),
            choices=tuple(str(choice) for choice in choices) if isinstance(choices, list | tuple) else (),
        )


def variables_key(values: Mapping[str, JsonValue]) -> str:
    """Return the key under which the variables stand: `variables`, or `inputs` if only that is there."""
    inputs = values.get("inputs")
    return "inputs" if values.get("variables") is None and isinstance(inputs, dict | list) else "variables"


def read_variables(reader: FieldReader) -> dict[KeyPath, Variable]:
    """Return the declared variables by the path of their declaration, in the file's order."""
    key = variables_key(reader.values)
    declared: dict[KeyPath, Variable] = {}
    names: set[str] = set()
    for path, name, value in _declarations(reader, key):
        if not _NAME.fullmatch(name):
            fix = "Begin with a letter, then use letters, digits, `_`, `-` and `.`."
            reader.error(path, f"{quoted(name)} cannot be the name of a variable.", fix, "variable-name")
        elif name in names:
            reader.error(
                path,
                f"The variable {quoted(name)} is declared twice.",
                "Remove one of the two.",
                "variable-name",
            )
        else:
            declared[path] = _variable(reader, path, name, value)
            names.add(name)
    return declared


def _declarations(reader: FieldReader, key: str) -> Iterator[tuple[KeyPath, str, JsonValue]]:
    """Yield (path, name, what is said of it) for each declaration; errors for what is none."""
    value = reader.values.get(key)
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield (key, name), name, item
    elif isinstance(value, list):
        for index, item in enumerate(value):
            path: KeyPath = (key, index)
            if isinstance(item, dict) and item.get("name") is not None:
                yield path, reader.scalar((*path, "name"), item["name"]) or "", item
            elif (text := reader.front.text(path)) is not None:
                yield path, text.strip(), None
            else:
                reader.error(
                    path, "This variable has no name.", "Write it as: - name: genre", "variable-name"
                )
    elif value is not None:
        names = ", ".join((reader.front.text((key,)) or "").replace(",", " ").split())
        reader.error((key,), f"`{key}` must be a list of names.", f"Write it as: {key}: [{names}]")


def _variable(reader: FieldReader, path: KeyPath, name: str, value: JsonValue) -> Variable:
    if isinstance(value, list):
        fix = f"Write it as: {name}: {{choices: [...]}}"
        reader.error(path, f"{quoted(name)} must have a default or a map, not a list.", fix)
        return Variable(name)
    if not isinstance(value, dict):
        return Variable(name, default=None if value is None else reader.front.text(path))
    kind = next((word for word in ("type", "kind") if value.get(word) is not None), None)
    description = value.get("description")
    variable = Variable(
        name,
        (reader.scalar((*path, kind), value[kind]) if kind else None) or "string",
        _default(reader, path, value),
        (
            (reader.scalar((*path, "description"), description) if description is not None else None) or ""
        ).strip(),
        _choices(reader, path, value),
    )
    if variable.choices and variable.default and variable.default not in variable.choices:
        message = f"The default of {quoted(name)} is not among its choices."
        fix = f"Add {quoted(variable.default)} to them, or choose another default."
        reader.warning((*path, "default"), message, fix, "default-not-a-choice")
    return variable


def _default(reader: FieldReader, path: KeyPath, value: Mapping[str, JsonValue]) -> str | None:
    default = value.get("default")
    if default is None:
        return "" if value.get("required") is False else None
    text = reader.front.text((*path, "default"))
    return json.dumps(default, ensure_ascii=False) if text is None else text


def _choices(reader: FieldReader, path: KeyPath, value: Mapping[str, JsonValue]) -> tuple[str, ...]:
    key = next((word for word in ("choices", "enum", "enumValues") if value.get(word) is not None), None)
    return reader.words((*path, key), value[key]) if key else ()
