"""Changing the user's settings file: all else stays as it is, comments and line ends included."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tui.core.exchange import Overtaken, replace_if
from tui.core.prompts.source import UnreadableError
from tui.core.prompts.spelling import spelled, unspelled
from tui.core.settings import SettingsError, parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_TRIES = 8
_ONE_BY_ONE = threading.Lock()
"""Changes of this process need not overtake each other; those of others are met by `replace_if`."""


def with_setting(text: str, keys: Sequence[str], value: object) -> str:
    """Return the TOML `text` with the setting at `keys` set to `value`, or taken out for None.

    Tables that are missing are added at the end. Raises ValueError for a text that is not TOML.
    """
    import tomlkit  # for this alone

    document = tomlkit.parse(text)
    table: Any = document
    for place, key in enumerate(keys[:-1]):
        if key not in table:
            if value is None:
                return text
            # Only the innermost table gets a heading of its own: [providers.openai.limits].
            table[key] = tomlkit.table(is_super_table=place < len(keys) - 2)
        table = table[key]
    if value is not None:
        table[keys[-1]] = value
    elif keys[-1] in table:
        del table[keys[-1]]
    return tomlkit.dumps(document)


def change_setting(path: Path, keys: Sequence[str], value: object) -> None:
    """Set one setting in the file at `path`; None takes it out. See `edit_settings`."""
    edit_settings(path, lambda text: with_setting(text, keys, value))


def edit_settings(path: Path, edit: Callable[[str], str]) -> None:
    """Let `edit` change the text of the file at `path`, which is made if it is not there.

    Nothing is written unless the result is good, and nothing over what another program has saved meanwhile:
    then `edit` gets that. Raises SettingsError, whose message says what is wrong, and OSError.
    """
    with _ONE_BY_ONE:
        for _ in range(_TRIES):
            try:
                _edit_once(path, edit)
            except Overtaken:
                continue
            return
    raise SettingsError(f"{path}: another program goes on changing the settings; try again.")


def _edit_once(path: Path, edit: Callable[[str], str]) -> None:
    try:
        found: bytes | None = path.read_bytes()
    except FileNotFoundError:
        found = None
    try:
        text, spelling = spelled(found or b"")
    except UnreadableError as error:
        raise SettingsError(f"{path}: the settings cannot be read (they are not UTF-8 text).") from error
    parse_settings(text, path)  # what is wrong already is said in the words for that
    changed = edit(text)
    parse_settings(changed, path)
    if changed != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_if(path, unspelled(changed, spelling), found)
