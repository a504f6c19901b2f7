"""Two answers without their names, side by side: one is picked, and the names are told after."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from textual.containers import Horizontal
from textual.screen import ModalScreen

from tui.action_table import SCREENS
from tui.actions import bindings
from tui.screens.acts.helping import Helping
from tui.screens.acts.searching import Searching
from tui.widgets.ask_line import AskLine
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.reading.markdown import unmarked
from tui.widgets.reading.text_view import TextView

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Mapping
    from typing import Any

    from textual.app import ComposeResult

    from tui.core.engine.engine import Engine
    from tui.core.engine.experiments import ExperimentReport
    from tui.core.store.runs import Outcome

Picked: TypeAlias = "tuple[Outcome, Outcome]"
"""The outcomes of the left and the right answer."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the two answers."""

    run_id: str
    name: str
    """Of its arm, which is told only afterwards."""
    text: str
    values: Mapping[str, Any]
    """What it answers."""
    case: str
    """The name of these values, or nothing."""


def given(left: Shown, right: Shown) -> tuple[str, str]:
    """Return in words what both answers were given, and the ink; an arm is not named by its letter here."""
    if left.values == right.values:
        return (f"both were given {left.case or right.case or 'the same values'}", "muted")
    names = (_named(one) for one in (left, right))
    return ("not the same values: left {}, right {}".format(*names), "warning")


def _named(shown: Shown) -> str:
    return shown.case or ", ".join(f"{name}={value}" for name, value in shown.values.items()) or "none"


def blind_pair(
    engine: Engine, report: ExperimentReport
) -> concurrent.futures.Future[tuple[Shown, Shown] | None]:
    """Return two unrated answers of different arms, of one case if there are such, in an order by chance."""

    async def find() -> tuple[Shown, Shown] | None:
        found = await asyncio.wrap_future(engine.experiments.unrated_pair(report.name))
        if found is None:
            return None
        names = {one.arm.id: f"{one.arm.label} (v{one.arm.version})" for one in report.evidence.arms}
        pair = [
            Shown(one.run_id, names.get(one.arm_id, "?"), one.answer, one.values, one.case or "")
            for one in found
        ]
        random.shuffle(pair)
        return pair[0], pair[1]

    return engine.submit(find)


class Blind(Searching["Picked | None"], Helping["Picked | None"], ModalScreen["Picked | None"]):
    """Dismissed with the outcomes, or with None."""

    CSS_PATH = "blind.tcss"
    PLACES = SCREENS["blind"]
    BINDINGS = bindings(*PLACES)

    def __init__(self, left: Shown, right: Shown) -> None:
        super().__init__()
        self._shown = left, right

    def compose(self) -> ComposeResult:
        """Yield the two answers and the keys."""
        yield Heading(
            ("Which is better?", "strong"),
            ("  what is not chosen counts as bad; the names come after", "muted"),
            id="blind-heading",
        )
        yield Heading(given(*self._shown), id="blind-given")
        with Horizontal(id="blind-answers"):
            yield TextView(id="blind-left")
            yield TextView(id="blind-right")
        yield KeyLine(("blind",))
        yield AskLine()

    def on_mount(self) -> None:
        """Fill in the answers."""
        for side, shown in zip(("left", "right"), self._shown, strict=True):
            view = self.query_one(f"#blind-{side}", TextView)
            view.show_markdown(shown.text, unmarked)
        self.query_one("#blind-left", TextView).focus()

    def action_pick(self, left: Outcome, right: Outcome) -> None:
        """Take the verdict."""
        self.dismiss((left, right))

    def action_leave(self) -> None:
        """Rate neither."""
        self.dismiss(None)
