"""Answers that lack a part, as often as their prompts deserve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui.simulator.lapses import CAREFUL, CARELESS, chance_of_lapse, with_lapse
from tui.simulator.settings import PROVIDERS
from tui.simulator.text import write

STARTERS = Path(__file__).parents[2] / "prompts"


def body(name: str) -> str:
    return (STARTERS / f"{name}.md").read_text().split("---\n", 2)[2]


def test_the_two_starters_differ_by_a_known_margin() -> None:
    assert chance_of_lapse(body("character-generation-v1")) == CARELESS
    assert chance_of_lapse(body("character-generation-v2")) == CAREFUL


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("character-generation-v1", "Backstory"),
        ("character-generation-v2", "Backstory"),
        ("worldbuilding-v1", "Open questions"),
    ],
)
def test_a_lapse_takes_the_last_part_and_no_more(provider: str, name: str, last: str) -> None:
    prompt = body(name)
    whole = write(provider, "m", prompt, 0)
    sent = [with_lapse(prompt, whole, f"0-{number}") for number in range(2000)]
    cut = [text for text in sent if text != whole]
    assert len(cut) / len(sent) == pytest.approx(chance_of_lapse(prompt), abs=0.03)
    [short] = set(cut)
    assert whole.startswith(short)
    assert last in whole
    assert last not in short
    assert re.search("Name|Trouble", short)
    assert with_lapse(prompt, whole, "0-1") == with_lapse(prompt, whole, "0-1")


def test_what_has_no_parts_stays_whole() -> None:
    sent = {with_lapse("Say hello.", "Hello there.", f"0-{number}") for number in range(50)}
    assert sent == {"Hello there."}
