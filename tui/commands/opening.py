"""Settings and workspace for a command, with every mistake of the user turned into one sentence."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from tui.commands.mistake import Mistake
from tui.core.engine.engine import Engine
from tui.core.engine.inbox import EngineStopped
from tui.core.settings import Settings, SettingsError, load_settings
from tui.core.settings_errors import FieldError, refused_in
from tui.core.workspace import Options, Workspace, resolve, settings_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.core.prompts.snapshot import LibrarySnapshot


def open_workspace(options: Options) -> tuple[Workspace, Settings]:
    """Return the places and the settings. Raises Mistake with the sentence of what is wrong."""
    try:
        settings = load_settings(settings_path(options))
    except SettingsError as error:
        raise Mistake(str(error)) from error
    return resolve(options, settings.prompts), settings


def keys_of(path: Path, settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the keys by action that the settings at `path` change. Raises Mistake for wrong ones."""
    from tui.keymap import read_keymap  # which needs the screen's library

    try:
        return read_keymap(settings.keys)
    except FieldError as error:
        raise Mistake(str(refused_in(path, ("keys", error.field), str(error)))) from error


@contextlib.contextmanager
def open_engine(
    options: Options, *, watch: bool = False, need_prompts: bool = True
) -> Iterator[tuple[Engine, LibrarySnapshot]]:
    """Start an engine and wait for the prompts; stop it at the end."""
    workspace, settings = open_workspace(options)
    if need_prompts and not (workspace.demo or workspace.prompts.is_dir()):
        raise Mistake(
            f"There is no folder {workspace.prompts}; `penstock init DIR` makes one of starter prompts"
        )
    engine = Engine(workspace, settings, watch=watch)
    engine.start()
    try:
        yield engine, _loaded(engine)
    finally:
        engine.stop()


def _loaded(engine: Engine) -> LibrarySnapshot:
    from tui.core.store.database import DatabaseError  # slow to import, and the engine has done so by now

    try:
        return engine.loaded(None)
    except (DatabaseError, OSError, EngineStopped) as error:
        raise click.ClickException(str(error)) from error
