"""The rows of the prompt browser: pure, from the library, what is folded and what is filtered."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeAlias

from tui.core.prompts.snapshot import in_service
from tui.widgets.ink import Word, fit

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tui.core.prompts.problems import Problem
    from tui.core.prompts.snapshot import FileReport, LibrarySnapshot, VersionRow

Key: TypeAlias = tuple[str, int] | str
"""What a row stands for, for as long as it lasts: (name, version), (name, -1) for the prompt, or a path."""


@dataclass(frozen=True, slots=True)
class PromptNode:
    """A prompt's name, above its versions."""

    name: str
    versions: int
    folded: bool
    conflict: bool
    """Whether several versions are active without weights, or none is."""

    @property
    def key(self) -> Key:
        """Stands for the prompt."""
        return self.name, -1


@dataclass(frozen=True, slots=True)
class VersionNode:
    """One version of a prompt."""

    row: VersionRow
    draft: bool = False
    """Whether something was typed into its file that is not saved."""
    git: str | None = None
    """What git says of its file, "" where it is clean; None: there is no repository."""
    share: float | None = None
    """Of the traffic, where versions split it; None: they do not, or it takes no part."""

    @property
    def key(self) -> Key:
        """Stands for the version."""
        return self.row.name, self.row.version


@dataclass(frozen=True, slots=True)
class FileNode:
    """A file that serves no version, with what is wrong with it."""

    report: FileReport
    draft: bool = False
    git: str | None = None

    @property
    def key(self) -> Key:
        """Stands for the file."""
        return self.report.path


Node: TypeAlias = PromptNode | VersionNode | FileNode


_DRAFT: list[Word] = [(" draft", "warning")]


ROOM_FOR_GIT = 28
"""Width in cells from which git's column stands beside the figures without taking of their room."""

GIT_MARKS = {"modified": "±", "untracked": "+"}
"""Against the last commit; muted, as they say how things are and not that something is wrong."""


def build(
    library: LibrarySnapshot,
    folded: Collection[str],
    query: str,
    drafts: Collection[str] = (),
    git: Mapping[str, str] | None = None,
) -> list[Node]:
    """Return the rows in order: prompts by name with their versions, then the files that serve nothing.

    A row stays when it has every word of `query` somewhere in its name, version, path, tags or description;
    while filtering nothing is folded. `drafts` are the paths of files with unsaved drafts, `git` says which
    are not clean, None if there is no repository.
    """
    words = query.casefold().split()
    nodes: list[Node] = []
    for name, group in groupby(library.versions, key=lambda row: row.name):
        all_rows = list(group)
        rows = [row for row in all_rows if _has(_searchable(row), words)]
        if not rows:
            continue
        hidden = name in folded and not words
        nodes.append(PromptNode(name, len(all_rows), hidden, _conflict(all_rows)))
        if not hidden:
            shares = _shares(all_rows)
            nodes += [
                VersionNode(row, row.path in drafts, _git(git, row.path), shares.get(row.version))
                for row in rows
            ]
    reports = [report for report in library.reports if _has(report.path.casefold(), words)]
    broken = [FileNode(report, report.path in drafts, _git(git, report.path)) for report in reports]
    return [*nodes, *broken]


def path_of(node: Node) -> str | None:
    """Return the file that a row stands for; None for a prompt, which may have several."""
    match node:
        case VersionNode(row=row):
            return row.path
        case FileNode(report=report):
            return report.path
        case PromptNode():
            return None


def words_of(node: Node, width: int) -> list[Word]:
    """Return what a row says in `width` cells."""
    match node:
        case PromptNode():
            note = [(f"{node.versions}", "faint")] if node.folded else []
            if node.conflict:
                note = [("! which one?", "warning")]
            return fit([("▸ " if node.folded else "▾ ", "muted"), (node.name, "strong")], note, width)
        case VersionNode(row=row, draft=draft, git=git, share=share):
            tight = git is not None and width < ROOM_FOR_GIT
            figures = [*_count_words(row, tight=tight), *_git_words(git)]
            return fit(_version_words(row, share, draft=draft), figures, width)
        case FileNode(report=report, draft=draft, git=git):
            error = first_error(report.problems)
            mark = [("✖ ", "error"), (PurePosixPath(report.path).stem, "text"), *_DRAFT[:draft]]
            return fit(mark, [(_position(error), "error"), *_git_words(git)], width)


def first_error(problems: Collection[Problem]) -> Problem | None:
    """Return the first error, if any."""
    return next((problem for problem in problems if problem.severity == "error"), None)


def _shares(rows: Sequence[VersionRow]) -> dict[int, float]:
    split = in_service(rows)
    whole = sum(row.weight or 0.0 for row in split)
    return {row.version: (row.weight or 0.0) / whole for row in split} if len(split) > 1 else {}


def _version_words(row: VersionRow, share: float | None, *, draft: bool) -> list[Word]:
    mark = ("●", "accent") if row.active else ("○", "muted")
    words: list[Word] = [("  ", ""), mark, (f" v{row.version}", "text" if row.active else "muted")]
    if share is not None:
        words.append((f" {100 * share:.0f} %", "accent"))
    words += _DRAFT[:draft]
    if error := first_error(row.problems):
        words.append((f"  ✖ {_position(error)}", "error"))
    elif row.problems and not draft:
        words.append(("  !", "warning"))
    return words


def _count_words(row: VersionRow, *, tight: bool) -> list[Word]:
    # Two columns of fixed width, so that the figures stand below each other and do not jump.
    counts, rates = (4, 5) if tight else (5, 6)
    rate = "—" if row.success_rate is None else f"{row.success_rate:.2f}".lstrip("0")
    return [
        (f"{row.usage_count:>{counts}} ×", "muted"),
        (f"{rate:>{rates}}", "text" if row.success_rate is not None else "faint"),
    ]


def _git(states: Mapping[str, str] | None, path: str) -> str | None:
    return None if states is None else states.get(path, "")


def _git_words(state: str | None) -> list[Word]:
    # With a repository the column is there in every row, so that no figure jumps.
    return [] if state is None else [(f" {GIT_MARKS.get(state, ' ')}", "muted")]


def _position(problem: Problem | None) -> str:
    if problem is None or problem.line is None:
        return ""
    return f"{problem.line}:{problem.column or 1}"


def _conflict(rows: Collection[VersionRow]) -> bool:
    active = [row for row in rows if row.active]
    return len(active) != 1 and not any(row.weight for row in active)


def _searchable(row: VersionRow) -> str:
    return " ".join([row.name, f"v{row.version}", row.path, *row.tags, row.description]).casefold()


def _has(text: str, words: Collection[str]) -> bool:
    return all(word in text for word in words)
