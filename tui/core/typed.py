"""Reading what a person types where a path or a number is asked for."""

from __future__ import annotations

from pathlib import Path

_DIGITS = 18
"""Of a whole number; more than that does not fit into the 64 bits of a TOML file or of the database."""


class PathError(ValueError):
    """What was typed is no path; the message is one sentence that says why."""


def path_of(text: str) -> Path:
    """Return the path that was typed, spaces around it or not; `~` is the home. Raises PathError."""
    name = text.strip()
    if "\0" in name:
        raise PathError(f"{name!r} cannot be the name of a file.")
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise PathError(f"{name} cannot be found: nobody here has a home of that name.") from None


def whole_number(text: str) -> int | None:
    """Return the number that stands in digits; None for anything else, a number of over 18 digits too."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None
