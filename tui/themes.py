"""Penstock's own two themes: one accent colour, and a colour only where it means something."""

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
