"""Penstock's own themes: one accent colour, and a colour only where it means something."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="penstock-dark",
    dark=True,
    primary="#45c4c0",
    secondary="#7aa2c8",
    accent="#45c4c0",
    foreground="#d3dbe3",
    background="#0f151b",
    surface="#151d25",
    panel="#1d2731",
    success="#5fbf77",
    warning="#e0ae4a",
    error="#f0716a",
    variables={
        "muted": "#76848f",
        "faint": "#34414c",
        "track": "#23303b",
        "cursor-row": "#203441",
        "flash": "#1d4a4c",
        "input-selection-background": "#2d5560",
        "block-cursor-background": "#45c4c0",
        "block-cursor-foreground": "#0f151b",
    },
)

LIGHT = Theme(
    name="penstock-light",
    dark=False,
    primary="#0a7a80",
    secondary="#3a6ea5",
    accent="#0a7a80",
    foreground="#24303a",
    background="#fcfdfd",
    surface="#f1f5f6",
    panel="#e5ecee",
    success="#1c7c3c",
    warning="#8f5f00",
    error="#c62f2f",
    variables={
        "muted": "#64727d",
        "faint": "#c9d3d8",
        "track": "#d8e2e5",
        "cursor-row": "#d5e8ea",
        "flash": "#b4e0e0",
        "input-selection-background": "#b6d8de",
        "block-cursor-background": "#0a7a80",
        "block-cursor-foreground": "#fcfdfd",
    },
)

CONTRAST_DARK = Theme(
    name="penstock-contrast-dark",
    dark=True,
    primary="#5cf2ec",
    secondary="#b9d7ff",
    accent="#5cf2ec",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1c1c1c",
    success="#7dff9b",
    warning="#ffd75f",
    error="#ff9c96",
    variables={
        "muted": "#d0d0d0",
        "faint": "#a8a8a8",
        "track": "#3a3a3a",
        "cursor-row": "#004f6b",
        "flash": "#00524f",
        "input-selection-background": "#00506e",
        "block-cursor-background": "#ffffff",
        "block-cursor-foreground": "#000000",
    },
)

CONTRAST_LIGHT = Theme(
    name="penstock-contrast-light",
    dark=False,
    primary="#004b50",
    secondary="#003a78",
    accent="#004b50",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ececec",
    success="#00501a",
    warning="#5a3a00",
    error="#8c0000",
    variables={
        "muted": "#303030",
        "faint": "#505050",
        "track": "#c4c4c4",
        "cursor-row": "#c8e6ff",
        "flash": "#b8f0ec",
        "input-selection-background": "#b0d8ff",
        "block-cursor-background": "#000000",
        "block-cursor-foreground": "#ffffff",
    },
)
"""For tired eyes and bad screens: every word stands out at least 7 to 1 (WCAG 2.2, 1.4.6)."""

TERMINAL = dict.fromkeys(("muted", "faint", "track", "cursor-row", "flash"), "ansi_default")
"""For the themes of the terminal's own colours; `plain.tcss` tells these apart by marks."""

THEMES = (DARK, LIGHT, CONTRAST_DARK, CONTRAST_LIGHT)
