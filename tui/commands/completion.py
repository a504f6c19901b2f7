"""`penstock completion`: what a shell needs to complete the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

if TYPE_CHECKING:
    from click import Command

PROGRAM = "penstock"
VARIABLE = "_PENSTOCK_COMPLETE"
"""What click looks for when the shell asks (https://click.palletsprojects.com/en/stable/shell-completion/)."""


def print_script(command: Command, shell: str) -> None:
    """Print the script for a shell that click knows."""
    kind = get_completion_class(shell)
    if kind is None:
        raise ValueError(f"no script for {shell}")
    click.echo(kind(command, {}, PROGRAM, VARIABLE).source().strip())
