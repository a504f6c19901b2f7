"""Changes one key of a front matter by editing its one line; every other byte of the file stays as it was."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from tui.core.prompts.front_matter import locate
from tui.core.prompts.problems import position, quoted
from tui.core.prompts.source import BOM, UnreadableError
from tui.core.prompts.yaml_reader import YamlError, YamlMap, read_yaml
from tui.core.prompts.yaml_repair import quote

if TYPE_CHECKING:
    from tui.core.prompts.yaml_reader import JsonValue

Scalar: TypeAlias = "bool | int | float | str"

_KEY = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_BLANK_LINE = re.compile(r"[ \t]*\r?\n")
_LINE_END = re.compile(r"\n|\Z")


class EditError(ValueError):
    """The key cannot be set by editing one line; the message is one sentence that says why."""


def set_key(data: bytes, key: str, value: Scalar | None) -> bytes:
    """Return the file's bytes with the top-level `key` set to `value`, or without it if that is None.

    A missing key is added before the closing delimiter, a missing front matter above the template. Quotes,
    comments, line ends and a byte order mark are kept, and the result is read again before it is returned.
    Raises EditError for a front matter that is broken, and for a key whose value spans several lines.
    """
    if not _KEY.fullmatch(key):
        raise EditError(f"{quoted(key)} is not a key that can be set.")
    try:
        text = data.decode("utf-8")
        span = locate(text)
    except UnicodeDecodeError:
        raise EditError("The file is not UTF-8.") from None
    except UnreadableError as error:
        raise EditError(str(error)) from None
    if span is None:
        return data if value is None else _with_front_matter(text, f"{key}: {as_yaml(value)}").encode()
    yaml = text[span.yaml_start : span.yaml_end]
    before = _read(yaml)
    if key in before.values and _same(before.values[key], value) and value is not None:
        return data
    after = _edit(yaml, before, key, value, _line_end(text))
    _verify(before, after, key, value)
    return (text[: span.yaml_start] + after + text[span.yaml_end :]).encode()


def _edit(yaml: str, before: YamlMap, key: str, value: Scalar | None, line_end: str) -> str:
    spot = before.spots.get((key,))
    if spot is None:
        added = "" if value is None else f"{_indentation(yaml, before)}{key}: {as_yaml(value)}{line_end}"
        return yaml + added
    if "\n" in yaml[spot.key : spot.end]:
        raise EditError(f"The value of `{key}` spans several lines; change it in an editor.")
    if value is None:
        following = _LINE_END.search(yaml, spot.end)
        return yaml[: yaml.rfind("\n", 0, spot.key) + 1] + (yaml[following.end() :] if following else "")
    old = yaml[spot.start : spot.end]
    space = " " if yaml[spot.start - 1] == ":" and not old else ""
    return f"{yaml[: spot.start]}{space}{as_yaml(value, old)}{yaml[spot.end :]}"


def _verify(before: YamlMap, after: str, key: str, value: Scalar | None) -> None:
    """Raise EditError unless `after` says what `before` did, except for `key`."""
    try:
        values = dict(read_yaml(after).values)
    except YamlError:
        values = {}
    others = {name: item for name, item in before.values.items() if name != key}
    if not _same(values.pop(key, None), value) or values != others:
        raise EditError(f"`{key}` does not stand on a line of its own; change it in an editor.")


def _with_front_matter(text: str, line: str) -> str:
    body = text.removeprefix(BOM)
    mark = text[: len(text) - len(body)]
    end = _line_end(text)
    blank = "" if not body or _BLANK_LINE.match(body) else end  # the reader drops one blank line anyway
    return f"{mark}---{end}{line}{end}---{end}{blank}{body}"


def _read(yaml: str) -> YamlMap:
    try:
        return read_yaml(yaml)
    except YamlError as error:
        line = position(yaml, error.offset)[0] + 1
        raise EditError(f"The front matter is broken in line {line}; mend it first.") from None


def _indentation(yaml: str, before: YamlMap) -> str:
    first = next(iter(before.values), None)
    if first is None:
        return ""
    start = before.spots[(first,)].key
    leading = yaml[yaml.rfind("\n", 0, start) + 1 : start]
    return leading if leading.isspace() else ""


def _line_end(text: str) -> str:
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _same(one: JsonValue, other: JsonValue) -> bool:
    return type(one) is type(other) and one == other  # True == 1 in Python, not in YAML


def as_yaml(value: Scalar, old: str = "") -> str:
    """Return `value` as YAML, a text in the same kind of quotes as `old` if that has some."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not isfinite(value):
        raise EditError("Only a finite number can be set.")
    if isinstance(value, int | float):
        return repr(value)
    mark = old[:1] if old[:1] in ("'", '"') else ""
    if not value.isprintable():
        return _escaped(value)
    return value if not mark and _is_plain(value) else quote(value, mark or '"')


def _is_plain(value: str) -> bool:
    """Whether an unquoted `value` is read as just this text, with a comment after it."""
    try:
        return read_yaml(f"key: {value} # comment").values == {"key": value}
    except YamlError:
        return False


def _escaped(value: str) -> str:
    """Return `value` in double quotes with an escape for every character that cannot stand on a line."""
    return '"' + "".join(_ESCAPES.get(char) or _escape(char) for char in value) + '"'


def _escape(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_ESCAPES = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
