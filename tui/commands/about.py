"""`penstock about`: what a report of a fault needs to say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tui.commands.opening import open_workspace
from tui.core.about import about, as_text
from tui.core.text import printable_lines

if TYPE_CHECKING:
    from tui.core.workspace import Options


def show(options: Options) -> None:
    """Print versions, places and what the environment says of the terminal."""
    workspace, settings = open_workspace(options)
    click.echo("\n".join(printable_lines(as_text(about(workspace, settings, os.environ)))))
