"""Pictures of a few states, cell by cell and colour by colour; `pytest --snapshot-update` takes them anew."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.tui.pictures import engine_of, new_home
from tests.tui.test_experiment import report
from tui.app import PenstockApp
from tui.core.engine.events import RunState
from tui.core.engine.transcript import Transcript
from tui.core.providers.base import Usage
from tui.screens.experiment import ExperimentPage
from tui.screens.workbench import Workbench
from tui.widgets.batch.board import PlanBoard
from tui.widgets.desk.column import AnswerColumn
from tui.widgets.painted_lines import PaintedLines
from tui.widgets.reading.text_view import TextView
from tui.widgets.settings.setting_list import SettingList

if TYPE_CHECKING:
    from pathlib import Path

    from textual.pilot import Pilot
    from textual.screen import Screen

    from tests.e2e.conftest import Home
    from tests.tui.pictures import Compare
    from tui.core.engine.events import RunStatus

ONE = """# Teodor Hale

**Age:** 44, a dockside *bail clerk* who keeps two ledgers.

- Wants: the `harbour` to forget his brother.
- Fears: that it has.
"""
TWO = ONE.replace("44", "29").replace("two ledgers", "one, and lies in it").replace("brother", "sister")
DONE: dict[str, Any] = {"finish": "stop", "usage": Usage(26, 97), "total_s": 2.1}


def told(number: int, provider: str, status: RunStatus, text: str, **more: Any) -> RunState:
    """Return a run as an engine would have told it."""
    return RunState(
        id=f"{number}", name="noir", version=1, provider=provider, model=f"{provider}-small", status=status,
        transcript=Transcript(text), received=len(text), asked_at=number, attempts=1, **more,
    )  # fmt: skip


RUNS: dict[str, list[RunState]] = {
    "columns": [
        told(1, "openai", "done", ONE, batch="b", note="dry", outcome="success", **DONE),
        told(2, "deepseek", "done", TWO, batch="b", thoughts=Transcript("Not likeable. " * 9), **DONE),
        told(3, "google", "running", ONE[:90], batch="b"),
        told(4, "yandex", "waiting", "", batch="b"),
    ],
    "difference": [told(1, "openai", "done", ONE, **DONE), told(2, "openai", "done", TWO, **DONE)],
}
KEYS: dict[str, tuple[str, ...]] = {
    "template": (),
    "preview": ("t", "enter", "end", *" II"),
    "broken": ("j", "j"),
    "filtered": ("slash", *"noir"),
    "columns": (),
    "difference": ("d",),
    "plan": ("g", "j", "space", "space", "R"),
    "provider": ("o",),
    "experiment": ("s",),
    "settings": ("comma", "j", "j"),
    "help": ("question_mark",),
    "cases": ("c", "down"),
    "values": ("enter", "down", "end", "x", "down", "down"),
    "scenarios": ("F", "j", "l", "enter", *"jjjjjjj", "l", "l", "t", "enter"),
}


def painted(column: AnswerColumn) -> bool:
    """Whether what has come of an answer stands there; of one that waits there is nothing."""
    return column.run is not None and bool(column.text.text or not column.run.transcript.length)


FORM = """---
name: ballad
variables:
  hero: {default: Mara Voss, description: Who it is about}
  verses: {type: integer, default: 4}
  mood: {choices: [bitter, calm, tender], default: calm, description: How it should feel}
  story: {default: "She leaves the harbour at night.\\nThe lamp is still lit.", description: What happens}
---
{{hero}} {{verses}} {{mood}} {{story}}
"""
CASES = """cases:
  - name: the pilot
    description: A heroine at sea, told by somebody who was there
    vars: {hero: Ines, mood: tender}
    tags: [short]
  - name: the keeper
    vars: {hero: "Tobar, who is old", verses: 7}
