"""Files that are their owner's only, for SQLite to fill."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_private(path: Path) -> None:
    """Make an empty file that nobody else may read, if there is none; raises OSError if it cannot be written.

    A file that is there is not opened: to close it would end the locks that this process's connections have
    on it (fcntl(2); "How To Corrupt An SQLite Database File", 2.2). Another process that ends would then
    think itself the last one and delete the log under them, and nobody would see any more what they write.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path)) from None
