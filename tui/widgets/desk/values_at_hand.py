"""The values of the version at hand: form, heading and the book that remembers them, kept in step."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.widgets.desk.values import ValuesForm
from tui.widgets.desk.values_heading import ValuesHeading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from tui.core.prompts.document import Variable
    from tui.core.prompts.snapshot import VersionRow
    from tui.widgets.desk.value_book import ValueBook


class ValuesAtHand:
    """Whatever changes the book notes first what stands in the fields, so that no typed key is lost."""

    def __init__(self, book: ValueBook) -> None:
        self.book = book
        self.form = ValuesForm()
        self.heading = ValuesHeading()
        self._turn = asyncio.Lock()

    async def fill(self, row: VersionRow | None) -> None:
        """Show the values of a version as the book has them; None: there is nothing that takes values."""
        async with self._turn:  # a worker may come while the form is being built
            if row is None:
                await self.form.show("", (), {}, {})
            else:
                book = self.book
                await self.form.show(row.name, row.variables, book.base(row.name), book.typed(row.name))
        self.count(row.variables if row else ())

    def note(self) -> None:
        """Bring the book up to what stands in the fields; a key may have come since the form told of one."""
        if self.form.prompt:
            names = [field.variable.name for field in self.form.fields]
            self.book.note(self.form.prompt, names, self.form.typed)

    def restore(self, kept: Mapping[str, Any]) -> None:
        """Take over what was typed before this start."""
        self.note()
        self.book.restore(kept)

    def choose(self, prompt: str, case: str) -> None:
        """Let the values of a prompt be those of a case, "" for none, as it was left."""
        self.note()
        self.book.choose(prompt, case)

    def rename(self, old: str, new: str) -> None:
        """Let the values of a prompt be of one that is called otherwise, and the fields too."""
        self.note()
        self.book.rename(old, new)
        self.form.rename(old, new)

    def missing(self, variables: Sequence[Variable]) -> list[str]:
        """Return the variables that have neither a value nor a default."""
        given = self.form.values
        return [variable.name for variable in variables if variable.required and variable.name not in given]

    def count(self, variables: Sequence[Variable]) -> None:
        """Say in the heading how many values are missing, and of which case they are."""
        prompt = self.form.prompt
        found = self.book.cases.sets.get(prompt)
        self.heading.show_state(
            self.missing(variables), self.book.case(prompt), found, edited=bool(self.form.typed)
        )

    def show(self, *, in_sight: bool) -> None:
        """Show the form with its heading, or hide both."""
        self.form.display = self.heading.display = in_sight
