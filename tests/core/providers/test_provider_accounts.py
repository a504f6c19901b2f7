"""Accounts: the presets, the tables that change them, and the keys found in the environment."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from tests.core.providers.bench import preset
from tui.core.providers.base import (
    Credentials,
    Provider,
    find_credentials,
    missing_credentials,
    with_environment_url,
)
from tui.core.providers.presets import load_presets, parse_provider
from tui.core.providers.transport import check_url

LOCAL = ("ollama", "llamacpp", "vllm", "lmstudio")


def test_the_five_providers_come_first_in_their_order() -> None:
    assert list(load_presets())[:5] == ["openai", "anthropic", "google", "deepseek", "yandex"]
    assert all(name == provider.name for name, provider in load_presets().items())


def test_presets_send_keys_over_https_only_and_name_a_model() -> None:
    for provider in load_presets().values():
        if provider.name not in LOCAL:
            assert provider.base_url.startswith("https://")
            assert provider.model
            assert provider.key_env
            assert provider.key_required
        assert not provider.allow_http


@pytest.mark.parametrize("name", LOCAL)
def test_a_local_server_needs_neither_a_key_nor_https(name: str) -> None:
    local = preset(name)
    check_url(local.base_url, provider=name, allow_http=local.allow_http)
    assert find_credentials(local, {}) == Credentials("")
    assert not local.model, "only its owner knows what it serves"


TABLE: dict[str, object] = {"dialect": "openai", "base_url": "http://localhost:11434/v1", "model": "llama"}


def test_a_provider_of_ones_own() -> None:
    table = TABLE | {"key_required": False, "headers": {"X-Title": "p"}, "extra_body": {"seed": [1]}}
    own = parse_provider("ollama", table)
    assert own == replace(
        Provider("ollama", "ollama", "openai", "http://localhost:11434/v1", "llama"),
        key_required=False,
        headers={"X-Title": "p"},
        extra_body={"seed": [1]},
    )
    assert find_credentials(own, {}) == Credentials("")


def test_a_table_changes_a_preset_in_part() -> None:
    openai = preset("openai")
    changed = parse_provider("work", {"model": "x", "key_env": ["WORK_KEY"], "max_tokens": 5}, openai)
    assert changed == replace(openai, name="work", model="x", key_env=("WORK_KEY",), max_tokens=5)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("text", "expected a table"),
        (TABLE | {"colour": 1}, "unknown setting 'colour'"),
        (TABLE | {"name": "x"}, "unknown setting 'name'"),
        (TABLE | {"dialect": "latin"}, "dialect must be one of openai, anthropic, gemini, yandex"),
        (TABLE | {"stream_options": "yes"}, "stream_options must be true or false"),
        (TABLE | {"key_env": "KEY"}, "key_env must be a list of texts"),
        (TABLE | {"headers": {"a": 1}}, "headers must be a table of texts"),
        (TABLE | {"max_tokens": 0}, "max_tokens must be a positive whole number"),
        (TABLE | {"max_tokens": True}, "max_tokens must be a positive whole number"),
        (TABLE | {"extra_body": []}, "extra_body must be a table"),
        (TABLE | {"model": 5}, "model must be text"),
        ({"dialect": "openai", "model": "m"}, "base_url is missing"),
    ],
)
def test_a_wrong_table_is_refused_in_a_sentence(table: object, says: str) -> None:
    with pytest.raises(ValueError, match=f"^provider mine: {says}"):
        parse_provider("mine", table)


def test_every_setting_of_a_provider_can_be_written_in_a_table() -> None:
    for setting in fields(Provider):
        if setting.name not in ("name", "models", "timeouts"):
            with pytest.raises(ValueError, match=f"{setting.name} must be"):
                parse_provider("mine", TABLE | {setting.name: object()})


@pytest.mark.parametrize(
    ("name", "environ", "found"),
    [
        ("openai", {"OPENAI_API_KEY": " k\n"}, Credentials("k", source="OPENAI_API_KEY")),
        ("openai", {"OPENAI_API_KEY": "  "}, None),
        ("openai", {"ANTHROPIC_API_KEY": "k"}, None),
        ("google", {"GEMINI_API_KEY": "g"}, Credentials("g", source="GEMINI_API_KEY")),
        # Google's own SDK prefers GOOGLE_API_KEY.
        (
            "google",
            {"GEMINI_API_KEY": "g", "GOOGLE_API_KEY": "k"},
            Credentials("k", source="GOOGLE_API_KEY"),
        ),
        ("google", {"GEMINI_API_KEY": "g", "GOOGLE_API_KEY": ""}, Credentials("g", source="GEMINI_API_KEY")),
        (
            "yandex",
            {"YC_API_KEY": "k", "YC_FOLDER_ID": "f", "YC_IAM_TOKEN": "t"},
            Credentials("k", "f", "YC_API_KEY"),
        ),
        (
            "yandex",
            {"YC_IAM_TOKEN": "t", "YANDEX_CLOUD_FOLDER": "f"},
            Credentials("t", "f", "YC_IAM_TOKEN", auth="bearer"),
        ),
        ("yandex", {"YC_API_KEY": "k"}, None),
        ("yandex", {"YC_FOLDER_ID": "f"}, None),
    ],
)
def test_keys_in_the_environment(name: str, environ: dict[str, str], found: Credentials | None) -> None:
    assert find_credentials(preset(name), environ) == found
    assert bool(missing_credentials(preset(name), environ)) == (found is None)


def test_what_is_missing_is_named() -> None:
    assert missing_credentials(preset("openai"), {}) == ("OPENAI_API_KEY",)
    assert missing_credentials(preset("yandex"), {}) == ("YC_API_KEY", "YC_FOLDER_ID")
    assert missing_credentials(preset("yandex"), {"YC_API_KEY": "k"}) == ("YC_FOLDER_ID",)


def test_the_vendors_variable_moves_the_base_url() -> None:
    openai = preset("openai")
    moved = with_environment_url(openai, {"OPENAI_BASE_URL": " https://gateway.example/v1 "})
    assert moved == replace(openai, base_url="https://gateway.example/v1")
    assert with_environment_url(openai, {"ANTHROPIC_BASE_URL": "https://x", "OPENAI_BASE_URL": ""}) == openai
    nameless = preset("openai", base_url_env="")
    assert with_environment_url(nameless, {"": "https://x"}) == nameless
