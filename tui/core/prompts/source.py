"""A prompt file's bytes as text, or the reason why they are none."""

from __future__ import annotations

import codecs
import hashlib

from tui.core.prompts.problems import Problem, position

MAX_BYTES = 1 << 20
BOM = "\ufeff"
_OTHER_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, whose mark begins it
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class UnreadableError(ValueError):
    """The file cannot be read as a prompt; `problems` say why, each with its place."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


def content_hash(data: bytes) -> str:
    """Return the SHA-256 of the file's bytes in hexadecimal, which identifies a revision."""
    return hashlib.sha256(data).hexdigest()


def decode(data: bytes) -> str:
    r"""Return the file's text without a byte order mark and with \r\n as \n.

    Raises UnreadableError when it is over MAX_BYTES, not UTF-8, or holds a NUL character.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(_too_large(len(data)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableError(_not_utf8(data, error.start)) from None
    text = text.removeprefix(BOM)
    if "\0" in text:
        line, column = position(text, text.index("\0"))
        fix = "Remove it, or save the file as UTF-8 text."
        raise UnreadableError(Problem("error", "nul", "The file holds a NUL character.", line, column, fix))
    return text.replace("\r\n", "\n")


def _too_large(size: int) -> Problem:
    message = f"The file is {size / (1 << 20):.1f} MiB; a prompt may have 1 MiB."
    return Problem("error", "too-large", message, fix="Shorten it, or move it out of the prompts folder.")


def _not_utf8(data: bytes, start: int) -> Problem:
    encoding = next((name for mark, name in _OTHER_MARKS.items() if data.startswith(mark)), None)
    if encoding:
        return Problem("error", "not-utf8", f"The file is {encoding}, not UTF-8.", 1, 1, "Save it as UTF-8.")
    before = data[:start].decode("utf-8").removeprefix(BOM)  # valid up to the first bad byte
    line, column = position(before, len(before))
    message = f"The byte 0x{data[start]:02X} is not UTF-8."
    return Problem("error", "not-utf8", message, line, column, "Save the file as UTF-8.")
