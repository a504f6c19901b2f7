"""What a matrix is to do, as a value: its cells in the order in which they are sent. Nothing is sent here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.core.checks.rubric import Rubric
from tui.core.engine.choice import values_of_case
from tui.core.engine.request import RunRequest
from tui.core.prompts.template import MissingValue, UnknownValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui.core.cases.book import CasesSnapshot
    from tui.core.cases.document import Case, Check
    from tui.core.checks.base import Test
    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.base import Request


class PlanError(Exception):
    """What was asked for cannot be done; the message says why, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Arm:
    """A revision that takes part; `label` is how it was asked for, such as `v2` or `v2@HEAD`."""

    row: VersionRow
    label: str
    baseline: bool = False
    """Whether it is there to be compared with, and its own failures are not counted."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One run, with what its answer must satisfy."""

    position: int
    arm: Arm
    case: Case
    request: RunRequest
    repeat: int
    """1 for the first time that the same is asked."""
    key: str
    """SHA-256 of all that is sent, to whom, and of the repeat; hexadecimal."""
    tests: tuple[tuple[Check, Test | Rubric], ...]

    @property
    def place(self) -> tuple[str, int, str, str, int]:
        """Prompt, version, case, provider and repeat, which a cell has in common with that of a baseline."""
        row = self.arm.row
        return row.name, row.version, self.case.name, self.request.provider, self.repeat


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a matrix."""

    cells: tuple[Cell, ...]
    unchanged: frozenset[tuple[str, int]] = frozenset()
    """The prompts and versions that are the same in the baseline, and so are not sent twice."""
    baseline: str = ""
    """The revision of git that it is compared with; empty: none."""
    notes: tuple[str, ...] = ()
    """Sentences about what will not be done."""

    @property
    def digest(self) -> str:
        """SHA-256 of all that is to be done, hexadecimal: the same for the same."""
        parts = [
            [
                *cell.place,
                cell.arm.row.content_hash,
                cell.key,
                [_as_written(check) for check, _ in cell.tests],
            ]
            for cell in self.cells
        ]
        return _digest(parts)

    @property
    def judges(self) -> Iterator[tuple[Cell, Rubric]]:
        """Each question to a judge that may come to be asked."""
        return ((cell, test) for cell in self.cells for _, test in cell.tests if isinstance(test, Rubric))

    def only(self, positions: Iterable[int]) -> Plan:
        """Return the plan of some of its cells, such as those that failed."""
        wanted = set(positions)
        cells = [cell for cell in self.cells if cell.position in wanted]
        return Plan(_numbered(cells), self.unchanged, self.baseline, self.notes)


def make_plan(
    arms: Sequence[Arm],
    cases: CasesSnapshot,
    providers: Callable[[VersionRow], Sequence[str]],
    wire: Callable[[RunRequest], Request],
    *,
    repeats: int = 1,
    model: str | None = None,
    timeout: float | None = None,
) -> tuple[Cell, ...]:
    """Return the cells; those of one case stand together, so that early results can be compared.

    `providers` says where a revision goes, `wire` what is sent (it may raise MissingValue and UnknownValue);
    `timeout` is how long a cell may wait for its quota, in seconds. Raises PlanError.
    """
    cells: list[Cell] = []
    for name in dict.fromkeys(arm.row.name for arm in arms):
        mine = [arm for arm in arms if arm.row.name == name]
        tests = _tests_of(name, cases)
        for repeat in range(1, repeats + 1):
            for case in cases.of(name):
                for arm in mine:
                    for provider in providers(arm.row):
                        values = values_of_case(cases, arm.row, case.name, {})[0]
                        request = RunRequest(arm.row, provider, values, model, timeout, case=case.name)
                        key = _key(_wire(wire, request, case, cases.sets[name].path), provider, repeat)
                        cells.append(Cell(0, arm, case, request, repeat, key, tests[case.name]))
    return _numbered(cells)


def _numbered(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return tuple(replace(cell, position=position) for position, cell in enumerate(cells))


def _tests_of(name: str, cases: CasesSnapshot) -> Mapping[str, tuple[tuple[Check, Test | Rubric], ...]]:
    """Return the checks of each case, ready to be made. Raises PlanError for a broken file, or none."""
    found = cases.sets.get(name)
    if found is None:
        raise PlanError(f"{name!r} has no cases: write some into cases/{name}.yaml in the prompts folder.")
    if found.error is not None:
        raise PlanError(found.error.report(found.path))
    if not found.document.cases:
        raise PlanError(f"{found.path} has no cases: write some.")
    common = _made(found.document.checks)
    return {case.name: (*common, *_made(case.checks)) for case in found.document.cases}


def _made(checks: Iterable[Check]) -> tuple[tuple[Check, Test | Rubric], ...]:
    made = ((check, check.make()) for check in checks)
    return tuple((check, test) for check, test in made if test is not None)


def _wire(wire: Callable[[RunRequest], Request], request: RunRequest, case: Case, path: str) -> Request:
    try:
        return wire(request)
    except (MissingValue, UnknownValue) as error:
        raise PlanError(f"{path}:{case.line}: The case {case.name!r} cannot be sent: {error}") from error


def _key(wire: Request, provider: str, repeat: int) -> str:
    messages = [[message.role, message.text] for message in wire.messages]
    return _digest([provider, wire.model, wire.system, messages, dict(wire.parameters), repeat])


def _as_written(check: Check) -> object:
    return [check.kind, check.argument, check.text]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
