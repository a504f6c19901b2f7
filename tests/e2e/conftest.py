"""A home of its own for each test: prompts, data and settings in a temporary folder, no keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

NOIR = """---
name: noir
version: {version}
variables:
  hero: {{default: Mara Voss}}
active: {active}
---

# A scene

Write the first line of a noir story about {{{{hero}}}}. {more}
"""


@dataclass(frozen=True)
class Home:
    """Where a test's program lives."""

    root: Path

    @property
    def prompts(self) -> Path:
        """The prompts folder."""
        return self.root / "prompts"

    @property
    def environ(self) -> dict[str, str]:
        """Nothing of the developer's own: no keys, no settings, no data."""
        keys = ("OPENAI", "ANTHROPIC", "GEMINI", "GOOGLE", "DEEPSEEK", "YC", "YANDEX_CLOUD")
        return {
            "HOME": str(self.root),
            "PENSTOCK_DATA_DIR": str(self.root / "data"),
            "PENSTOCK_SETTINGS": str(self.root / "settings.toml"),
            "PYTHONWARNINGS": "default",
        } | {f"{key}_API_KEY": "" for key in keys}

    def write(self, name: str, text: str) -> Path:
        """Write a prompt file."""
        path = self.prompts / name
        path.write_text(text, encoding="utf-8")
        return path

    def noir(self, version: int, *, active: bool, more: str = "") -> Path:
        """Write a good prompt file."""
        return self.write(
            f"noir-v{version}.md", NOIR.format(version=version, active=str(active).lower(), more=more)
        )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one prompt of two versions."""
    home = Home(tmp_path)
    home.prompts.mkdir()
    home.noir(1, active=True)
    home.noir(2, active=False, more="Make it rain.")
    return home


Opener = Callable[..., Terminal]


@pytest.fixture
def open_terminal(home: Home) -> Iterator[Opener]:
    """Opens the program in a terminal; all are closed at the end."""
    with ExitStack() as stack:

        def opened(*arguments: str, columns: int = 120, rows: int = 40, **environ: str) -> Terminal:
            terminal = Terminal(
                arguments, environ={**home.environ, **environ}, cwd=home.root, columns=columns, rows=rows
            )
            return stack.enter_context(terminal)

        yield opened
