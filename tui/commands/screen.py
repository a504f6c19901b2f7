"""`penstock` alone: the full-screen program."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import keys_of, open_workspace
from tui.core.engine.engine import Engine

if TYPE_CHECKING:
    from tui.core.workspace import Options


def show(options: Options, *, mouse: bool) -> None:
    """Open the screen. Raises Mistake where there is no terminal to show it on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Mistake(
            "There is no terminal to show the screen on; "
            "without one there are `penstock ls`, `check`, `run`, `quota`, `init` and `config`"
        )
    workspace, settings = open_workspace(options)
    from tui.app import PenstockApp

    keys_of(workspace.settings, settings)  # so that wrong ones are refused with their place
    app = PenstockApp(Engine(workspace, settings))
    app.run(mouse=mouse)
    if failure := app.engine.failure:
        raise click.ClickException(str(failure))
    sys.exit(app.return_code or 0)
