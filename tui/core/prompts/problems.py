"""What is wrong with a prompt file: one finding, with its place and its remedy."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding in a prompt file.

    An error keeps the file's new content from being served; a warning does not. `code` is stable and names
    the kind of finding. `line` and `column` count from 1, in the file (not in its front matter), columns in
    characters. `message` is one sentence; `fix` is one sentence too, which ends in the corrected line where
    there is one.
    """

    severity: Severity
    code: str
    message: str
    line: int | None = None
    column: int | None = None
    fix: str = ""

    def where(self, path: PurePath | str) -> str:
        """Return the place in the form that editors and terminals can follow: `path:7:12`."""
        return ":".join(str(part) for part in (path, self.line, self.column) if part is not None)

    def report(self, path: PurePath | str) -> str:
        """Return the whole finding on one line: `path:7:12: error: message fix`."""
        return f"{self.where(path)}: {self.severity}: {self.message} {self.fix}".rstrip()

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the finding as a plain JSON object."""
        return {
            "severity": self.severity,
            "code": self.code,
            "message": self.message,
            "line": self.line,
            "column": self.column,
            "fix": self.fix,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Problem:
        """Read what `as_dict` wrote; what is missing or of another type takes its default."""
        line, column = data.get("line"), data.get("column")
        return cls(
            severity="warning" if data.get("severity") == "warning" else "error",
            code=str(data.get("code", "")),
            message=str(data.get("message", "")),
            line=line if isinstance(line, int) else None,
            column=column if isinstance(column, int) else None,
            fix=str(data.get("fix", "")),
        )


def position(text: str, offset: int) -> tuple[int, int]:
    r"""Return the (line, column), both from 1, of the character at `offset`; only \n ends a line."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class Lines:
    """Where the lines of a text begin: for the positions of many places in it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(end.end() for end in re.finditer("\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Return what `position` would."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def quoted(text: str, width: int = 60) -> str:
    """Return foreign text for use within a message: on one line, harmless, cut to `width` characters."""
    line = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text[: width + 1])
    mark = "'" if "`" in line else "`"
    return f"{mark}{line if len(line) <= width else line[: width - 1] + '…'}{mark}"
