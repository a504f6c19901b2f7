"""Replacing or removing a file only if it is still what it was, with no moment in which a save gets lost."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tui.core.atomic import write_new, written_beside
from tui.core.naming import give_name, hidden_beside

if TYPE_CHECKING:
    from collections.abc import Callable

_TRIES = 8
_HERE = -100
"""AT_FDCWD of Linux: paths are relative to the working folder."""
_SWAP = 2
"""RENAME_EXCHANGE of Linux's renameat2(2), and RENAME_SWAP of macOS's renamex_np(2)."""
_CANNOT = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM})


class Overtaken(Exception):
    """Somebody else wrote first; `found` is what they wrote, None if they removed the file."""

    def __init__(self, found: bytes | None) -> None:
        super().__init__("The file was changed meanwhile.")
        self.found = found


def replace_if(path: Path, data: bytes, expected: bytes | None) -> None:
    """Replace the content of `path` by `data` if it is `expected` (None: there is no file).

    Raises Overtaken if it is not, and leaves the file as others made it; OSError as `written_beside` does.
    The two files change places in one step, and what comes out is looked at afterwards: a save that arrives
    between the look and the step is found there and put back. Where a file system cannot exchange files, the
    look comes right before the rename. A symbolic link stays one: its target is written.
    """
    target = Path(os.path.realpath(path))
    found = _read(target)
    if found != expected:
        raise Overtaken(found)
    if expected is None:
        _create(target, data)
        return
    with written_beside(target, data) as temporary:
        if not _exchange(temporary, target):
            if (found := _read(target)) != expected:
                raise Overtaken(found)
            temporary.replace(target)
        elif (found := _read(temporary)) != expected:
            _put_back(temporary, target, data)
            raise Overtaken(_read(target))


def remove_if(path: Path, expected: bytes | None) -> None:
    """Remove a file if its content is `expected`; of a symbolic link only the link.

    Raises Overtaken if it is not, and leaves the file as others made it; OSError. The file first gets a
    hidden name and is looked at then, so that no save comes between the look and the removal.
    """
    temporary = hidden_beside(path)
    try:
        path.rename(temporary)
    except FileNotFoundError:
        raise Overtaken(None) from None
    try:
        found = _read(temporary)
    except OSError:  # a folder, or a file that may not be read
        if not os.path.lexists(path):
            temporary.rename(path)
        raise
    if found != expected:
        with contextlib.suppress(FileExistsError):  # of several that were saved meanwhile, the latest stays
            give_name(temporary, path)
        temporary.unlink(missing_ok=True)
        raise Overtaken(found)
    temporary.unlink()


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _create(target: Path, data: bytes) -> None:
    try:
        write_new(target, data)
    except FileExistsError:
        raise Overtaken(_read(target)) from None


def _put_back(temporary: Path, target: Path, ours: bytes) -> None:
    """Let the others' file return to its place; of several that they saved meanwhile, the latest."""
    for _ in range(_TRIES):
        if not _exchange(temporary, target) or _read(temporary) == ours:
            return


def _exchange(one: Path, other: Path) -> bool:
    """Let two files change places; False where that cannot be done. Raises Overtaken if `other` has gone."""
    function = _system_call()
    if function is None:
        return False
    failure = function(os.fsencode(one), os.fsencode(other))
    if failure == errno.ENOENT:
        raise Overtaken(None)
    if failure and failure not in _CANNOT:
        raise OSError(failure, os.strerror(failure), str(other))
    return not failure


@cache
def _system_call() -> Callable[[bytes, bytes], int] | None:
    """Return a function that exchanges two paths and gives the error number, 0 for none."""
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: _errno(library.renamex_np(one, other, _SWAP))
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: _errno(library.renameat2(_HERE, one, _HERE, other, _SWAP))
    return None


def _errno(result: int) -> int:
    return ctypes.get_errno() if result else 0
