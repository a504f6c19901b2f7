"""What the screen makes of the table of actions: bindings, names of keys in sentences, tables of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from tui.action_table import ACTIONS, PLACES, Action, Place, default_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

_KEY_NAMES = {
    "question_mark": "?", "slash": "/", "plus": "+", "minus": "-", "up": "↑", "down": "↓", "left": "←",
    "right": "→", "escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "full_stop": ".", "upper_p": "P",
    "colon": ":", "G": "G", "equals_sign": "=", "number_sign": "#", "less_than_sign": "<",
    "greater_than_sign": ">", "left_square_bracket": "[", "right_square_bracket": "]",
    "comma": ",", "apostrophe": "'", "circumflex_accent": "^", "dollar_sign": "$",
}  # fmt: skip

_BY_ID = {action.id: action for action in ACTIONS}

_PRIOR: tuple[Place, ...] = ("values", "choice", "long-value")
_TYPED_IN: tuple[Place, ...] = ("editor", "choice", "values")


def key_label(key: str) -> str:
    """Return a key as it is printed on it: `slash` is `/`, `ctrl+p` stays."""
    return _KEY_NAMES.get(key, key)


_changed: dict[str, tuple[str, ...]] = {}


def use_keys(changed: Mapping[str, tuple[str, ...]]) -> None:
    """From now on say these keys, by action, in place of the usual ones: a process has one screen."""
    _changed.clear()
    _changed.update(changed)


def labels(action: Action) -> list[str]:
    """Return the printed names of an action's keys in force, the main one first; none if it has none."""
    return [key_label(key) for key in _changed.get(action.id) or default_keys(action)]


def key_of(name: str) -> str:
    """Return the printed name of the main key of the action with that id, for a sentence."""
    return labels(_BY_ID[name])[0]


def bindings(*places: Place) -> list[BindingType]:
    """Return Textual's bindings for the actions of these places."""
    return [
        Binding(
            action.keys,
            action.call,
            action.title,
            show=False,
            id=action.id,
            # In a field the keys that leave it come first, before what is typed behind them reaches it.
            priority=action.place in _PRIOR,
        )
        for action in ACTIONS
        if action.place in places and action.keys
    ]


def typed_in(focused: Widget | None) -> tuple[Place, ...]:
    """Return the places of a field's keys, where letters are text and `?` asks for no help; () elsewhere."""
    ids = {binding.id for binding in getattr(focused, "BINDINGS", ()) if isinstance(binding, Binding)}
    return tuple(place for place in _TYPED_IN if any(a.id in ids for a in ACTIONS if a.place == place))


def key_table() -> str:
    """Return the keys as markdown tables that unfold, for the README."""
    parts = []
    for place, heading in PLACES.items():
        rows = [
            f"| {' '.join(f'`{key_label(key)}`' for key in default_keys(action))} | {_sentence(action)} |"
            for action in ACTIONS
            if action.place == place and action.keys
        ]
        folded = f"<details><summary>{heading}</summary>"
        parts.append("\n".join([folded, "", "| key | what it does |", "|---|---|", *rows, "", "</details>"]))
    return "\n\n".join(parts)


def _sentence(action: Action) -> str:
    return f"{action.title}. {action.help}".strip() if action.help else action.title
