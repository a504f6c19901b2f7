"""The values that a command line gives to a prompt's variables: spelled out, from files, from stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.core.prompts.yaml_reader import MAX_LENGTH, YamlError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STDIN = "-"


def read_values(variables: Sequence[str], files: Sequence[str]) -> dict[str, str]:
    """Return the values of `--var NAME=VALUE|@FILE|@-` and `--vars FILE|-`; a single one wins over a file's.

    A file's last line break is no part of a value. Raises Mistake.
    """
    reader = Reader()
    values: dict[str, str] = {}
    for file in files:
        values.update(_map(file, reader.read(file, f"--vars {file}")))
    for text in variables:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals:
            raise Mistake(f"--var {text!r} has no `=`; write --var NAME=VALUE")
        _need_text(name, text)
        values[name] = _value(name, value, reader)
    return values


class Reader:
    """Reads files as text, and stdin once."""

    def __init__(self) -> None:
        self._stdin_for = ""

    def read(self, path: str, what: str) -> str:
        """Return the text of a file, or of stdin for `-`; `what` is for messages. Raises Mistake."""
        if path == STDIN and self._stdin_for:
            raise Mistake(f"stdin can be read once, and {self._stdin_for} has it; name a file for {what}")
        try:
            if path == STDIN:
                self._stdin_for = what
                if sys.stdin.isatty():
                    click.echo(f"Reading {what} from the keyboard; Ctrl+D ends it.", err=True)
                raw = sys.stdin.buffer.read()
            else:
                raw = Path(path).read_bytes()
            return raw.decode("utf-8-sig").replace("\r\n", "\n")
        except OSError as error:
            raise Mistake(f"{what}: {path} cannot be read ({error.strerror or error})") from error
        except UnicodeDecodeError as error:
            raise Mistake(f"{what}: {_place(path)} is not UTF-8 text (byte {error.start + 1})") from error


def _need_text(name: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:  # the bytes of the command line were none of this locale's
        raise Mistake(f"--var {name!r} is not valid text; write it in UTF-8") from None


def _value(name: str, value: str, reader: Reader) -> str:
    if value.startswith("@@"):
        return value[1:]
    if not value.startswith("@"):
        return value
    if not value[1:]:
        raise Mistake(f"--var {name}=@ names no file; write @FILE, @- for stdin, or @@ for a text with an @")
    return reader.read(value[1:], f"--var {name}").removesuffix("\n")


def _map(path: str, text: str) -> dict[str, str]:
    """Read a map of names to texts: JSON if it begins as that does, else YAML."""
    return _of_json(path, text) if text.lstrip().startswith(("{", "[")) else _of_yaml(path, text)


def _of_json(path: str, text: str) -> dict[str, str]:
    try:  # figures stay as they are written, 1.50 too
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        where = f"{_place(path)}:{error.lineno}:{error.colno}"
        raise Mistake(f"{where}: it is not valid JSON ({error.msg[:1].lower()}{error.msg[1:]})") from error
    except (_Twice, RecursionError) as error:
        raise Mistake(f"{_place(path)}: {error or 'it is nested too deeply'}") from error
    if not isinstance(found, dict):
        raise Mistake(f"{_place(path)} must hold a map of names to values, not a list")
    return {name: _text(path, name, value) for name, value in found.items()}


class _Twice(ValueError):
    """A name is given two values."""


def _once(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"{twice!r} is there twice; keep one of them")
    return found


def _of_yaml(path: str, text: str) -> dict[str, str]:
    if len(text) > MAX_LENGTH:
        raise Mistake(f"{_place(path)} is over 64 KiB; write it as JSON, or use --var NAME=@FILE")
    try:
        found = read_yaml(text)
    except YamlError as error:
        line = text.count("\n", 0, error.offset) + 1
        column = error.offset - (text.rfind("\n", 0, error.offset) + 1) + 1
        raise Mistake(f"{_place(path)}:{line}:{column}: {error.message} {error.fix}") from error
    values: dict[str, str] = {}
    for name, value in found.values.items():
        spot = found.spots[(name,)]
        figure = spot.text is not None and value is not None
        values[name] = spot.text if figure and spot.text is not None else _text(path, name, value)
    return values


def _text(path: str, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    kind = "nothing" if value is None else "a list" if isinstance(value, list) else "a map"
    raise Mistake(f"{_place(path)}: {name!r} is {kind}; a value is a text, a number, or true or false")


def _place(path: str) -> str:
    return "stdin" if path == STDIN else path
