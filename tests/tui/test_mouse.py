"""The mouse is the terminal's where the user wants that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from tui.app import PenstockApp
from tui.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("arguments", [[], ["--no-mouse"]])
def test_the_mouse_can_be_left_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(PenstockApp, "run", lambda self, **options: asked.append(options["mouse"]))
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit):
        main(["--data-dir", str(tmp_path), "--settings", str(tmp_path / "none.toml"), *arguments])
    assert asked == [not arguments]
