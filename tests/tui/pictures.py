"""What the pictures share: a home that says nothing of this machine, and an app in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from tests.e2e.conftest import Home
from tui.core.engine.engine import Engine
from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

Compare: TypeAlias = Callable[..., bool]


def new_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home of one prompt, which is the user's home, too: places in it are shown as `~/…`."""
    monkeypatch.setenv("HOME", str(tmp_path))
    home = Home(tmp_path)
    home.prompts.mkdir()
    home.noir(1, active=True)
    return home


def engine_of(home: Home, theme: str, *, demo: bool = False) -> Engine:
    """Return an engine on its prompts; one provider has a key, and no other process shares the quotas."""
    options = Options(prompts=home.prompts, data_dir=home.root / "data", demo=demo)
    settings = parse_settings(f'theme = "{theme}"\nledger = "memory"', home.root / "settings.toml")
    return Engine(resolve(options, None, {}), settings, environ={"ANTHROPIC_API_KEY": "not shown"})