"""

WRITTEN: dict[str, tuple[str, ...]] = {
    "writing": (*" Be brief, {{name}}.", "up"),
    "completion": ("ctrl+t", *" And {{he"),
    "conflict": tuple(" It is late."),
}


def shown_lines(screen: Screen[Any]) -> str:
    """Return what a page of painted lines says, once there is one."""
    return "\n".join(lines.text for lines in screen.query(PaintedLines))


async def show_evidence(pilot: Pilot[Any]) -> None:
    """Let the page of a test say what follows from sixty answers of each arm."""
    while not isinstance(pilot.app.screen, ExperimentPage) or pilot.app.screen.report is None:
        await pilot.pause(0.01)
    pilot.app.screen.report = report()
    pilot.app.screen.show_lines()
    await pilot.pause()


async def write(pilot: Pilot[Any], home: Home, state: str) -> None:
    """Type at the end of the first version's text, and let another program change it meanwhile."""
    bench = pilot.app.screen
    assert isinstance(bench, Workbench)
    await pilot.press("i")
    while bench.desk.pane is None or bench.focused is not bench.desk.pane.editor:
        await pilot.pause(0.01)
    pane = bench.desk.pane
    while not pane.editor.size.height:
        await pilot.pause(0.01)
    await pilot.pause()
    await pilot.press("pagedown", "up", "end", *WRITTEN[state])
    while pane.untold or pane.standing != "kept":
        await pilot.pause(0.01)
    if state == "conflict":
        path = home.noir(1, active=True, more="It rains.")
        path.write_text(path.read_text().replace("first line", "last line"))
        while not pane.overtaken:
            await pilot.pause(0.01)
        await pilot.press("ctrl+s")
        while bench.app.screen is bench or not bench.app.screen.query_one("_Lines", TextView).text:
            await pilot.pause(0.01)


@pytest.mark.parametrize(
    ("state", "theme", "size"),
    [
        ("template", "penstock-dark", (120, 40)),
        ("template", "penstock-light", (80, 24)),
        ("preview", "penstock-light", (120, 40)),
        ("broken", "penstock-dark", (80, 24)),
        ("filtered", "penstock-dark", (60, 20)),
        ("help", "penstock-dark", (80, 24)),
        ("scenarios", "penstock-dark", (120, 40)),
        ("writing", "penstock-dark", (120, 40)),
        ("writing", "penstock-light", (80, 24)),
        ("completion", "penstock-dark", (180, 50)),
        ("conflict", "penstock-dark", (120, 40)),
        ("cases", "penstock-dark", (120, 40)),
        ("values", "penstock-light", (80, 24)),
        ("columns", "penstock-dark", (120, 40)),
        ("columns", "penstock-contrast-dark", (160, 45)),
        ("provider", "penstock-light", (120, 40)),
        ("experiment", "penstock-dark", (120, 40)),
        ("settings", "penstock-contrast-light", (80, 24)),
        ("difference", "penstock-light", (120, 40)),
        ("plan", "penstock-dark", (80, 24)),
    ],
    ids=lambda value: value if isinstance(value, str) else "x".join(map(str, value)),
)
def test_picture(
    snap_compare: Compare,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    theme: str,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr("tui.widgets.experiment.page.when", lambda *_: "Nov 24 14:05")
    home = new_home(tmp_path, monkeypatch)
    home.noir(2, active=False, more="Make it **rain**, and use {{undeclared}} braces.")
    if state in ("cases", "values"):
        home.write("ballad-v1.md", FORM)
        (home.prompts / "cases").mkdir()
        (home.prompts / "cases" / "ballad.yaml").write_text(CASES)
    home.write("ode-v1.md", "---\nname: [ode\n---\n\nAn ode.\n")
    demo = state == "scenarios"
    engine = engine_of(home, theme, demo=demo)

    async def arrange(pilot: Pilot[Any]) -> None:
        await asyncio.to_thread(engine.loaded)
        bench = pilot.app.screen
        assert isinstance(bench, Workbench)
        while not bench.desk.text.text or bench.title_bar.today is None:
            await pilot.pause(0.01)
        while engine.demo and not engine.demo.running:
            await pilot.pause(0.01)
        if state in WRITTEN:
            await write(pilot, home, state)
        for run in RUNS.get(state, ()):
            bench.runs.take_in(run)
        bench.show_answer()
        await pilot.press(*KEYS.get(state, ()))
        while state == "columns" and not all(map(painted, bench.query(AnswerColumn))):
            await pilot.pause(0.01)
        while state == "plan" and not (
            bench.app.screen is not bench and bench.app.screen.query_one(PlanBoard).choice.forecasts
        ):
            await pilot.pause(0.01)
        while state == "provider" and "no calls yet" not in shown_lines(bench.app.screen):
            await pilot.pause(0.01)
        if state == "experiment":
            await show_evidence(pilot)
        while state == "settings" and not bench.app.screen.query_one(SettingList).length:
            await pilot.pause(0.01)
        while engine.demo and not engine.providers["deepseek"].scenario:
            await pilot.pause(0.01)
        await pilot.pause(0.1 if demo else 0)

    assert snap_compare(PenstockApp(engine), terminal_size=size, run_before=arrange)
