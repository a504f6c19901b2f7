"""What the command palette finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import Hit

from tui.palette import ActionsProvider

if TYPE_CHECKING:
    from tests.tui.conftest import Opener


async def test_actions_are_found_by_their_titles_and_by_what_else_is_said_of_them(open_app: Opener) -> None:
    async with open_app() as desk:
        provider = ActionsProvider(desk.bench)

        async def found(query: str) -> list[str]:
            hits = [hit async for hit in provider.search(query) if isinstance(hit, Hit)]
            return [str(hit.text) for hit in sorted(hits, reverse=True)]

        assert (await found("run the version"))[0] == "Run the version at hand"
        assert "Show versions, places and the terminal" in await found("about")
        assert any("differs" in title for title in await found("difference"))
        assert "Show all runs" in await found("history")
        assert "Cancel the runs that wait, then those that run" in await found("cancel")
        assert await found("no such thing anywhere") == []
