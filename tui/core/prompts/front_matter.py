"""Where the front matter of a prompt file ends and its template begins, and what the front matter says.

Only line-anchored delimiters count. The first line opens if it is `---`; the first later line that is
exactly `---` (blanks after it are allowed) closes. `----` is no delimiter, and a `---` within the template
is a rule of markdown.

The template is the text after the closing line (or the whole text if there is no front matter), with one
leading blank line dropped and the newlines at its end stripped. Nothing else is lost: python-frontmatter
would also strip the indentation of the first line and blanks at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import frontmatter
from frontmatter.default_handlers import YAMLHandler

from tui.core.prompts.problems import Problem, position
from tui.core.prompts.source import UnreadableError
from tui.core.prompts.yaml_reader import YamlError, YamlMap, read_yaml
from tui.core.prompts.yaml_repair import find_problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

_OPENING = re.compile(r"\ufeff?---[ \t]*\r?(?:\n|\Z)")
_UNOPENED = re.compile(r"\ufeff?(?:name|version|variables|active)[ \t]*:\s")
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_LATE = re.compile(r"\ufeff?(?:[ \t]*\r?\n)++(?=---[ \t]*\r?\n[A-Za-z_][\w-]*[ \t]*:\s)")
_BLANK_LINE = re.compile(r"[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets in the whole text: the YAML between the delimiter lines, and what follows the closing one."""

    yaml_start: int
    yaml_end: int
    body_start: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A file's text, taken apart. `yaml` begins at line 2 of the file, `template` at `template_line`."""

    yaml: str
    read: YamlMap
    template: str
    template_line: int

    @property
    def values(self) -> Mapping[str, JsonValue]:
        """Every key with its value, unknown keys too."""
        return self.read.values

    def position(self, path: KeyPath) -> tuple[int, int]:
        """Return the file's (line, column) of the key or list item at `path`."""
        return self.position_of(self.read.spots[path].key)

    def position_of(self, offset: int) -> tuple[int, int]:
        """Return the file's (line, column) of an offset in `yaml`."""
        line, column = position(self.yaml, offset)
        return line + 1, column

    def text(self, path: KeyPath) -> str | None:
        """Return what the scalar at `path` says in the file (`1.10`, not 1.1); None for a list or a map."""
        return self.read.spots[path].text


class _Handler(YAMLHandler):
    """python-frontmatter's YAML handler with our delimiters and our reader."""

    def __init__(self, parts: tuple[str, str]) -> None:
        super().__init__()
        self._parts = parts
        self.read = YamlMap({}, {})

    def split(self, text: str) -> tuple[str, str]:
        return self._parts  # `text` has been stripped on its way here, so that no offset fits it

    def load(self, fm: str, **_: object) -> dict[str, JsonValue]:
        self.read = read_yaml(fm)
        return dict(self.read.values)


def locate(text: str) -> Span | None:
    """Return where the front matter stands, or None if the file has none; a BOM and CRLF are allowed.

    Raises UnreadableError for one that never closes, begins after blank lines, or lacks its first delimiter.
    """
    if late := _LATE.match(text):
        line = position(text, late.end())[0]
        fix = "Remove the blank lines above it."
        message = "The front matter must begin on the first line of the file."
        raise UnreadableError(Problem("error", "late-front-matter", message, line, 1, fix))
    opening = _OPENING.match(text)
    if not opening:
        if _UNOPENED.match(text) and _CLOSING.search(text):
            message = "The front matter that begins here lacks its first `---`."
            raise UnreadableError(
                Problem("error", "unopened", message, 1, 1, "Put a line of exactly `---` above.")
            )
        return None
    closing = _CLOSING.search(text, opening.end())
    if not closing:
        fix = "Put a line of exactly `---` after the last key (or remove this one)."
        message = "The front matter that opens here is never closed."
        raise UnreadableError(Problem("error", "unclosed", message, 1, 1, fix))
    return Span(opening.end(), closing.start(), min(closing.end() + 1, len(text)))


def read_front_matter(text: str) -> FrontMatter:
    r"""Take a file's text apart, which has neither BOM nor \r\n.

    Raises UnreadableError with every problem of the front matter.
    """
    span = locate(text)
    if span is None:
        return FrontMatter("", YamlMap({}, {}), *_template(text, 0))
    yaml = text[span.yaml_start : span.yaml_end]
    handler = _Handler((yaml, text[span.body_start :]))
    try:
        frontmatter.parse(text, handler=handler)
    except YamlError:
        raise UnreadableError(*find_problems(yaml, first_line=2)) from None
    return FrontMatter(yaml, handler.read, *_template(text, span.body_start))


def _template(text: str, start: int) -> tuple[str, int]:
    """Return the template and the line of the file on which it begins."""
    if blank := _BLANK_LINE.match(text, start):
        start = blank.end()
    return text[start:].rstrip("\n"), position(text, start)[0]
