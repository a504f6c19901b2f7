"""Settings: the defaults of the specification, the user's file over them, refusals with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.settings import SettingsError, load_settings, parse_settings

PATH = Path("settings.toml")


def limits_of(text: str) -> dict[str, int]:
    providers = parse_settings(text, PATH).enabled_providers()
    return {name: limits.requests_per_minute for name, (_, limits) in providers.items()}


def test_the_defaults_are_the_specifications() -> None:
    assert limits_of("") == {"openai": 50, "anthropic": 40, "google": 60, "deepseek": 30, "yandex": 20}


def test_the_shapes_are_those_that_the_vendors_enforce() -> None:
    limits = {name: found for name, (_, found) in parse_settings("", PATH).enabled_providers().items()}
    assert {name: (one.shape, one.burst_size, one.max_in_flight) for name, one in limits.items()} == {
        "openai": ("bucket", 50, None),
        "anthropic": ("bucket", 8, None),
        "google": ("strict", 12, None),
        "deepseek": ("bucket", 30, 8),
        "yandex": ("bucket", 20, 8),
    }


def test_every_gauge_begins_with_the_whole_minute() -> None:
    for name, (_, limits) in parse_settings("", PATH).enabled_providers().items():
        quota = Limiter(name, limits).snapshot()
        assert quota.left(now_ns()) == quota.capacity == limits.requests_per_minute


@pytest.mark.parametrize(("rate", "burst"), [(1, 1), (5, 1), (50, 10), (4000, 800)])
def test_a_default_burst_follows_a_rate_of_the_users(rate: int, burst: int) -> None:
    text = f"[providers.anthropic.limits]\nrequests_per_minute = {rate}\n"
    assert parse_settings(text, PATH).enabled_providers()["anthropic"][1].burst_size == burst
    own = parse_settings(f"{text}burst = 1\n", PATH).enabled_providers()["anthropic"][1]
    assert own.burst_size == 1


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == parse_settings("", PATH)


def test_the_file_wins_over_the_defaults() -> None:
    text = '[providers.yandex]\nmodel = "m"\n[providers.yandex.limits]\nrequests_per_minute = 7\n'
    provider, limits = parse_settings(text, PATH).enabled_providers()["yandex"]
    assert (provider.model, limits.requests_per_minute, limits.max_in_flight) == ("m", 7, 8)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_THEME", "nord")
    assert parse_settings('theme = "penstock-light"', PATH).theme == "nord"


def test_a_disabled_provider_is_not_there() -> None:
    assert "google" not in limits_of("[providers.google]\nenabled = false\n")


def test_a_key_variable_of_ones_own_is_the_only_one_looked_at() -> None:
    text = '[providers.openai]\nkey_env = "WORK_KEY"\n'
    assert parse_settings(text, PATH).enabled_providers()["openai"][0].key_env == ("WORK_KEY",)


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("theme = \n", "settings.toml:1:9", "not valid TOML"),
        ("thme = 'x'\n", "settings.toml:1:1", "did you mean 'theme'"),
        ("\n[providers.opnai]\n", "settings.toml:2:2", "did you mean 'openai'"),
        ("[providers.openai]\nmodle = 'x'\n", "settings.toml:2:1", "did you mean 'model'"),
        ("[providers.openai.limits]\nrequests_per_minute = 0\n", "settings.toml:2:1", "requests_per_minute"),
        ("[providers.openai.limits]\nrequests_per_minute = -5\n", "settings.toml:2:1", "requests_per_minute"),
        (
            "[providers.openai.limits]\nrequests_per_minute = nan\n",
            "settings.toml:2:1",
            "requests_per_minute",
        ),
        (
            "[providers.openai.limits]\nrequests_per_minute = 'many'\n",
            "settings.toml:2:1",
            "requests_per_minute",
        ),
        ("[providers.openai.limits]\nrequest_per_minute = 5\n", "settings.toml:2:1", "'requests_per_minute'"),
        ("providers = 3\n", "settings.toml:1:1", "providers"),
        ("prices = 3\n", "settings.toml:1:1", "prices"),
        ("[prices.'gpt']\ninput = 1\n", "settings.toml:1:2", '[prices."provider/model"]'),
        ("[prices.'opnai/gpt']\ninput = 1\n", "settings.toml:1:2", "did you mean 'openai'"),
        ("[prices.'openai/gpt-[56]']\ninput = 1\n", "settings.toml:1:2", "lacks 'output'"),
        ("[prices]\n'openai/gpt' = 3\n", "settings.toml:2:1", "a price is a table"),
        ("[prices.'openai/*']\noutput = 1\ninput = '1'\n", "settings.toml:3:1", "not '1'"),
        ("[prices.'openai/*']\ninput = -1\noutput = 1\n", "settings.toml:2:1", "0 or more"),
        ("[prices.'openai/*']\ninput = inf\noutput = 1\n", "settings.toml:2:1", "0 or more"),
        ("[prices.'openai/*']\ninput = true\noutput = 1\n", "settings.toml:2:1", "not True"),
        ("[prices.'openai/*']\ninput = 1\noutput = 1\ncached = 1\n", "settings.toml:4:1", "no 'cached'"),
        ("[prices.'openai/*']\ninput = 1\noutput = 1\nas_of = 'May'\n", "settings.toml:4:1", "a day"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(text: str, where: str, what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, PATH)
    message = str(caught.value)
    assert message.startswith(where)
    assert what in message
    assert "\n" not in message


def test_a_file_that_is_not_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(path)


def test_the_readmes_example_is_a_settings_file() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    example = readme.split("```toml\n", 1)[1].split("```", 1)[0]
    settings = parse_settings(example, PATH)
    assert settings.provider == "anthropic"
    assert "yandex" not in settings.enabled_providers({})
