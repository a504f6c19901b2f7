"""Reads the parts of a JSON request that all dialects share; what is wrong is raised as ValueError."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.simulator.ask import Json


def child(body: Json, key: str) -> Json:
    """The object under a key; {} when it is absent, null or something else."""
    value = body.get(key)
    return value if isinstance(value, dict) else {}


def items(body: Json, key: str) -> list[Json]:
    """The objects in the list under a key; [] when there is no list."""
    value = body.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text(body: Json, key: str) -> str:
    """The string under a key, "" when there is none."""
    value = body.get(key)
    return value if isinstance(value, str) else ""


def number(body: Json, key: str) -> float | None:
    """The number under a key, or None."""
    value = body.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def whole(body: Json, key: str) -> int | None:
    """The whole number under a key (a string of digits too, as protobuf's JSON writes int64), or None."""
    value = body.get(key)
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def strings(body: Json, key: str) -> tuple[str, ...]:
    """The strings under a key: a list of them, or a single one."""
    value = body.get(key)
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def content(message: Json) -> str:
    """The text of a message whose `content` is a string or a list of parts with `text`."""
    value = message.get("content")
    if isinstance(value, str):
        return value
    return "".join(text(part, "text") for part in items(message, "content"))
