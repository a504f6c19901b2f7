"""Changing one setting in the user's file: what else stands there stays as it is, comments included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.core.atomic import write_atomic
from tui.core.settings import SettingsError, parse_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
    """Set one setting in the file at `path`, which is made if it is not there; None takes it out.

    Nothing is written unless the result is good. Raises SettingsError, whose message says what is wrong, and
    OSError.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: the settings cannot be read (it is not UTF-8 text).") from error
    parse_settings(text, path)  # what is wrong already is said in the words for that
    changed = with_setting(text, keys, value)
    parse_settings(changed, path)
    if changed != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, changed.encode())
