"""The library: what it reads and writes, what it leaves alone, and what it makes good after a mishap."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.core.prompts.desk import BROKEN, Desk, codes, keys, only
from tui.core.prompts import library as library_module
from tui.core.prompts.document import parse_document
from tui.core.prompts.library import Library
from tui.core.store import prompts as store
from tui.core.store.database import Database, DatabaseError

if TYPE_CHECKING:
    from tui.core.prompts.snapshot import LibrarySnapshot


def test_a_folder_that_goes_and_comes_back(desk: Desk) -> None:
    desk.prompt("a.md")
    before = desk.scan()
    away = desk.folder.rename(desk.folder.parent / "away")
    for snapshot in (desk.update("a.md"), desk.scan()):
        assert (snapshot.versions, snapshot.reports, snapshot.folder_exists) == ((), (), False)
    assert desk.retired() == set()
    away.rename(desk.folder)
    after = desk.update("a.md")
    assert after == replace(before, generation=after.generation)
    assert after.generation > before.generation


def test_a_folder_that_was_never_there(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "penstock.db")
    snapshot = Library(tmp_path / "nothing", database).scan()
    database.close()
    assert (snapshot.folder_exists, snapshot.loading, snapshot.versions) == (False, False, ())


def test_rows_below_a_folder_that_cannot_be_read_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.prompt("closed/a.md")
    desk.prompt("open.md", "other")
    before = desk.scan()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        snapshot = desk.scan()
        assert snapshot.versions == before.versions
        assert [(report.path, codes(report.problems)) for report in snapshot.reports] == [
            ("closed", ["unreadable"])
        ]
    assert desk.scan().reports == ()


def test_nothing_changes_as_long_as_nothing_changes(desk: Desk) -> None:
    desk.prompt("a.md")
    desk.write("b.md", BROKEN)
    snapshot = desk.scan()
    assert desk.scan() is snapshot
    assert desk.update("a.md", "b.md", "nothing.md", "README.md") is snapshot
    assert desk.library.refresh_counts() is snapshot
    (desk.folder / "a.md").touch()
    assert desk.update("a.md") is snapshot


def test_rows_that_did_not_change_are_the_same_objects(desk: Desk) -> None:
    desk.prompt("a.md", "one")
    desk.prompt("b.md", "two")
    before = desk.scan().versions
    desk.prompt("a.md", "one", body="New")
    after = desk.update("a.md").versions
    assert (after[0] is before[0], after[1] is before[1]) == (False, True)


def age(folder: Path) -> None:
    """Let the files be old, as most files are."""
    old = time.time_ns() - 3_600_000_000_000
    for path in folder.rglob("*.md"):
        os.utime(path, ns=(old, old))


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count which files are parsed."""
    counter: Counter[str] = Counter()

    def count(data: bytes, path: Path) -> object:
        counter[path.as_posix()] += 1
        return parse_document(data, path)

    monkeypatch.setattr("tui.core.prompts.intake.parse_document", count)
    return counter


