"""Tells one state of a file from another without reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path

Stamp: TypeAlias = "tuple[int, int, int, int] | None"
"""Device, inode, size and time of change (ns); None where there is no file."""


def stamp(path: Path) -> Stamp:
    """Return what changes whenever the file does; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
