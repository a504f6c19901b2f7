"""When two contents of a version are one arm: if they differ in nothing but who is served how often."""

from __future__ import annotations

from functools import lru_cache

from tui.core.prompts.edit import EditError, set_key

_SERVING = ("active", "weight")


def same_arm(old: str, new: str) -> bool:
    """Whether two contents of a file are the same apart from the lines of `active` and `weight`.

    A ramp edits these lines, and must not begin the test anew.
    """
    return old == new or _sent(old) == _sent(new)


@lru_cache(maxsize=512)
def _sent(content: str) -> bytes:
    data = content.encode()
    try:
        for key in _SERVING:
            data = set_key(data, key, None)
    except EditError:  # a broken file is never served, and another content is another arm
        pass
    return data
