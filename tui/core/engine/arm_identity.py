"""When two contents of a version are one arm: if they differ in nothing but its name and who is served it."""

from __future__ import annotations

from functools import lru_cache

from tui.core.prompts.edit import EditError, set_key

_NEVER_SENT = ("active", "weight", "name")


def same_arm(old: str, new: str) -> bool:
    """Whether two contents of a file are the same apart from the lines of `active`, `weight` and `name`.

    A ramp or renaming the prompt edits these lines, and must not begin the test anew.
    """
    return old == new or _sent(old) == _sent(new)


@lru_cache(maxsize=512)
def _sent(content: str) -> bytes:
    data = content.encode()
    try:
        for key in _NEVER_SENT:
            data = set_key(data, key, None)
    except EditError:  # a broken file is never served, and another content is another arm
        pass
    return data
