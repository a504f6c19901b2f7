"""Reads YAML into plain values that know where they stand, and refuses what a prompt never needs.

Scalars follow the YAML 1.2 core schema (section 10.3.2): only `true` and `false` are booleans, `on`, `yes`
and dates are text. Anchors, aliases, tags, duplicate keys, keys that are no scalar, a second document and
deep nesting are refused, so that no file can be more than it looks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

import yaml
from frontmatter.default_handlers import SafeLoader  # the C loader where there is one, else the Python one

from tui.core.prompts.problems import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from yaml._yaml import Mark as CMark
    from yaml.error import Mark

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
KeyPath: TypeAlias = tuple[str | int, ...]

MAX_DEPTH = 16
MAX_LENGTH = 1 << 16  # characters
_MAX_DIGITS = (
    24  # with sign and base, before it is read; what then exceeds 64 bits stays text, as few could keep it
)

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLEAN = {word: word[0] in "tT" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASES = {"0o": 8, "0x": 16}
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")


class YamlError(ValueError):
    """The text is refused: `offset` (characters, from 0) is where, `fix` is what to do about it.

    `code` is "yaml" for broken syntax, "yaml-refused" for sound YAML that is not read here, and
    "duplicate-key".
    """

    def __init__(self, message: str, offset: int, fix: str, code: str = "yaml") -> None:
        super().__init__(message)
        self.message, self.offset, self.fix, self.code = message, offset, fix, code


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value stands: the offsets, in characters, of its key (in a list: of itself), start and end."""

    key: int
    start: int
    end: int
    text: str | None  # what a scalar says, before it became a number or a boolean; None for a list or a map


@dataclass(frozen=True, slots=True)
class YamlMap:
    """The values of a map and, by their path of keys and list indices, the places of all of them."""

    values: Mapping[str, JsonValue]
    spots: Mapping[KeyPath, Spot]


@dataclass(frozen=True, slots=True)
class YamlTree:
    """Any value and, by their path of keys and list indices, the places of all that is in it."""

    value: JsonValue
    spots: Mapping[KeyPath, Spot]


def read_yaml(text: str) -> YamlMap:
    """Read `text`, which must be empty or one block or flow map. Raises YamlError, and nothing else."""
    if len(text) > MAX_LENGTH:
        raise YamlError("The front matter is over 64 KiB.", 0, "Move the long texts into the template.")
    tree = read_tree(text)
    if tree.value is None:
        return YamlMap({}, {})
    if not isinstance(tree.value, dict):
        fix = "Write lines like `name: my-prompt`."
        raise YamlError("The front matter is not made of keys and values.", 0, fix)
    return YamlMap(tree.value, tree.spots)


def read_tree(text: str) -> YamlTree:
    """Read `text`, whatever one value it is, of any length. Raises YamlError, and nothing else."""
    if bad := _UNPRINTABLE.search(text):
        message = f"The character U+{ord(bad[0]):04X} cannot stand in YAML."
        raise YamlError(message, bad.start(), "Remove it.")
    try:
        return _Composer(text).compose()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, YamlError):
            raise
        # The Python loader lets an escape beyond U+10FFFF through to chr().
        raise YamlError("This is not valid YAML.", 0, "Check the escapes within double quotes.") from error


