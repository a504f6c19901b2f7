"""Mends a file by itself, where it can be proved what was meant: quotes, and declarations that are missing.

The body of a prompt is not touched. What comes out is read again: it says what the file said, and no less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.prompts.declaring import with_declarations
from tui.core.prompts.document import parse_document
from tui.core.prompts.front_matter import locate
from tui.core.prompts.problems import quoted
from tui.core.prompts.source import BOM, UnreadableError, decode
from tui.core.prompts.template import placeholders
from tui.core.prompts.yaml_reader import YamlError, read_tree, read_yaml
from tui.core.prompts.yaml_repair import requote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class Mended:
    """A file as it could be; `notes` are sentences about what was done."""

    data: bytes
    notes: tuple[str, ...]


def mend_prompt(data: bytes, path: PurePosixPath, known: Collection[str]) -> Mended | None:
    """Return a prompt file with its front matter mended; None where nothing can be, or has to be.

    `known` are names that are variables for sure, since a case gives them a value, or another version
    declares them: those of them that the prompt uses are declared.
    """
    try:
        text = data.decode("utf-8")
        span = locate(text)
    except (UnicodeDecodeError, UnreadableError):
        return None
    if span is None:
        return None
    yaml, crlf = _plain(text[span.yaml_start : span.yaml_end])
    if yaml is None:
        return None
    mended, notes = _requoted(yaml, read_yaml)
    if mended is None:
        return None
    result = _joined(text, span.yaml_start, span.yaml_end, mended, crlf)
    missing = [name for name in _undeclared(result, path) if name in known]
    if missing:
        declared = _joined(text, span.yaml_start, span.yaml_end, with_declarations(mended, missing), crlf)
        if _declares(declared, result, path, missing):
            result = declared
            notes += [f"Declared {quoted(name)}." for name in missing]
    return Mended(result, tuple(notes)) if result != data else None


def mend_cases(data: bytes) -> Mended | None:
    """Return a file of cases with quotes where they are missing; None where that is not it."""
    try:
        decode(data)
        text = data.decode("utf-8")
    except (UnicodeDecodeError, UnreadableError):
        return None
    body = text.removeprefix(BOM)
    yaml, crlf = _plain(body)
    if yaml is None:
        return None
    mended, notes = _requoted(yaml, read_tree)
    if mended is None or mended == yaml:
        return None
    return Mended(_joined(text, len(text) - len(body), len(text), mended, crlf), tuple(notes))


def _plain(yaml: str) -> tuple[str | None, bool]:
    r"""Return a text with \n, and whether it had \r\n; None where its lines end in both ways."""
    pairs = yaml.count("\r\n")
    if pairs not in (0, yaml.count("\n")):
        return None, False
    return yaml.replace("\r\n", "\n"), pairs > 0


def _joined(text: str, start: int, end: int, yaml: str, crlf: bool) -> bytes:
    written = yaml.replace("\n", "\r\n") if crlf else yaml
    return (text[:start] + written + text[end:]).encode()


def _requoted(yaml: str, read: Callable[[str], object]) -> tuple[str | None, list[str]]:
    try:
        read(yaml)
    except YamlError:
        mended = requote(yaml, read)
        return mended, ["Quoted what has to be quoted in YAML."] if mended is not None else []
    return yaml, []


def _undeclared(data: bytes, path: PurePosixPath) -> list[str]:
    document = parse_document(data, path).document
    if document is None:
        return []
    declared = {variable.name for variable in document.variables}
    found = [one for text in (document.system, document.template) for one in placeholders(text, declared)]
    return list(dict.fromkeys(one.name for one in found if not one.declared))


def _declares(after: bytes, before: bytes, path: PurePosixPath, names: list[str]) -> bool:
    """Whether `after` says what `before` does, and declares these names too."""
    one, other = parse_document(before, path).document, parse_document(after, path).document
    if one is None or other is None:
        return False
    same = ("name", "version", "template", "active", "weight", "system", "provider", "model", "parameters")
    if any(getattr(one, key) != getattr(other, key) for key in same):
        return False
    added = [variable.name for variable in other.variables[len(one.variables) :]]
    return other.variables[: len(one.variables)] == one.variables and added == names
