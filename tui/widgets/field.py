"""A field of one line that shows harmlessly what is in it: a default from a file, a paste from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from tui.core.text import printable

if TYPE_CHECKING:
    from rich.text import Text


class Field(Input):
    """An Input whose text is shown with its control and bidi characters made visible; the value keeps them.

    Textual takes only five control characters out of what it paints, and the escape is none of them. `_value`
    is not public; the version of Textual is pinned, and a test paints a hostile value.
    """

    @property
    def _value(self) -> Text:
        """The text as it is painted: a character for a character, so that the cursor keeps its place."""
        text = super()._value
        if not self.password:
            text.plain = printable(self.value.replace("\t", " "))
        return text
