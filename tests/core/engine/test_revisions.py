"""The local history: what there was of a version, and going back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.engine.repository import commit, needs_git, new_repository
from tests.core.engine.workshop import PATIENCE_S, Bench
from tui.core.engine.events import GitChanged

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.engine.workshop import Workshop
    from tui.core.engine.revisions import Past


def past(bench: Bench, name: str = "noir", version: int = 1) -> Past:
    found = bench.engine.revisions.of(name, version).result(PATIENCE_S)
    assert found is not None
    return found


def save(bench: Bench, path: Path, data: bytes) -> bytes:
    """Save a file and wait until it is taken in."""
    path.write_bytes(data)
    bench.engine.submit(lambda: bench.engine._need_shelf().update([path])).result(PATIENCE_S)
    return data


def restore(bench: Bench, seen: Past, data: bytes) -> object:
    return bench.engine.filing.restore(seen, data).result(PATIENCE_S)


def test_every_save_is_there_with_its_runs_and_how_they_did(workshop: Workshop) -> None:
    path = workshop.prompt()
    first = path.read_bytes()
    bench = workshop.open()
    good, bad = bench.run(), bench.run()
    bench.engine.records.rate(good.id, "success")
    bench.engine.records.rate(bad.id, "failure")
    second = save(bench, path, first + b"More \x1b[31m[b]x[/b].\r\n")
    bench.run()
    seen = past(bench)
    assert [(one.data, one.runs, one.good, one.bad, one.in_file) for one in seen.revisions] == [
        (second, 1, 0, 0, True),
        (first, 2, 1, 1, False),
    ]
    assert [one.success_rate for one in seen.revisions] == [None, 0.5]
    revision = seen.revisions[1]
    assert revision.id is not None
    runs = bench.engine.revisions.runs(revision.id).result(PATIENCE_S)
    assert [run.id for run in runs] == [bad.id, good.id]
    assert (seen.head, seen.commit, seen.others, seen.retired) == (None, None, {}, False)
    assert bench.engine.revisions.of("noir", 9).result(PATIENCE_S) is None


@pytest.mark.parametrize("broken", [b"---\nname: [noir\n---\n", b"\xff\xfe no text"])
def test_what_the_file_says_now_is_there_even_if_it_is_not_served(workshop: Workshop, broken: bytes) -> None:
    path = workshop.prompt()
    good = path.read_bytes()
    bench = workshop.open()
    save(bench, path, broken)
    now, saved = past(bench).revisions
    assert (now.id, now.data, now.in_file) == (None, broken, True)
    assert (saved.data, saved.in_file) == (good, False)
    assert now.text


def test_restoring_writes_the_bytes_and_keeps_what_was_there(workshop: Workshop, tmp_path: Path) -> None:
    target = tmp_path / "far.md"
    target.write_bytes(first := b"\xef\xbb\xbf---\r\nname: tale\r\n---\r\nOnce {{x}}\r\n")
    (workshop.prompts / "sub").mkdir()
    path = workshop.prompts / "sub" / "tale.md"
    path.symlink_to(target)
    bench = workshop.open()
    save(bench, path, second := first + b"upon\r\n")
    save(bench, path, broken := b"---\nname: [tale\n---\n")
    assert restore(bench, past(bench, "tale"), first) == ("tale", 1)
    assert target.read_bytes() == first
    assert path.is_symlink()
    assert bench.row("tale").problems[0].code == "undeclared"
    assert {one.data for one in past(bench, "tale").revisions} == {first, second, broken}
    bench.engine.filing.undo().result(PATIENCE_S)
    assert target.read_bytes() == broken
    assert bench.ears.notices[-1] == "sub/tale.md says what it said before."


def test_a_file_that_was_changed_since_it_was_looked_at_is_left(workshop: Workshop) -> None:
    path = workshop.prompt()
    first = path.read_bytes()
    bench = workshop.open()
    save(bench, path, first + b"two\n")
    seen = past(bench)
    path.write_bytes(b"somebody else's")
    assert restore(bench, seen, first) is None
    assert path.read_bytes() == b"somebody else's"
    assert "changed meanwhile" in bench.ears.notices[-1]


def test_a_retired_version_is_found_and_written_again(workshop: Workshop) -> None:
    (workshop.prompts / "sub").mkdir()
    path = workshop.prompts / "sub" / "tale-v3.md"
    path.write_bytes(said := b"Once\n")
    bench = workshop.open()
    bench.engine.filing.retire("tale", 3).result(PATIENCE_S)
    path.parent.rmdir()
    assert bench.engine.revisions.retired().result(PATIENCE_S) == [("tale", 3)]
    seen = past(bench, "tale", 3)
    assert (seen.retired, seen.file, seen.path) == (True, None, "sub/tale-v3.md")
    assert restore(bench, seen, said) == ("tale", 3)
    assert path.read_bytes() == said
    assert bench.engine.revisions.retired().result(PATIENCE_S) == []
    # Where its file was there is another one by now: that stays.
    bench.engine.filing.retire("tale", 3).result(PATIENCE_S)
    seen = past(bench, "tale", 3)
    path.write_bytes(b"another")
    assert restore(bench, seen, said) is None
    assert path.read_bytes() == b"another"


def test_of_a_retired_version_it_is_known_what_it_said_last_though_it_was_said_before(
    workshop: Workshop,
) -> None:
    path = workshop.prompt()
    first = path.read_bytes()
    bench = workshop.open()
    save(bench, path, first + b"two\n")
    save(bench, path, first)
    assert [one.last for one in past(bench, "noir", 1).revisions] == [False, False]
    bench.engine.filing.retire("noir", 1).result(PATIENCE_S)
    assert [one.data for one in past(bench, "noir", 1).revisions if one.last] == [first]
    assert past(bench, "noir", 1).revisions[0].data != first, "which is not the newest"


def test_what_was_saved_under_an_earlier_name_is_restored_under_the_present_one(workshop: Workshop) -> None:
    path = workshop.prompt()
    first = path.read_bytes()
    workshop.prompt(version=2, active=False)
    bench = workshop.open()
    save(bench, path, first + b"two\n")
    bench.engine.filing.retire("noir", 2).result(PATIENCE_S)
    bench.engine.filing.rename("noir", 1, "night").result(PATIENCE_S)
    seen = past(bench, "night")
    assert [one.data.startswith(b"---\nname: night") for one in seen.revisions] == [True, False, False]
    restore(bench, seen, first)
    assert (workshop.prompts / "night-v1.md").read_bytes() == first.replace(b"name: noir", b"name: night")
    gone = past(bench, "night", 2)
    restore(bench, gone, gone.revisions[0].data)
    assert bench.row("night", 2).path == "night-v2.md"
    assert sorted(other.name for other in workshop.prompts.iterdir()) == ["night-v1.md", "night-v2.md"]


@needs_git
def test_the_commit_is_there_beside_the_saved_ones(workshop: Workshop) -> None:
    top = workshop.root
    new_repository(top)
    path = workshop.prompt()
    committed = path.read_bytes()
    head = commit(top)
    save_one = committed + b"two\n"
    path.write_bytes(save_one)
    bench = workshop.open(watch=True)
    bench.ears.wait(GitChanged, lambda event: event.states == {"noir-v1.md": "modified"})
    seen = past(bench)
    assert (seen.head, seen.commit) == (committed, head)
    assert [(one.id is None, one.data, one.at_head, one.in_file) for one in seen.revisions] == [
        (True, committed, True, False),
        (False, save_one, False, True),
    ]
    assert restore(bench, seen, committed) == ("noir", 1)
    assert [(one.at_head, one.in_file) for one in past(bench).revisions] == [(True, True), (False, False)]


def test_other_versions_are_there_to_compare_with(workshop: Workshop) -> None:
    workshop.prompt()
    second = workshop.prompt(version=2, active=False).read_bytes()
    third = workshop.prompt(version=3, active=False).read_bytes()
    bench = workshop.open()
    bench.engine.filing.retire("noir", 3).result(PATIENCE_S)
    seen = past(bench)
    assert seen.others == {2: second, 3: third}
    assert set(seen.retired_others) == {3}
