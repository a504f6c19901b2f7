"""The engine's life: start, failure, stop, its neighbours on the same files, and what it tells."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.engine.workshop import KEYS, PATIENCE_S, SECRET, Workshop, eventually
from tui.core.engine.events import LibraryChanged, Notice, RunChanged, WatchChanged
from tui.core.engine.inbox import EngineStopped
from tui.core.prompts.snapshot import versions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tui.core.engine.events import RunState


def test_stopping_ends_what_runs_and_writes_it_down(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    bench = workshop.open(workshop.settings(requests_per_minute=60, burst=2))
    streaming = [bench.begin(), bench.begin()]
    waiting = bench.begin()
    for state in streaming:
        bench.ears.text_of(state.id)
    bench.engine.stop(timeout=PATIENCE_S)
    for state in [*streaming, waiting]:
        assert bench.ears.run(state.id, "cancelled", "failed").status == "cancelled"
    assert [(run["status"], run["outcome"]) for run in workshop.runs()] == [("cancelled", "excluded")] * 2
    assert bench.ears.notices == []
    bench.engine.stop()


def test_an_engine_can_be_stopped_before_it_has_begun_and_while_it_begins(workshop: Workshop) -> None:
    never = workshop.engine()
    never.engine.stop()
    for _ in range(5):
        bench = workshop.engine()
        bench.engine.start()
        future = bench.engine.submit(_nothing)
        bench.engine.stop(timeout=PATIENCE_S)
        wait([future], PATIENCE_S)
        assert future.done(), "no command is left without an answer"
        assert bench.engine.failure is None
        assert isinstance(bench.engine._loaded.exception(PATIENCE_S), EngineStopped | None)
    with pytest.raises(RuntimeError, match="before"):
        bench.engine.start()


def test_commands_given_before_the_database_is_open_wait_for_it(workshop: Workshop) -> None:
    bench = workshop.engine()
    bench.engine.start()
    bench.engine.records.rate("no such run", "success")
    assert bench.engine.submit(_nothing).result(PATIENCE_S) is None


def test_commands_to_an_engine_that_is_gone_fail_and_do_not_hang(workshop: Workshop) -> None:
    bench = workshop.open()
    request = bench.request()
    bench.engine.stop()
    for future in (
        bench.engine.run(request),
        bench.engine.run_to_end(request),
        bench.engine.serving.serve("noir"),
    ):
        with pytest.raises(EngineStopped):
            future.result(PATIENCE_S)
    bench.engine.cancel("x")
    bench.engine.records.rate("x", "success")
    bench.engine.filing.activate("noir", 1)


def test_commands_from_many_threads_while_it_stops_are_all_answered(workshop: Workshop) -> None:
    bench = workshop.open()
    request = bench.request()
    futures: list[Future[RunState]] = []

    def hurry() -> None:
        futures.extend(bench.engine.run_to_end(request) for _ in range(20))

    threads = [threading.Thread(target=hurry) for _ in range(4)]
    for thread in threads:
        thread.start()
    bench.engine.stop(timeout=PATIENCE_S)
    for thread in threads:
        thread.join()
    done, pending = wait(futures, PATIENCE_S)
    assert (len(done), pending) == (80, set())
    for future in done:
        assert isinstance(future.exception(), EngineStopped | None)
    assert {run["status"] for run in workshop.runs()} <= {"done", "cancelled"}


def test_what_was_asked_for_before_the_end_is_done_to_the_end(workshop: Workshop) -> None:
    bench = workshop.open()
    futures = [bench.engine.serving.serve("noir") for _ in range(50)]
    bench.engine.stop(timeout=PATIENCE_S)
    done = [future for future in futures if future.exception(PATIENCE_S) is None]
    assert all(isinstance(future.exception(), EngineStopped | None) for future in futures)
    [row] = workshop.rows("SELECT usage_count FROM prompt_templates")
    assert row["usage_count"] == len(done)


def test_a_folder_of_prompts_that_is_not_there_is_no_failure(workshop: Workshop) -> None:
    (workshop.prompts / "noir-v1.md").unlink()
    workshop.prompts.rmdir()
    bench = workshop.open()
    library = bench.engine.library
    assert library is not None
    assert (library.folder_exists, library.versions) == (False, ())


def test_a_file_where_the_prompts_folder_should_be_is_no_failure(workshop: Workshop) -> None:
    (workshop.prompts / "noir-v1.md").unlink()
    workshop.prompts.rmdir()
    workshop.prompts.write_text("")
    bench = workshop.open(watch=True)
    assert bench.ears.wait(WatchChanged).mode == "absent"
    workshop.prompts.unlink()
    workshop.prompts.mkdir()
    workshop.prompt()
    bench.ears.wait(LibraryChanged, lambda event: len(event.snapshot.versions) == 1)


def test_a_saved_file_is_heard_of_and_runs_as_it_is_now(workshop: Workshop) -> None:
    bench = workshop.open(watch=True)
    bench.ears.wait(WatchChanged)
    workshop.prompt(body="Now write about {{hero}} again.")
    bench.ears.wait(LibraryChanged, lambda event: "Now" in event.snapshot.versions[0].template)
    bench.run()
    assert workshop.runs()[0]["prompt"] == "Now write about Mara again."


def test_two_engines_see_each_others_counts(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.core.engine.shelf._COUNTS_INTERVAL_S", 0.02)
    one, other = workshop.open(watch=True), workshop.open(watch=True)
    one.run()
    other.ears.used("noir", 1)
    other.run()
    one.ears.used("noir", 2)
    final = other.run()
    other.engine.records.rate(final.id, "failure")
    one.ears.wait(LibraryChanged, lambda event: event.snapshot.versions[0].success_rate == 0.0)


def test_a_second_engine_leaves_the_runs_of_the_first_alone(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    one = workshop.open()
    one.ears.text_of(one.begin().id)
    workshop.open().engine.stop()
    assert [run["status"] for run in workshop.runs()] == ["running"]


def test_a_rating_changes_the_success_rate(workshop: Workshop) -> None:
    bench = workshop.open()
    first, second = bench.run(), bench.run()
    bench.engine.records.rate(first.id, "success", "well said")
    bench.ears.wait(LibraryChanged, lambda event: event.snapshot.versions[0].success_rate == 1.0)
    bench.engine.records.rate(second.id, "failure")
    bench.ears.wait(LibraryChanged, lambda event: event.snapshot.versions[0].success_rate == 0.5)
    bench.engine.records.rate(second.id, "excluded")
    eventually(lambda: bench.row().success_rate == 1.0)
    assert [(run["outcome"], run["outcome_source"], run["note"]) for run in workshop.runs()] == [
        ("success", "human", "well said"),
        ("excluded", "human", ""),
    ]


def test_activating_edits_one_line_a_file_and_comes_back_as_a_change(workshop: Workshop) -> None:
    first = workshop.prompt(version=1, active=True)
    second = workshop.prompt(version=2, active=False, body="Another {{hero}}, # active: false")
    before = [first.read_bytes(), second.read_bytes()]
    bench = workshop.open(watch=True)
    bench.engine.filing.activate("noir", 2)
    bench.ears.wait(
        LibraryChanged,
        lambda event: [row.active for row in versions_of(event.snapshot, "noir")] == [False, True],
    )
    assert first.read_bytes() == before[0].replace(b"active: true", b"active: false")
    assert second.read_bytes() == before[1].replace(b"active: false\n---", b"active: true\n---")
    bench.engine.filing.activate("noir", 2)
    assert bench.ears.wait(Notice).message == "noir v2 is the active version already."


def test_cancelling_the_future_cancels_the_run(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    bench = workshop.open()
    future = bench.engine.run_to_end(bench.request())
    heard = bench.ears.wait(RunChanged, lambda event: event.state.received > 0)
    future.cancel()
    assert bench.ears.run(heard.state.id, "cancelled")
    with pytest.raises(CancelledError):
        future.result(PATIENCE_S)


async def _nothing() -> None:
    await asyncio.sleep(0)


KILLED = """
import sys
from pathlib import Path
from tests.core.engine.workshop import Bench
from tui.core.engine.engine import Engine
from tui.core.settings import load_settings
from tui.core.workspace import Options, resolve

