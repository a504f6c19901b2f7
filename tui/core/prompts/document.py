"""A prompt file as a value: everything that its bytes say, or all that is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tui.core.prompts.fields import FieldReader
from tui.core.prompts.front_matter import read_front_matter
from tui.core.prompts.problems import Problem, position, quoted
from tui.core.prompts.source import MAX_BYTES, UnreadableError, content_hash, decode
from tui.core.prompts.template import nearest, placeholders, unclosed
from tui.core.prompts.turns import turn_problems
from tui.core.prompts.variables import Variable, read_variables

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import PurePath

    from tui.core.prompts.front_matter import FrontMatter
    from tui.core.prompts.template import Placeholder
    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

__all__ = [
    "MAX_BYTES",
    "Parsed",
    "PromptDocument",
    "Variable",
    "content_hash",
    "name_from_path",
    "parse_document",
]

_VERSIONED_STEM = re.compile(r"(?P<name>.+)-v(?P<version>[0-9]{1,9})")
_MAX_UNDECLARED = 20  # warnings; a template with more names in braces than this is about braces


@dataclass(frozen=True, slots=True)
class PromptDocument:
    """What a prompt file says.

    `template` is the text below the front matter with one leading blank line and the newlines at its end
    taken off, and with \\r\\n as \\n; it begins at line `body_line` of the file, `split_turns` divides it.
    `front_matter` holds every key as it was read, unknown ones too, as JSON values (dates stay text).
    `weight` is the version's share of a split, in any unit.
    """

    name: str
    version: int
    template: str
    variables: tuple[Variable, ...]
    active: bool
    weight: float | None
    description: str
    system: str
    provider: str | None
    model: str | None
    parameters: Mapping[str, JsonValue]
    tags: tuple[str, ...]
    front_matter: Mapping[str, JsonValue]
    body_line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome of reading a file; `document` is None exactly when one of the problems is an error."""

    document: PromptDocument | None
    problems: tuple[Problem, ...]


def parse_document(data: bytes, path: PurePath) -> Parsed:
    """Read a prompt file's bytes, whatever they are.

    `path` gives the name and the version where the front matter does not. Nothing is raised.
    """
    try:
        front = read_front_matter(decode(data))
    except UnreadableError as error:
        return Parsed(None, error.problems)
    reader = FieldReader(front)
    declared = read_variables(reader)
    document = _document(reader, tuple(declared.values()), path)
    findings = reader.problems
    if not any(problem.severity == "error" for problem in findings):
        findings += _usage_problems(front, document.system, declared)  # else a broken declaration makes noise
    if not document.template.strip():
        fix = "Write the prompt below the front matter."
        findings.append(Problem("error", "empty", "The template is empty.", document.body_line, 1, fix))
    findings += turn_problems(document.template, document.body_line, system=bool(document.system))
    problems = tuple(sorted(findings, key=lambda problem: (problem.line or 0, problem.column or 0)))
    broken = any(problem.severity == "error" for problem in problems)
    return Parsed(None if broken else document, problems)


def name_from_path(path: PurePath) -> tuple[str, int]:
    """Return the name and version that a file name gives: NAME-vN.md, or else its stem and 1."""
    # What is not printable includes the lone surrogates by which Python names files that are not UTF-8.
    stem = "".join(char if char.isprintable() else "?" for char in path.stem)
    if match := _VERSIONED_STEM.fullmatch(stem):
        return match["name"], int(match["version"])
    return stem, 1


def _document(reader: FieldReader, variables: tuple[Variable, ...], path: PurePath) -> PromptDocument:
    file_name, file_version = name_from_path(path)
    version = reader.version("version")
    active = reader.flag("active")
    return PromptDocument(
        name=_name(reader) or file_name,
        version=file_version if version is None else version,
        template=reader.front.template,
        variables=variables,
        active=True if active is None else active,
        weight=reader.weight("weight"),
        description=reader.text("description") or "",
        system=reader.text("system") or "",
        provider=reader.text("provider"),
        model=reader.text("model"),
        parameters=reader.mapping("parameters"),
        tags=reader.words(("tags",), reader.values.get("tags")),
        front_matter=reader.values,
        body_line=reader.front.template_line,
    )


def _name(reader: FieldReader) -> str | None:
    name = reader.text("name")
    if name is not None and not name.isprintable():
        fix = f"Write it as: name: {' '.join(name.split())}"
        reader.error(("name",), "`name` must be one line of plain characters.", fix)
    return name


def _usage_problems(
    front: FrontMatter, system: str, declared: Mapping[KeyPath, Variable]
) -> Iterator[Problem]:
    """Yield a warning for each name that is used and not declared, or declared and not used."""
    names = {variable.name: path for path, variable in declared.items()}
    in_system = {found.name: found for found in reversed(placeholders(system, names))}
    in_template = {found.name: found for found in reversed(placeholders(front.template, names))}
    uses = [*in_system.values(), *in_template.values()]
    undeclared = dict.fromkeys(found.name for found in uses if not found.declared)
    for name in islice(undeclared, _MAX_UNDECLARED):
        message = f"{quoted('{{' + name + '}}')} is not declared, so it stays as it is."
        meant = nearest(name, names)
        fix = (
            f"Did you mean {quoted(meant)}?" if meant else f"Add {quoted(name)} to `variables` if it is one."
        )
        if name in in_system:
            place = _place_in_system(front, system, in_system[name])
        else:
            place = _place_in_template(front, in_template[name])
        yield Problem("warning", "undeclared", message, *place, fix)
    yield from _unclosed(front, system, names)
    for name, path in names.items():
        if name not in in_system and name not in in_template:
            message = f"The variable {quoted(name)} is never used."
            fix = f"Write {quoted('{{' + name + '}}')} in the template, or remove it from `{path[0]}`."
            yield Problem("warning", "unused-variable", message, *front.position(path), fix)


def _unclosed(front: FrontMatter, system: str, names: Collection[str]) -> Iterator[Problem]:
    """Yield a warning for each declared name behind two braces that nothing closes."""
    found = {one.name: _place_in_template(front, one) for one in reversed(unclosed(front.template, names))}
    found |= {one.name: _place_in_system(front, system, one) for one in reversed(unclosed(system, names))}
    for name, place in found.items():
        message = f"{quoted('{{' + name)} is not closed behind the name, so it stays as it is."
        yield Problem("warning", "unclosed", message, *place, f"Write {quoted('{{' + name + '}}')}.")


def _place_in_system(front: FrontMatter, system: str, found: Placeholder) -> tuple[int, int]:
    # A YAML text's offsets are not the file's; but the braces themselves nearly always look the same in both.
    start = front.yaml.find(system[found.start : found.end], front.read.spots[("system",)].start)
    return front.position(("system",)) if start < 0 else front.position_of(start)


def _place_in_template(front: FrontMatter, found: Placeholder) -> tuple[int, int]:
    line, column = position(front.template, found.start)
    return line + front.template_line - 1, column
