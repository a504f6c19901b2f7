"""What the command palette finds: actions by their titles, then by what else is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import Hit
from textual.system_commands import SystemCommandsProvider

from tui.action_table import ACTIONS

if TYPE_CHECKING:
    from textual.command import Hits

_BESIDE = 0.01
"""The score of what only the other words have: below every title."""
_WORDS = {action.title: f"{action.id.replace('-', ' ')} {action.short}" for action in ACTIONS}


class ActionsProvider(SystemCommandsProvider):
    """Textual's own looks at titles alone: who types "about" or "compare" would find nothing."""

    async def search(self, query: str) -> Hits:
        """Yield the actions with such a title, and those that have all of the words elsewhere."""
        matcher, wanted = self.matcher(query), query.casefold().split()
        for title, help_text, callback, *_ in self.app.get_system_commands(self.screen):
            score, shown = matcher.match(title), matcher.highlight(title)
            if score <= 0:
                others = f"{title} {help_text} {_WORDS.get(title, '')}".casefold()
                score = _BESIDE if wanted and all(word in others for word in wanted) else 0.0
            if score > 0:
                yield Hit(score, shown, callback, help=help_text)
