"""The keys that a user gives to actions: read from the settings, and refused where they would not work."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key, _get_unicode_name_from_key

from tui.action_table import ACTIONS, LISTS, SCREENS, default_keys
from tui.core.settings_errors import FieldError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.action_table import Place

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_NAMES = {key.value for key in Keys} | set(KEY_NAME_REPLACEMENTS.values())
_TOGETHER: tuple[set[Place], ...] = (
    *({*places, *LISTS.get(screen, ())} for screen, places in SCREENS.items()),
    {"list", "browser"},
    {"reading", "template"},
)
"""Places whose keys count at the same time: a screen and its list; a list and what only this one has."""


def read_keymap(wanted: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the keys by action, each under the name that Textual gives it: `?` is `question_mark`.

    Raises FieldError, with the id of the action, for an action or a key that there is not, for no key at all,
    and for a key that another action has in the same place.
    """
    known = [action.id for action in ACTIONS]
    keymap: dict[str, tuple[str, ...]] = {}
    for name, keys in wanted.items():
        if name not in known:
            raise FieldError(name, f"there is no action {name!r}{_nearest(name, known)}")
        if not keys:
            raise FieldError(name, f"{name} needs a key; without this line it has its usual ones")
        for key in keys:
            if not _is_key(key):
                raise FieldError(name, f'there is no key {key!r}; write "n", "N", "ctrl+n", "f5" or "?"')
        keymap[name] = tuple(_named(key) for key in keys)
    _refuse_clashes(keymap)
    return keymap


def _refuse_clashes(keymap: Mapping[str, tuple[str, ...]]) -> None:
    for places in [*({action.place} for action in ACTIONS), *_TOGETHER]:
        taken: dict[str, str] = {}
        # What the user chose is looked at last, so that it is what an error names.
        for action in sorted(ACTIONS, key=lambda action: action.id in keymap):
            for key in (keymap.get(action.id) or default_keys(action)) if action.place in places else ():
                other = taken.setdefault(key, action.id)
                if other != action.id and action.id in keymap:
                    problem = f"{key!r} is the key of {other!r} already; give that another one"
                    raise FieldError(action.id, problem)


def _nearest(name: str, known: Sequence[str]) -> str:
    # The list is long: the help has it with the titles.
    close = nearest(name, known)
    return close if close.startswith(",") else "; `penstock config keys` lists them"


def _named(key: str) -> str:
    return _character_to_key(key) if len(key) == 1 else key


def _is_key(key: str) -> bool:
    *modifiers, name = _named(key).split("+")
    if key in _NAMES or (len(name) == 1 and name.isprintable() and not name.isspace()):
        return set(modifiers) <= _MODIFIERS
    return set(modifiers) <= _MODIFIERS and (name in _NAMES or _is_character(name))


def _is_character(name: str) -> bool:
    try:
        return bool(unicodedata.lookup(_get_unicode_name_from_key(name).replace("_", " ")))
    except KeyError:
        return False
