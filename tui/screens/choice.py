"""A choice that needs the differences in sight: a sentence, what differs, and a few ways to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container, Vertical
from textual.screen import ModalScreen

from tui.action_table import ACTIONS, Place
from tui.actions import bindings, labels
from tui.screens.acts.searching import Searching
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.ink import Painted, Word, fit
from tui.widgets.reading.text_view import Line, TextView, plain_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.events import Click


@dataclass(frozen=True, slots=True)
class Side:
    """One of the differences to look at."""

    title: str
    lines: Sequence[Line]


class _Lines(TextView):
    pass


class _Way(Painted):
    """One way to go on: its key, and what it does; a click takes it."""

    def __init__(self, key: str, title: str, help_text: str, call: str) -> None:
        super().__init__(classes="choice-way")
        self._words: list[Word] = [(f"{key:>5}  ", "key"), (title, "text"), (f"   {help_text}", "muted")]
        self._call = call

    def words(self, y: int) -> Sequence[Word]:
        return fit(self._words, (), self.size.width)

    async def on_click(self, event: Click) -> None:
        await self.run_action(f"screen.{self._call}")


class Choice(Searching[str | None], ModalScreen[str | None]):
    """Ends with the name of the way that was chosen, or None for later.

    A subclass names the place of its keys in the action table; each of them calls `choose('name')`.
    """

    CSS_PATH = "choice.tcss"
    PLACE: ClassVar[Place]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it

    def __init__(
        self, title: str, sentence: str, sides: Sequence[Side], without: Collection[str] = ()
    ) -> None:
        super().__init__()
        self._title, self._sentence, self._sides, self._without = title, sentence, sides, without

    def compose(self) -> ComposeResult:
        """Yield the sentence, the differences beside each other, and the ways below."""
        with Vertical(id="choice"):
            yield Heading((self._title, "strong"), id="choice-heading")
            yield TextView(id="choice-sentence")
            with Container(id="choice-sides"):
                for side in self._sides:
                    with Vertical(classes="choice-side"):
                        yield Heading((side.title, "accent"))
                        yield _Lines()
            for action in ACTIONS:
                if action.place == self.PLACE and self._offers(action.call):
                    yield _Way(labels(action)[0], action.title, action.help, action.call)
            yield AskLine()

    def on_mount(self) -> None:
        """Fill in the texts once it is known how wide they are."""
        self.call_after_refresh(self._fill)

    def _fill(self) -> None:
        self.query_one("#choice-sentence", TextView).show(plain_lines(self._sentence, "text"))
        views = list(self.query(_Lines))
        for view, side in zip(views, self._sides, strict=True):
            view.show(side.lines)
        if views:
            views[0].focus()

    def _offers(self, call: str) -> bool:
        return not any(f"'{name}'" in call for name in self._without)

    def action_choose(self, name: str) -> None:
        """Go on that way."""
        if name not in self._without:
            self.dismiss(name)

    def action_later(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)


class ConflictChoice(Choice):
    """The file was changed while one typed: "mine", "theirs" or "merge"."""

    PLACE = "conflict"
    BINDINGS = bindings("conflict")


class DraftChoice(Choice):
    """A draft waits for the file: go on with the "draft", open the "file", or "drop" the draft."""

    PLACE = "draft"
    BINDINGS = bindings("draft")
