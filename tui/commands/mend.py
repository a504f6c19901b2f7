"""`penstock check --fix`: shows what can be mended for sure, and mends it when told to."""

from __future__ import annotations

import contextlib
import difflib
import sys
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import click

from tui.core.cases.book import prompt_of
from tui.core.cases.document import parse_cases
from tui.core.cases.joined import join_tables
from tui.core.file_changes import ChangeRefused, FileChange, carry_out
from tui.core.prompts.document import parse_document
from tui.core.prompts.files import read_file, survey
from tui.core.prompts.mending import mend_cases, mend_prompt
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tui.core.prompts.mending import Mended


@dataclass(frozen=True, slots=True)
class Proposal:
    """A file as it is, and as it could be."""

    path: Path
    before: bytes
    mended: Mended


def fix(root: Path, *, yes: bool) -> None:
    """Show the difference for each file that can be mended, and mend them when the user agrees.

    Without a terminal to ask at, and without `yes`, nothing is changed.
    """
    found = list(proposals(root))
    for proposal in found:
        for line in _difference(proposal):
            click.echo(line)
        for note in proposal.mended.notes:
            click.echo(f"{printable(str(proposal.path))}: {printable(note)}", err=True)
    if not found:
        click.echo("There is nothing that can be mended for sure.", err=True)
    elif yes or (sys.stdin.isatty() and click.confirm("Write this?", err=True)):
        try:
            carry_out([FileChange(one.path, one.before, one.mended.data) for one in found])
        except ChangeRefused as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Mended {len(found)} {'file' if len(found) == 1 else 'files'}.", err=True)
    else:
        click.echo("Nothing was written; --yes writes it.", err=True)


def proposals(root: Path) -> Iterator[Proposal]:
    """Yield what can be mended in a folder, or in one file, by path."""
    prompts, cases = _files(root)
    texts = {**prompts, **cases}
    known = _known(root, prompts, cases)
    for path, data in sorted(texts.items()):
        if path in cases:
            mended = mend_cases(data)
        else:
            inside = PurePosixPath(path.relative_to(root) if path != root else path.name)
            mended = mend_prompt(data, inside, known.get(_name(inside, data), frozenset()))
        if mended is not None:
            yield Proposal(path, data, mended)


def _files(root: Path) -> tuple[dict[Path, bytes], dict[Path, bytes]]:
    if not root.is_dir():
        alone = _read([root])
        return ({}, alone) if root.suffix in (".yaml", ".yml") else (alone, {})
    found = survey(root)
    prompts, cases = (_read(root / file.path for file in files) for files in (found.files, found.cases))
    return prompts, cases


def _read(paths: Iterable[Path]) -> dict[Path, bytes]:
    """Return what can be read; `penstock check` reports what cannot."""
    found = {}
    for path in paths:
        with contextlib.suppress(OSError):
            found[path] = read_file(path.parent, path.name)[0]
    return found


def _known(
    root: Path, prompts: Mapping[Path, bytes], cases: Mapping[Path, bytes]
) -> Mapping[str, frozenset[str]]:
    """Return, by prompt, the names that are variables for sure: another version or a case says so."""
    known: dict[str, set[str]] = {}
    for path, data in prompts.items():
        inside = PurePosixPath(path.relative_to(root) if path != root else path.name)
        document = parse_document(data, inside).document
        if document is not None:
            known.setdefault(document.name, set()).update(variable.name for variable in document.variables)
    for path, data in cases.items():
        if path == root:
            continue
        relative = path.relative_to(root)
        joined = join_tables(
            parse_cases(data), relative.as_posix(), lambda table: read_file(root, table)[0]
        ).document
        for case in joined.cases if joined else ():
            known.setdefault(prompt_of(relative), set()).update(case.vars)
    return {name: frozenset(names) for name, names in known.items()}


def _name(path: PurePosixPath, data: bytes) -> str:
    """Return the prompt that a file is, even if its front matter has to be mended first."""
    mended = mend_prompt(data, path, ())
    document = parse_document(mended.data if mended else data, path).document
    return document.name if document else ""


def _difference(proposal: Proposal) -> Iterator[str]:
    before, after = (
        [printable(line) for line in data.decode().splitlines()]
        for data in (proposal.before, proposal.mended.data)
    )
    name = printable(str(proposal.path))
    return difflib.unified_diff(before, after, name, name, n=1, lineterm="")
