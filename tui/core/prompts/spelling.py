"""How a file spells its text: a byte order mark or none, and its line breaks; so that edits keep both."""

from __future__ import annotations

from dataclasses import dataclass

from tui.core.prompts.source import BOM, UnreadableError, decode


@dataclass(frozen=True, slots=True)
class Spelling:
    """What the bytes of a file have beside its text."""

    crlf: bool = False
    """Whether every line break is \\r\\n; in a file that has both kinds the \\r belong to the text."""
    bom: bool = False


def spelled(data: bytes) -> tuple[str, Spelling]:
    r"""Return a file's text, with \n between its lines, and its spelling; `unspelled` gives the bytes again.

    Raises UnreadableError for what is no text of at most 1 MiB.
    """
    try:
        decode(data)
    except UnreadableError as error:
        if error.problems[0].code != "nul":  # which is no prompt, and yet a text
            raise
    text = data.decode("utf-8")
    bom = text.startswith(BOM)
    text = text.removeprefix(BOM) if bom else text
    breaks = text.count("\n")
    crlf = breaks > 0 and text.count("\r\n") == breaks
    return text.replace("\r\n", "\n") if crlf else text, Spelling(crlf, bom)


def unspelled(text: str, spelling: Spelling) -> bytes:
    """Return the bytes of a file with this text."""
    if spelling.crlf:
        text = text.replace("\n", "\r\n")
    return ((BOM if spelling.bom else "") + text).encode("utf-8")
