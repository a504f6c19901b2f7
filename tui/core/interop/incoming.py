"""A prompt that comes from another format, as the files that it becomes here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from tui.core.cases.document import parse_cases
from tui.core.interop.sheet import Parcel, file_name, is_set
from tui.core.interop.yaml_text import as_yaml
from tui.core.prompts.document import parse_document
from tui.core.prompts.problems import Lines
from tui.core.prompts.template import placeholders

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_MARKED = re.compile(r"^<!-- (?:system|user|assistant) -->$", re.MULTILINE)
_BLOCK = re.compile(r"\{\{[~]?#|\{%")
_WORDS = ("this", "else", "history")
"""What Handlebars and dotprompt mean by these is no variable."""
_MORE_THAN_A_NAME = re.compile(r"\{\{\{?[^{}]*\}?\}\}|\{%(?:(?!\{%).)*?%\}|\{#(?:(?!\{#).)*?#\}", re.DOTALL)
"""What never ends is looked through to the next of its kind, not to the end."""


class NotReadable(Exception):
    """What is to be imported is no file of its format; the message is one sentence."""


@dataclass(slots=True)
class Incoming:
    """One version of a prompt; `front` has our own keys, in the order in which they are written."""

    name: str
    body: str
    version: int = 1
    front: dict[str, Any] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Any] = field(default_factory=list)


def pack(prompts: Sequence[Incoming], parcel: Parcel) -> Parcel:
    """Add the files of prompts to a parcel.

    Raises SamePath, and NotReadable for one that could not be read back.
    """
    for prompt in prompts:
        path = f"{file_name(prompt.name)}-v{prompt.version}.md"
        front = as_yaml({"name": prompt.name, "version": prompt.version, **is_set(prompt.front)})
        text = f"---\n{front}---\n\n{prompt.body.strip(chr(10))}\n"
        parsed = parse_document(text.encode("utf-8", "replace"), PurePosixPath(path))
        if parsed.document is None:
            problem = next(problem for problem in parsed.problems if problem.severity == "error")
            raise NotReadable(f"{prompt.name} cannot be a prompt here: {problem.message}")
        parcel.add(path, text)
        if prompt.cases:
            _pack_cases(prompt, parcel)
    return parcel


def _pack_cases(prompt: Incoming, parcel: Parcel) -> None:
    path = f"cases/{file_name(prompt.name)}.yaml"
    text = as_yaml(is_set({"checks": prompt.checks, "cases": prompt.cases}))
    parsed = parse_cases(text.encode("utf-8", "replace"))
    if parsed.document is None:
        problem = next(problem for problem in parsed.problems if problem.severity == "error")
        raise NotReadable(f"The cases of {prompt.name} cannot be read here: {problem.message}")
    parcel.add(path, text)


def used_names(text: str) -> list[str]:
    """Return the names of all simple placeholders that can be variables of the prompt, in their order.

    Within loops and conditions a name may be one that those give: then it is none of them.
    """
    if _BLOCK.search(text):
        return []
    names = dict.fromkeys(found.name for found in placeholders(text, ()))
    return [name for name in names if name not in _WORDS]


def with_first_role(body: str) -> str:
    """Return a body with its first turn marked, if a later one is: what comes before is the user's."""
    body = body.lstrip("\n")
    if _MARKED.search(body) and not _MARKED.match(body):
        return f"<!-- user -->\n{body}"
    return body


def say_constructs(whose: str, text: str, parcel: Parcel, declared: Collection[str]) -> None:
    """List what a template has beside the placeholders of its variables: it stays, as plain text."""
    simple = {(found.start, found.end) for found in placeholders(text, declared) if found.declared}
    lines = Lines(text)
    for found in _MORE_THAN_A_NAME.finditer(text):
        if found.span() not in simple:
            line, _ = lines.position(found.start())
            word = " ".join(found[0].split())
            parcel.lose(
                whose, f"`{word if len(word) <= 40 else word[:39] + '…'}` in line {line} stays as text."
            )


def variable(default: object = None, **about: object) -> dict[str, Any] | None:
    """Return what a front matter says of a variable; None: no more than that there is one."""
    said = is_set(about)
    if default is not None:
        said["default"] = default
    return said or None


def take(values: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return these keys, as far as they say something."""
    return is_set({key: values.get(key) for key in keys})
