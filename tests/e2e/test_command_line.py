"""`penstock run` in a terminal: what it waits for is said while it waits, and only the answer stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.simulator import AT_ONCE, SimulatorServer, SimulatorSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.conftest import Home, Opener


@pytest.fixture
def simulator(home: Home) -> Iterator[SimulatorServer]:
    """A simulator in the place of OpenAI."""
    with SimulatorServer(SimulatorSettings(pace=AT_ONCE)) as server:
        settings = f'[providers.openai]\nbase_url = "{server.base_url("openai")}"\n'
        (home.root / "settings.toml").write_text(
            settings + "limits = { burst = 1, requests_per_minute = 30 }\n"
        )
        yield server


def test_waits_and_retries_are_said_while_they_last(
    simulator: SimulatorServer, open_terminal: Opener
) -> None:
    simulator.simulate("openai", "rate_limit=2", times=1)
    terminal = open_terminal("ask", "Hello", OPENAI_API_KEY="simulated", rows=12)
    terminal.wait_for(r"retry 1 of 2 in \d s: rate limit")
    assert terminal.ended() == 0
    lines = [line for line in terminal.text.splitlines() if line.strip()]
    assert "retry" not in terminal.text, "only the answer stays"
    assert len(lines) >= 1


def test_ctrl_c_ends_an_answer_at_once_and_leaves_what_came(
    simulator: SimulatorServer, open_terminal: Opener
) -> None:
    simulator.simulate("openai", "stall")
    terminal = open_terminal("ask", "Hello", OPENAI_API_KEY="simulated", rows=12)
    terminal.wait(lambda text: text.strip(), "the beginning of the answer")
    terminal.send("\x03")
    assert terminal.ended() == 130
    lines = [line for line in terminal.text.splitlines() if line.strip()]
    assert lines[-1].strip() == "penstock: Cancelled."
    assert len(lines) >= 2
    assert "Traceback" not in terminal.text
