"""Whether cases fit their prompt: its versions declare the variables, the cases give the values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tui.core.prompts.problems import Problem, quoted
from tui.core.prompts.template import nearest, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui.core.cases.document import Case, CaseDocument
    from tui.core.prompts.problems import Severity
    from tui.core.prompts.variables import Variable


class Version(Protocol):
    """What is needed of a version of the prompt; a PromptDocument is one, and a VersionRow."""

    @property
    def version(self) -> int:
        """Its number."""

    @property
    def active(self) -> bool:
        """Whether it is meant to be served."""

    @property
    def template(self) -> str:
        """Its text."""

    @property
    def system(self) -> str:
        """Its system message."""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """What it declares."""


def review(document: CaseDocument, prompt: str, versions: Sequence[Version]) -> Iterable[Problem]:
    """Return what keeps cases from being run with the versions of their prompt.

    A value that no version declares, and one that an active version lacks, are errors: the first never
    reaches the prompt, without the second it cannot be sent. One that only other versions lack is a warning.
    """
    return dict.fromkeys(_problems(document, prompt, versions))  # a table's column is wrong in every row


def _problems(document: CaseDocument, prompt: str, versions: Sequence[Version]) -> Iterator[Problem]:
    if not versions:
        message = f"There is no prompt {quoted(prompt)} for these cases."
        yield Problem("warning", "no-prompt", message, 1, 1, "Name the file like the prompt.")
        return
    declared = {variable.name for version in versions for variable in version.variables}
    for case in document.cases:
        for name in case.vars:
            if name not in declared:
                meant = nearest(name, declared)
                fix = f"Did you mean {quoted(meant)}?" if meant else "Remove it, or declare it in the prompt."
                message = f"No version of {quoted(prompt)} has a variable {quoted(name)}."
                yield Problem("error", "unknown-variable", message, *case.var_places[name], fix)
        yield from _missing(case, versions)


def _missing(case: Case, versions: Sequence[Version]) -> Iterator[Problem]:
    lacking: dict[str, list[Version]] = {}
    for version in versions:
        for name in _needed(version):
            if name not in case.vars:
                lacking.setdefault(name, []).append(version)
    for name, by in lacking.items():
        numbers = ", ".join(f"v{version.version}" for version in by)
        what = f"The table {quoted(case.table)}" if case.table else f"The case {quoted(case.name)}"
        message = f"{what} has no value for {quoted(name)}, which {numbers} needs."
        severity: Severity = "error" if any(version.active for version in by) else "warning"
        fix = "Give it one, or write a default in the prompt."
        yield Problem(severity, "missing-value", message, case.line, None, fix)


def _needed(version: Version) -> list[str]:
    """Return the variables that the version uses and that have no default."""
    required = {variable.name for variable in version.variables if variable.required}
    texts = (version.system, version.template)
    used = {found.name for text in texts for found in placeholders(text, required) if found.declared}
    return [variable.name for variable in version.variables if variable.name in used]
