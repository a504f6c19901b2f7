"""The title of the values: what the one at hand is for, what is missing, and the case they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.prompts.fitting import choices_of, kind_of
from tui.widgets.heading import Heading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.cases.book import CaseSet
    from tui.core.prompts.document import Variable
    from tui.widgets.ink import Word

_KIND_WORDS = {"integer": "a whole number", "number": "a number", "text": "", "boolean": ""}


class ValuesHeading(Heading):
    """One row, so that nothing moves when the cursor goes from value to value."""

    def __init__(self) -> None:
        super().__init__(("Values", "strong"), id="values-heading")
        self._case: tuple[Word, ...] = ()

    def show_variable(self, variable: Variable | None) -> None:
        """Say what a variable is for."""
        self.show(left=[("Values", "strong"), (_about(variable), "muted")])

    def show_state(self, missing: Sequence[str], case: str, found: CaseSet | None, *, edited: bool) -> None:
        """Say how many values are missing, and of which case they are; `found` is what the prompt has."""
        words: list[Word] = [(f"{len(missing)} missing", "warning")] if missing else []
        if found is not None and (error := found.error):
            place = f" {error.line}:{error.column or 1}" if error.line else ""
            words += [("   " if words else "", ""), (f"✖ cases{place}", "error")]
        if case:
            state = ", edited" if edited else ""
            self._case = ("case: ", "muted"), (case, "accent"), (state, "warning"), (" ▾", "muted")
        else:
            self._case = (("cases ▾", "muted"),) if found is not None and found.document.cases else ()
        gap: list[Word] = [("   ", "")] if words and self._case else []
        acts = {text.strip(): "screen.case" for text, _ in self._case}
        self.show(right=[*words, *gap, *self._case], acts=acts)


def _about(variable: Variable | None) -> str:
    if variable is None:
        return ""
    choices = choices_of(variable)
    words = [
        " ".join(variable.description.split()),
        f"one of {', '.join(choices)}" if choices else _KIND_WORDS[kind_of(variable)],
    ]
    said = ": ".join(filter(None, words))
    return f"  {said}" if said else ""
