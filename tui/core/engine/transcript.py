"""A text that only grows, written by one thread and read by others without a lock or a copy."""

from __future__ import annotations


class Transcript:
    """Append-only pieces of text; a reader keeps the number of pieces it has read.

    Safe with one writer and any number of readers, because a list's append is atomic and pieces never change.
    """

    __slots__ = ("_pieces", "length")

    def __init__(self, text: str = "") -> None:
        self._pieces: list[str] = [text] if text else []
        self.length = len(text)
        """Characters so far."""

    def append(self, piece: str) -> None:
        """Add `piece` at the end."""
        if piece:
            self._pieces.append(piece)
            self.length += len(piece)

    def read(self, since: int = 0) -> tuple[str, int]:
        """Return the text after the first `since` pieces, and the position to read from next time."""
        upto = len(self._pieces)
        return "".join(self._pieces[since:upto]), upto

    def __str__(self) -> str:
        return "".join(self._pieces)
