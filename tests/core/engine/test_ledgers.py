"""Where the settings put the quotas, and that a password in them is shown nowhere."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from tui.cli import main
from tui.core.engine.ledgers import NO_DRIVER, open_ledgers
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Limits
from tui.core.quota.postgres_ledger import PostgresLedger
from tui.core.quota.server_url import without_password, without_secrets
from tui.core.settings import SettingsError, parse_settings

if TYPE_CHECKING:
    from pathlib import Path

URL = "postgresql://penstock:se%2Fsame@db.example.org:5433/quota?password=open%2Fup"
SECRETS = ("se%2Fsame", "se/same", "open%2Fup", "open/up")


@pytest.mark.parametrize("where", ["shared", "memory", URL, "postgres://db/quota"])
def test_a_ledger_is_a_word_or_a_server(where: str, tmp_path: Path) -> None:
    settings = parse_settings(f'ledger = "{where}"', tmp_path / "settings.toml")
    assert settings.ledger == where
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    "where", ['"mysql://ada:sesame@db/quota"', '"file"', '""', "3", '"postgresql:sesame"']
)
def test_another_ledger_is_refused_without_repeating_it(where: str, tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with pytest.raises(SettingsError, match="ledger: ") as refusal:
        parse_settings(f'theme = "nord"\nledger = {where}', path)
    assert str(refusal.value).startswith(f"{path}:2:")
    assert "sesame" not in str(refusal.value)


def test_the_settings_are_shown_without_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f'ledger = "{URL}"\n')
    monkeypatch.setenv("PENSTOCK_LEDGER", URL)
    shown = CliRunner().invoke(main, ["--settings", str(path), "config", "show"])
    assert shown.exit_code == 0, shown.output
    assert "db.example.org:5433/quota" in shown.output
    assert not any(secret in shown.output for secret in SECRETS)


def test_no_spelling_of_a_password_is_left_in_a_message() -> None:
    shown = without_secrets(f"cannot log in with {URL} or {' or '.join(SECRETS)}", URL)
    assert not any(secret in shown for secret in SECRETS)
    assert without_password("shared") == "shared"
    assert without_password("postgresql://ada@db/quota") == "postgresql://ada@db/quota"


def test_a_server_is_used_through_its_driver_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledgers(URL, tmp_path, 4)("openai", "key", Limits(60))
    assert isinstance(ledger, PostgresLedger)
    ledger.close()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    ledger = open_ledgers(URL, tmp_path, 4)("openai", "key", Limits(60, tokens_per_minute=1000))
    assert (ledger.source, ledger.problem) == ("local", NO_DRIVER)
    assert ledger.meanwhile == "This process keeps to 1/4 of each limit, since 4 processes are assumed."
    limiter = Limiter("x", ledger.meter.limits, ledger=ledger)
    assert limiter.snapshot().capacity == 15
    assert sum(limiter.try_acquire() is not None for _ in range(60)) == 15
    limiter.reconfigure(Limits(20))
    assert limiter.snapshot().capacity == 5
    assert "pip install 'penstock[postgres]'" in ledger.problem
    assert list(tmp_path.iterdir()) == []
