"""One quota for all engines on a key: shared through the state folder, or said not to be."""

from __future__ import annotations

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import KEYS, SECRET, Workshop, eventually
from tui.core.engine import sharing
from tui.core.engine.events import Notice, ProviderChanged
from tui.core.engine.ledgers import account_id, read_secret
from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.settings import parse_settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.engine.workshop import Bench


def left(bench: Bench, provider: str = "openai") -> int:
    return bench.engine.providers[provider].quota.left(now_ns())


def versions(workshop: Workshop) -> dict[str, int]:
    with closing(sqlite3.connect(workshop.workspace().state_dir / "limits.db")) as connection:
        return dict(connection.execute("SELECT account, version FROM accounts"))


def noted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Limiter]:
    """Every limiter whose method of that name is called, as it is called."""
    called: list[Limiter] = []
    method = getattr(Limiter, name)

    def note(limiter: Limiter) -> None:
        called.append(limiter)
        method(limiter)

    monkeypatch.setattr(Limiter, name, note)
    return called


def test_a_call_of_one_engine_moves_the_gauge_of_the_other(workshop: Workshop) -> None:
    one, other = (workshop.open(workshop.settings(requests_per_minute=1)) for _ in range(2))
    one.run()
    changed = other.ears.wait(ProviderChanged, lambda event: event.state.quota.left(now_ns()) == 0)
    assert (changed.state.name, changed.state.quota.source) == ("openai", "shared")
    assert other.run(timeout=0.1).error_class == "limit"
    assert left(other, "google") == 1
    assert one.ears.notices == other.ears.notices == []


def test_what_was_used_before_a_restart_stays_used(workshop: Workshop) -> None:
    first = workshop.open(workshop.settings(requests_per_minute=1))
    first.run()
    first.engine.stop()
    assert workshop.open(workshop.settings(requests_per_minute=1)).run(timeout=0.1).error_class == "limit"


def test_another_key_is_another_account(workshop: Workshop) -> None:
    settings = workshop.settings(requests_per_minute=1)
    one = workshop.open(settings)
    other = workshop.engine(settings, environ={**KEYS, "OPENAI_API_KEY": "another"})
    other.start()
    one.run()
    assert other.run(timeout=0.1).status == "done"


def test_engines_with_nothing_to_do_write_nothing(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LOOK_S", 0.002)
    monkeypatch.setattr(sharing, "BEAT_S", 0.005)
    looks = noted(monkeypatch, "refresh")
    one, other = workshop.open(), workshop.open()
    one.run()
    eventually(lambda: left(other) == left(one))
    eventually(lambda: one.engine.providers["openai"].quota.in_flight == 0)
    seen = len(looks) + 50
    eventually(lambda: len(looks) > seen)
    before, events = versions(workshop), len(other.ears.events)
    seen = len(looks) + 200
    eventually(lambda: len(looks) > seen)
    assert versions(workshop) == before
    assert len(other.ears.events) == events


def test_nobody_looks_for_an_engine_without_listeners(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "BEAT_S", 0.004)
    beats = noted(monkeypatch, "beat")
    monkeypatch.setattr(Limiter, "refresh", lambda _: pytest.fail("nobody would see it"))
    bench = workshop.engine()
    bench.engine._listeners = ()
    bench.start()
    eventually(lambda: len(beats) > 30)


def test_calls_in_flight_are_told_and_told_to_have_ended(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "LOOK_S", 0.002)
    monkeypatch.setattr(sharing, "BEAT_S", 0.005)
    workshop.simulator.simulate("openai", "stall")
    one, other = workshop.open(), workshop.open()
    running = one.begin()
    other.ears.wait(ProviderChanged, lambda event: event.state.quota.in_flight == 1)
    first = versions(workshop)
    eventually(lambda: versions(workshop) != first)
    one.engine.cancel(running.id)
    eventually(lambda: other.engine.providers["openai"].quota.in_flight == 0)


def test_the_file_holds_no_key(workshop: Workshop) -> None:
    bench = workshop.open()
    bench.run()
    folder = workshop.workspace().state_dir
    assert stat.S_IMODE((folder / "limits.key").stat().st_mode) == 0o600
    assert list(versions(workshop)) == [account_id(read_secret(folder / "limits.key"), "openai", SECRET)]
    for path in folder.iterdir():
        assert SECRET.encode() not in path.read_bytes()


def test_all_who_ask_at_once_get_the_same_secret(tmp_path: Path) -> None:
    for number in range(20):
        path = tmp_path / f"{number}.key"
        with ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(read_secret, [path] * 8))) == 1
    assert len(list(tmp_path.iterdir())) == 20
    path.write_bytes(b"short")
    with pytest.raises(OSError, match="damaged"):
        read_secret(path)


def test_an_account_names_neither_the_key_nor_what_another_secret_would(tmp_path: Path) -> None:
    one, other = read_secret(tmp_path / "one"), read_secret(tmp_path / "other")
    names = {
        account_id(one, "openai", SECRET),
        account_id(other, "openai", SECRET),
        account_id(one, "google", SECRET),
        account_id(one, "openai", "another"),
    }
    assert len(names) == 4
    assert not any(SECRET in name for name in names)


@pytest.mark.parametrize("name", ["state", "state/limits.key"])
def test_what_cannot_be_shared_is_said_once_and_works_alone(workshop: Workshop, name: str) -> None:
    path = workshop.root / "data" / name
    path.parent.mkdir(parents=True)
    path.write_text("not what you expect")
    bench = workshop.open(workshop.settings(requests_per_minute=1))
    notice = bench.ears.wait(Notice)
    assert notice.severity == "warning"
    assert "not shared" in notice.message
    assert str(path) in notice.message
    quota = bench.engine.providers["openai"].quota
    assert quota.source == "local"
    rate = "This process goes on at the full limits, since no other one is assumed."
    assert notice.message == f"{quota.problem} {rate}"
    assert bench.run().status == "done"
    assert left(bench) == 0
    assert bench.ears.notices == [notice.message]


def test_sharing_can_be_switched_off(workshop: Workshop) -> None:
    text = 'ledger = "memory"\n' + workshop.settings_text(requests_per_minute=1)
    settings = parse_settings(text, workshop.root / "settings.toml")
    one, other = workshop.open(settings), workshop.open(settings)
    assert one.run().status == other.run(timeout=0.1).status == "done"
    quota = one.engine.providers["openai"].quota
    assert (quota.source, quota.problem) == ("local", "")
    assert not workshop.workspace().state_dir.exists()


def test_a_demo_counts_for_itself(workshop: Workshop) -> None:
    bench = workshop.open(demo=True)
    assert bench.engine.providers["openai"].quota.source == "local"
    assert not workshop.workspace().state_dir.exists()
