"""Showing foreign text harmlessly: no control character of a file or an answer reaches the terminal."""

from __future__ import annotations

import json
import unicodedata

TAB_SIZE = 4
_DELETE = "\u2421"
_REPLACEMENT = "\ufffd"


def substitute(character: str) -> str:
    """Return the one-cell character that is shown in place of a hazard."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)  # the control pictures block, in the order of ASCII
    return _DELETE if code == 0x7F else _REPLACEMENT


def is_hazard(character: str) -> bool:
    """Whether a character would steer the terminal, or hide or reorder what stands around it."""
    # Cc: C0 and C1 controls. Cf: bidi overrides and other invisible format characters; the joiners stay,
    # since scripts and emoji need them. Cs: lone surrogates, which no terminal can encode. Zl, Zp: breaks.
    category = unicodedata.category(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and character not in "\u200c\u200d")


def printable(text: str) -> str:
    """Return one line of `text` with every control, bidi and line-break character made visible.

    Tabs become spaces up to the next multiple of four columns; everything else keeps its place.
    """
    if text.isascii() and text.isprintable():
        return text
    if "\t" in text:
        text = text.expandtabs(TAB_SIZE)
    return "".join(substitute(char) if is_hazard(char) else char for char in text)


def printable_json(value: object, indent: int | None = None) -> str:
    """Return JSON whose strings hold no such character as it is: a terminal may be what shows it.

    What is read back from it is the same.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isascii() and "\x7f" not in text:  # JSON itself escapes the controls of ASCII but this one
        return text
    return "".join(_escaped(char) if char not in "\n" and is_hazard(char) else char for char in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def printable_lines(text: str) -> list[str]:
    r"""Split `text` at \n, \r\n and \r and make each line printable."""
    return [printable(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
