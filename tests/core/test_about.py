"""What a report of a fault says, and what it must not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.engine.workshop import KEYS, SECRET
from tui.core.about import about, as_text
from tui.core.settings import parse_settings
from tui.core.workspace import Options, resolve
from tui.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path


def test_it_names_versions_and_places_and_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    settings = parse_settings('ledger = "postgresql://ada:hunter2hunter2@db/quota"\n', path)
    workspace = resolve(Options(tmp_path / "prompts", tmp_path / "data", path), None, {})
    environ = KEYS | {
        "TERM": "xterm",
        "NO_COLOR": "",
        "SSH_CONNECTION": "10.0.0.7 22",
        "PENSTOCK_LEDGER": "postgresql://ada:hunter2hunter2@db/quota",
        "TEXTUAL_FPS": "15",
    }
    said = as_text(about(workspace, settings, environ))
    for word in (VERSION, "textual", str(tmp_path / "prompts"), "(not there)", "xterm", '""', "15"):
        assert word in said
    for word in (SECRET, *KEYS.values(), "hunter2", "10.0.0.7"):
        assert word not in said
    values = ("xterm", VERSION)
    columns = {line.index(value) for line in said.splitlines() for value in values if value in line}
    assert len(columns) == 1, "the values stand below each other"
