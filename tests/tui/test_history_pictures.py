"""Pictures of the local history; `pytest --snapshot-update` takes them anew."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.engine.repository import commit, needs_git, new_repository
from tests.e2e.conftest import Home
from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.prompts.snapshot import versions_of
from tui.core.settings import parse_settings
from tui.core.store import runs
from tui.core.store.runs import NewRun
from tui.core.workspace import Options, resolve
from tui.screens.revisions import Revisions
from tui.screens.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.pilot import Pilot

    from tui.core.prompts.snapshot import VersionRow
    from tui.core.store.runs import Outcome

    Compare = Callable[..., bool]

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def run_of(engine: Engine, row: VersionRow, number: int, outcome: Outcome | None) -> None:
    """Let a version have been run once."""

    async def write() -> None:
        database = engine._need_shelf().database
        of = {"template_id": row.id, "revision_id": row.revision_id, "name": row.name, "version": row.version}
        new = NewRun(f"run {number}", "openai", "gpt-6", "x", NOON, 1, "here", **of)  # type: ignore[arg-type]
        await database.write(runs.start_run, new)
        await database.write(runs.rate_run, f"run {number}", outcome, "human")

    engine.submit(write).result(20)


@needs_git
@pytest.mark.parametrize(
    ("theme", "size"),
    [("penstock-dark", (120, 40)), ("penstock-light", (80, 24))],
)
def test_picture_of_the_local_history(
    snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, theme: str, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("tui.screens.revisions.when", lambda *_: "24 Nov 14:05")
    monkeypatch.setattr("tui.widgets.revisions.rows.when", lambda *_: "24 Nov 14:05")
    for key in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{key}_DATE", "2026-11-24T12:00:00Z")
    home = Home(tmp_path)
    home.prompts.mkdir()
    home.noir(1, active=True)
    new_repository(home.prompts)
    commit(home.prompts)
    options = Options(prompts=home.prompts, data_dir=tmp_path / "data")
    settings = parse_settings(f'theme = "{theme}"', tmp_path / "settings.toml")
    engine = Engine(resolve(options, None, {}), settings, environ={})

    async def arrange(pilot: Pilot[Any]) -> None:
        await asyncio.to_thread(engine.loaded)
        bench = pilot.app.screen
        assert isinstance(bench, Workbench)
        saves = ["", "It rains.", "It rains.\n\n* one street\n* one lamp", "It rains [hard].\n\n* one lamp"]
        for place, more in enumerate(saves):
            home.noir(1, active=True, more=more)
            while more not in bench.desk.raw_text or not bench.desk.raw_text.rstrip().endswith(more.strip()):
                await pilot.pause(0.01)
            assert engine.library is not None
            row = versions_of(engine.library, "noir")[0]
            for number in range(place):
                outcome: Outcome = "failure" if number == 2 else "success"
                await asyncio.to_thread(run_of, engine, row, place * 10 + number, outcome)
        while bench.title_bar.git is None or not bench.title_bar.git.modified:
            await pilot.pause(0.01)
        await pilot.press("v")
        while not (isinstance(pilot.app.screen, Revisions) and pilot.app.screen.list.length):
            await pilot.pause(0.01)
        await pilot.press("j", "k")
        await pilot.pause(0.1)

    assert snap_compare(PenstockApp(engine), terminal_size=size, run_before=arrange)
