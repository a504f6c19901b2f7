"""Choosing what is served: an edit of a front-matter line or two in each file concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.file_changes import ChangeRefused, FileChange, carry_out
from tui.core.prompts.edit import EditError, set_key
from tui.core.prompts.snapshot import in_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from tui.core.prompts.snapshot import VersionRow


ONE_VERSION = "{} has one version, v{}, and no other to share the traffic with: copy it first."
"""What is said to who would split the traffic of such a prompt; its name and its version's number."""


class ActivationError(ValueError):
    """The version cannot be made active; the message says why and what to do."""


def activate(folder: Path, versions: Sequence[VersionRow], version: int) -> list[FileChange]:
    """Make `version` the one active version of its prompt; return what was changed.

    The new one is switched on before the others are switched off, so that a crash in between leaves the
    prompt with a version to serve. Raises ActivationError, and then has changed nothing.
    """
    target = next((row for row in versions if row.version == version), None)
    if target is None:
        raise ActivationError(f"There is no version {version}; its file may have been removed just now.")
    others = [row for row in versions if row.version != version and row.active]
    wanted = [(target, True), *((row, False) for row in others)]
    changes = [_change(folder / row.path, active=active) for row, active in wanted if row.active != active]
    return _carried_out(changes)


def split(folder: Path, versions: Sequence[VersionRow], weights: Mapping[int, float]) -> list[FileChange]:
    """Give versions of a prompt these weights and make them the active ones; return what was changed.

    Raises ActivationError, and then has changed nothing.
    """
    numbers = [row.version for row in versions]
    unknown = [version for version in weights if version not in numbers]
    if unknown:
        known = ", ".join(f"v{number}" for number in numbers)
        raise ActivationError(f"There is no v{unknown[0]}; there is {known or 'no version'}.")
    if len(numbers) == 1:
        raise ActivationError(ONE_VERSION.format(versions[0].name, numbers[0]))
    if not any(weights.values()):
        raise ActivationError("At least one version must have a weight above 0.")
    rare = [version for version, weight in weights.items() if 0 < weight * 1_000 < sum(weights.values())]
    if rare:
        raise ActivationError(f"v{rare[0]} would have less than 1 call in 1,000: give it more, or 0.")
    wanted = [(row, {"weight": _plain(weights[row.version]), "active": True}) for row in versions
              if row.version in weights]  # fmt: skip
    wanted += [(row, {"active": False}) for row in versions if row.active and row.version not in weights]
    changes = [_change(folder / row.path, **keys) for row, keys in wanted]
    return _carried_out(changes)


def split_words(versions: Sequence[VersionRow]) -> str:
    """Return who shares the traffic, such as `v1=50 v2=50`."""
    shares = in_service(versions)
    return " ".join(f"v{row.version}={row.weight or 0:g}" if len(shares) > 1 else f"v{row.version} alone"
                    for row in shares) or "none"  # fmt: skip


def _plain(weight: float) -> int | float:
    return int(weight) if weight == int(weight) else weight


def _carried_out(changes: Iterable[FileChange]) -> list[FileChange]:
    """Make those that change something, all or none, and return them. Raises ActivationError."""
    wanted = [change for change in changes if change.before != change.after]
    try:
        carry_out(wanted)
    except ChangeRefused as error:
        raise ActivationError(str(error)) from error
    return wanted


def _change(path: Path, **keys: bool | int | float) -> FileChange:
    try:
        old = new = path.read_bytes()
        for key, value in keys.items():
            new = set_key(new, key, value)
        return FileChange(path, old, new)
    except EditError as error:
        raise ActivationError(f"{path}: {error}") from error
    except OSError as error:
        raise ActivationError(f"{path}: cannot be changed ({error.strerror}).") from error
