"""Text as an editor can hold it: each hazard for the terminal stands as a character of one cell.

A control character has no width, so that a cursor behind it would stand in the wrong place; and some of them
would end a line where the file has none. Each is exchanged with a private-use character, and that one with
it: nothing is lost, whatever the text holds.
"""

from __future__ import annotations

from tui.core.text import is_hazard, substitute

_BASIC = 0x100000
"""Plane 16, private use: stands for the hazards below U+10000, each at the same place in its plane."""
_HIGHER = 0xF0000
"""Plane 15, private use: for the hazards above; no two of them have the same place in their planes."""
_PLANES = (0x10000, 0xE0000)
"""The planes above the first that have hazards (format characters)."""


def veil(text: str) -> str:
    """Exchange hazards and what stands for them; twice gives the text again. Tabs and line feeds stay."""
    if text.replace("\n", "").replace("\t", "").isprintable():  # which no hazard is, nor private use
        return text
    return text.translate(_EXCHANGED)


def face(line: str) -> str:
    """Return a veiled line as it is to be seen, character for character; tabs stay tabs."""
    return line if line.isprintable() else line.translate(_SEEN)


def _partner(code: int) -> int:
    character = chr(code)
    if _is_exchanged(character):
        return code + _BASIC if code < 0x10000 else (code & 0xFFFF) + _HIGHER
    if code >= _BASIC and _is_exchanged(chr(code - _BASIC)):
        return code - _BASIC
    if _HIGHER <= code < _BASIC:
        for plane in _PLANES:
            if _is_exchanged(chr(plane + code - _HIGHER)):
                return plane + code - _HIGHER
    return code


def _is_exchanged(character: str) -> bool:
    return character not in "\n\t" and is_hazard(character)


class _Exchanged(dict[int, int]):
    """A table for `str.translate` that is filled as characters are met."""

    def __missing__(self, code: int) -> int:
        self[code] = partner = _partner(code)
        return partner


class _Seen(dict[int, str]):
    def __missing__(self, code: int) -> str:
        hidden = chr(_partner(code))
        # What stands for a hazard is shown as that hazard is everywhere; a raw one stands for private use.
        self[code] = seen = substitute(hidden) if _is_exchanged(hidden) else chr(code)
        if _is_exchanged(chr(code)):
            self[code] = seen = "\ufffd"
        return seen


_EXCHANGED = _Exchanged()
_SEEN = _Seen()
