"""What is said about this Penstock on the screen, and copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.screens.about import About
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    import pytest

    from tests.tui.conftest import Opener


async def test_it_is_shown_with_what_the_terminal_can_and_copied(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []
    monkeypatch.setattr("tui.screens.about.copy", lambda _app, text: copied.append(text))
    async with open_app() as desk:
        await desk.app.run_action("about", default_namespace=desk.bench)
        await desk.until(lambda: isinstance(desk.app.screen, About), "the box")
        assert "size" in desk.app.screen.query_one(TextView).text
        await desk.press("y")
        await desk.until(lambda: copied, "what was copied")
        assert f"{desk.app.size.width} x {desk.app.size.height}" in copied[0]
        await desk.press("escape")
        await desk.until(lambda: desk.app.screen is desk.bench, "the workbench")
