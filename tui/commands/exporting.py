"""`penstock export`: prompts and cases in the formats of other programs, read from the files alone."""

from __future__ import annotations

import contextlib
import itertools
import os
from importlib import import_module
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.atomic import write_new
from tui.core.cases.book import CaseBook
from tui.core.interop.sheet import Parcel, SamePath, Sheet
from tui.core.prompts.document import parse_document
from tui.core.prompts.files import survey
from tui.core.text import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.core.prompts.document import PromptDocument
    from tui.core.workspace import Options

_MODULES = {"langfuse-json": "langfuse"}


def export(options: Options, *, format: str, names: Sequence[str], version: int | None, folder: Path) -> None:
    """Write the files, and say what is not in them. Raises Mistake."""
    sheets = read_sheets(open_workspace(options)[0].prompts, names, version)
    module = import_module(f"tui.core.interop.to_{_MODULES.get(format, format)}")
    try:
        parcel: Parcel = module.export(sheets)
    except SamePath as error:
        raise Mistake(str(error)) from error
    write(parcel, folder)


def write(parcel: Parcel, folder: Path) -> None:
    """Write new files, all or none; their paths go to stdout, what is lost to stderr. Raises Mistake."""
    paths = {folder / name: text for name, text in parcel.files.items()}
    there = next((path for path in paths if os.path.lexists(path)), None)
    if there is not None:
        raise Mistake(f"{there} is there already: choose another folder")
    try:
        with contextlib.ExitStack() as undo:
            for path, text in paths.items():
                _make_folder(path.parent, undo)
                write_new(path, text.encode("utf-8", "replace"))
                undo.callback(path.unlink, missing_ok=True)
            undo.pop_all()
    except OSError as error:
        raise click.ClickException(f"{error.filename} could not be written ({error.strerror})") from error
    for path in paths:
        click.echo(printable(str(path)))
    for sentence in parcel.losses:
        click.echo(f"Not carried over: {printable(sentence)}", err=True)


def _make_folder(folder: Path, undo: contextlib.ExitStack) -> None:
    """Make a folder and those above it; those that are new are removed again by `undo`, if they are empty."""
    missing = list(itertools.takewhile(lambda one: not one.exists(), (folder, *folder.parents)))
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        undo.callback(_remove_folder, one)


def _remove_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # another has put something in
        folder.rmdir()


def read_sheets(root: Path, names: Sequence[str], version: int | None) -> list[Sheet]:
    """Return the prompts of a folder with their cases. Raises Mistake, also for a file that is broken."""
    if not root.is_dir():
        raise Mistake(f"There is no folder {root}")
    found: dict[str, dict[int, PromptDocument]] = {}
    for file in survey(root).files:
        try:
            parsed = parse_document((root / file.path).read_bytes(), PurePosixPath(file.path))
        except OSError as error:
            raise Mistake(f"{file.path} cannot be read ({error.strerror})") from error
        if parsed.document is None:
            problem = next(problem for problem in parsed.problems if problem.severity == "error")
            raise Mistake(problem.report(file.path))
        found.setdefault(parsed.document.name, {}).setdefault(parsed.document.version, parsed.document)
    for name in names:
        if name not in found:
            raise Mistake(f"There is no prompt {name!r} in {root}")
    return list(filter(None, (_sheet(root, name, found[name], version) for name in names or sorted(found))))


def _sheet(root: Path, name: str, versions: dict[int, PromptDocument], version: int | None) -> Sheet | None:
    cases = CaseBook(root).scan().sets.get(name)
    if cases is not None and cases.error is not None:
        raise Mistake(cases.error.report(cases.path))
    if version is not None and version not in versions:
        return None
    chosen = [versions[number] for number in sorted(versions) if version in (None, number)]
    return Sheet(name, chosen, cases.document if cases else None)
