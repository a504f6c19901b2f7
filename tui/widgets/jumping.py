"""What a jump can go to: a pane says which of its parts, everything that takes the focus is one by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
"""Those under the fingers first."""


class Place(NamedTuple):
    """A part of a widget that can be gone to."""

    x: int
    """In cells from the widget's left side, like y from its top."""
    y: int
    go: Callable[[], object]


@runtime_checkable
class Jumpable(Protocol):
    """A widget with parts to go to."""

    def jump_places(self) -> Iterable[Place]:
        """Return those that are in sight, the most wanted first."""
        ...


def codes(count: int) -> list[str]:
    """Return so many different codes of one or two letters, the short ones first; none begins another.

    At most 676 are returned: what is beyond has none.
    """
    letters = len(LETTERS)
    if count <= letters:
        return list(LETTERS[:count])
    prefixes = min(letters, -(-(count - letters) // (letters - 1)))
    single = LETTERS[: letters - prefixes]
    double = [first + second for first in LETTERS[letters - prefixes :] for second in LETTERS]
    return [*single, *double][:count]
