"""The names of a file: a hidden one while it is not finished, and its own where no file has that yet."""

from __future__ import annotations

import errno
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
"""What link(2) fails with where the disk has no hard links: exFAT, some shares."""


def hidden_beside(path: Path) -> Path:
    """Return a name in the same folder that begins with a dot and ends in `.tmp`: no watcher takes it in."""
    return path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.tmp")


def give_name(temporary: Path, path: Path) -> None:
    """Let `path` name the file; it may have its other name still.

    Raises FileExistsError if there is a file of that name, and OSError; then nothing has changed. Without
    hard links the name is taken by an empty file first, which others may see for a moment.
    """
    try:
        os.link(temporary, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            temporary.replace(path)
        except OSError:
            path.unlink()
            raise
