"""`penstock` as a user calls it, within the test's process or as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from tests.core.engine.workshop import KEYS, SECRET, Workshop
from tui.cli import main

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING: Mapping[str, str] = {}
NO_KEYS = dict.fromkeys(KEYS, "")
BROKEN = "---\nname: noir\nversion: [1\n---\nBroken\n"


class Shell:
    """Calls `penstock` on a workshop, within this process or as a process of its own."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        root = workshop.root
        self.places = ["--prompts", str(workshop.prompts), "--data-dir", str(root / "data")]
        self.places += ["--settings", str(root / "settings.toml")]
        (root / "settings.toml").write_text(workshop.settings_text())

    def __call__(
        self,
        *arguments: str,
        env: Mapping[str, str] = NOTHING,
        places: bool = True,
        stdin: str | None = None,
    ) -> Result:
        runner = CliRunner(env={**KEYS, **env})
        call = [*(self.places if places else ()), *arguments]
        result = runner.invoke(main, call, input=stdin, prog_name="penstock")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert "\x1b" not in result.output
        assert SECRET not in result.output
        return result

    def process(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it as a user's shell would, with both ends in pipes."""
        return subprocess.Popen(
            [sys.executable, "-m", "tui", *self.places, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **KEYS, "PYTHONWARNINGS": "error"},
        )


def assert_refused(result: Result, code: int, *words: str) -> None:
    """It ended with this code and one sentence on stderr, which holds these words."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert line.startswith("penstock: ")
    assert line.endswith((".", "?")), line
    for word in words:
        assert word in line
