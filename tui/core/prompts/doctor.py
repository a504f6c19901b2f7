"""Examines prompt files together: what is wrong with each, and what is wrong between them.

Served is, for each name: the one active version; of several active ones those with a weight, as a split; and
if none of them has a weight, the highest one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tui.core.prompts.document import PromptDocument, parse_document
from tui.core.prompts.problems import Problem, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path, PurePath


class Version(Protocol):
    """What is needed of a version to say whether it is served; a PromptDocument is one."""

    @property
    def name(self) -> str:
        """The prompt's name."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def active(self) -> bool:
        """Whether it is meant to be served."""

    @property
    def weight(self) -> float | None:
        """Its share of a split, in any unit."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """All that was found in one file; `document` is None if it cannot be read as a prompt."""

    path: Path
    problems: tuple[Problem, ...]
    document: PromptDocument | None


def examine(files: Iterable[tuple[Path, bytes]]) -> list[FileReport]:
    """Return a report for each file, by path, with the problems between files after each one's own."""
    reports = [_report(path, data) for path, data in sorted(files, key=_by_path)]
    first: dict[tuple[str, int], Path] = {}
    versions: dict[str, list[PromptDocument]] = defaultdict(list)
    found: dict[Path, Problem] = {}
    for path, document in ((report.path, report.document) for report in reports):
        if document is None:
            continue
        holder = first.setdefault((document.name, document.version), path)
        if holder is path:
            versions[document.name].append(document)
        else:
            found[path] = duplicate_problem(document, holder)
    for name, documents in versions.items():
        for version, problem in selection_problems(documents).items():
            found[first[name, version]] = problem
    return [
        replace(report, problems=(*report.problems, found[report.path])) if report.path in found else report
        for report in reports
    ]


def duplicate_problem(version: Version, first: PurePath) -> Problem:
    """Return the error for a second file of `version`, which `first` has already."""
    message = f"Version {version.version} of {quoted(version.name)} is in {quoted(str(first), 200)} already."
    return Problem("error", "duplicate", message, fix="Give this file another `version` or another `name`.")


def selection_problems(versions: Sequence[Version]) -> Mapping[int, Problem]:
    """Return the warnings about what is served of one name, by version; `versions` are all that it has."""
    active = sorted((version for version in versions if version.active), key=lambda version: version.version)
    if not active:
        newest = max(versions, key=lambda version: version.version, default=None)
        return {newest.version: _none_active(newest)} if newest else {}
    if len(active) == 1:
        return {}
    if not any(version.weight for version in active):
        return {version.version: _no_weights(version, active) for version in active}
    return {version.version: _not_in_split(version) for version in active if not version.weight}


def _by_path(file: tuple[Path, bytes]) -> str:
    return file[0].as_posix()


def _report(path: Path, data: bytes) -> FileReport:
    parsed = parse_document(data, path)
    return FileReport(path, parsed.problems, parsed.document)


def _none_active(version: Version) -> Problem:
    message = f"No version of {quoted(version.name)} is active, so none is served."
    return Problem("warning", "none-active", message, fix="Set `active: true` in the version to serve.")


def _no_weights(version: Version, active: Sequence[Version]) -> Problem:
    numbers = ", ".join(str(other.version) for other in active)
    message = f"Versions {numbers} of {quoted(version.name)} are active; only {active[-1].version} is served."
    fix = "Set `active: false` in all but one, or give each a `weight` to split between them."
    return Problem("warning", "several-active", message, fix=fix)


def _not_in_split(version: Version) -> Problem:
    message = f"Version {version.version} of {quoted(version.name)} is not served, having no weight."
    fix = "Give it a `weight` above 0, or set `active: false`."
    return Problem("warning", "no-weight", message, fix=fix)
