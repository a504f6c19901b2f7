"""Writes the answers."""

from __future__ import annotations


def write(provider: str, model: str, prompt: str, seed: int) -> str:
    """An answer to a prompt."""
    return f"**{provider}** answers as {model}.\n\nThe prompt began with “{prompt[:60]}”."


def write_at_length(provider: str, model: str, prompt: str, seed: int) -> str:
    """A very long answer to a prompt."""
    return "\n\n".join(write(provider, model, prompt, seed + part) for part in range(100))


def think(prompt: str, tokens: int, seed: int) -> str:
    """What a model says to itself before it answers."""
    return "The user wants something. " * max(1, tokens // 6)
