r"""The document of the editor: lines that end with \n and nothing else, as those of a file; and its rows."""

from __future__ import annotations

from textual.document._document import Document, EditResult, Location
from textual.document._wrapped_document import WrappedDocument


class FileDocument(Document):
    """Textual's own also splits at form feeds and the like, and would write line breaks in their places.

    Its text is veiled (see `tui.core.veil`); line breaks are \\n, whatever the file has.
    """

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._lines = text.split("\n")

    def replace_range(self, start: Location, end: Location, text: str) -> EditResult:
        """Replace what stands between two places, in either order."""
        (top, left), (bottom, right) = sorted((start, end))
        replaced = self.get_text_range(start, end)
        before = self._lines[top][:left] if top < len(self._lines) else ""
        after = self._lines[bottom][right:] if bottom < len(self._lines) else ""
        pieces = text.split("\n")
        pieces[0] = before + pieces[0]
        column = len(pieces[-1])
        pieces[-1] += after
        self._lines[top : bottom + 1] = pieces
        return EditResult((top + len(pieces) - 1, column), replaced)


class FileRows(WrappedDocument):
    """The rows that the lines are wrapped to; how many there are is known without counting them."""

    @property
    def height(self) -> int:
        """How many rows there are: Textual adds up all lines, and asks for each row that it paints."""
        return len(self._offset_to_line_info)
