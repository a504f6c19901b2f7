"""Making a version the active one, which is an edit of one front-matter line in each file concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.atomic import write_atomic
from tui.core.prompts.edit import EditError, set_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.core.prompts.snapshot import VersionRow


class ActivationError(ValueError):
    """The version cannot be made active; the message says why and what to do."""


def activate(folder: Path, versions: Sequence[VersionRow], version: int) -> list[Path]:
    """Make `version` the one active version of its prompt; return the files that were written.

    The new one is switched on before the others are switched off, so that a crash in between leaves the
    prompt with a version to serve. Raises ActivationError; files written until then stay as they are.
    """
    target = next((row for row in versions if row.version == version), None)
    if target is None:
        raise ActivationError(f"There is no version {version}; its file may have been removed just now.")
    others = [row for row in versions if row.version != version and row.active]
    written: list[Path] = []
    for row, active in [(target, True), *((row, False) for row in others)]:
        if row.active != active and _set_active(folder / row.path, active):
            written.append(folder / row.path)
    return written


def _set_active(path: Path, active: bool) -> bool:
    try:
        old = path.read_bytes()
        new = set_key(old, "active", active)
        if new != old:
            write_atomic(path, new)
    except EditError as error:
        raise ActivationError(f"{path}: {error}") from error
    except OSError as error:
        raise ActivationError(f"{path}: cannot be changed ({error.strerror}).") from error
    return new != old
