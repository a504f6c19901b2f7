"""Why settings are refused: one sentence with file, line and column, and the nearest name there is."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from tui.core.toml_position import find_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from pydantic import ValidationError

ENVIRONMENT = "PENSTOCK_"
_TOML_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class SettingsError(ValueError):
    """The settings cannot be used; the message says what, where and what to do."""


class FieldError(ValueError):
    """A table is wrong at its key `field` (at itself, if that is empty)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which of the known names may have been meant, or name all of them."""
    listed = list(known)
    close = difflib.get_close_matches(name, listed, 1, 0.5)
    return f", did you mean {close[0]!r}?" if close else f"; there is {', '.join(listed)}."


def refused(path: Path, text: str, location: Sequence[str], message: str) -> SettingsError:
    """Make the error for what stands at that location of the file, or of a variable."""
    end = "" if message.endswith((".", "?")) else "."
    return SettingsError(f"{_where(path, text, location)}: {message}{end}")


def refused_in(path: Path, location: Sequence[str], message: str) -> SettingsError:
    """Make the error for what stands at that location of the file at `path`, as the file is now."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        text = ""  # then it came from a variable
    return refused(path, text, location, message)


def not_toml(message: str, path: Path, text: str) -> SettingsError:
    """Make the error for a file that is no TOML, from what its parser says."""
    found = _TOML_WHERE.search(message)
    line, column = (found[1], found[2]) if found and found[1] else (str(text.count("\n") + 1), "1")
    why = _TOML_WHERE.sub("", message)
    return SettingsError(f"{path}:{line}:{column}: the settings are not valid TOML: {why}.")


def not_valid(
    error: ValidationError, path: Path, text: str, fields_at: Callable[[Sequence[str]], Iterable[str]]
) -> SettingsError:
    """Make the error for the first thing that is wrong; `fields_at` names the settings of a table.

    What pydantic was given is never repeated: it may be a key in the wrong place.
    """
    first = error.errors()[0]
    location = tuple(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    field = getattr(first.get("ctx", {}).get("error"), "field", None)
    if field:
        location = (*location, str(field))
    if first["type"] == "extra_forbidden":
        message = f"there is no setting {location[-1]!r}{nearest(location[-1], fields_at(location[:-1]))}"
    elif not field:
        message = f"{'.'.join(location)}: {message[:1].lower()}{message[1:]}"
    return refused(path, text, location, message)


def _where(path: Path, text: str, location: Sequence[str]) -> str:
    found = find_key(text, location)
    if found is None:
        return f"the variable {ENVIRONMENT}{'__'.join(location).upper()}"
    return f"{path}:{found[0]}:{found[1]}"
