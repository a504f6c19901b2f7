"""Settings: the defaults of the specification, the user's file over them, refusals with their place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui.core.providers import responses, wire
from tui.core.providers.base import Timeouts, find_credentials, missing_credentials
from tui.core.providers.dialects import dialect_of
from tui.core.providers.failure import Failure
from tui.core.providers.known import as_for
from tui.core.providers.presets import NAMED, load_presets
from tui.core.providers.sentences import explain
from tui.core.quota.clock import now_ns
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import LARGEST
from tui.core.settings import SettingsError, load_settings, parse_settings

if TYPE_CHECKING:
    from tui.core.providers.base import Provider
    from tui.core.quota.limits import Limits

PATH = Path("settings.toml")
PRESETS = load_presets().values()


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


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b'\xef\xbb\xbftheme = "nord"\r\n')
    assert load_settings(path).theme == "nord"


@pytest.mark.parametrize("name", ["PRICES", "KEYS", "PROVIDERS"])
def test_a_variable_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"PENSTOCK_{name}", "{")
    with pytest.raises(SettingsError, match=f"the variable PENSTOCK_{name} holds no JSON"):
        parse_settings("", PATH)


def test_a_file_that_is_not_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(path)


def test_the_readmes_example_is_a_settings_file() -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    examples = [part.split("```", 1)[0] for part in readme.split("```toml\n")[1:]]
    settings = parse_settings("\n".join(examples), PATH)
    assert {"ollama", "work", "mine"} <= settings.enabled_providers({}).keys()
    assert settings.model_limits()["openai"]
    assert settings.provider == "anthropic"
    assert "yandex" not in settings.enabled_providers({})


def provider_in(text: str, name: str) -> tuple[Provider, Limits]:
    return parse_settings(text, PATH).enabled_providers({})[name]


OWN = '[providers.mine]\ndialect = "openai"\nbase_url = "https://gateway.example/v1"\n'


def test_a_table_is_all_that_a_local_server_needs() -> None:
    provider, limits = provider_in("[providers.ollama]\n", "ollama")
    assert (provider.title, provider.base_url) == ("Ollama", "http://localhost:11434/v1")
    assert missing_credentials(provider, {}) == ()
    assert (limits.requests_per_minute, limits.max_in_flight) == (LARGEST, 2)
    assert list(limits_of(""))[:5] == list(limits_of("[providers.ollama]\n"))[:5] == list(NAMED)


def test_a_provider_of_ones_own_comes_last_and_is_told_all_there_is_to_say() -> None:
    text = f"""{OWN}title = "Gateway"
api = "responses"
model = "big"
key_env = ["A_KEY", "B_KEY"]
headers = {{ X-Team = "story" }}
extra_body = {{ user = "me", nested = {{ a = [1] }} }}
max_tokens = 9
max_tokens_field = "max_completion_tokens"
stream_options = false
retries = 0
[providers.mine.limits]
tokens_per_minute = 1000
"""
    assert list(limits_of(text))[-1] == "mine"
    provider, limits = provider_in(text, "mine")
    assert dialect_of(provider).build is responses.build
    assert (provider.title, provider.model, provider.key_env) == ("Gateway", "big", ("A_KEY", "B_KEY"))
    assert provider.key_required
    assert provider.extra_body == {"user": "me", "nested": {"a": [1]}}
    assert (provider.max_tokens, provider.max_tokens_field) == (9, "max_completion_tokens")
    assert (provider.stream_options, provider.retries) == (False, 0)
    assert (limits.tokens_per_minute, limits.max_in_flight, limits.requests_per_minute) == (1000, 4, LARGEST)


def test_without_a_key_variable_none_is_needed() -> None:
    assert missing_credentials(provider_in(OWN, "mine")[0], {}) == ()


def test_another_account_at_a_vendor_has_its_own_key_and_the_vendors_limits() -> None:
    text = '[providers.work]\npreset = "anthropic"\nkey_env = "WORK_KEY"\n'
    provider, limits = provider_in(text, "work")
    usual = provider_in("", "anthropic")
    assert limits == usual[1]
    assert provider == replace(usual[0], name="work", title="work", key_env=("WORK_KEY",))


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "gemini", "yandex"])
def test_a_server_is_spoken_to_as_others_of_its_dialect(dialect: str) -> None:
    provider, _ = provider_in(OWN.replace('"openai"', f'"{dialect}"'), "mine")
    presets = [as_for(replace(preset, api="native")) if preset.native_url else preset for preset in PRESETS]
    known = next(preset for preset in presets if preset.dialect == dialect)
    assert (provider.auth, provider.api_version) == (known.auth, known.api_version)


def test_a_header_may_refer_to_variables_and_never_shows_them() -> None:
    text = f'{OWN}headers = {{ "X-Api-Key" = "k $TEAM_KEY ${{OTHER}} $$5" }}\n'
    provider, _ = provider_in(text, "mine")
    assert missing_credentials(provider, {"OTHER": "o"}) == ("TEAM_KEY",)
    credentials = find_credentials(provider, {"TEAM_KEY": "open-sesame", "OTHER": "o"})
    assert credentials is not None
    sent = wire.compose(provider, credentials, "/x", {}, events=False).headers
    assert sent["X-Api-Key"] == "k open-sesame o $5"
    assert "open-sesame" not in repr(credentials) + repr(provider)
    failure = Failure(message="what is open-sesame?", status=400)
    assert "open-sesame" not in explain("bad_request", failure, provider, credentials, "m", None)


def test_what_a_model_does_not_state_it_inherits() -> None:
    text = """
