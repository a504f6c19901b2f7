"""The library, whatever happens to the files in whatever order."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.core.prompts.desk import BROKEN, Desk
from tui.core.prompts.library import Library


class AnyOrderOfChanges(RuleBasedStateMachine):
    """Updates lead to what a fresh library finds, every file is accounted for, and ids never change hands."""

    paths = st.sampled_from(["a.md", "b.md", "team/c.md", "team/d.md"])

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.desk = Desk(self.place)
        self.desk.scan()
        self.ids: dict[tuple[str, int], int] = {}

    @rule(path=paths, version=st.integers(1, 2), body=st.sampled_from(["x", "y"]), active=st.booleans())
    def save(self, path: str, version: int, body: str, active: bool) -> None:
        self.desk.prompt(path, version=version, body=body, active=active)
        self.desk.update(path)

    @rule(path=paths)
    def break_it(self, path: str) -> None:
        self.desk.write(path, BROKEN)
        self.desk.update(path)

    @rule(path=paths)
    def delete(self, path: str) -> None:
        (self.desk.folder / path).unlink(missing_ok=True)
        self.desk.update(path)

    @rule(old=paths, new=paths)
    def move(self, old: str, new: str) -> None:
        source, target = self.desk.folder / old, self.desk.folder / new
        if source.exists():
            target.parent.mkdir(exist_ok=True)
            source.rename(target)
        self.desk.update(old, new)

    @invariant()
    def restarting_changes_nothing(self) -> None:
        snapshot = self.desk.library.snapshot
        fresh = Library(self.desk.folder, self.desk.database, self.desk.clock).scan()
        assert (fresh.versions, fresh.reports) == (snapshot.versions, snapshot.reports)

    @invariant()
    def every_file_is_a_row_or_a_report(self) -> None:
        snapshot = self.desk.library.snapshot
        shown = [row.path for row in snapshot.versions] + [report.path for report in snapshot.reports]
        there = [path.relative_to(self.desk.folder).as_posix() for path in self.desk.folder.rglob("*.md")]
        assert sorted(shown) == sorted(there)

    @invariant()
    def rows_keep_their_ids(self) -> None:
        for row in self.desk.library.snapshot.versions:
            assert self.ids.setdefault((row.name, row.version), row.id) == row.id

    def teardown(self) -> None:
        self.desk.database.close()
        shutil.rmtree(self.place)


TestAnyOrderOfChanges = AnyOrderOfChanges.TestCase
TestAnyOrderOfChanges.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
