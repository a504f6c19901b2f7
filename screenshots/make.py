"""Makes every picture in this folder from the running app: `uv run python screenshots/make.py`.

With names it makes these only: `… make.py history plan`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.settings import load_settings
from tui.core.workspace import Options, copy_starters, resolve
from tui.screens.matrix import MatrixPage
from tui.screens.workbench import Workbench
from tui.widgets.desk.answer import AnswerPane

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

HERE = Path(__file__).resolve().parent
PICTURES: list[tuple[str, str, tuple[int, int], tuple[str, ...]]] = [
    ("workbench-dark", "penstock-dark", (120, 40), ()),
    ("workbench-light", "penstock-light", (120, 40), ()),
    ("workbench-80x24", "penstock-dark", (80, 24), ()),
    ("editor", "penstock-dark", (120, 40), ("i",)),
    ("plan", "penstock-dark", (120, 40), ("R",)),
    ("history", "penstock-dark", (120, 40), ("H",)),
    ("revisions", "penstock-light", (120, 40), ("v",)),
    ("provider", "penstock-dark", (120, 40), ("o",)),
    ("experiment", "penstock-dark", (120, 40), ("s",)),
    ("matrix", "penstock-dark", (120, 40), ("T",)),
    ("settings", "penstock-light", (120, 40), ("comma", *"jjjjjjjjjjjjj", "enter")),
]
"""Name, theme, size, and the keys that are pressed on the workbench before the picture is taken."""
PROMPTS = Path("/tmp/novel/prompts")  # the same wherever it is run, since the screen shows it
SETTINGS = PROMPTS.with_name("settings.toml")
DATA = PROMPTS.with_name("data")
SAID = """theme = "{theme}"

[providers.openai.limits]
requests_per_minute = 50  # what our tier allows
"""
CALLS = {"openai": 4, "anthropic": 24, "google": 13, "deepseek": 0, "yandex": 17}
FEW = 3
"""The calls at each provider behind the pictures of other screens."""


async def take(name: str, theme: str, size: tuple[int, int], keys: tuple[str, ...], data: Path) -> None:
    """Run the app on the simulator as a user would, and export what it shows."""
    SETTINGS.write_text(SAID.format(theme=theme), encoding="utf-8")
    settings = load_settings(SETTINGS)
    options = Options(prompts=PROMPTS, data_dir=data, settings=SETTINGS, demo=True)
    app = PenstockApp(Engine(resolve(options, None, {}), settings, environ={}))
    async with app.run_test(size=size) as pilot:
        await asyncio.to_thread(app.engine.loaded)
        await pilot.pause(0.2)
        await pilot.press("r")
        answer = app.screen.query_one(AnswerPane)
        await until(pilot, lambda: answer.run and answer.run.over)
        await pilot.press("plus")
        bench = app.screen
        assert isinstance(bench, Workbench)
        for calls in CALLS.values():  # when that answer is there, so that they have not filled up again
            for _ in range(min(calls, FEW) if keys else calls):
                await bench.action_run()  # what r does; a pilot's keys wait a second each
            bench.action_provider(1)
        await pilot.press("r")
        await until(pilot, lambda: answer.run and not answer.run.over and answer.run.received > 500)
        if name in ("history", "revisions", "provider"):
            await until(pilot, lambda: not any(state.running for state in app.engine.providers.values()))
        if name == "experiment":
            await collect(app)
        if name == "revisions":
            await edit(pilot, bench)
        if keys:
            await pilot.press(*keys)
            await pilot.pause(1.5)
        if name == "matrix":
            await fill(pilot)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="penstock"), encoding="utf-8")


async def edit(pilot: Pilot[None], bench: Workbench) -> None:
    """Save the prompt at hand with another tone, as any editor does."""
    path = PROMPTS / "chapter-generation-v1.md"
    path.write_text(
        path.read_text(encoding="utf-8").replace("restrained, wet", "dry, quick"), encoding="utf-8"
    )
    await until(pilot, lambda: "dry, quick" in bench.desk.form.values["tone"])


async def collect(app: PenstockApp) -> None:
    """Split the traffic of a prompt, and let both versions answer."""
    prompt, engine = "character-generation", app.engine
    await asyncio.wrap_future(engine.filing.split(prompt, {1: 50, 2: 50}))
    await asyncio.wrap_future(engine.experiments.look(prompt))
    await asyncio.wrap_future(engine.experiments.change_rules(prompt, effect=0.2))
    await asyncio.wrap_future(engine.collecting.collect(prompt, 76, "google"))
    bench = app.screen
    assert isinstance(bench, Workbench)
    await bench.go_to(prompt, 2)


async def fill(pilot: Pilot[None]) -> None:
    """Test at all providers, until half of the grid is filled in."""
    await pilot.press("j", *["space", "j"] * 5, "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, MatrixPage))
    page = pilot.app.screen
    assert isinstance(page, MatrixPage)
    await until(pilot, lambda: page.grid and sum(cell.over for cell in page.grid.cells) > 9)


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Let the app work until the condition holds; gives up after two minutes."""
    async with asyncio.timeout(120):
        while not condition():
            await pilot.pause(0.05)


async def main() -> None:
    """Take them one after another."""
    shutil.rmtree(PROMPTS, ignore_errors=True)
    copy_starters(PROMPTS)
    (PROMPTS / "notes-v1.md").write_text("---\nname: notes\nversion: 1\ntags: [draft\n---\n\nSome notes.\n")
    for name, theme, size, keys in PICTURES:
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        shutil.rmtree(DATA, ignore_errors=True)
        await take(name, theme, size, keys, DATA)
        shutil.rmtree(DATA)
        print(HERE / f"{name}.svg")
    shutil.rmtree(PROMPTS, ignore_errors=True)
    SETTINGS.unlink()


if __name__ == "__main__":
    # Whose machine made the pictures is nobody's business.
    with (
        mock.patch.dict(os.environ, {"LOGNAME": "mara"}),
        mock.patch.object(socket, "gethostname", lambda: "harbour"),
    ):
        asyncio.run(main())
