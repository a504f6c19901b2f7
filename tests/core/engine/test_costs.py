"""What a run cost is known by its end, written down with its source, and added up by the day."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.core.engine.workshop import PATIENCE_S
from tui.core.engine.events import Notice, RunChanged, TodayChanged
from tui.core.settings import load_settings, parse_settings

if TYPE_CHECKING:
    from tests.core.engine.shell import Shell
    from tests.core.engine.workshop import Workshop
    from tui.core.settings import Settings

STATED = '[prices."openai/*"]\ninput = 1000\noutput = 2000\nas_of = 2026-11-25\n'


def with_prices(workshop: Workshop, prices: str = STATED) -> Settings:
    return parse_settings(workshop.settings_text() + prices, Path("settings.toml"))


def test_a_stated_price_is_that_of_the_run_the_record_and_the_day(workshop: Workshop) -> None:
    bench = workshop.open(with_prices(workshop))
    final = bench.run()
    usage = final.usage
    assert usage.tokens_in and usage.tokens_out
    usd = (Decimal(usage.tokens_in) * 1000 + Decimal(usage.tokens_out) * 2000) / 1_000_000
    assert final.cost is not None
    assert (final.cost.usd, final.cost.source, final.cost.as_of) == (usd, "settings", "2026-11-25")
    [run] = workshop.runs()
    assert (run["cost"], run["cost_source"], run["price_as_of"]) == (float(usd), "settings", "2026-11-25")
    today = bench.ears.wait(TodayChanged, lambda event: event.usd > 0)
    assert (today.calls, today.usd, today.unpriced) == (1, usd, 0)


def test_the_published_list_is_asked_where_nothing_is_stated(workshop: Workshop) -> None:
    bench = workshop.open(with_prices(workshop))
    final = bench.run("anthropic")
    assert final.cost is not None
    assert final.cost.source == "genai-prices"


def test_what_has_no_price_is_counted_as_unknown(workshop: Workshop) -> None:
    bench = workshop.open()
    final = bench.run("openai", model="nobody-knows-it")
    assert final.status == "done"
    assert final.cost is None
    assert [run["cost"] for run in workshop.runs()] == [None]
    today = bench.ears.wait(TodayChanged, lambda event: event.unpriced > 0)
    assert (today.calls, today.usd, today.unpriced) == (1, Decimal(0), 1)


def test_a_recalled_run_has_its_cost(workshop: Workshop) -> None:
    first = workshop.open(with_prices(workshop))
    final = first.run()
    first.engine.stop()
    again = workshop.open()
    again.engine.records.recall("noir")
    recalled = again.ears.wait(RunChanged).state
    assert recalled.cost == final.cost is not None
    assert (recalled.finish, recalled.raw_finish) == (final.finish, final.raw_finish)
    assert recalled.reported_model == final.reported_model


def test_prices_change_while_the_engine_runs(workshop: Workshop) -> None:
    path = workshop.root / "settings.toml"
    path.write_text(workshop.settings_text())
    bench = workshop.open(load_settings(path), watch=True)
    path.write_text(workshop.settings_text() + STATED)
    bench.ears.wait(Notice, lambda event: event.message.startswith("New prices are in force"))
    final = bench.run()
    assert final.cost is not None
    assert final.cost.source == "settings"


def test_every_request_that_was_sent_is_written_down(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "overloaded", times=1)
    bench = workshop.open()
    final = bench.run()
    assert (final.status, final.attempts) == ("done", 2)
    first, second = workshop.rows("SELECT * FROM attempts ORDER BY id")
    assert {first["run_id"], second["run_id"]} == {final.id}
    assert (first["number"], second["number"]) == (1, 2)
    assert (first["status"], first["http_status"], first["message"] != "") == ("overloaded", 503, True)
    assert (second["status"], second["http_status"], second["message"]) == ("ok", 200, None)
    assert first["started_at"] <= first["ended_at"] <= second["started_at"] <= second["ended_at"]


def test_a_refused_request_is_written_down_while_the_run_waits(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "rate_limit=3600")
    bench = workshop.open()
    started = bench.begin()
    bench.ears.wait(RunChanged, lambda event: event.state.attempts == 1 and event.state.status != "running")
    bench.settle()
    [attempt] = workshop.rows("SELECT * FROM attempts")
    assert (attempt["status"], attempt["http_status"]) == ("rate_limit", 429)
    assert attempt["retry_after_s"] == pytest.approx(3600, abs=1)
    bench.engine.cancel(started.id)
    bench.ears.run(started.id, "cancelled", "failed")


def test_a_cancelled_request_is_one_that_was_sent(workshop: Workshop) -> None:
    workshop.simulator.simulate("openai", "stall")
    bench = workshop.open()
    future = bench.engine.run_to_end(bench.request())
    started = bench.ears.wait(RunChanged, lambda event: event.state.received > 0).state
    bench.engine.cancel(started.id)
    assert future.result(PATIENCE_S).status == "cancelled"
    assert [row["status"] for row in workshop.rows("SELECT * FROM attempts")] == ["cancelled"]


# ---------------------------------------------------------------------- penstock costs


def test_costs_without_any_call_make_no_database(shell: Shell) -> None:
    result = shell("costs")
    assert result.exit_code == 0
    assert result.stdout.startswith("No calls in 7 days with the prompts of ")
    assert json.loads(shell("costs", "--json").stdout) == []
    assert not shell.workshop.workspace().database.exists()


def test_costs_by_day_and_provider(shell: Shell) -> None:
    path = shell.workshop.root / "settings.toml"
    path.write_text(shell.workshop.settings_text() + STATED)
    ran = json.loads(shell("run", "noir", "-p", "openai", "--json").stdout)
    assert ran["cost"]["source"] == "settings"
    shell("run", "noir", "-p", "yandex")
    yandex, openai = sorted(json.loads(shell("costs", "--json").stdout), key=lambda row: bool(row["usd"]))
    assert (yandex["provider"], yandex["calls"], yandex["usd"], yandex["unpriced"]) == ("yandex", 1, None, 1)
    assert (openai["provider"], openai["usd"], openai["source"]) == ("openai", ran["cost"]["usd"], "settings")
    lines = [line.split() for line in shell("costs", "--days", "1").stdout.splitlines()]
    assert lines[0] == ["DAY", "PROVIDER", "CALLS", "COST", "N/A", "PRICES"]
    assert lines[1][1:3] == ["openai", "1"]
    assert lines[1][3].startswith("$")
    assert lines[2][1:] == ["yandex", "1", "n/a", "1", "—"]
    assert lines[3][:2] == ["together", "2"]


def test_what_a_demo_costs_is_apart_and_called_simulated(shell: Shell) -> None:
    shell("run", "noir", "--demo")
    assert shell("costs").stdout.startswith("No calls")
    assert "simulated" in shell("costs", "--demo").stdout
