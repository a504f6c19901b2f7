"""Showing the keys that count on a screen or in a box."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual.screen import Screen

from tui.actions import typed_in

if TYPE_CHECKING:
    from tui.action_table import Place

Result = TypeVar("Result")
"""What a screen ends with; None for most of them."""


class Helping(Screen[Result]):
    """The act that every place with keys of its own has."""

    PLACES: ClassVar[tuple[Place, ...]]
    """Whose actions count on it, as the keys, the palette and the help show them."""

    def action_help(self) -> None:
        """Show the keys, those of the field that is typed in first, then those of this screen."""
        from tui.screens.help import Help  # only when asked for

        self.app.push_screen(Help((*typed_in(self.focused), *self.PLACES)))
