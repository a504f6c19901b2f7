"""Writing a file so that every reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tui.core.naming import give_name

if TYPE_CHECKING:
    from collections.abc import Iterator


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the content of `path` by `data`, keeping its mode bits; create the file if there is none.

    A symbolic link stays one: its target is written. The temporary file beside the target begins with a dot
    and ends in `.tmp`, so that no watcher takes it for a prompt; it is gone when this returns or raises.
    Raises OSError, also for a file that is read-only, although its folder would allow to replace it.
    """
    target = Path(os.path.realpath(path))
    with written_beside(target, data) as temporary:
        temporary.replace(target)


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
    with _beside(path) as (temporary, file):
        yield file
        _to_disk(file, _mode(path))
        give_name(temporary, path)


@contextlib.contextmanager
def written_beside(target: Path, data: bytes) -> Iterator[Path]:
    """Give a file with that content, on the disk, in the target's folder: to be moved or linked to its name.

    It has the mode of the target, and is gone at the end. Raises OSError, also for a read-only target.
    """
    mode = _mode(target)
    with _beside(target) as (temporary, file):
        file.write(data)
        _to_disk(file, mode)
        yield temporary


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[tuple[Path, BinaryIO]]:
    """Give an empty file in the target's folder, open to be written; it is gone at the end."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield temporary, file
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(target.parent)


def _to_disk(file: BinaryIO, mode: int) -> None:
    file.flush()
    os.fchmod(file.fileno(), mode)
    os.fsync(file.fileno())


def _mode(target: Path) -> int:
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)  # there is no way to read it without setting it
        os.umask(umask)
        return 0o666 & ~umask
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
