"""A text that arrives in pieces, put together into whole characters."""

from __future__ import annotations


def is_first_half(character: str) -> bool:
    """Return whether it is the first of the two surrogates that make one character."""
    return "\ud800" <= character <= "\udbff"


class Pieces:
    """Joins a character that was cut in two, as servers do that count in UTF-16.

    In JSON such halves are escapes of their own (RFC 8259, 7: a surrogate pair), which Python reads as two
    lone surrogates when they stand in two strings. A half without its other one becomes U+FFFD: neither a
    database nor a terminal takes it.
    """

    def __init__(self) -> None:
        self._whole: list[str] = []
        self._half = ""

    def append(self, piece: str) -> str:
        """Add a piece; returns what is whole of it now, with the half that was kept back before."""
        piece, self._half = self._half + piece, ""
        if piece and is_first_half(piece[-1]):
            piece, self._half = piece[:-1], piece[-1]
        if not piece.isascii():
            piece = piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if piece:
            self._whole.append(piece)
        return piece

    def __str__(self) -> str:
        return "".join(self._whole)
