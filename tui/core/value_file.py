"""A text from a file, for the value of one variable."""

from __future__ import annotations

import stat

from tui.core.typed import PathError, path_of

MAX_BYTES = 1 << 20


class ValueFileError(ValueError):
    """The file gives no value; the message is one sentence that says why."""


def offered(text: str) -> str:
    """Return what a path that is being typed may become: the first file or folder that begins so.

    What cannot be listed, and hidden files unless a dot is typed, are not offered; then it is `text`.
    """
    folder, slash, begun = text.rpartition("/")
    try:
        entries = sorted(path_of(f"{folder}{slash}" or ".").iterdir())
        for entry in entries:
            if entry.name.startswith(begun) and (begun or not entry.name.startswith(".")):
                return f"{folder}{slash}{entry.name}" + "/" * entry.is_dir()
    except (OSError, ValueError):  # a NUL
        pass
    return text


def read_value(name: str) -> str:
    r"""Return a file's text without its last line break, with \r\n as \n; `~` is the home.

    Raises ValueFileError for what cannot be read, is no file, is over 1 MiB, or is not UTF-8.
    """
    try:
        path = path_of(name)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueFileError(f"{path} is not a file.")
        if status.st_size > MAX_BYTES:
            raise ValueFileError(f"{path} has {status.st_size / MAX_BYTES:.1f} MiB; a value may have 1 MiB.")
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise ValueFileError(f"{path} is not UTF-8 text (byte {error.start + 1}).") from None
    except OSError as error:
        raise ValueFileError(f"{name} cannot be read ({error.strerror}).") from None
    except PathError as error:
        raise ValueFileError(str(error)) from None
