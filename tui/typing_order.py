"""Keys in the order they were typed: none overtakes the one before, however fast they come.

Textual hands a key to the pane that has the focus when the key arrives. In a burst that is before the key in
front of it has acted: what was meant for a field that opens would act on the pane below it, or come late.

Alt and a key that mean nothing are taken for esc and the key: see `tui.typed_keys`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import events
from textual.app import App
from textual.message import Message

from tui.typed_keys import apart, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.message_pump import MessagePump
    from textual.timer import Timer

OVERDUE_S = 1.0
"""Seconds after which the next key goes on if the one before has not come through and its pane has gone."""
LONGEST_S = 5.0
"""Seconds after which keys go on though what they wait for has no end: a disk may hang."""


class Passed(Message):
    """Follows a key through all the queues that the key goes through; where it arrives, the key has acted.

    What the key's action tells goes the same way, so that a second one follows that.
    """

    def __init__(self, target: MessagePump, *, again: bool = False) -> None:
        super().__init__()
        self.target = target
        self.again = again


class InOrder(App[None]):
    """Holds keys and pastes back until the one before has acted."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[events.Key | events.Paste] = deque()
        self._under_way: Passed | None = None
        self._overdue: Timer | None = None
        self._acting = ""
        self._acts: set[object] = set()

    @contextmanager
    def keys_waiting(self) -> Iterator[None]:
        """Hold keys back during an act that brings about what those behind its own key are meant for."""
        act = object()
        self._acts.add(act)
        longest = self.set_timer(LONGEST_S, lambda: self._end_act(act))
        try:
            yield
        finally:
            longest.stop()
            self._end_act(act)

    def _end_act(self, act: object) -> None:
        self._acts.discard(act)
        self.call_later(self._hand_on_held)

    @property
    def repeating(self) -> bool:
        """Whether the key that acts now waits once more already, as a key does that is held down."""
        after = self._held[0] if self._held else None
        return isinstance(after, events.Key) and after.key == self._acting

    async def on_event(self, event: events.Event) -> None:
        """Take an event in; a key waits for its turn."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
        else:
            if isinstance(event, events.Key) and unseen(event.character or ""):
                # No field takes such a key: they are written only as part of what is pasted.
                event = events.Paste(event.character or "")
            self._held.append(event)
            await self._hand_on_held()

    async def _hand_on_held(self) -> None:
        while self._held and self._under_way is None and not self._acts:
            event = self._held.popleft()
            two = apart(event, self.screen.active_bindings) if isinstance(event, events.Key) else ()
            if two:
                self._held.extendleft(reversed(two))
            else:
                await self.hand_on(event)

    async def hand_on(self, event: events.Key | events.Paste) -> None:
        """Give an event to who has the focus now."""
        target = self.focused or self.screen
        self._acting = event.key if isinstance(event, events.Key) else ""
        await super().on_event(event)
        if event.is_forwarded:  # else it has acted already
            self._send_after(Passed(target))

    def _send_after(self, passed: Passed) -> bool:
        if not passed.target.post_message(passed):
            return False
        if self._overdue is not None:
            self._overdue.stop()
        self._under_way = passed
        self._watch_over(passed, asyncio.get_running_loop().time() + LONGEST_S)
        return True

    def _watch_over(self, passed: Passed, until: float) -> None:
        async def overdue() -> None:
            # On a busy machine a key may take as long to come through, and the next one must not overtake it.
            if passed.target.is_running and asyncio.get_running_loop().time() < until:
                self._watch_over(passed, until)
            else:
                await self._go_on(passed)

        self._overdue = self.set_timer(OVERDUE_S, overdue)

    async def on_passed(self, message: Passed) -> None:
        """Let the next key go, after what this one has begun: a worker that asks, a focus that moves."""
        once_more = message is self._under_way and self._held and not message.again
        if once_more and self._send_after(Passed(message.target, again=True)):
            return

        def later() -> None:
            self.call_later(self._go_on, message)  # like `Widget.focus`, whose turn came before

        # The loop's next round, not only the next message: that may be at hand before a worker has begun.
        asyncio.get_running_loop().call_soon(later)

    async def _go_on(self, passed: Passed) -> None:
        if self._under_way is not passed:
            return
        self._under_way = None
        if self._overdue is not None:
            self._overdue.stop()
        await self._hand_on_held()
