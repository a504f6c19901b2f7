"""What the title and the browser say of git."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.repository import commit, needs_git, new_repository
from tui.widgets.browser.rows import VersionNode, words_of
from tui.widgets.ink import width_of

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener


def title(desk: Desk) -> str:
    return "".join(text for text, _ in desk.bench.title_bar.words(0))


def rows(desk: Desk) -> list[str]:
    return ["".join(text for text, _ in words_of(node, 28)).rstrip() for node in desk.bench.browser.nodes]


@needs_git
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_changed_and_new_files_are_marked_and_counted(
    open_app: Opener, home: Home, size: tuple[int, int]
) -> None:
    new_repository(home.prompts)
    commit(home.prompts)
    async with open_app(size) as desk:
        await desk.until(lambda: " main " in title(desk), "the branch")
        home.noir(2, active=False, more="It snows.")
        home.write("od[e]-v1.md", "---\nname: [ode\n---\n")
        await desk.until(lambda: " main ±1 +1 " in title(desk), "the counts")
        shown = rows(desk)
        assert shown[1].endswith("—")
        assert shown[2].endswith("— ±")
        assert shown[3].endswith("2:7 +")
        assert {width_of(words_of(node, 28)) for node in desk.bench.browser.nodes} == {28}
        node = desk.bench.browser.nodes[2]
        assert isinstance(node, VersionNode)
        narrow = words_of(replace(node, draft=True), 26)  # as with 80 columns
        assert "draft " in "".join(text for text, _ in narrow)
        commit(home.prompts)
        await desk.until(lambda: "±" not in title(desk) and "main" in title(desk), "all committed")
        await desk.until(lambda: not any(row[-1] in "±+" for row in rows(desk)), "no marks")


async def test_without_a_repository_no_column_is_kept_for_it(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.bench.engine.git.facts(desk.bench.desk.row)  # type: ignore[arg-type]
        assert rows(desk)[1].endswith("—")
        assert len(rows(desk)[1]) == 28
