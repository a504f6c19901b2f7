"""`penstock init`: a folder of prompts to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.core.workspace import copy_starters

if TYPE_CHECKING:
    from pathlib import Path


def copy(folder: Path) -> None:
    """Copy the starter prompts and say what was written."""
    try:
        written = copy_starters(folder)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written ({error.strerror}).") from error
    for path in written:
        click.echo(path)
    click.echo(
        f"{len(written)} written; open them with `penstock --prompts {folder}`."
        if written
        else f"All the starter prompts are in {folder} already.",
        err=True,
    )
