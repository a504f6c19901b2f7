"""A prompt as it leaves or enters: all of its versions, with its cases; and what a format gives or takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.cases.document import Case, CaseDocument, Check
    from tui.core.prompts.document import PromptDocument


@dataclass(frozen=True, slots=True)
class Sheet:
    """One prompt; `versions` are the lowest first."""

    name: str
    versions: Sequence[PromptDocument]
    cases: CaseDocument | None = None

    @property
    def checked(self) -> Sequence[tuple[Case, Sequence[Check]]]:
        """Each case with all of its checks."""
        if self.cases is None:
            return ()
        return [(case, (*self.cases.checks, *case.checks)) for case in self.cases.cases]


class SamePath(Exception):
    """Two prompts would be the same file; the message is one sentence."""


@dataclass(slots=True)
class Parcel:
    """What a format makes of prompts: files by their paths, and what could not be carried over."""

    files: dict[str, str] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    """Sentences, each with what is not carried over and whose it is."""
    _said: set[str] = field(default_factory=set, repr=False)

    def add(self, path: str, text: str) -> None:
        """Put a file in. Raises SamePath, since names that differ may be written the same as paths."""
        if path in self.files:
            raise SamePath(f"Two prompts would be the file {path}: take them one by one, or rename one.")
        self.files[path] = text

    def lose(self, whose: str, what: str) -> None:
        """Say once that something is not carried over."""
        sentence = f"{whose}: {what}"
        if sentence not in self._said:
            self._said.add(sentence)
            self.losses.append(sentence)


def file_name(name: str) -> str:
    """Return a prompt's name as a path that leads nowhere else: letters, digits, `.`, `_`, `-` and `/`."""
    parts = (
        "".join(char if char.isalnum() or char in "._-" else "-" for char in part) for part in name.split("/")
    )
    return "/".join(part.lstrip(".") or "_" for part in parts)


def is_set(values: Mapping[str, object]) -> dict[str, object]:
    """Return what says something: no None, no empty text, list or map."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}
