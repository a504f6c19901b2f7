"""Changes of files that can be taken back: each says what a file was and what it became."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.atomic import write_new
from tui.core.exchange import Overtaken, remove_if, replace_if

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file's bytes before and after; None where there was no file, or is none any more."""

    path: Path
    before: bytes | None
    after: bytes | None
    mode: int | None = None
    """The mode bits of a file that comes or goes; None: the usual ones."""
    link: str = ""
    """Where a symbolic link that comes or goes points to; empty for a file."""

    def reversed(self) -> FileChange:
        """Return the change that takes this one back."""
        return FileChange(self.path, self.after, self.before, self.mode, self.link)


class ChangeRefused(Exception):
    """A file cannot be changed, and none was; `reason` says why, in words that follow its path."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}.")
        self.path, self.reason = path, reason


def carry_out(changes: Sequence[FileChange]) -> None:
    """Make the changes in order, each only if its file still is what it was before.

    When one cannot be made, those made until then are taken back. Raises ChangeRefused.
    """
    done: list[FileChange] = []
    for change in changes:
        try:
            _make(change)
        except (Overtaken, OSError) as error:
            _take_back(done)
            if isinstance(error, Overtaken):
                raise ChangeRefused(change.path, "was changed meanwhile") from error
            raise ChangeRefused(change.path, f"cannot be changed ({error.strerror or error})") from error
        done.append(change)


def removal(path: Path) -> FileChange:
    """Return the change that removes a file, or a symbolic link not its target. Raises OSError."""
    link = str(path.readlink()) if path.is_symlink() else ""
    mode = None if link else path.stat().st_mode & 0o7777
    return FileChange(path, path.read_bytes(), None, mode, link)


def _take_back(done: Sequence[FileChange]) -> None:
    for change in reversed(done):
        with contextlib.suppress(Overtaken, OSError):  # whoever came between keeps what he wrote
            _make(change.reversed())


def _make(change: FileChange) -> None:
    if change.after is None:
        remove_if(change.path, change.before)
    elif change.before is not None:
        replace_if(change.path, change.after, change.before)
    elif change.link:
        try:
            change.path.symlink_to(change.link)
        except FileExistsError:
            raise Overtaken(None) from None
    else:
        try:
            write_new(change.path, change.after)
        except FileExistsError:
            raise Overtaken(None) from None
        if change.mode is not None:
            change.path.chmod(change.mode)
