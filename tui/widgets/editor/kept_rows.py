"""Rows of a text area that are painted once: again only when they would look unlike before."""

from __future__ import annotations

from abc import abstractmethod
from itertools import islice
from typing import TYPE_CHECKING

from tui.widgets.editor.file_text import FileText

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from textual.document._document import Location
    from textual.strip import Strip

_BRACKET_REACH = 5000
"""Characters in which the partner of a bracket is looked for, either way, whenever the cursor moves."""


class KeptRows(FileText):
    """Textual paints every row in sight for each key, after it has put the whole text together for each row.

    Here a row is known by what it shows; a key paints the row that it was typed in. What all rows share
    (theme, styles) is no part of that: Textual forgets the rows when it changes.
    """

    @abstractmethod
    def look(self, line: int) -> Hashable:
        """Return what decides how a line looks, beside its text, the selection and the cursor."""

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight, if it is not known already."""
        rows = self.wrapped_document._offset_to_line_info
        number = y + self.scroll_offset.y
        if number >= len(rows):
            return self._render_line(y)
        line, section = rows[number]
        key = (
            *(line, section, self.document.get_line(line), self.look(line)),
            *(self._marked_in(line), self.has_focus, self.size.width, self.gutter_width),
        )
        strip = self._line_cache.get(key)
        if strip is None:
            strip = self._line_cache[key] = self._render_line(y)
        return strip

    def _marked_in(self, line: int) -> Hashable:
        """Return what there is of selection, cursor and brackets in a line."""
        start, end = sorted(self.selection)
        row, column = self.selection.end
        selected = start != end and start[0] <= line <= end[0]
        partner = self._matching_bracket_location
        return (
            (max(start, (line, 0)), min(end, (line + 1, 0))) if selected else None,
            column if row == line else None,
            partner if partner and line in (row, partner[0]) else None,
        )

    def _yield_character_locations(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations(start), _BRACKET_REACH)

    def _yield_character_locations_reverse(self, start: Location) -> Iterable[tuple[str, Location]]:
        return islice(super()._yield_character_locations_reverse(start), _BRACKET_REACH)
