"""The themes of our own: what is to be read can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.color import Color

from tui.themes import CONTRAST_DARK, CONTRAST_LIGHT

if TYPE_CHECKING:
    from textual.theme import Theme

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
