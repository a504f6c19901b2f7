"""The history in a real terminal: opened, searched, a run opened in it, and back to the workbench."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.tui.past import store
from tui.core.workspace import Options, resolve

if TYPE_CHECKING:
    from tests.e2e.conftest import Home, Opener


def test_the_history_opens_a_run_and_gives_the_workbench_back(home: Home, open_terminal: Opener) -> None:
    places = resolve(Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {})
    store(places.database, 70)
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        before = terminal.text
        terminal.send("H")
        terminal.wait_for(r"70 runs")
        terminal.send("/")
        terminal.wait_for(r"/ words, or prompt:")
        terminal.send("number 42")
        terminal.wait_for(r"1 of 70")
        terminal.send("\r")
        terminal.wait_gone(r"^/ number 42")
        terminal.send("\r")
        opened = terminal.wait_for(r"came in \[sideways\] off the harbour, number 42\.")
        assert "The rain came" in opened and "• wet" in opened, "without the marks of markdown"
        terminal.send("m")
        terminal.wait_for(r"The \*\*rain\*\* came")
        terminal.send("-")
        terminal.wait_for(r"outcome +✗ bad")
        terminal.send("h")
        terminal.wait_for(r"1 of 70")
        terminal.send("\x1b")
        terminal.wait_for(r"70 runs")
        terminal.send("\x1b")
        after = terminal.wait_for(r"first line of a noir story")
        browser = re.compile(r"noir.*\n.*v1.*\n.*v2.*")
        assert browser.search(after) and browser.search(before)
        terminal.send("q")
        assert terminal.ended() == 0
