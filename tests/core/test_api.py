"""The Python API: prompts, quota and runs for any program, from any thread and any loop."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import tui
from tests.core.engine.workshop import PATIENCE_S, SECRET, Workshop, eventually
from tests.core.programs import enter_and_leave, left, waiting
from tui import Penstock, RunFailed, UnknownPrompt
from tui.api import EngineStopped, UnknownProvider
from tui.core.prompts.template import MissingValue, UnknownValue
from tui.core.quota.errors import Closed, QuotaError
from tui.core.settings import SettingsError
from tui.core.store.database import DatabaseError

if TYPE_CHECKING:
    from tests.core.programs import Opener


def test_a_prompt_is_rendered_and_each_use_is_counted_exactly(opened: Opener) -> None:
    penstock = opened()
    prompt = penstock.get_prompt("noir")
    assert (prompt.name, prompt.version, prompt.system) == ("noir", 1, "")
    assert prompt.render() == "Write about Mara."
    assert prompt.render({"hero": "Joss"}) == prompt.render(hero="Joss") == "Write about Joss."
    with pytest.raises(UnknownValue):
        prompt.render(villain="x")
    assert len(prompt.content_hash) == 64
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: penstock.get_prompt("noir"), range(39)))
    assert penstock.library.versions[0].usage_count == 40


def test_turns_come_as_messages_and_as_one_text(workshop: Workshop, opened: Opener) -> None:
    body = "<!-- user -->\n{{hero}}?\n<!-- assistant -->\nYes.\n<!-- user -->\nGo."
    workshop.prompt("talk", body=body, system="Be {{hero}}.")
    prompt = opened().get_prompt("talk")
    assert prompt.messages(hero="Joss") == [
        {"role": "system", "content": "Be Joss."},
        {"role": "user", "content": "Joss?"},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "Go."},
    ]
    assert prompt.render().startswith("<!-- user -->\n\nMara?\n\n<!-- assistant -->")
    with pytest.raises(UnknownValue):
        prompt.messages(villain="x")


def test_a_version_can_be_asked_for_and_else_the_active_one_is_served(
    workshop: Workshop, opened: Opener
) -> None:
    workshop.prompt(version=1, active=False)
    workshop.prompt(version=2, active=True)
    workshop.prompt(version=3, active=False)
    workshop.prompt("idle", version=4, active=False)
    penstock = opened()
    assert penstock.get_prompt("noir").version == 2
    assert penstock.get_prompt("noir", 3).version == 3
    assert penstock.get_prompt("idle").version == 4


def test_a_split_is_served_by_its_weights(workshop: Workshop, opened: Opener) -> None:
    workshop.prompt(version=1, weight=1)
    workshop.prompt(version=2, weight=3)
    workshop.prompt(version=3, weight=0)
    penstock = opened()
    served = [penstock.get_prompt("noir") for _ in range(40)]
    assert Counter(prompt.version for prompt in served) == {1: 10, 2: 30}, "exactly, in blocks of four"
    assert {(prompt.reason, prompt.arm) for prompt in served} == {("block", "A"), ("block", "B")}
    by_unit = {f"u{n}": penstock.get_prompt("noir", unit=f"u{n}") for n in range(60)}
    assert {prompt.reason for prompt in by_unit.values()} == {"sticky"}
    assert 30 <= sum(prompt.version == 2 for prompt in by_unit.values()) < 60
    for unit, prompt in by_unit.items():
        assert penstock.get_prompt("noir", unit=unit).version == prompt.version
    assert penstock.get_prompt("noir", 3).reason == "pinned", "whatever the split"
    assert penstock.run("noir", provider="openai").arm in ("A", "B")
    assert sum(row.usage_count for row in penstock.library.versions) == 162


def test_programs_report_how_it_went(opened: Opener) -> None:
    penstock = opened()

    def rate() -> float | None:
        return penstock.library.versions[0].success_rate

    first, second, third = (penstock.get_prompt("noir") for _ in range(3))
    assert (first.reason, first.arm, rate()) == ("active", "", None)
    first.report("success")
    assert rate() == 1
    second.report("failure", note="missed the date")
    third.report("excluded")
    assert rate() == 0.5
    second.report("success")
    assert rate() == 1, "the last word counts"
    second.report("failure")
    result = penstock.run("noir", provider="openai")
    result.report("success")
    assert rate() == pytest.approx(2 / 3), "runs and uses together"
    with pytest.raises(ValueError, match="success, failure, excluded"):
        first.report("good")  # type: ignore[arg-type]
    penstock.close()
    with pytest.raises(EngineStopped):
        first.report("failure")


def test_what_there_is_not_is_said_with_what_there_is(opened: Opener) -> None:
    penstock = opened()
    with pytest.raises(UnknownPrompt, match=r"no prompt 'nior' in .*; did you mean 'noir'\?"):
        penstock.get_prompt("nior")
    with pytest.raises(UnknownPrompt, match=r"'noir' has no version 7; it has v1\."):
        penstock.run("noir", version=7)
    for wrong in (lambda: penstock.acquire("opnai"), lambda: penstock.run("noir", provider="opnai")):
        with pytest.raises(UnknownProvider, match=r"^There is no provider 'opnai'; did you mean 'openai'\?"):
            wrong()
    assert issubclass(UnknownProvider, KeyError)
    assert penstock.library.versions[0].usage_count == 0


def test_a_run_answers_and_is_recorded(workshop: Workshop, opened: Opener) -> None:
    penstock = opened()
    result = penstock.run("noir", {"hero": "Joss"}, provider="anthropic", model="claude-x")
    assert (result.provider, result.model, result.version, result.finish) == (
        "anthropic",
        "claude-x",
        1,
        "stop",
    )
    assert result.text
    assert result.usage.tokens_out
    [run] = workshop.runs()
    assert (run["id"], run["answer"]) == (result.id, result.text)
    assert penstock.library.versions[0].usage_count == 1
    assert penstock.run("noir").provider == "openai", "the first that has a key"


def test_a_prompts_own_provider_is_chosen_unless_another_is_named(workshop: Workshop, opened: Opener) -> None:
    workshop.prompt("mine", provider="google")
    penstock = opened()
    assert penstock.run("mine").provider == "google"
    assert penstock.run("mine", provider="deepseek").provider == "deepseek"


def test_the_provider_of_the_settings_is_preferred(
    workshop: Workshop, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_PROVIDER", "deepseek")
    assert opened().run("noir").provider == "deepseek"


def test_a_failure_is_raised_with_its_kind_and_the_text_until_then(
    workshop: Workshop, opened: Opener
) -> None:
    penstock = opened()
    workshop.simulator.simulate("openai", "billing", times=1)
    with pytest.raises(RunFailed) as refused:
        penstock.run("noir")
    assert (refused.value.kind, refused.value.partial) == ("billing", "")
    workshop.simulator.simulate("openai", "cut", times=1)
    with pytest.raises(RunFailed, match="credit"):
        penstock.run("noir")  # not sent: an empty account stays empty until somebody fills it
    penstock.resume("openai")
    with pytest.raises(RunFailed) as cut:
        penstock.run("noir")
    assert cut.value.kind == "interrupted"
    assert cut.value.partial
    assert SECRET not in f"{refused.value!r}{cut.value!r}"
    with pytest.raises(UnknownValue):
        penstock.run("noir", {"villain": "x"})


def test_a_missing_value_is_raised(workshop: Workshop, opened: Opener) -> None:
    workshop.prompt("bare", variables="[hero]")
    with pytest.raises(MissingValue):
        opened().run("bare")


def test_a_saved_file_is_served_at_once(workshop: Workshop, opened: Opener) -> None:
    penstock = opened(watch=True)
    eventually(lambda: penstock.library.generation > 0)
    workshop.prompt(body="Something new.")
    eventually(lambda: penstock.get_prompt("noir").template == "Something new.")


def test_closing_ends_it_for_everybody_and_twice_is_harmless(opened: Opener) -> None:
    penstock = opened(requests_per_minute=1)
    errors: list[QuotaError] = []

    def wait_in_line() -> None:
        try:
            enter_and_leave(penstock)
        except QuotaError as error:
            errors.append(error)

    with penstock:
        enter_and_leave(penstock)
        thread = threading.Thread(target=wait_in_line)
        thread.start()
        eventually(lambda: waiting(penstock) == 1)
        place = penstock.acquire("google")
        place.__enter__()
    thread.join(PATIENCE_S)
    place.__exit__(None, None, None)
    penstock.close()
    assert [type(error) for error in errors] == [Closed]
    for gone in (lambda: penstock.get_prompt("noir"), lambda: penstock.run("noir")):
        with pytest.raises(EngineStopped):
            gone()


def test_what_cannot_be_opened_says_so(workshop: Workshop) -> None:
    settings = workshop.root / "settings.toml"
    settings.write_text("[providers.opnai]\n")
    with pytest.raises(SettingsError, match="did you mean 'openai'"):
        Penstock(workshop.prompts, data_dir=workshop.root / "data", settings=settings)
    settings.write_text("")
    (workshop.root / "data").write_text("")
    with pytest.raises(DatabaseError, match="Cannot open the database"):
        Penstock(workshop.prompts, data_dir=workshop.root / "data", settings=settings)


def test_a_demo_needs_nothing_but_a_place_for_its_data(workshop: Workshop) -> None:
    with Penstock(workshop.prompts, data_dir=workshop.root / "data", demo=True, watch=False) as penstock:
        assert penstock.get_prompt("noir").version == 1
        with penstock.acquire("yandex"):
            assert left(penstock, "yandex") == 19


def test_the_package_offers_what_it_names() -> None:
    for name in tui.__all__:
        assert getattr(tui, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        tui.nonsense  # noqa: B018
