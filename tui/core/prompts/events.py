"""What a batch of file-system events means for the prompts of a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from watchfiles import Change

from tui.core.prompts.files import is_watched

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from watchfiles.main import FileChange

    from tui.core.prompts.files import Survey


@dataclass(slots=True)
class Meaning:
    """The prompt files, and files of cases, that changed, by relative path, and those of them that are new.

    `reshaped`: a folder or a link came or went, so that what has to be watched may be something else.
    """

    changed: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)
    reshaped: bool = False


def interpret(events: Iterable[FileChange], folder: Path, seen: Survey) -> Meaning:
    """Say what events below `folder`, or below the folders that it links to, mean after survey `seen`."""
    meaning = Meaning()
    parents: dict[str, str] = {}
    sub_folders = frozenset(seen.folders.values()) - {""}
    linked = frozenset(path for paths in seen.links.values() for path in paths)
    for change, path in events:
        parent, name = os.path.split(path)
        # A folder that is reached over links may be reported under any of its paths.
        real = parents[parent] if parent in parents else parents.setdefault(parent, os.path.realpath(parent))
        meaning.changed.update(seen.links.get(f"{real}/{name}", ()))
        base = seen.folders.get(real)
        relative = f"{base}/{name}" if base else name
        if path == str(folder) or (base is not None and relative in sub_folders):
            meaning.reshaped = True
        elif base is None or name.startswith("."):
            continue
        elif is_watched(PurePosixPath(relative)) and not os.path.isdir(path):  # noqa: PTH112
            meaning.changed.add(relative)
            if change == Change.added:
                meaning.added.add(relative)
            if relative in linked or os.path.islink(path):  # noqa: PTH114
                meaning.reshaped = True
        elif change == Change.added and os.path.isdir(path):  # noqa: PTH112
            meaning.reshaped = True
    return meaning
