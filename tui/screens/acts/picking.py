"""Choosing one thing from a list, by words, arrows or a click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.getters import query_one

from tui.screens.acts.base import Surface
from tui.widgets.pick_list import PickList

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.widgets.pick_list import Pick


class Picking(Surface[None]):
    """A screen that has the list above its bottom row."""

    pick_list = query_one(PickList)

    async def pick(self, label: str, picks: Sequence[Pick]) -> str | None:
        """Return the key of what is chosen, None for nothing, for a worker.

        The list goes with its question, also where another question takes the place of that.
        """
        shown = self.pick_list
        shown.open(picks)
        try:
            answer = await self.ask_line.ask(
                label, hint="words to find one", typed=shown.filter, stepped=shown.step
            )
            return shown.chosen if answer is not None else None
        finally:
            shown.close()

    @on(PickList.Picked)
    def _row_clicked(self) -> None:
        self.ask_line.close("")
