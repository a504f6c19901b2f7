"""What is written into prompt files: drafts survive, no save goes over another, what loses is kept."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import PATIENCE_S
from tui.core.engine.events import DraftsChanged
from tui.core.engine.writing import Conflict, WritingError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path
    from typing import TypeVar

    from tests.core.engine.workshop import Bench, Workshop

    T = TypeVar("T")

NAME = "noir-v1.md"
HERE: dict[str, int] = {"row": 0, "column": 0}


def done(future: Future[T]) -> T:
    return future.result(PATIENCE_S)


def opened(workshop: Workshop) -> tuple[Bench, Path, bytes]:
    path = workshop.prompt()
    return workshop.open(), path, path.read_bytes()


def test_a_draft_is_there_after_a_new_start(workshop: Workshop) -> None:
    bench, path, base = opened(workshop)
    text = base + "漢 \x1b[2J\r\n".encode()
    done(bench.engine.writing.keep(NAME, text, base, HERE))
    assert [note.mine for note in bench.ears.of(DraftsChanged)[-1].drafts] == [True]
    bench.engine.stop()
    again = workshop.open()
    opening = done(again.engine.writing.open(NAME))
    assert opening.data == base == path.read_bytes()
    assert [(draft.data, draft.base, draft.cursor) for draft in opening.drafts] == [(text, base, HERE)]


def test_a_draft_that_says_what_the_file_says_is_dropped(workshop: Workshop) -> None:
    bench, path, base = opened(workshop)
    writing = bench.engine.writing
    done(writing.keep(NAME, base + b"x", base, HERE))
    done(writing.keep(NAME, base, base, HERE))
    assert bench.ears.of(DraftsChanged)[-1].drafts == ()
    done(writing.keep(NAME, base + b"x", base, HERE))
    path.write_bytes(base + b"x")
    assert done(writing.open(NAME)).drafts == ()
    assert workshop.rows("SELECT * FROM drafts") == []


def test_a_draft_grows_without_news(workshop: Workshop) -> None:
    bench, _, base = opened(workshop)
    for count in range(1, 5):
        done(bench.engine.writing.keep(NAME, base + b"x" * count, base, HERE))
    assert [len(event.drafts) for event in bench.ears.of(DraftsChanged)] == [0, 1]


def test_a_save_writes_the_file_and_takes_it_in(workshop: Workshop) -> None:
    bench, path, base = opened(workshop)
    text = base.replace(b"Write about", b"Sing of")
    done(bench.engine.writing.keep(NAME, text, base, HERE))
    assert done(bench.engine.writing.save(NAME, text, base)) is None
    assert path.read_bytes() == text
    assert bench.row().template == "Sing of {{hero}}."
    assert workshop.rows("SELECT * FROM drafts") == []


def test_a_save_over_another_is_refused(workshop: Workshop) -> None:
    bench, path, base = opened(workshop)
    done(bench.engine.writing.keep(NAME, base + b"mine", base, HERE))
    path.write_bytes(base + b"theirs")
    assert done(bench.engine.writing.save(NAME, base + b"mine", base)) == Conflict(base + b"theirs")
    assert path.read_bytes() == base + b"theirs"
    assert len(workshop.rows("SELECT * FROM drafts")) == 1
    path.unlink()
    assert done(bench.engine.writing.save(NAME, base + b"mine", base)) == Conflict(None)
    assert not path.exists()


def test_a_save_of_what_another_saved_already_is_no_conflict(workshop: Workshop) -> None:
    bench, path, base = opened(workshop)
    path.write_bytes(base + b"the same")
    assert done(bench.engine.writing.save(NAME, base + b"the same", base)) is None


@pytest.mark.parametrize("theirs", [b"---\nname: [broken\n---\n", b"good but short lived\n", b"\xff bytes"])
def test_what_is_overruled_stays_in_the_history(workshop: Workshop, theirs: bytes) -> None:
    bench, path, base = opened(workshop)
    path.write_bytes(theirs)
    conflict = done(bench.engine.writing.save(NAME, base + b"mine", base))
    assert conflict == Conflict(theirs)
    assert done(bench.engine.writing.overrule(NAME, base + b"mine", theirs)) is None
    assert path.read_bytes() == base + b"mine"
    contents = [row["content"] for row in workshop.rows("SELECT content FROM prompt_revisions")]
    assert theirs.decode("utf-8", "backslashreplace") in contents


def test_what_is_overruled_in_a_file_without_a_version_is_set_aside(workshop: Workshop) -> None:
    bad = workshop.prompts / "bad.md"
    bad.write_bytes(b"---\nname: [x\n---\n")
    bench = workshop.open()
    writing = bench.engine.writing
    assert done(writing.overrule("bad.md", b"Good.", bad.read_bytes())) is None
    assert [draft.data for draft in done(writing.open("bad.md")).drafts] == [b"---\nname: [x\n---\n"]


def test_a_file_that_cannot_be_written_keeps_the_draft(workshop: Workshop) -> None:
    bench, path, _ = opened(workshop)
    (path.parent / "folder.md").mkdir()
    with pytest.raises(WritingError, match=r"folder.md cannot be written"):
        done(bench.engine.writing.save("folder.md", b"x", b""))
    with pytest.raises(WritingError, match=r"missing/a.md cannot be written"):
        done(bench.engine.writing.save("missing/a.md", b"x", None))


def test_drafts_set_aside_are_offered_until_they_are_forgotten(workshop: Workshop) -> None:
    bench, _, base = opened(workshop)
    writing = bench.engine.writing
    done(writing.set_aside(NAME, b"one", base))
    done(writing.set_aside(NAME, b"two", None))
    drafts = done(writing.open(NAME)).drafts
    assert [(draft.data, draft.base) for draft in drafts] == [(b"two", None), (b"one", base)]
    done(writing.forget(drafts))
    assert done(writing.open(NAME)).drafts == ()


def test_who_else_types_is_told_and_who_has_ended_leaves_a_draft(workshop: Workshop) -> None:
    bench, _, base = opened(workshop)
    done(bench.engine.writing.keep(NAME, b"mine", base, HERE))
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with closing(sqlite3.connect(workshop.workspace().database)) as database, database:
        database.execute(
            "INSERT INTO drafts (path, content, base_hash, updated_at, pid, host)"
            " SELECT path, 'theirs', base_hash, updated_at, ?, host FROM drafts",
            (other.pid,),
        )
    opening = done(bench.engine.writing.open(NAME))
    assert [note.pid for note in opening.elsewhere] == [other.pid]
    assert [draft.note.pid for draft in opening.drafts] == [os.getpid()]
    other.communicate(b"\n")
    opening = done(bench.engine.writing.open(NAME))
    assert opening.elsewhere == ()
    assert {draft.data for draft in opening.drafts} == {b"mine", b"theirs"}


def test_a_draft_given_right_before_the_end_is_kept(workshop: Workshop) -> None:
    bench, _, base = opened(workshop)
    future = bench.engine.writing.keep(NAME, b"the last word", base, HERE)
    bench.engine.stop()
    done(future)
    assert [row["content"] for row in workshop.rows("SELECT content FROM drafts")] == ["the last word"]
