"""Rewrites the placeholders of a template for another engine, and makes all else harmless to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.core.prompts.template import placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def rewritten(
    template: str,
    declared: Collection[str],
    placeholder: Callable[[str], str],
    literal: Callable[[str], str],
) -> str:
    """Return a template with each declared placeholder, and each text between them, rewritten."""
    parts: list[str] = []
    at = 0
    for found in placeholders(template, declared):
        if found.declared:
            parts += [literal(template[at : found.start]), placeholder(found.name)]
            at = found.end
    return "".join([*parts, literal(template[at:])])


def identifier(name: str) -> str:
    """Return a name as most engines allow it: ASCII letters, digits and `_`, not beginning with a digit."""
    if _IDENTIFIER.fullmatch(name):
        return name
    plain = "".join(char if char.isascii() and (char.isalnum() or char == "_") else "_" for char in name)
    return plain if _IDENTIFIER.fullmatch(plain) else f"v_{plain}"


def identifiers(names: Collection[str]) -> dict[str, str]:
    """Return such a name for each, no two the same."""
    found: dict[str, str] = {}
    for name in names:
        plain, number = identifier(name), 2
        while plain in found.values():
            plain, number = f"{identifier(name)}_{number}", number + 1
        found[name] = plain
    return found