class _Composer:
    """Builds values from the parser's events, which come before anything is resolved or followed."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=SafeLoader))
        self._spots: dict[KeyPath, Spot] = {}

    def compose(self) -> YamlTree:
        root: JsonValue = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _refusal("A second document begins here.", event, "Remove this line.")
                root = self._value(next(self._events), (), 0)
        return YamlTree(root, self._spots)

    def _value(self, event: yaml.Event, path: KeyPath, key: int) -> JsonValue:
        _refuse(event, path)
        value: JsonValue
        text: str | None = None
        end = event
        if isinstance(event, yaml.ScalarEvent):
            text = event.value
            value = resolve(text) if event.implicit[0] else text
        elif isinstance(event, yaml.SequenceStartEvent):
            value, end = self._sequence(path)
        else:
            value, end = self._mapping(path)
        if path:
            self._spots[path] = Spot(key, _start(event), _offset(end.end_mark), text)
        return value

    def _sequence(self, path: KeyPath) -> tuple[list[JsonValue], yaml.Event]:
        items: list[JsonValue] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items)), _start(event)))
        return items, event

    def _mapping(self, path: KeyPath) -> tuple[dict[str, JsonValue], yaml.Event]:
        entries: dict[str, JsonValue] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            _refuse(event, path)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refusal("A key must be a plain word.", event, "Quote the value.")
            name = event.value
            if name in entries:
                fix = "Remove one of the two."
                message = f"The key {quoted(name)} stands here a second time."
                raise YamlError(message, _start(event), fix, "duplicate-key")
            entries[name] = self._value(next(self._events), (*path, name), _start(event))
        return entries, event


def resolve(text: str) -> JsonValue:
    """Return a plain scalar's value by the core schema; what JSON cannot hold (.inf, 1e999) stays text."""
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text) and len(text) <= _MAX_DIGITS:
        base = _BASES.get(text[:2], 10)
        number = int(text if base == 10 else text[2:], base)
        return number if -(2**63) <= number < 2**63 else text
    if not _INTEGER.fullmatch(text) and _FLOAT.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return text


def _start(event: yaml.Event) -> int:
    return _offset(event.start_mark)


def _offset(mark: Mark | CMark | None) -> int:
    return mark.index if mark else 0


def _refuse(event: yaml.Event, path: KeyPath) -> None:
    """Raise YamlError for an event that is valid YAML and yet not read here."""
    message = ""
    if isinstance(event, yaml.AliasEvent):
        message = "`*` begins an alias, which is not read here."
    elif getattr(event, "anchor", None) is not None:
        message = "`&` begins an anchor, which is not read here."
    elif getattr(event, "tag", None) is not None:
        message = "`!` begins a tag, which is not read here."
    elif isinstance(event, yaml.ScalarEvent) and _UNSTORABLE.search(event.value):
        message = "This text holds a character that cannot be stored."
    elif len(path) > MAX_DEPTH:
        message = f"This is nested more than {MAX_DEPTH} deep."
    if message:
        raise _refusal(message, event, "Quote the value, or write it out in plain.")


def _refusal(message: str, event: yaml.Event, fix: str) -> YamlError:
    return YamlError(message, _start(event), fix, "yaml-refused")


def _syntax_error(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    """Return the parser's complaint in words that speak of the file; both loaders' spellings are known."""
    problem, context = error.problem or "", error.context or ""
    here = _offset(error.problem_mark)
    opened = _offset(error.context_mark) if error.context_mark else here
    character = quoted(text[opened : opened + 1])
    mend = "Quote the value, or mend the indentation."
    if "mapping values are not allowed" in problem:
        return YamlError("A `:` stands where no value can begin.", here, mend)
    if "an alias" in context or "an anchor" in context:
        return YamlError(f"{character} has a meaning of its own in YAML.", opened, "Quote the value.")
    if text[here : here + 1] == "\t":
        return YamlError("A tab cannot indent YAML.", here, "Indent with spaces.")
    if "start any token" in problem:
        return YamlError(f"{quoted(text[here])} cannot begin a value in YAML.", here, "Quote the value.")
    if "end of stream" in problem and "quoted scalar" in context:
        return YamlError("The quote that opens here is never closed.", opened, "Close it.")
    if "quoted scalar" in context:
        return YamlError("This escape is not known in YAML.", here, "Use single quotes around the value.")
    if "a flow" in context:
        fix = "Close it, or set a comma between its items."
        return YamlError(f"The {character} that opens here is not closed.", opened, fix)
    if "expected key" in problem or "<block end>" in problem:
        return YamlError("Here is more text than one value.", here, mend)
    return YamlError(f"This is not valid YAML ({problem}).", here, mend)
