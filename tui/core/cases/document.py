"""A file of cases as a value: everything that its bytes say, or all that is wrong with them.

This is the format, of `prompts/cases/NAME.yaml` for the prompt NAME. A list of cases:

    - name: noir                        # needed, once in a file
      description: The genre's own      # for people
      vars:                             # values of the prompt's variables, each a text in the end
        genre: noir
        notes: |-
          several lines
      checks:                           # what a good answer satisfies
        - contains: rain
        - max_words: 200
        - is_json                       # a check that needs no argument
      tags: [fast, fiction]

or a map, with checks that are made for all of its cases, before their own:

    checks:
      - not_contains: As an AI
    cases:
      - name: noir

    tables: [cities.csv]                # tables beside this file, a row a case: see table.py

A check is a map from its kind to its argument; several keys in one map are several checks. Keys that have no
meaning here are kept (`extra`) and reported. A list or a map as a value is taken as its JSON.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.checks.base import Argument, BadArgument
from tui.core.checks.kinds import KINDS, make
from tui.core.prompts.problems import Lines, Problem, position, quoted
from tui.core.prompts.source import UnreadableError, decode
from tui.core.prompts.template import nearest
from tui.core.prompts.yaml_reader import MAX_LENGTH, YamlError, YamlTree, read_tree
from tui.core.prompts.yaml_repair import find_problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tui.core.checks.base import Test
    from tui.core.checks.rubric import Rubric
    from tui.core.prompts.yaml_reader import JsonValue, KeyPath

_FILE_KEYS = ("cases", "checks", "tables")
_CASE_KEYS = ("name", "description", "vars", "checks", "tags")


@dataclass(frozen=True, slots=True)
class Check:
    """What an answer must satisfy: `argument` is as the file has it, None where the kind stands alone."""

    kind: str
    argument: JsonValue
    line: int
    column: int
    text: str | None = None
    """A scalar argument as it is written."""

    def make(self) -> Test | Rubric | None:
        """Return it as a function, or as the question to a judge; None if there is no such check.

        Raises BadArgument, but not for one that was read from a file.
        """
        return make(self.kind, Argument(self.argument, self.text)) if self.kind in KINDS else None


@dataclass(frozen=True, slots=True)
class Case:
    """Named values of a prompt's variables, and its own checks."""

    name: str
    vars: Mapping[str, str]
    checks: tuple[Check, ...]
    tags: tuple[str, ...]
    description: str
    extra: Mapping[str, JsonValue]
    line: int
    """Where it begins in the file, from 1."""
    var_places: Mapping[str, tuple[int, int]]
    """The line and column of each value's key."""
    table: str = ""
    """The table that it is a row of, relative to the prompts folder; its places are where that is named."""
    row: int = 0
    """The line of that row in the table."""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table that a file of cases names, relative to the file's folder."""

    path: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """What a file of cases says; `checks` are for all of them."""

    cases: tuple[Case, ...]
    checks: tuple[Check, ...]
    extra: Mapping[str, JsonValue]
    tables: tuple[TableName, ...] = ()
    """What `joined.py` adds the cases of."""

    def find(self, name: str) -> Case | None:
        """Return the case of that name."""
        return next((case for case in self.cases if case.name == name), None)


@dataclass(frozen=True, slots=True)
class ParsedCases:
    """The outcome of reading a file; `document` is None exactly when one of the problems is an error."""

    document: CaseDocument | None
    problems: tuple[Problem, ...]


def parse_cases(data: bytes) -> ParsedCases:
    """Read the bytes of a file of cases, whatever they are. Nothing is raised."""
    try:
        text = decode(data)
        tree = read_tree(text)
    except UnreadableError as error:
        return ParsedCases(None, error.problems)
    except YamlError as error:
        return ParsedCases(None, _syntax_problems(text, error))
    reader = _Reader(text, tree)
    document = reader.document()
    problems = tuple(sorted(reader.problems, key=lambda problem: (problem.line or 0, problem.column or 0)))
    broken = any(problem.severity == "error" for problem in problems)
    return ParsedCases(None if broken else document, problems)


def _syntax_problems(text: str, error: YamlError) -> tuple[Problem, ...]:
    if len(text) <= MAX_LENGTH:  # a correction is found by trying, which takes too long for more
        return find_problems(text, 1, read_tree)
    return (Problem("error", error.code, error.message, *position(text, error.offset), error.fix),)


