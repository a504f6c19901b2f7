"""Making a version the active one, which is an edit of one front-matter line in each file concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.file_changes import ChangeRefused, FileChange, carry_out
from tui.core.prompts.edit import EditError, set_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.core.prompts.snapshot import VersionRow


class ActivationError(ValueError):
    """The version cannot be made active; the message says why and what to do."""


def activate(folder: Path, versions: Sequence[VersionRow], version: int) -> list[FileChange]:
    """Make `version` the one active version of its prompt; return what was changed.

    The new one is switched on before the others are switched off, so that a crash in between leaves the
    prompt with a version to serve. Raises ActivationError, and then has changed nothing.
    """
    target = next((row for row in versions if row.version == version), None)
    if target is None:
        raise ActivationError(f"There is no version {version}; its file may have been removed just now.")
    others = [row for row in versions if row.version != version and row.active]
    wanted = [(target, True), *((row, False) for row in others)]
    changes = [_change(folder / row.path, active) for row, active in wanted if row.active != active]
    changes = [change for change in changes if change.before != change.after]
    try:
        carry_out(changes)
    except ChangeRefused as error:
        raise ActivationError(str(error)) from error
    return changes


def _change(path: Path, active: bool) -> FileChange:
    try:
        old = path.read_bytes()
        return FileChange(path, old, set_key(old, "active", active))
    except EditError as error:
        raise ActivationError(f"{path}: {error}") from error
    except OSError as error:
        raise ActivationError(f"{path}: cannot be changed ({error.strerror}).") from error
