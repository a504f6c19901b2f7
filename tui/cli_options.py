"""The options of every command that works with prompts and data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.core.workspace import Options

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def workspace_options(function: F) -> F:
    """Give a command the options that say which prompts and data it works with.

    They are taken before the command's name and after it; what stands after it wins.
    """

    @click.option(
        "--demo", is_flag=True, help="Answer from a simulator on this machine; no key is needed or read."
    )
    @click.option("--data-dir", type=FOLDER, help="Keep the databases here.  [env: PENSTOCK_DATA_DIR]")
    @click.option("--prompts", type=FOLDER, help="The folder of prompt files.  [env: PENSTOCK_PROMPTS]")
    @click.option("--settings", type=FILE, help="The settings file.  [env: PENSTOCK_SETTINGS]")
    @functools.wraps(function)
    def wrapped(
        *args: Any,
        demo: bool,
        data_dir: Path | None,
        prompts: Path | None,
        settings: Path | None,
        **kwargs: Any,
    ) -> Any:
        context = click.get_current_context()
        outer: Options = context.obj or Options()
        options = Options(
            prompts=prompts or outer.prompts,
            data_dir=data_dir or outer.data_dir,
            settings=settings or outer.settings,
            demo=demo or outer.demo,
        )
        context.obj = options
        return function(options, *args, **kwargs)

    return wrapped  # type: ignore[return-value]  # click adds its options to the function it is given
