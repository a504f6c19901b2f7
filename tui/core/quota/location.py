"""Where the file that all processes of a user share may lie, and whether it is still the same one."""

from __future__ import annotations

import os
from pathlib import Path

_NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "lustre", "gpfs", "fuse.sshfs", "davfs")
_MOUNTS = Path("/proc/self/mountinfo")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def ledger_path(state_folder: Path, application: str = "penstock") -> Path:
    """Return where the shared file goes: `state_folder`, unless that is on another machine's disk.

    SQLite's locks, and its shared memory above all, do not work over a network. Then it is a folder of this
    machine that only the user may enter. Raises OSError if neither can be made, or the folder is another's.
    """
    if not on_network(state_folder):
        state_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return state_folder / "limits.db"
    folder = Path("/var/tmp") / f"{application}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(f"{folder} is not a folder that only you may enter; remove it.")
    return folder / "limits.db"


def on_network(path: Path, mounts: str | None = None) -> bool:
    """Return whether `path` is on a network file system; `mounts` is as of proc_pid_mountinfo(5)."""
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
    resolved, best, kind = path.resolve(), -1, ""
    for line in mounts.splitlines():
        fields, _, rest = line.partition(" - ")
        parts = fields.split()
        if len(parts) < 5 or not rest:
            continue
        point = Path(parts[4].replace("\\040", " "))
        if len(point.parts) >= best and resolved.is_relative_to(point):
            best, kind = len(point.parts), rest.split()[0]
    return kind.startswith(_NETWORK)


def boot_id() -> str:
    """Return what tells one boot of the machine from another; empty where the system has no such thing."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another at the same path; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
