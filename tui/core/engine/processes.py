"""Whether the process that wrote something down still runs."""

from __future__ import annotations

import getpass
import os
import socket


def host() -> str:
    """Return the name of this computer."""
    return socket.gethostname()


def runs_here(pid: int) -> bool:
    """Whether a process of this computer still runs; one that belongs to somebody else does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def who() -> str:
    """Return `user@host`: on whose behalf this process acts."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number only
        user = str(os.getuid())
    return f"{user}@{host()}"
