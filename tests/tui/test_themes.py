"""The themes of our own: what is to be read can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rich.color import ColorType
from textual.color import Color

from tui.themes import CONTRAST_DARK, CONTRAST_LIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.segment import Segment
    from rich.style import Style
    from textual.screen import Screen
    from textual.theme import Theme

    from tests.tui.conftest import Desk, Opener

INKS = ("primary", "secondary", "accent", "foreground", "success", "warning", "error")
GROUNDS = ("background", "surface", "panel")


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as WCAG 2.2 defines it, from 1 to 21."""
    low, high = sorted(_luminance(Color.parse(name)) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [CONTRAST_DARK, CONTRAST_LIGHT], ids=lambda theme: theme.name)
def test_every_word_stands_out_seven_to_one(theme: Theme) -> None:
    inks = [str(getattr(theme, name)) for name in INKS] + [theme.variables["muted"]]
    grounds = [str(getattr(theme, name)) for name in GROUNDS]
    for ground in (*grounds, theme.variables["cursor-row"], theme.variables["flash"]):
        assert contrast(theme.foreground or "", ground) >= 7
    for ink in inks:
        for ground in grounds:
            assert contrast(ink, ground) >= 7, (ink, ground)
    for bar in (theme.accent, theme.warning, theme.error):
        assert contrast(str(bar), theme.variables["track"]) >= 3, "a bar differs from its track"


# ---------------------------------------------------------------- few colours, or none

STATES: tuple[tuple[str, ...], ...] = (
    (),
    ("R",),
    ("escape", "H"),
    ("escape", "comma"),
    ("escape", "question_mark"),
    ("escape", "apostrophe"),
    ("escape", "ctrl+p"),
    ("escape", "i", "end", *"{{he", "shift+left", "shift+left"),
    ("ctrl+f", *"he"),
)
"""Keys that lead from one state to the next."""


def painted(screen: Screen[object]) -> Iterator[tuple[Segment, Style]]:
    """Yield what is on the screen, as it goes to the terminal."""
    for strip in screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                yield segment, segment.style


async def each_state(desk: Desk) -> list[tuple[str, list[tuple[Segment, Style]]]]:
    """Return what is on the screen in each of the states, by the last key."""
    seen = []
    for keys in STATES:
        await desk.press(*keys)
        seen.append((keys[-1] if keys else "", list(painted(desk.app.screen))))
    return seen


async def test_without_colours_none_is_sent_and_all_states_are_told_apart(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app() as desk:
        await desk.press("r")
        seen = await each_state(desk)
    for key, pieces in seen:
        coloured = [segment for segment, style in pieces if style.color or style.bgcolor]
        assert not coloured, key
    marked = {
        key: "".join(segment.text for segment, style in pieces if style.reverse) for key, pieces in seen
    }
    assert "v1" in marked[""], "the cursor's row"
    assert "noir" in marked["H"]
    assert "General" in marked["comma"]
    assert set("asd") <= set(marked["apostrophe"]), "the letters to jump by"
    assert marked["shift+left"].startswith("he"), "the selection"
    assert "hero" in marked["shift+left"], "what is offered"


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_the_terminals_own_colours_are_enough(open_app: Opener, theme: str) -> None:
    async with open_app(settings=f'theme = "{theme}"') as desk:
        await desk.press("r")
        seen = await each_state(desk)
    for keys, pieces in seen:
        for segment, style in pieces:
            for colour in (style.color, style.bgcolor):
                own = colour is None or colour.type in (ColorType.DEFAULT, ColorType.STANDARD)
                assert own, (keys, segment)