[providers.anthropic.limits]
requests_per_minute = 100
tokens_per_minute = 5000
[providers.anthropic.models."some.model".limits]
requests_per_minute = 10
"""
    limits = parse_settings(text, PATH).model_limits()["anthropic"]["some.model"]
    assert (limits.requests_per_minute, limits.tokens_per_minute, limits.burst_size) == (10, 5000, 2)


def test_a_models_interface_is_a_setting() -> None:
    text = '[providers.openai]\napi = "responses"\n[providers.openai.models."old"]\napi = "chat"\n'
    provider, _ = provider_in(text, "openai")
    assert (as_for(provider).api, as_for(provider, "old").api) == ("responses", "chat")
    assert parse_settings(text, PATH).model_limits()["openai"] == {}


def test_yandexs_native_interface_is_a_word_away_and_moves_with_the_address() -> None:
    provider, _ = provider_in('[providers.yandex]\napi = "native"\n', "yandex")
    assert as_for(provider).base_url == "https://llm.api.cloud.yandex.net"
    text = '[providers.yandex]\napi = "native"\nbase_url = "https://gateway.example"\n'
    assert as_for(provider_in(text, "yandex")[0]).base_url == "https://gateway.example"


def test_clocks_and_retries_are_inherited_one_by_one() -> None:
    text = """retries = 4
[timeouts]
total = 900
content = 400
[providers.openai]
retries = 1
[providers.openai.timeouts]
total = 60.5
[providers.llamacpp]
"""
    openai, google = provider_in(text, "openai")[0], provider_in(text, "google")[0]
    assert openai.timeouts == Timeouts(content_s=400, total_s=60.5)
    assert google.timeouts == Timeouts(content_s=400, total_s=900)
    assert (openai.retries, google.retries) == (1, 4)
    assert provider_in("", "google")[0].retries == 2
    assert provider_in("[providers.llamacpp]\n", "llamacpp")[0].retries == 5


KEY = "sk-proj-abcdefghij0123456789"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[providers.mine]\n", "1:2", "dialect and a base_url"),
        ('[providers.mine]\ndialect = "openai"\n', "1:2", "base_url"),
        ('[providers.mine]\npreset = "olama"\n', "2:1", "did you mean 'ollama'"),
        (f'{OWN}api_key = "{KEY}"\n', "4:1", "key_env"),
        (f'[providers.openai]\nkey = "{KEY}"\n', "2:1", "key_env"),
        (f'[providers.openai]\nkey_env = "{KEY}"\n', "2:1", "never the key itself"),
        (f'{OWN}headers = {{ X-Title = "{KEY}" }}\n', "4:1", "$NAME"),
        (f'{OWN}[providers.mine.headers]\nAuthorization = "Bearer x"\n', "5:1", "$NAME"),
        (f'{OWN}extra_body = {{ a = ["{KEY}"] }}\n', "4:1", "environment variable"),
        (f'{OWN}extra_body = {{ auth = {{ Api_Key = "short" }} }}\n', "4:1", "environment variable"),
        (f'[providers.openai.models."m.1".extra_body]\nx = "{KEY}"\n', "1:2", "environment variable"),
        (f'[providers.openai.models."m.1"]\napi_key = "{KEY}"\n', "2:1", "key_env"),
        (f"# a\u2028line\n{OWN.replace('https://gateway.example', 'http://[')}", "4:1", "IPv6"),
        (OWN.replace("https:", "http:"), "3:1", "allow_http"),
        (OWN.replace("https://", "https://me:pw@"), "3:1", "password"),
        (OWN.replace("/v1", "/v1?key=1"), "3:1", "key_env"),
        (OWN.replace("https://gateway.example", "gateway"), "3:1", "https://"),
        (f'{OWN}api = "native"\n', "4:1", "no api 'native'"),
        ('[providers.anthropic]\napi = "responses"\n', "2:1", "no api 'responses'"),
        ('[providers.openai]\napi = "chats"\n', "2:1", "'chat', 'responses' or 'native'"),
        ("[providers.openai]\nretries = 6\n", "2:1", "less than or equal to 5"),
        ("retries = -1\n", "1:1", "greater than or equal to 0"),
        ("[timeouts]\ntotal = 0\n", "2:1", "greater than 0"),
        ("[timeouts]\ntotal = nan\n", "2:1", "finite"),
        ("[timeouts]\nconect = 5\n", "2:1", "did you mean 'connect'"),
        ("[providers.openai.timeouts]\nbytes = 'x'\n", "2:1", "valid number"),
        ('[providers.openai.models."m"]\nlimit = 1\n', "2:1", "did you mean 'limits'"),
        ('[providers.openai.models."m".limits]\nrequests_per_minute = 0\n', "2:1", "whole number"),
        ('[providers.openai.models."a.b".limits]\nrequest_per_minute = 1\n', "2:1", "requests_per_minute"),
        ("[providers.openai]\nmodels = 3\n", "2:1", "models"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place_and_no_key(text: str, where: str, what: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings(text, PATH)
    message = str(caught.value)
    assert message.startswith(f"settings.toml:{where}: ")
    assert what in message
    assert message.endswith((".", "?"))
    assert not any(secret in message for secret in (KEY, "me:pw", "\n"))


def test_http_is_for_this_machine_or_a_decision() -> None:
    here = OWN.replace("https://gateway.example", "http://127.0.0.1:9")
    assert provider_in(here, "mine")[1].max_in_flight == 2
    there = OWN.replace("https:", "http:") + "allow_http = true\n"
    assert provider_in(there, "mine")[0].allow_http
