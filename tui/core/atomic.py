"""Writing a file so that every reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO

from tui.core.naming import give_name, hidden_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet; its name appears with all of its content.

    Raises FileExistsError for one that is there, even if it came a moment ago, and OSError.
    """
    with new_file(path) as file:
        file.write(data)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; its name appears at the end, with all that was written, or else never.

    Raises FileExistsError where there is one of that name, at the beginning or, if it came meanwhile, at the
    end; and OSError.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    with _beside(path, None) as (temporary, file):
        yield file
        _to_disk(file)
        give_name(temporary, path)


@contextlib.contextmanager
def written_beside(target: Path, data: bytes) -> Iterator[Path]:
    """Give a file with that content, on the disk, in the target's folder: to be moved or linked to its name.

    It has the mode of the target, and is gone at the end. Raises OSError, also for a target that is
    read-only, although its folder would allow to replace it.
    """
    mode = _mode(target)
    with _beside(target, mode) as (temporary, file):
        file.write(data)
        _to_disk(file)
        yield temporary


@contextlib.contextmanager
def _beside(target: Path, mode: int | None) -> Iterator[tuple[Path, BinaryIO]]:
    """Give an empty file in the target's folder, open to be written; it is gone at the end.

    Without a `mode` it has that of any new file, which the kernel knows: a umask can only be read by setting
    it, for all threads at once.
    """
    temporary, descriptor = _create(target, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            yield temporary, file
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _create(target: Path, mode: int) -> tuple[Path, int]:
    """Return the path and the descriptor of a new file beside the target."""
    while True:
        temporary = hidden_beside(target)
        with contextlib.suppress(FileExistsError):
            return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _mode(target: Path) -> int | None:
    """Return the mode bits of the file; None where there is none."""
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return None
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    return mode


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # some network file systems cannot do this
            raise
    finally:
        os.close(descriptor)