class _Reader:
    """Takes a tree apart, and collects what is wrong with it."""

    def __init__(self, text: str, tree: YamlTree) -> None:
        self.problems: list[Problem] = []
        self._lines = Lines(text)
        self._tree = tree
        self._names: set[str] = set()

    def document(self) -> CaseDocument:
        root = self._tree.value
        if isinstance(root, dict):
            checks = self._checks(("checks",), root.get("checks"))
            cases = self._cases(("cases",), root.get("cases"))
            extra = self._extra((), root, _FILE_KEYS)
            return CaseDocument(cases, checks, extra, tuple(self._tables(root.get("tables"))))
        return CaseDocument(self._cases((), root), (), {})

    def _tables(self, value: JsonValue) -> Iterator[TableName]:
        if isinstance(value, list):
            paths: list[KeyPath] = [("tables", index) for index in range(len(value))]
        else:
            paths = [("tables",)] if value is not None else []
        for path in paths:
            text = (self._tree.spots[path].text or "").strip()
            if text:
                yield TableName(text, *self._place(path))
            else:
                self._error(path, "This names no table.", "Write it as: tables: [cities.csv]")

    def _cases(self, path: KeyPath, value: JsonValue) -> tuple[Case, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self._error(path, "The cases must be a list.", "Write it as: - name: noir")
            return ()
        found = (self._case((*path, index), item) for index, item in enumerate(value))
        return tuple(case for case in found if case)

    def _case(self, path: KeyPath, value: JsonValue) -> Case | None:
        name = self._scalar((*path, "name"), value.get("name")) if isinstance(value, dict) else ""
        if not isinstance(value, dict) or not name:
            self._error(path, "This case has no name.", "Write it as: - name: noir", "case-name")
            return None
        if not name.isprintable():
            fix = f"Write it as: name: {' '.join(name.split())}"
            self._error((*path, "name"), "A case's name must be one line of plain characters.", fix)
        if name in self._names:
            message = f"The case {quoted(name)} stands here a second time."
            self._error((*path, "name"), message, "Give it another name.", "duplicate-case")
        self._names.add(name)
        texts = dict(self._vars((*path, "vars"), value.get("vars")))
        return Case(
            name=name,
            vars=texts,
            checks=self._checks((*path, "checks"), value.get("checks")),
            tags=self._tags((*path, "tags"), value.get("tags")),
            description=self._scalar((*path, "description"), value.get("description")),
            extra=self._extra(path, value, _CASE_KEYS),
            line=self._place(path)[0],
            var_places={name: self._place((*path, "vars", name)) for name in texts},
        )

    def _vars(self, path: KeyPath, value: JsonValue) -> Iterator[tuple[str, str]]:
        if value is None:
            return
        if not isinstance(value, dict):
            self._error(path, "`vars` must be a map of names to values.", "Write it as: vars: {genre: noir}")
            return
        for name, item in value.items():
            text = self._tree.spots[(*path, name)].text
            if item is None:
                message = f"The variable {quoted(name)} has no value here."
                self._error((*path, name), message, f'Write it as: {name}: ""', "no-value")
            else:
                yield name, json.dumps(item, ensure_ascii=False) if text is None else text

    def _checks(self, path: KeyPath, value: JsonValue) -> tuple[Check, ...]:
        if value is None:
            return ()
        if isinstance(value, dict):
            return tuple(self._kinds(path, value))
        if not isinstance(value, list):
            self._error(path, "`checks` must be a list.", "Write it as: checks: [{contains: rain}]")
            return ()
        found: list[Check] = []
        for index, item in enumerate(value):
            here = (*path, index)
            if isinstance(item, dict):
                found += self._kinds(here, item)
            elif isinstance(item, str) and item:
                found.append(self._check(here, item, None))
            else:
                self._error(here, "This is no check.", "Write it as: - contains: rain")
        return tuple(found)

    def _kinds(self, path: KeyPath, value: Mapping[str, JsonValue]) -> Iterator[Check]:
        for kind, argument in value.items():
            yield self._check((*path, kind), kind, argument)

    def _check(self, path: KeyPath, kind: str, argument: JsonValue) -> Check:
        spot = self._tree.spots.get(path)
        text = spot.text if spot and argument is not None else None
        check = Check(kind, argument, *self._place(path), text)
        try:
            if check.make() is None:
                self._warning(
                    path, f"There is no check {quoted(kind)}.", _meant(kind, KINDS), "unknown-check"
                )
        except BadArgument as error:
            inside = (*path, *error.path)
            self._error(inside if inside in self._tree.spots else path, error.message, error.fix, "check")
        return check

    def _tags(self, path: KeyPath, value: JsonValue) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, list):
            words = [self._scalar((*path, index), item) for index, item in enumerate(value)]
        else:
            words = self._scalar(path, value).split(",")
        return tuple(dict.fromkeys(filter(None, (word.strip() for word in words))))

    def _scalar(self, path: KeyPath, value: JsonValue) -> str:
        """Return what a scalar says in the file; nothing for nothing."""
        if value is None:
            return ""
        text = self._tree.spots[path].text
        if text is None:
            what = str(path[-1]) if isinstance(path[-1], str) else "tag"
            kind = "a map" if isinstance(value, dict) else "a list"
            self._error(path, f"{quoted(what)} must be text, not {kind}.", f"Write it as: {what}: some text")
        return (text or "").strip()

    def _extra(
        self, path: KeyPath, value: Mapping[str, JsonValue], known: Collection[str]
    ) -> dict[str, JsonValue]:
        extra = {name: item for name, item in value.items() if name not in known}
        for name in extra:
            message = f"The key {quoted(name)} has no meaning here."
            self._warning((*path, name), message, _meant(name, known), "unknown-key")
        return extra

    def _place(self, path: KeyPath) -> tuple[int, int]:
        spot = self._tree.spots.get(path)
        return self._lines.position(spot.key if spot else 0)

    def _error(self, path: KeyPath, message: str, fix: str, code: str = "type") -> None:
        self.problems.append(Problem("error", code, message, *self._place(path), fix))

    def _warning(self, path: KeyPath, message: str, fix: str, code: str) -> None:
        self.problems.append(Problem("warning", code, message, *self._place(path), fix))


def _meant(name: str, known: Collection[str]) -> str:
    meant = nearest(name, known)
    return f"Did you mean {quoted(meant)}?" if meant else f"There is {', '.join(map(quoted, known))}."
