"""When two JSON values are the same: 1 and 1.0 are, 1 and true are not, the order of keys does not count."""

from __future__ import annotations

import json
from typing import Any


def canonical(value: Any) -> str:
    """Return a text that is the same for values that are the same. Raises RecursionError."""
    return json.dumps(_plain(value), sort_keys=True)


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are the same. Raises RecursionError."""
    return canonical(one) == canonical(other)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