def test_only_what_changed_is_read(desk: Desk, parsed: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        desk.prompt(f"{name}.md", name)
    age(desk.folder)
    desk.scan()
    assert parsed == Counter({"a.md": 1, "b.md": 1, "c.md": 1})
    parsed.clear()
    desk.prompt("b.md", "b", body="New")
    desk.scan()
    assert parsed == Counter({"b.md": 1})
    age(desk.folder)
    desk.scan()
    parsed.clear()
    with monkeypatch.context() as patch:
        patch.setattr(
            "tui.core.prompts.intake.read_file", lambda *_: pytest.fail("an unchanged file was read")
        )
        desk.scan()
        desk.restart()
    desk.update("a.md")
    assert parsed == Counter()


def test_another_release_reads_everything_again(
    desk: Desk, parsed: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.prompt("a.md")
    age(desk.folder)
    row = only(desk.scan())
    parsed.clear()
    monkeypatch.setattr("tui.core.prompts.records.VERSION", "next")
    with desk.database.begin() as connection:
        connection.exec_driver_sql("UPDATE prompt_templates SET description = 'as the old release read it'")
    assert desk.restart().versions == (row,)
    assert parsed == Counter({"a.md": 1})
    desk.restart()
    assert parsed == Counter({"a.md": 1})


def test_a_change_that_stat_cannot_show_is_found(desk: Desk) -> None:
    """Two saves within one tick of the clock, with the same size, in place."""
    now = time.time_ns()
    desk.prompt("a.md", body="one")
    os.utime(desk.folder / "a.md", ns=(now, now))
    desk.scan()
    desk.prompt("a.md", body="two")
    os.utime(desk.folder / "a.md", ns=(now, now))
    assert only(desk.scan()).template == "two"


def test_the_screen_has_rows_early_and_then_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "BATCH", 50)
    for number in range(230):
        desk.prompt(f"{number:03}.md", f"p{number:03}")
    age(desk.folder)
    seen: list[LibrarySnapshot] = []
    final = desk.library.scan(seen.append)
    assert [len(snapshot.versions) for snapshot in seen] == [100, 150, 200, 230]
    assert all(snapshot.loading for snapshot in seen)
    assert [snapshot.generation for snapshot in seen] == sorted({snapshot.generation for snapshot in seen})
    assert (len(final.versions), final.loading) == (230, False)
    seen.clear()
    desk.library = Library(desk.folder, desk.database)
    desk.library.scan(seen.append)
    assert [len(snapshot.versions) for snapshot in seen] == [230]


def test_a_moved_folder_keeps_its_rows_on_the_screen(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library_module, "FIRST_BATCH", 10)
    monkeypatch.setattr(library_module, "BATCH", 10)
    for number in range(30):
        desk.prompt(f"old/{number:02}.md", f"p{number:02}")
    desk.scan()
    (desk.folder / "old").rename(desk.folder / "new")
    seen: list[LibrarySnapshot] = []
    desk.library.scan(seen.append)
    assert [len(snapshot.versions) for snapshot in seen] == [30, 30, 30, 30]


def test_hundreds_of_files_in_one_transaction(desk: Desk) -> None:
    names = [f"{number}.md" for number in range(400)]
    desk.scan()
    for name in names:
        desk.prompt(name, f"p{name[:-3]}")
    begin, transactions = desk.database.begin, Counter[str]()

    def counted() -> object:
        transactions["begin"] += 1
        return begin()

    desk.database.begin = counted  # type: ignore[method-assign, assignment]
    assert len(desk.update(*names).versions) == 400
    assert transactions["begin"] == 1


def test_counts_of_another_process_arrive(desk: Desk, tmp_path: Path) -> None:
    desk.prompt("a.md")
    row = only(desk.scan())
    other = Database.open(tmp_path / "penstock.db")
    before = desk.database.data_version()
    with other.begin() as connection:
        store.count_use(connection, row.id)
        connection.exec_driver_sql("UPDATE prompt_templates SET success_rate = 0.5")
    other.close()
    assert desk.database.data_version() != before
    snapshot = desk.library.refresh_counts()
    assert only(snapshot) == replace(row, usage_count=1, success_rate=0.5)
    assert desk.library.snapshot is snapshot


def test_absolute_paths_are_taken_and_foreign_ones_left(desk: Desk) -> None:
    desk.scan()
    desk.prompt("a.md")
    snapshot = desk.library.update([desk.folder / "a.md", Path("/elsewhere/b.md"), Path(".git/x.md")])
    assert keys(snapshot) == [("greeting", 1, "a.md")]


def test_an_error_of_the_database_leaves_nothing_half_done(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.prompt("a.md")
    before = desk.scan()
    desk.prompt("a.md", body="New")
    desk.prompt("b.md", version=2, active=False)

    def fail(*_: object) -> None:
        raise DatabaseError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "save_files", fail)
        with pytest.raises(DatabaseError):
            desk.update("a.md", "b.md")
    assert desk.library.snapshot is before
    after = desk.update("b.md")
    assert [row.template for row in after.versions] == ["New", "Hello"]


def test_an_interrupted_scan_is_made_good(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies between two transactions has forgotten the old path, and not yet moved the row."""
    monkeypatch.setattr(library_module, "FIRST_BATCH", 1)
    monkeypatch.setattr(library_module, "BATCH", 1)
    for number in range(4):
        desk.prompt(f"old/{number}.md", f"p{number}")
    before = desk.scan().versions
    (desk.folder / "old").rename(desk.folder / "new")

    def die(snapshot: LibrarySnapshot) -> None:
        if any(row.path.startswith("new") for row in snapshot.versions):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.library.scan(die)
    (desk.folder / "new" / "3.md").unlink()
    after = desk.restart().versions
    assert after == tuple(replace(row, path=row.path.replace("old", "new")) for row in before[:3])
    assert desk.retired() == {("p3", 1)}


ANOTHER_PROCESS = """
import sys
from pathlib import Path
from tui.core.prompts.library import Library
from tui.core.store.database import Database
database = Database.open(Path(sys.argv[2]))
library = Library(Path(sys.argv[1]), database)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    snapshot = library.scan()
print(len(snapshot.versions), len({row.id for row in snapshot.versions}))
"""


def test_two_processes_load_the_same_files_at_once(desk: Desk) -> None:
    for number in range(150):
        desk.prompt(f"{number}.md", f"p{number}")
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ANOTHER_PROCESS, desk.folder, desk.database.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in processes] == ["150 150\n", "150 150\n"]
    assert len(desk.scan().versions) == 150
    with desk.database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM prompt_revisions").scalar_one() == 150


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(desk: Desk, enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        desk.scan()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()
