"""`$NAME` in a header of the user's stands for an environment variable: settings hold no secrets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})")


def variables_in(text: str) -> tuple[str, ...]:
    """Name the variables that a text refers to, as `$NAME` or `${NAME}`; `$$` is a dollar sign."""
    return tuple(name for found in _REFERENCE.finditer(text) if (name := found[1] or found[2]))


def filled_in(text: str, environ: Mapping[str, str]) -> str:
    """Put the variables' values in place; one that is not set is empty."""
    return _REFERENCE.sub(
        lambda found: environ.get(name, "").strip() if (name := found[1] or found[2]) else "$", text
    )
