"""Writes the key tables of the README from the action table: `uv run python -m tests.readme`."""

from __future__ import annotations

import re
from pathlib import Path

from tui.actions import key_table

README = Path(__file__).resolve().parents[1] / "README.md"
_KEYS = re.compile(r"(<!-- keys:[^\n]*-->\n).*?(<!-- /keys -->)", re.DOTALL)


def with_keys(text: str) -> str:
    """Return the README's text with its key tables as the action table has them now."""
    return _KEYS.sub(lambda found: f"{found[1]}{key_table()}\n{found[2]}", text)


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text(encoding="utf-8")), encoding="utf-8")
