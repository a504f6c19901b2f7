"""Matrices for tests: prompts and cases out of nothing, and a book that only remembers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tui.core.cases.book import CaseSet, CasesSnapshot
from tui.core.cases.document import parse_cases
from tui.core.engine.matrix.carry import Matrix, Means, Start
from tui.core.engine.matrix.plan import Arm, Plan, make_plan
from tui.core.engine.run import wire_request
from tui.core.prompts.document import content_hash, parse_document
from tui.core.prompts.snapshot import VersionRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from tests.core.engine.stage import Stage
    from tui.core.engine.events import RunState
    from tui.core.engine.matrix.carry import Runs
    from tui.core.engine.matrix.grid import MatrixChanged
    from tui.core.engine.request import RunRequest
    from tui.core.providers.base import Request
    from tui.core.store.matrices import CellEnd


def version_row(name: str, version: int, body: str = "Write about {{hero}}.") -> VersionRow:
    """A version as the library would serve it."""
    data = f"---\nname: {name}\nversion: {version}\nvariables: [hero]\n---\n{body}\n".encode()
    document = parse_document(data, PurePosixPath(f"{name}-v{version}.md")).document
    assert document is not None
    then = datetime(2026, 1, 1, tzinfo=UTC)
    number = abs(hash((name, version))) % 10_000
    return VersionRow(
        number, name, version, f"{name}-v{version}.md", document.template, document.variables, True, None, "",
        "", None, None, {}, (), document.body_line, content_hash(data), number, 0, None, then, then,
    )  # fmt: skip


def cases_of(**texts: str) -> CasesSnapshot:
    """The cases of prompts, as their files say."""
    sets = {}
    for name, text in texts.items():
        parsed = parse_cases(text.encode())
        assert parsed.document is not None, parsed.problems
        sets[name] = CaseSet(name, f"cases/{name}.yaml", parsed.document, "", parsed.problems)
    return CasesSnapshot(sets)


def plan_of(
    rows: Sequence[VersionRow],
    cases: CasesSnapshot,
    providers: Sequence[str] = ("openai",),
    wire: Callable[[RunRequest], Request] | None = None,
    **more: Any,
) -> Plan:
    """The plan of all of it."""
    arms = [Arm(row, f"v{row.version}") for row in rows]
    return Plan(make_plan(arms, cases, lambda _: providers, wire or _bare_wire, **more))


def _bare_wire(request: RunRequest) -> Request:
    from tests.core.engine.stage import DIALECTS
    from tui.core.engine.accounts import Account
    from tui.core.quota.limits import Limits

    account = Account(DIALECTS[request.provider], Limits(requests_per_minute=60), None, (), lambda _: None)
    account.close()
    return wire_request(request, account)


class Remembered:
    """A book without a database."""

    def __init__(self) -> None:
        self.ends: list[CellEnd] = []
        self.wrote = asyncio.Event()
        self.earlier: dict[str, RunState] = {}

    async def finish(self, end: CellEnd) -> None:
        self.ends.append(end)
        self.wrote.set()

    async def recall(self, run_id: str) -> RunState | None:
        return self.earlier.get(run_id)


async def at_once(work: Callable[[], Any]) -> Any:
    """Do here what would be done in another thread: virtual time does not wait for those."""
    return work()


class Rehearsal:
    """A matrix at a stage or at runs that are played."""

    def __init__(
        self,
        runs: Runs | Stage,
        plan: Plan,
        start: Start | None = None,
        budget: Decimal | None = None,
        price: Decimal | None = None,
    ) -> None:
        self.book = Remembered()
        self.told: list[MatrixChanged] = []
        ids = {cell.position: uuid4().hex for cell in plan.cells}
        first = replace(start, run_ids={**ids, **start.run_ids}) if start else Start(ids)
        means = Means(runs, self.book, self.told.append, at_once, lambda _: price)
        self.matrix = Matrix("m", plan, first, means, budget)
