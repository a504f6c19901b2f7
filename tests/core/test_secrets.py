"""Keys and hostile words: whatever a vendor does, no key is left anywhere and no terminal is steered."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.core.engine.shell import Shell
from tests.core.engine.workshop import PROVIDERS, Workshop
from tests.core.vendor import HOSTILE, KEY_ENV, KEYS, LASTING, MODES, STEM, Vendor
from tui import Penstock, RunFailed
from tui.core.providers.base import Credentials, Message, Request
from tui.core.providers.client import Client
from tui.core.providers.errors import ProviderError
from tui.core.providers.presets import load_presets
from tui.core.providers.transport import new_http_client
from tui.core.settings import SettingsError, parse_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = Request("m", (Message("user", "Hello"),))


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A vendor that means ill."""
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def at_vendor(workshop: Workshop, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A workshop all of whose providers are that vendor, with a key for each in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    (workshop.root / "settings.toml").write_text(vendor.settings())
    return workshop


@pytest.mark.parametrize("modes", [MODES, *((mode,) for mode in LASTING)], ids=["passing", *LASTING])
def test_no_failure_leaves_the_key_anywhere(
    at_vendor: Workshop, vendor: Vendor, modes: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    caplog.set_level(
        "INFO", "httpcore"
    )  # whose debug log is of the bytes themselves: no secret from a vendor
    settings = parse_settings(vendor.settings(), at_vendor.root / "settings.toml")
    bench = at_vendor.engine(settings, environ=KEYS)
    bench.start()
    for vendor.mode in modes:
        for number, provider in enumerate(PROVIDERS, 1):
            final = bench.run(provider)
            assert vendor.heard[vendor.mode] >= number, "it was asked, so that it could have told"
            assert final.status == ("done" if vendor.mode in ("filtered", "hostile") else "failed")
            assert bool(final.error) == (vendor.mode != "hostile")
    told = [repr(event) for event in bench.ears.events]
    told += [str(vars(account)) for account in bench.engine._accounts.values()]
    assert_nowhere(at_vendor.root, *told, caplog.text)  # with what is still in the write-ahead log
    bench.engine.stop()
    assert vendor.stolen == []
    assert_nowhere(at_vendor.root)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_exception_has_the_key_or_was_caused_by_one_that_has(vendor: Vendor, provider: str) -> None:
    errors = asyncio.run(_errors(vendor, provider))
    assert len(errors) == len(MODES) + len(LASTING) - 2, "all but the two that bring an answer"
    for error in errors:
        assert (error.__cause__, error.__context__) == (None, None)
        assert_nowhere(None, *traceback.format_exception(error), repr(error), str(vars(error)))
        assert str(error).isprintable()


async def _errors(vendor: Vendor, provider: str) -> list[ProviderError]:
    settings = parse_settings(vendor.settings(), Path("settings.toml"))
    there, _ = settings.enabled_providers({})[provider]
    key = Credentials(KEYS[KEY_ENV[provider]], folder="b1g", source=KEY_ENV[provider])
    errors = []
    async with new_http_client() as http:
        client = Client(http)
        for vendor.mode in (*MODES, *LASTING):
            try:
                async for _ in client.stream(there, key, QUESTION):
                    pass
            except ProviderError as error:
                errors.append(error)
    return errors


async def test_not_even_the_transports_own_complaint_about_a_header_is_kept() -> None:
    key = KEYS["OPENAI_API_KEY"]

    def fail(_: httpx.Request) -> httpx.Response:
        raise httpx.LocalProtocolError(f"Illegal header value b'Bearer {key}'")

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
        with pytest.raises(ProviderError) as caught:
            await Client(http).complete(load_presets()["openai"], Credentials(key), QUESTION)
    assert_nowhere(None, *traceback.format_exception(caught.value))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize("mode", ["401", "500", "filtered", "error_event", "cut", "redirect"])
def test_the_command_line_prints_neither_key_nor_escapes(
    at_vendor: Workshop, vendor: Vendor, mode: str
) -> None:
    shell = Shell(at_vendor)
    (at_vendor.root / "settings.toml").write_text(vendor.settings())
    vendor.mode = mode
    for provider, *options in (("openai",), ("anthropic", "--json")):
        result = shell("run", "noir", "-p", provider, *options, env=KEYS)
        assert result.exit_code != 0
        assert vendor.heard[mode]
        assert_nowhere(at_vendor.root, result.stdout, result.stderr, result.output)
        assert result.stderr.rstrip("\n").isprintable()
        if options:
            assert json.loads(result.stdout)["error"]


def test_json_says_what_the_vendor_said_without_painting(at_vendor: Workshop, vendor: Vendor) -> None:
    shell = Shell(at_vendor)
    (at_vendor.root / "settings.toml").write_text(vendor.settings())
    result = shell("run", "noir", "-p", "openai", "--json", env=KEYS)
    assert result.stdout.replace("\n", "").isprintable()
    assert json.loads(result.stdout)["text"] == HOSTILE
    [run] = at_vendor.runs()
    assert run["answer"] == HOSTILE, "it is stored as it came"


@pytest.mark.parametrize("mode", [*LASTING, "500", "filtered", "drop"])
def test_the_api_raises_no_key(at_vendor: Workshop, vendor: Vendor, mode: str) -> None:
    vendor.mode = mode
    root = at_vendor.root
    with Penstock(
        at_vendor.prompts, data_dir=root / "data", settings=root / "settings.toml", watch=False
    ) as penstock:
        for provider in PROVIDERS:
            with pytest.raises(RunFailed) as caught:
                penstock.run("noir", provider=provider)
            assert_nowhere(root, *_told(caught.value))
        assert_nowhere(None, repr(penstock), str(vars(penstock)))


@pytest.mark.parametrize(
    "base_url", [f"https://api.example/v1?key={STEM}", f"https://{STEM}@api.example", f"https://a/#{STEM}"]
)
def test_a_key_in_the_base_url_is_neither_sent_nor_repeated(at_vendor: Workshop, base_url: str) -> None:
    path = at_vendor.root / "settings.toml"
    with pytest.raises(SettingsError) as refused:
        parse_settings(f'[providers.openai]\nbase_url = "{base_url}"\n', path)
    assert_nowhere(None, str(refused.value))
    bench = at_vendor.engine(parse_settings("", path), environ={**os.environ, "OPENAI_BASE_URL": base_url})
    bench.start()
    final = bench.run("openai")
    assert (final.status, final.error_class) == ("failed", "bad_request")
    assert "base_url" in final.error
    assert_nowhere(None, *map(repr, bench.ears.events))


@pytest.mark.parametrize("key", [STEM, "AIzaSyA-1b", "gsk_abc"])
def test_a_key_in_the_place_of_its_variable_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    with pytest.raises(SettingsError, match="name of an environment variable") as caught:
        parse_settings(f'[providers.openai]\nkey_env = "{key}"\n', tmp_path / "settings.toml")
    assert key not in str(caught.value)
    assert ":2:1:" in str(caught.value)


def _told(error: BaseException) -> Iterator[str]:
    yield from traceback.format_exception(error)
    while error:
        yield f"{error!r} {error.args} {vars(error)}"
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following


def assert_nowhere(root: Path | None, *texts: str) -> None:
    """The stem of the keys is in none of the texts, and in no byte of a file below `root`."""
    assert not [text for text in texts if STEM in text]
    if root is None:
        return
    files = [path for path in root.rglob("*") if path.is_file()]
    assert {"penstock.db", "limits.db"} <= {path.name for path in files}
    for path in files:
        with contextlib.suppress(FileNotFoundError):  # a write-ahead log goes when its database is closed
            assert STEM.encode() not in path.read_bytes(), path
