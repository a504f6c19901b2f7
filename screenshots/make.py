"""Makes every picture in this folder from the running app: `uv run python screenshots/make.py`."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from tui.app import PenstockApp
from tui.core.engine.engine import Engine
from tui.core.settings import parse_settings
from tui.core.workspace import Options, copy_starters, resolve
from tui.widgets.desk.answer import AnswerPane

HERE = Path(__file__).resolve().parent
PICTURES = [
    ("workbench-dark", "penstock-dark", (120, 40)),
    ("workbench-light", "penstock-light", (120, 40)),
    ("workbench-80x24", "penstock-dark", (80, 24)),
]


async def take(name: str, theme: str, size: tuple[int, int], folder: Path) -> None:
    """Run the app on the simulator as a user would, and export what it shows."""
    prompts = folder / "novel" / "prompts"
    shutil.rmtree(prompts, ignore_errors=True)
    copy_starters(prompts)
    (prompts / "notes-v1.md").write_text("---\nname: notes\nversion: 1\ntags: [draft\n---\n\nSome notes.\n")
    settings = parse_settings(f'theme = "{theme}"', Path("settings.toml"))
    options = Options(prompts=prompts, data_dir=folder / name, demo=True)
    app = PenstockApp(Engine(resolve(options, None, {}), settings, environ={}))
    async with app.run_test(size=size) as pilot:
        await asyncio.to_thread(app.engine.loaded)
        await pilot.pause(0.2)
        await pilot.press("p", *"rrrrrr", "p", *"rrrrrrrrrr", "p", "p", "p", *"rrr")
        answer = app.screen.query_one(AnswerPane)
        while not (answer.run and answer.run.over):
            await pilot.pause(0.1)
        await pilot.press("plus", "r", "r")
        while not (answer.run and answer.run.status == "running" and answer.run.received > 700):
            await pilot.pause(0.05)
        (HERE / f"{name}.svg").write_text(app.export_screenshot(title="penstock"), encoding="utf-8")


async def main() -> None:
    """Take them one after another."""
    for name, theme, size in PICTURES:
        with tempfile.TemporaryDirectory() as folder:
            await take(name, theme, size, Path(folder).resolve())
        print(HERE / f"{name}.svg")


if __name__ == "__main__":
    asyncio.run(main())
