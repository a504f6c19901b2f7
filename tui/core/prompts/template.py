"""Placeholders: where `{{ name }}` stands in a template, and the one pass that puts values in their places.

Only declared names are replaced. Most braces found in prompts are code samples, so any others stay as they
are; and a value is never scanned again, so that nothing typed by a user or answered by a model can ask for
another value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.core.prompts.problems import quoted
from tui.core.prompts.variables import NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui.core.prompts.variables import Variable

_PLACEHOLDER = re.compile(r"\{\{[ \t]*(" + NAME + r")[ \t]*\}\}")

_UNCLOSED = re.compile(r"\{\{(?>[ \t]*(" + NAME + r")[ \t]*)(?!\}\})")  # atomic, so that no name is cut short

_MAX_COMPARED = 200  # names; a comparison takes about 10 µs


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A `{{ name }}` at template[start:end]; undeclared ones are never replaced."""

    name: str
    start: int
    end: int
    declared: bool


class MissingValue(ValueError):
    """Variables in use have neither a value nor a default; `names` says which, as they were declared."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        these = ", ".join(quoted(name) for name in self.names)
        one = len(self.names) == 1
        super().__init__(
            f"{these} {'has' if one else 'have'} no value: give {'one' if one else 'each one'}, "
            "or write a default in the front matter."
        )


class UnknownValue(ValueError):
    """A value was given for an undeclared `name`; `nearest` is a declared name like it, if there is one."""

    def __init__(self, name: str, declared: Collection[str]) -> None:
        self.name = name
        self.nearest = nearest(name, declared)
        if self.nearest:
            hint = f"did you mean {quoted(self.nearest)}?"
        elif declared:
            hint = f"it has {', '.join(quoted(known) for known in declared)}."
        else:
            hint = "it has none; declare it under `variables` in the front matter."
        super().__init__(f"This prompt has no variable {quoted(name)}: {hint}")


def nearest(name: str, declared: Collection[str]) -> str | None:
    """Return the declared name that `name` may be a slip of the pen for."""
    if len(declared) > _MAX_COMPARED:
        return None
    return next(iter(get_close_matches(name, declared, n=1)), None)


def placeholders(template: str, declared: Collection[str]) -> tuple[Placeholder, ...]:
    """Return every placeholder of `template` in its order, those of undeclared names too."""
    return tuple(
        Placeholder(match[1], match.start(), match.end(), match[1] in declared)
        for match in _PLACEHOLDER.finditer(template)
    )


def unclosed(template: str, declared: Collection[str]) -> tuple[Placeholder, ...]:
    """Return where `template` has two braces and a declared name, but not the two that close them."""
    return tuple(
        Placeholder(match[1], match.start(), match.end(), True)
        for match in _UNCLOSED.finditer(template)
        if match[1] in declared
    )


def render(template: str, variables: Sequence[Variable], values: Mapping[str, str]) -> str:
    """Return `template` with each declared placeholder replaced by its value, or else by its default.

    An empty text is a value. Raises UnknownValue for a value whose name is not declared, and MissingValue if
    a variable that the template uses has neither value nor default.
    """
    return render_all([template], variables, values)[0]


def render_all(
    templates: Sequence[str], variables: Sequence[Variable], values: Mapping[str, str]
) -> tuple[str, ...]:
    """Render several templates that share their variables; raises as `render` does, once for all of them."""
    known: dict[str, str | None] = {variable.name: variable.default for variable in variables}
    for name, value in values.items():
        if name not in known:
            raise UnknownValue(name, known)
        known[name] = value
    used = {match[1] for template in templates for match in _PLACEHOLDER.finditer(template)}
    if missing := [name for name, value in known.items() if value is None and name in used]:
        raise MissingValue(missing)

    def value_of(match: re.Match[str]) -> str:
        value = known.get(match[1])
        return match[0] if value is None else value

    return tuple(_PLACEHOLDER.sub(value_of, template) for template in templates)
