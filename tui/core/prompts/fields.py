"""Reads front-matter keys as the types they must have, and collects what is wrong with them."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING

from tui.core.prompts.problems import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.prompts.front_matter import FrontMatter
    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

_VERSION = re.compile(r"[0-9]{1,9}")
_VERSION_LIKE = re.compile(r"(?:[vV]\.?\s*)?([0-9]{1,9})(?:\.0)*")
_YES = frozenset(("true", "yes", "on", "y", "1"))
_NO = frozenset(("false", "no", "off", "n", "0"))


class FieldReader:
    """Typed access to a front matter's keys; a missing key, an empty one and a wrong one all read as None."""

    def __init__(self, front: FrontMatter) -> None:
        self.front = front
        self.values = front.values
        self.problems: list[Problem] = []

    def error(self, path: KeyPath, message: str, fix: str, code: str = "type") -> None:
        """Note an error at the key at `path`."""
        self.problems.append(Problem("error", code, message, *self.front.position(path), fix))

    def warning(self, path: KeyPath, message: str, fix: str, code: str) -> None:
        """Note a warning at the key at `path`."""
        self.problems.append(Problem("warning", code, message, *self.front.position(path), fix))

    def scalar(self, path: KeyPath, value: JsonValue) -> str | None:
        """Return what a scalar says in the file, be it a number or a date; a list or a map is an error."""
        text = self.front.text(path)
        if text is None:
            kind = "a map" if isinstance(value, dict) else "a list"
            self.error(
                path,
                f"{quoted(str(path[-1]))} must be text, not {kind}.",
                f"Write it as: {path[-1]}: some text",
            )
        return text

    def text(self, key: str) -> str | None:
        """Return a key's text without the blanks around it; None if there is nothing in it."""
        value = self.values.get(key)
        text = None if value is None else self.scalar((key,), value)
        return text.strip() or None if text else None

    def version(self, key: str) -> int | None:
        """Return a whole number from 0, which may be quoted; `1.10` and `v2` are errors."""
        value = self.values.get(key)
        if value is None:
            return None
        text = (self.front.text((key,)) or "").strip()
        if _VERSION.fullmatch(text):
            return int(text)
        like = _VERSION_LIKE.fullmatch(text)
        fix = f"Write it as: {key}: {int(like[1])}" if like else "Count versions in whole numbers: 1, 2, 3."
        self.error((key,), f"`{key}` must be a whole number{_not(text)}.", fix)
        return None

    def flag(self, key: str) -> bool | None:
        """Return a boolean, which YAML 1.2 writes as `true` or `false` only."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        text = (self.front.text((key,)) or "").strip()
        fix = f"Write it as: {key}: {'false' if text.lower() in _NO else 'true'}"
        if text.lower() not in _YES | _NO:
            fix += " (or false)"
        self.error((key,), f"`{key}` must be true or false{_not(text)}.", fix)
        return None

    def weight(self, key: str) -> float | None:
        """Return a finite number of at least 0."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0:
            return float(value)
        text = (self.front.text((key,)) or "").strip()
        digits = re.fullmatch(r"([0-9]+(?:[.][0-9]+)?)\s*%?", text)
        fix = f"Write it as: {key}: {digits[1] if digits else 1}"
        self.error((key,), f"`{key}` must be a number of at least 0{_not(text)}.", fix)
        return None

    def mapping(self, key: str) -> Mapping[str, JsonValue]:
        """Return a map, empty if the key is missing."""
        value = self.values.get(key)
        if value is None or isinstance(value, dict):
            return value or {}
        self.error(
            (key,), f"`{key}` must be a map of names to values.", f"Write it as: {key}: {{temperature: 0.7}}"
        )
        return {}

    def words(self, path: KeyPath, value: JsonValue) -> tuple[str, ...]:
        """Return a list of scalars, or the parts of a text between commas, without empty or repeated ones."""
        if value is None:
            return ()
        if isinstance(value, list):
            items = [self.front.text((*path, index)) for index in range(len(value))]
        else:
            text = self.front.text(path)
            items = [text] if text is None else list(text.split(","))
        words = [item.strip() for item in items if item is not None]
        if len(words) < len(items):
            name = str(path[-1])
            self.error(path, f"{quoted(name)} must be a list of words.", f"Write it as: {name}: [one, two]")
        return tuple(dict.fromkeys(filter(None, words)))


def _not(text: str) -> str:
    return f", not {quoted(text)}" if text else ""
