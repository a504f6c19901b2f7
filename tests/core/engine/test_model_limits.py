"""Models with limits of their own: a bucket and a ledger for each, changed while the engine runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.core.engine.workshop import SECRET, eventually
from tui.core.engine.accounts import Account
from tui.core.engine.events import Notice, ProviderChanged
from tui.core.providers.base import Credentials
from tui.core.providers.presets import load_presets
from tui.core.quota.clock import now_ns
from tui.core.quota.ledger import LocalLedger
from tui.core.quota.limits import Limits
from tui.core.settings import load_settings, parse_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.core.engine.workshop import Bench, Workshop
    from tui.core.quota.ledger import Ledger
    from tui.core.quota.meter import Meter
    from tui.core.quota.snapshot import QuotaSnapshot

OWN = '[providers.openai.models."small".limits]\nrequests_per_minute = 2\n'


def opened(workshop: Workshop, more: str = OWN, *, watch: bool = False) -> Bench:
    path = workshop.root / "settings.toml"
    path.write_text(workshop.settings_text() + more)
    return workshop.open(load_settings(path), watch=watch)


def quota(bench: Bench, model: str) -> QuotaSnapshot:
    return bench.engine.providers["openai"].about(model).quota


def test_a_model_takes_from_its_own_bucket_and_the_others_from_the_providers(workshop: Workshop) -> None:
    bench = opened(workshop)
    for _ in range(2):
        assert bench.run(model="small").status == "done"
    assert bench.run(model="small", timeout=0.1).error_class == "limit"
    assert bench.run(model="large", timeout=0.1).status == "done"
    now = now_ns()
    assert (quota(bench, "small").left(now), quota(bench, "small").capacity) == (0, 2)
    assert quota(bench, "large") == bench.engine.providers["openai"].quota
    assert quota(bench, "large").capacity == 60_000


def test_an_empty_account_stops_every_model(workshop: Workshop) -> None:
    bench = opened(workshop)
    workshop.simulator.simulate("openai", "billing", times=1)
    assert bench.run(model="small").error_class == "billing"
    before = workshop.simulator.stats()["openai"]["requests"]
    assert bench.run(model="large").error_class == "billing"
    assert workshop.simulator.stats()["openai"]["requests"] == before


def test_a_refusal_of_one_model_holds_only_that(workshop: Workshop) -> None:
    bench = opened(workshop)
    workshop.simulator.simulate("openai", "rate_limit=30", times=1)
    waiting = bench.begin(model="small")
    bench.ears.wait(ProviderChanged, lambda event: event.state.about("small").quota.hold_in(now_ns()) > 0)
    assert bench.run(model="large", timeout=0.1).status == "done"
    bench.engine.cancel(waiting.id)


def test_limits_of_models_come_change_and_go_while_calls_wait(workshop: Workshop) -> None:
    bench = opened(workshop, watch=True)
    for _ in range(2):
        bench.run(model="small")
    waiting = bench.begin(model="small")
    path, text = workshop.root / "settings.toml", workshop.settings_text()
    path.write_text(text + OWN.replace("= 2", "= 3"))
    assert bench.ears.run(waiting.id, "done", "failed").status == "done"
    assert quota(bench, "small").left(now_ns()) == 0, "what was used stays used"
    waiting = bench.begin(model="small")
    path.write_text(text + OWN.replace("small", "large"))
    assert bench.ears.run(waiting.id, "done", "failed").status == "done"
    eventually(lambda: quota(bench, "large").capacity == 2)
    assert quota(bench, "small").capacity == 60_000
    assert {notice.message for notice in bench.ears.of(Notice)} == {"New limits are in force: OpenAI."}


def test_a_model_takes_up_its_own_limits_again(workshop: Workshop) -> None:
    bench = opened(workshop, watch=True)
    bench.run(model="small")
    path, text = workshop.root / "settings.toml", workshop.settings_text()
    path.write_text(text)
    eventually(lambda: quota(bench, "small").capacity == 60_000)
    path.write_text(text + OWN)
    eventually(lambda: quota(bench, "small").capacity == 2)
    assert [limiter.name for limiter in bench.engine.account("openai").limiters] == ["openai", "openai/small"]


def test_every_model_is_kept_under_a_name_of_its_own_and_its_ledger_let_go() -> None:
    names: list[tuple[str, str]] = []
    closed: list[str] = []

    class Kept(LocalLedger):
        def __init__(self, name: str, limits: Limits) -> None:
            super().__init__(limits)
            self._name = name

        def close(self, rest: Callable[[Meter, int], None] | None = None) -> None:
            closed.append(self._name)

    def keep(name: str, key: str, limits: Limits) -> Ledger:
        names.append((name, key))
        return Kept(name, limits)

    account = Account(
        load_presets()["openai"],
        Limits(5),
        Credentials("k"),
        (),
        lambda _: None,
        keep,
        {"a/b": Limits(3)},
    )
    assert names == [("openai", "k"), ("openai/a/b", "k")]
    account.close()
    assert closed == ["openai", "openai/a/b"]


def test_clocks_and_retries_change_while_the_engine_runs(workshop: Workshop) -> None:
    bench = opened(workshop, "", watch=True)
    path, text = workshop.root / "settings.toml", workshop.settings_text()
    path.write_text(f"retries = 0\n{text}[providers.openai.timeouts]\ntotal = 7\n")
    bench.ears.wait(Notice, lambda notice: notice.message.startswith("New timeouts, retries or models"))
    assert "next start" not in " ".join(bench.ears.notices)
    provider = bench.engine.account("openai").provider
    assert provider.timeouts is not None
    assert (provider.timeouts.total_s, provider.retries) == (7, 0)
    workshop.simulator.simulate("openai", "overloaded", times=1)
    final = bench.run()
    assert (final.error_class, final.attempts) == ("overloaded", 1)


def test_a_server_of_ones_own_with_one_model_needs_none_named(workshop: Workshop, tmp_path: Path) -> None:
    text = f"""{workshop.settings_text()}
[providers.mine]
dialect = "openai"
base_url = "{workshop.simulator.base_url("openai")}"
headers = {{ Authorization = "Bearer $OPENAI_API_KEY" }}
"""
    bench = workshop.open(parse_settings(text, tmp_path))
    final = bench.run("mine")
    assert final.error_class == "bad_request"
    assert "several models" in final.error
    assert 'set model = "…" in [providers.mine]' in final.error

    async def one(account: Account) -> tuple[str, ...]:
        return ("only",)

    lists = bench.engine._need_runner().lists
    lists.recently = one  # type: ignore[method-assign]
    final = bench.run("mine")
    assert (final.status, final.model) == ("done", "only")
    assert workshop.runs()[-1]["model"] == "only"
    assert SECRET not in repr(bench.engine.account("mine").provider)


def test_without_a_server_the_network_is_what_is_wrong(workshop: Workshop, tmp_path: Path) -> None:
    text = 'retries = 0\n[providers.mine]\ndialect = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n'
    bench = workshop.open(parse_settings(text, tmp_path))
    final = bench.run("mine")
    assert final.error_class == "network"
    assert "127.0.0.1" in final.error
