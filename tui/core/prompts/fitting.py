"""Whether a value fits what its variable says of itself: a figure, true or false, one of some choices.

Every value is a text in the end, and a template takes any: what does not fit is told, never refused.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from tui.core.prompts.variables import Variable

Kind: TypeAlias = Literal["text", "integer", "number", "boolean"]

_KINDS: dict[str, Kind] = {
    "int": "integer", "integer": "integer", "number": "number", "float": "number", "double": "number",
    "bool": "boolean", "boolean": "boolean",
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_WIDTH = 24
_SHOWN = 4


def kind_of(variable: Variable) -> Kind:
    """Return what a value must be, whichever of the usual words the file has for it; any other is text."""
    return _KINDS.get(variable.type.strip().lower(), "text")


def choices_of(variable: Variable) -> tuple[str, ...]:
    """Return the values to choose from, empty where any will do."""
    return variable.choices or (("true", "false") if kind_of(variable) == "boolean" else ())


def misfit(variable: Variable, text: str) -> str:
    """Return in a few words why a value does not fit, or nothing; an empty one is no value yet."""
    if not text:
        return ""
    choices = choices_of(variable)
    if choices and text not in choices:
        if len(choices) > _SHOWN or sum(map(len, choices)) > _WIDTH:
            return "not among the choices"
        return f"not {' or '.join(choices)}"
    kind = kind_of(variable)
    stripped = text.strip()
    if kind == "integer" and not _INTEGER.fullmatch(stripped):
        return "not a whole number"
    if kind == "number" and not (_NUMBER.fullmatch(stripped) and isfinite(float(stripped))):
        return "not a number"
    return ""


def nearest_choice(choices: tuple[str, ...], typed: str) -> str | None:
    """Return the choice that begins with what was typed, in whichever letters, else one that holds it."""
    wanted = typed.strip().casefold()
    if not wanted or typed in choices:
        return None
    begun = (choice for choice in choices if choice.casefold().startswith(wanted))
    held = (choice for choice in choices if wanted in choice.casefold())
    return next(begun, None) or next(held, None)