root = Path(sys.argv[1])
options = Options(prompts=root / "prompts", data_dir=root / "data", settings=root / "settings.toml")
bench = Bench(Engine(resolve(options, environ={}), load_settings(root / "settings.toml"), watch=False))
bench.start()
bench.ears.text_of(bench.begin().id)
print("streaming", flush=True)
sys.stdin.read()
"""


@contextmanager
def streaming_elsewhere(workshop: Workshop) -> Iterator[subprocess.Popen[str]]:
    """Another process, while an answer streams to it."""
    (workshop.root / "settings.toml").write_text(workshop.settings_text())
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(workshop.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **KEYS},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "streaming\n"
        yield process


def test_the_run_of_a_killed_process_is_interrupted_and_nothing_else_is_lost(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    with streaming_elsewhere(workshop) as process:
        neighbour = workshop.open()
        assert [run["status"] for run in workshop.runs()] == ["running"], "it is alive: not ours to close"
        neighbour.engine.stop()
        process.send_signal(signal.SIGKILL)
    bench = workshop.open()
    [run] = workshop.runs()
    assert (run["status"], run["outcome"]) == ("interrupted", "excluded")
    assert run["finished_at"] is not None
    assert bench.row().usage_count == 1


def test_the_run_of_a_killed_process_is_closed_by_another_one_that_goes_on(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.core.engine.shelf._ORPHANS_INTERVAL_S", 0.0)
    workshop.simulator.simulate("openai", "stall", 2)
    with streaming_elsewhere(workshop) as process:
        bench = workshop.open(watch=True)
        mine = bench.begin()
        bench.ears.wait(RunChanged, lambda event: event.state.received > 0)
        process.send_signal(signal.SIGKILL)
    while "interrupted" not in (found := {run["id"]: run["status"] for run in workshop.runs()}).values():
        bench.settle()
    assert found[mine.id] == "running", "what this process has sent goes on"


def test_a_demo_answers_without_reading_or_sending_a_key(
    workshop: Workshop, sent: list[httpx.Request]
) -> None:
    environ = _Watched({**KEYS, "OPENAI_BASE_URL": "https://elsewhere.example"})
    bench = workshop.engine(demo=True, environ=environ)
    bench.start()
    assert all(state.usable for state in bench.engine.providers.values())
    started = bench.begin()
    assert bench.ears.text_of(started.id) != ""
    bench.engine.stop(PATIENCE_S)
    assert bench.ears.run(started.id, "cancelled", "failed").status == "cancelled"
    assert {request.url.host for request in sent} == {"127.0.0.1"}
    assert SECRET not in str([request.headers.raw for request in sent])
    assert environ.read == set()


class _Watched(dict[str, str]):
    """An environment that notes what is read of it."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)
