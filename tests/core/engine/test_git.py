"""What git says of the prompt files, with real repositories."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.engine.matrix.rehearsal import version_row
from tests.core.engine.repository import commit, git, needs_git, new_repository
from tests.core.engine.workshop import PATIENCE_S
from tui.core.engine import git as asking
from tui.core.engine.events import GitChanged
from tui.core.engine.git import TooSlow, content_at_head, find_repository, parse_status, status_of
from tui.core.engine.git_state import GitWatch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.engine.workshop import Workshop

NAMES = ["a.md", "sp ace.md", "[b].md", "näht.md", "new\nline.md", "\x1b[31m.md"]


@needs_git
def test_every_kind_of_change_has_its_state(tmp_path: Path) -> None:
    new_repository(tmp_path)
    folder = tmp_path / "my prompts"
    folder.mkdir()
    (tmp_path / ".gitignore").write_text("*-private.md\nscratch/\n")
    for name in (*NAMES, "gone.md", "old.md", "staged.md"):
        (folder / name).write_text(f"{name}\n" * 9)
    commit(tmp_path)
    for name in NAMES[1:]:
        (folder / name).write_text("else\n")
    (folder / "gone.md").unlink()
    git(folder, "mv", "old.md", "renamed.md")
    (folder / "added.md").write_text("x")
    git(folder, "add", "added.md", "staged.md")
    (folder / "sub").mkdir()
    (folder / "sub" / "new.md").write_text("x")
    (folder / "x-private.md").write_text("x")
    (folder / "scratch").mkdir()
    (folder / "scratch" / "y.md").write_text("x")
    (tmp_path / "elsewhere.md").write_text("x")
    status = status_of(folder)
    assert status is not None
    assert (status.branch, status.commit) == ("main", git(tmp_path, "rev-parse", "HEAD"))
    states = {path: status.state(f"my prompts/{path}") for path in ("a.md", "staged.md")}
    assert states == {"a.md": "clean", "staged.md": "clean"}
    assert {status.state(f"my prompts/{name}") for name in (*NAMES[1:], "gone.md", "renamed.md")} == {
        "modified"
    }
    assert {status.state(f"my prompts/{name}") for name in ("added.md", "sub/new.md")} == {"untracked"}
    assert {status.state(f"my prompts/{name}") for name in ("x-private.md", "scratch/y.md")} == {"ignored"}
    assert "elsewhere.md" not in status.states


@needs_git
def test_before_the_first_commit_and_on_no_branch(tmp_path: Path) -> None:
    new_repository(tmp_path, "trunk/näht]")
    (tmp_path / "a.md").write_text("one")
    status = status_of(tmp_path)
    assert status is not None
    assert (status.branch, status.commit, status.state("a.md")) == ("trunk/näht]", None, "untracked")
    head = commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "--detach")
    status = status_of(tmp_path)
    assert status is not None
    assert (status.branch, status.commit, status.state("a.md")) == (head[:8], head, "clean")
    (tmp_path / "a.md").write_text("two")
    assert content_at_head(tmp_path, "a.md") == b"one"
    assert content_at_head(tmp_path, "b.md") is None


def test_where_there_is_no_repository_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_repository(tmp_path) is None
    assert find_repository(tmp_path / "missing") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_repository(tmp_path) is None
    assert status_of(tmp_path) is None


@needs_git
def test_nothing_of_the_repository_is_run_and_its_index_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_repository(tmp_path)
    (tmp_path / "a.md").write_text("one")
    commit(tmp_path)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    git(tmp_path, "config", "core.fsmonitor", str(trap))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another"))
    os.utime(tmp_path / "a.md", (1, 1))  # so that an index that may be written would be
    before = (tmp_path / ".git" / "index").read_bytes()
    (tmp_path / ".git" / "index.lock").touch()  # another git is at work
    status = status_of(tmp_path)
    assert status is not None
    assert status.state("a.md") == "clean"
    assert (tmp_path / ".git" / "index").read_bytes() == before
    assert not (tmp_path / "sprung").exists()


def test_a_git_that_takes_too_long_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(asking, "TIMEOUT_S", 0.05)
    with pytest.raises(TooSlow):
        find_repository(tmp_path)


@given(st.binary(max_size=200))
def test_whatever_git_says_is_read_without_an_error(data: bytes) -> None:
    parse_status(data)
    parse_status(b"1 .M N... 1 1 1 a b " + data + b"\0" + data)


@needs_git
def test_the_state_follows_saves_and_commits_and_each_run_records_it(workshop: Workshop) -> None:
    new_repository(workshop.prompts)
    path = workshop.prompt()
    first = commit(workshop.prompts)
    bench = workshop.open(watch=True)
    bench.ears.wait(GitChanged, lambda event: event.commit == first and not event.states)
    bench.run()
    path.write_bytes(path.read_bytes() + b"More.\n")
    said = bench.ears.wait(GitChanged, lambda event: event.states == {"noir-v1.md": "modified"})
    assert (said.modified, said.untracked) == (1, 0)
    bench.run()
    second = commit(workshop.prompts)
    bench.ears.wait(GitChanged, lambda event: event.commit == second and not event.states)
    workshop.prompt("tale")
    bench.ears.wait(GitChanged, lambda event: event.states == {"tale-v1.md": "untracked"})
    bench.run(name="tale")
    recorded = [(row["commit_hash"], row["git_state"]) for row in workshop.runs()]
    assert recorded == [(first, "clean"), (first, "modified"), (second, "untracked")]


@needs_git
def test_a_run_knows_the_state_without_watching_and_right_after_a_save(workshop: Workshop) -> None:
    new_repository(workshop.prompts)
    path = workshop.prompt()
    head = commit(workshop.prompts)
    bench = workshop.open()
    bench.run()
    path.write_bytes(path.read_bytes() + b"More.\n")
    bench.engine.submit(lambda: bench.engine._need_shelf().update([path])).result(PATIENCE_S)
    bench.run()
    assert [(row["commit_hash"], row["git_state"]) for row in workshop.runs()] == [
        (head, "clean"),
        (head, "modified"),
    ]


def test_without_a_repository_a_run_says_so(workshop: Workshop) -> None:
    bench = workshop.open()
    bench.run()
    assert [(row["commit_hash"], row["git_state"]) for row in workshop.runs()] == [(None, "none")]


@needs_git
def test_links_are_looked_through_and_what_lies_outside_has_no_state(
    workshop: Workshop, tmp_path: Path
) -> None:
    top = workshop.prompts
    new_repository(top)
    (top / ".shared").mkdir()
    (top / ".shared" / "far.md").write_text("one {{x}}")
    (top / "near-v1.md").symlink_to(".shared/far.md")
    (tmp_path / "out.md").write_text("out")
    (top / "out-v1.md").symlink_to(tmp_path / "out.md")
    outside = tmp_path / "other"
    outside.mkdir()
    (outside / "deep-v1.md").write_text("deep")
    (top / "linked").symlink_to(outside)
    commit(top)
    (top / ".shared" / "far.md").write_text("two {{x}}")
    bench = workshop.open(watch=True)
    bench.ears.wait(GitChanged, lambda event: event.states == {"near-v1.md": "modified"})
    bench.run(name="deep")
    assert [(row["commit_hash"], row["git_state"]) for row in workshop.runs()] == [(None, "none")]


async def test_who_is_cancelled_as_the_answer_comes_is_cancelled_all_the_same(tmp_path: Path) -> None:
    watch = GitWatch(tmp_path, lambda _: None)
    follower = asyncio.create_task(watch.follow())
    await asyncio.sleep(0)
    asking_for_facts = asyncio.create_task(watch.facts(version_row("noir", 1)))
    for _ in range(3):
        await asyncio.sleep(0)
    watch._known.set()  # the answer is on its way
    asking_for_facts.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking_for_facts
    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
