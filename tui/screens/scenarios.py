"""The page of a demo on which a user lets the simulated providers fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.actions import key_of
from tui.bridge import Bridge, EngineNews
from tui.core.engine.events import ProviderChanged
from tui.screens.acts.helping import Helping
from tui.widgets.heading import Heading
from tui.widgets.key_line import KeyLine
from tui.widgets.scenarios.board import ScenarioBoard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.events import Resize

    from tui.core.engine.demo import Demo
    from tui.core.engine.engine import Engine


_AROUND = 6
"""Lines of the box besides the board: padding, title and keys with an empty line each."""


class Scenarios(Helping[None], ModalScreen[None]):
    """Sets a scenario for the next calls of a provider, and shows which are set."""

    CSS_PATH = "scenarios.tcss"
    PLACES = ("scenarios",)

    def __init__(self, engine: Engine, demo: Demo) -> None:
        super().__init__()
        self._engine = engine
        self._demo = demo
        self._bridge: Bridge | None = None

    def compose(self) -> ComposeResult:
        """Yield the box with its title, the board and its keys."""
        with Vertical(id="scenarios-box"):
            yield Heading(("Let simulated calls fail", "strong"), id="scenarios-heading")
            yield ScenarioBoard(self._demo.scenarios, _active(self._engine))
            yield KeyLine(self.PLACES)

    def on_mount(self) -> None:
        """Name the keys, and follow what is set."""
        self.query_one("#scenarios-heading", Heading).show(
            right=[(f"{key_of('close-scenarios')} closes", "muted")]
        )
        self.query_one(ScenarioBoard).focus()
        self._bridge = Bridge(self._engine, self.post_message)

    def on_resize(self, event: Resize) -> None:
        """Let the board give way on a short screen; its list then follows the cursor."""
        self.query_one(ScenarioBoard).styles.max_height = max(8, event.size.height - _AROUND)

    def on_unmount(self) -> None:
        """Stop following."""
        if self._bridge is not None:
            self._bridge.close()

    @on(EngineNews)
    def _take_in(self, news: EngineNews) -> None:
        for event in news.events:
            if isinstance(event, ProviderChanged):
                self.query_one(ScenarioBoard).show(event.state.name, event.state.scenario)

    @on(ScenarioBoard.Wanted)
    def _wanted(self, message: ScenarioBoard.Wanted) -> None:
        self._demo.simulate(message.provider, message.scenario, message.times)


def _active(engine: Engine) -> Mapping[str, str]:
    return {name: state.scenario for name, state in engine.providers.items()}
