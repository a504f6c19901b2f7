"""The bottom line: the keys that matter here, and for a moment what just happened."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal

from tui.action_table import ACTIONS
from tui.actions import labels
from tui.core.text import printable
from tui.widgets.ink import Painted, Word, clip, fit, width_of, word_at
from tui.widgets.message_rows import MessageRows
from tui.widgets.reading.wrapping import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Click
    from textual.timer import Timer

    from tui.action_table import Action, Place

MOST_ROWS = 6
"""Rows that a message takes at most; the rest of it is left out, which its end shows."""
MESSAGE_S = 6.0
"""How long a message stays, in seconds; an error stays twice as long."""

TOGETHER_S = 1.0
"""What is told within so many seconds, as of one save of the settings, belongs together."""

Severity = Literal["information", "warning", "error"]
_INKS: dict[Severity, str] = {"information": "text", "warning": "warning", "error": "error"}


class KeyLine(Painted):
    """One row instead of toasts: a message costs one line on the wire, not a redrawn screen."""

    def __init__(self, places: tuple[Place, ...]) -> None:
        super().__init__(id="keys")
        self._places = places
        self._without: tuple[str, ...] = ()
        self._told_at = 0.0
        self._message = ""
        self._severity: Severity = "information"
        self._timer: Timer | None = None
        self._last_row = ""
        self._above = MessageRows()

    def about(self, places: tuple[Place, ...], without: tuple[str, ...] = ()) -> None:
        """Show the keys that matter in these places, but not those of the actions of these ids."""
        if (places, without) != (self._places, self._without):
            self._places, self._without = places, without
            self.refresh()

    def tell(self, message: str, severity: Severity = "information") -> None:
        """Show a sentence in place of the keys for a while; what is too long for a row stands above it."""
        self._message, self._severity = " ".join(message.split()), severity
        self._told_at = asyncio.get_running_loop().time()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(MESSAGE_S * (2 if severity == "error" else 1), self._forget)
        self._lay_out()

    def tell_also(self, message: str, severity: Severity = "information") -> None:
        """Tell what no key has asked for: it does not take the place of what went wrong just before it."""
        fresh = self._message and asyncio.get_running_loop().time() - self._told_at < TOGETHER_S
        if fresh and self._severity != "information" and severity == "information":
            message, severity = f"{self._message} {message}", self._severity
        self.tell(message, severity)

    @property
    def message(self) -> str:
        """The sentence that is shown now."""
        return self._message

    def _forget(self) -> None:
        self._message = ""
        self._lay_out()

    def on_resize(self) -> None:
        """Wrap the message for the width."""
        self._lay_out()

    def _lay_out(self) -> None:
        said = printable(self._message)
        rows = wrap(said, self.size.width) if self.size.width else [(0, len(said))]
        last = min(len(rows), MOST_ROWS) - 1
        above, self._last_row = rows[:last], said[rows[last][0] :]
        if above and not self._above.is_attached:
            self.screen.mount(self._above)
        self._above.show([said[start:end] for start, end in above], _INKS[self._severity])
        self.refresh()

    async def on_click(self, event: Click) -> None:
        """Drop the message, or do what the key at that place does."""
        if self._message:
            self._forget()
            return
        offset = event.get_content_offset(self)
        words = self.words(0)
        at = word_at(words, offset.x) if offset is not None else None
        if at is None:
            return
        key = words[at if words[at][1] == "key" else max(0, at - 1)][0]
        for action in self._shown:
            if labels(action)[0] == key:
                # What is no key of the screen is one of the pane that has the focus.
                owner = (
                    self.screen if action.place in getattr(self.screen, "PLACES", ()) else self.screen.focused
                )
                await self.app.run_action(action.call, default_namespace=owner or self.screen)

    @property
    def _shown(self) -> list[Action]:
        places = self._places  # the screen's own first, wherever they stand in the table; help and quit last
        shown = [action for action in ACTIONS if action.short and action.place in places]
        shown = [action for action in shown if action.id not in self._without]
        return sorted(shown, key=lambda action: places.index(action.place))

    def words(self, y: int) -> Sequence[Word]:
        """Return the message, or as many keys as fit; those that lead back, to help and out always do."""
        if self._message:
            return [(clip(self._last_row, self.size.width), _INKS[self._severity])]
        shown = self._shown
        back = [action for action in shown[:-2] if action.keys.startswith("escape")][:1]
        ends = [*back, *shown[-2:]]
        tail = [word for action in ends for word in (("   ", ""), *_group(action))][1:]
        room = self.size.width - width_of(tail) - 2
        words: list[Word] = []
        for group in (_group(action) for action in shown if action not in ends):
            if width_of(words) + width_of(group) > room:
                break
            words += [*group, ("   ", "")]
        return fit(words[:-1], tail, self.size.width)


def _group(action: Action) -> list[Word]:
    return [(labels(action)[0], "key"), (f" {action.short}", "muted")]
