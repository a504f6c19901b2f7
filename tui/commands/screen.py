"""`penstock` alone: the full-screen program."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.commands.opening import keys_of, open_workspace
from tui.core.engine.engine import Engine
from tui.core.workspace import APP
from tui.rubbish import left_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.core.workspace import Options, Workspace


def show(options: Options, *, mouse: bool) -> None:
    """Open the screen. Raises Mistake where there is no terminal to show it on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Mistake(
            "There is no terminal to show the screen on; "
            "without one there are `penstock ls`, `check`, `run`, `quota`, `init` and `config`"
        )
    workspace, settings = open_workspace(options)
    with left_alone():
        from tui.app import PenstockApp

        keys_of(workspace.settings, settings)  # so that wrong ones are refused with their place
        with _demo_settings(workspace) if workspace.demo else contextlib.nullcontext(workspace) as workspace:
            app = PenstockApp(Engine(workspace, settings))
            app.run(mouse=mouse)
    if failure := app.engine.failure:
        raise click.ClickException(str(failure))
    sys.exit(app.return_code or 0)


@contextlib.contextmanager
def _demo_settings(workspace: Workspace) -> Iterator[Workspace]:
    """Give a demo a copy of the settings for its time, so that what is changed there changes nothing else."""
    with tempfile.TemporaryDirectory(prefix=f"{APP}-demo-") as folder:
        own = Path(folder) / workspace.settings.name
        try:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(workspace.settings, own)
        except OSError as error:
            raise Mistake(f"{workspace.settings}: the settings cannot be read ({error.strerror})") from error
        yield replace(workspace, settings=own)
