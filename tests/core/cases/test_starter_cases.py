"""The cases that come with the starter prompts."""

from __future__ import annotations

from tui.commands.check import show
from tui.core.cases.book import CaseBook
from tui.core.workspace import Options, starter_prompts


def test_every_starter_has_some_and_nothing_is_wrong_with_them() -> None:
    folder = starter_prompts()
    assert show(Options(), folder, as_json=False) == 0
    sets = CaseBook(folder).scan().sets
    assert set(sets) == {path.stem.rpartition("-v")[0] for path in folder.glob("*.md")}
    for found in sets.values():
        assert 3 <= len(found.document.cases) <= 5
        assert found.document.checks
        assert found.problems == ()
