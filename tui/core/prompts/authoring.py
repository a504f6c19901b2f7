"""The files of new versions and prompts: what they are called, and what they begin with."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tui.core.prompts.document import name_from_path, parse_document
from tui.core.prompts.edit import set_key
from tui.core.prompts.files import is_prompt_path
from tui.core.prompts.problems import quoted

_MAX_BYTES = 200
"""Of a file name, so that `-v123456789.md` and the hidden name it is written under still fit into 255."""

_VERSION_END = re.compile(r"-v[0-9]{1,9}\Z")

_TEACHING = """\
---
name: {name}
version: 1
description: One line on what this prompt is for
variables:
  topic: {{default: the tides, description: what to write about}}
active: true
---

Write three sentences about {{{{topic}}}} for a curious reader.
"""


class NameProblem(ValueError):
    """A prompt cannot be named so; the message is one sentence that says why."""


def version_path(path: PurePosixPath, version: int) -> PurePosixPath:
    """Return the file, beside `path`, for another version of its prompt: `NAME-vN.md`."""
    return path.with_name(f"{_VERSION_END.sub('', path.stem)}-v{version}.md")


def copied_version(data: bytes, version: int) -> bytes:
    """Return a prompt file's bytes as those of another version that is not active; all else stays.

    Raises EditError where the front matter cannot be edited by its lines.
    """
    return set_key(set_key(data, "version", version), "active", False)


def new_prompt(text: str) -> tuple[str, PurePosixPath, bytes]:
    """Return the name, the file and the first content of a new prompt; `text` is `NAME` or `FOLDER/NAME`.

    Raises NameProblem.
    """
    *folders, name = [part.strip() for part in text.strip().split("/")]
    if not all(folders):
        raise NameProblem("A prompt is a name, or FOLDER/NAME in the prompts folder.")
    name = name.removesuffix(".md")
    if _VERSION_END.search(name):
        raise NameProblem(f"{quoted(name)} ends as a version's file does: leave that out, it will be v1.")
    path = PurePosixPath(*[check_name(folder) for folder in folders], f"{check_name(name)}-v1.md")
    return name, path, set_key(_TEACHING.format(name="x").encode(), "name", name)


def renamed_path(path: PurePosixPath, old: str, new: str) -> PurePosixPath:
    """Return a file's path once its prompt is called `new`; a file that is named otherwise keeps its name."""
    if name_from_path(path)[0] != old:
        return path
    return path.with_name(path.name.replace(old, new, 1))


def renamed_content(data: bytes, path: PurePosixPath, name: str) -> bytes:
    """Return a file's bytes with its `name:` set, if it has one or `path` does not give that name already.

    Raises EditError.
    """
    named = set_key(data, "name", None) != data
    return set_key(data, "name", name) if named or name_from_path(path)[0] != name else data


def as_version(data: bytes, path: PurePosixPath, name: str, version: int) -> tuple[bytes, PurePosixPath]:
    """Return an earlier content so that it is this version's, and its file.

    A prompt that was renamed since was called otherwise then. Raises EditError.
    """
    said = parse_document(data, path).document
    if said is not None and said.name != name:
        path = renamed_path(path, said.name, name)
        data = renamed_content(data, path, name)
    if said is not None and said.version != version:
        data = set_key(data, "version", version)
    return data, path


def check_name(name: str) -> str:
    """Return a name that a prompt and its files can have; raises NameProblem for any other."""
    if not name:
        raise NameProblem("A prompt needs a name.")
    if not name.isprintable() or "/" in name or "\\" in name:
        raise NameProblem(f"{quoted(name)} cannot be a name: it would not do as the name of a file.")
    if not is_prompt_path(PurePosixPath(f"{name}.md")):
        raise NameProblem(f"{quoted(name)} cannot be a name: such files are not read as prompts.")
    if len(name.encode()) > _MAX_BYTES:
        raise NameProblem(f"{quoted(name)} cannot be a name: it is too long for a file.")
    return name
