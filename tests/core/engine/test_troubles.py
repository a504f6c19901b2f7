"""What goes wrong around the engine is told in a sentence, and got over."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.engine.workshop import PATIENCE_S, Workshop, eventually
from tui.core.engine.events import LibraryChanged, Notice, WatchChanged
from tui.core.engine.inbox import EngineStopped
from tui.core.store.database import Database, DatabaseError

if TYPE_CHECKING:
    from pathlib import Path


BROKEN = "---\nname: [unclosed\n---\nBroken\n"


def test_a_file_that_is_no_database_is_one_sentence(workshop: Workshop) -> None:
    path = workshop.workspace().database
    path.parent.mkdir(parents=True)
    path.write_text("These are my notes, not a database.")
    _assert_cannot_start(workshop, path, "is not a database")
    assert path.read_text().startswith("These are my notes")


def test_a_folder_that_cannot_be_made_is_one_sentence(workshop: Workshop) -> None:
    (workshop.root / "data").write_text("a file where the data folder should be")
    _assert_cannot_start(workshop, workshop.workspace().database, "Cannot open the database")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_sentence(workshop: Workshop) -> None:
    (workshop.root / "data").mkdir(mode=0o500)
    _assert_cannot_start(workshop, workshop.workspace().database, "Cannot open the database")


def _assert_cannot_start(workshop: Workshop, path: Path, reason: str) -> None:
    bench = workshop.engine()
    bench.engine.start()
    early = bench.engine.submit(_nothing)
    with pytest.raises(EngineStopped):
        early.result(PATIENCE_S)
    with pytest.raises(DatabaseError, match=reason):
        bench.engine.loaded(PATIENCE_S)
    assert not bench.engine.wait_started(PATIENCE_S)
    assert str(path) in str(bench.engine.failure)
    assert "\n" not in str(bench.engine.failure)
    bench.engine.stop()
    assert bench.ears.of(Notice)[-1].severity == "error"
    with pytest.raises(EngineStopped):
        bench.engine.serving.serve("noir").result(PATIENCE_S)


def test_prompts_that_cannot_be_loaded_are_told_and_loaded_later(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.core.store.database.BUSY_TIMEOUT_S", 0.05)
    path = workshop.workspace().database
    other = Database.open(path)
    with other.begin():
        bench = workshop.engine(watch=True)
        bench.engine.start()
        with pytest.raises(DatabaseError, match="held by another process"):
            bench.engine.loaded(PATIENCE_S)
        assert bench.engine.failure is None
    other.close()
    bench.ears.wait(LibraryChanged, lambda event: len(event.snapshot.versions) == 1)
    assert "held by another process" in bench.ears.notices[0]


def test_a_database_error_on_the_way_is_told_once_and_got_over(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.core.engine.shelf._COUNTS_INTERVAL_S", 0.01)
    bench = workshop.open(watch=True)
    asked = 0

    def broken(_: Database) -> int:
        nonlocal asked
        asked += 1
        raise DatabaseError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "data_version", broken)
        eventually(lambda: asked > 3)
    assert bench.ears.notices == ["A change could not be loaded: The disk is full."]
    other = workshop.open()
    other.run()
    bench.ears.used("noir", 1)


def test_a_change_that_cannot_be_stored_is_stored_later(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.core.engine.shelf._COUNTS_INTERVAL_S", 0.01)
    bench = workshop.open(watch=True)
    bench.ears.wait(WatchChanged)
    begin, refused = Database.begin, 0

    def broken(database: Database) -> Any:
        nonlocal refused
        refused += 1
        if refused < 3:
            raise DatabaseError("The disk is full.")
        return begin(database)

    monkeypatch.setattr(Database, "begin", broken)
    workshop.prompt(body="Something else.")
    bench.ears.wait(LibraryChanged, lambda event: event.snapshot.versions[0].template == "Something else.")
    assert bench.ears.notices == ["A change could not be loaded: The disk is full."]


def test_a_rating_that_cannot_be_stored_is_told(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = workshop.open()
    final = bench.run()

    def broken(_: Database) -> Any:
        raise DatabaseError("The disk is full.")

    monkeypatch.setattr(Database, "begin", broken)
    bench.engine.records.rate(final.id, "success")
    notice = bench.ears.wait(Notice)
    assert (notice.message, notice.severity) == ("That could not be done: The disk is full.", "error")


def test_a_run_that_cannot_be_recorded_answers_all_the_same(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = workshop.open()

    def broken(_: Database) -> Any:
        raise DatabaseError("The disk is full.")

    monkeypatch.setattr(Database, "begin", broken)
    final = bench.run()
    assert final.status == "done"
    assert len(str(final.transcript)) > 0
    assert bench.ears.notices == ["The run could not be written to the database: The disk is full."]


@pytest.mark.parametrize("content", [BROKEN, None])
def test_a_version_that_cannot_be_activated_is_told(workshop: Workshop, content: str | None) -> None:
    first = workshop.prompt(version=1, active=True)
    second = workshop.prompt(version=2, active=False)
    bench = workshop.open()
    before = first.read_bytes()
    if content is None:
        second.unlink()
    else:
        second.write_text(content)
    bench.engine.filing.activate("noir", 2)
    notice = bench.ears.wait(Notice)
    assert notice.severity == "error"
    assert str(second) in notice.message
    bench.engine.filing.activate("noir", 7)
    bench.ears.wait(Notice, lambda notice: "no version 7" in notice.message)
    assert first.read_bytes() == before


def test_a_command_that_fails_unexpectedly_is_told(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = workshop.open()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tui.core.engine.filing.activate", broken)
    bench.engine.filing.activate("noir", 1)
    assert "division by zero" in bench.ears.wait(Notice).message
    assert bench.run().status == "done"


def test_a_run_that_fails_unexpectedly_ends(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = workshop.open()

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tui.core.providers.client.Client.stream", broken)
    final = bench.run()
    assert (final.status, final.error_class) == ("failed", "internal")
    assert "division by zero" in final.error
    assert workshop.runs()[0]["outcome"] == "excluded"
    assert bench.engine.providers["openai"].quota.in_flight == 0


async def _nothing() -> None:
    await asyncio.sleep(0)
