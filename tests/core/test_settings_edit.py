"""A change of one setting: the rest of the file, comments included, stays as it is."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.core.settings import SettingsError, load_settings
from tui.core.settings_edit import change_setting, edit_settings, with_setting

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = ("requests_per_minute", "tokens_per_minute", "input_tokens_per_minute", "output_tokens_per_minute")
TEXT = """\
# my settings
theme = "nord"   # at night

[providers.openai.limits]
requests_per_minute = 20   # tier 0
"""


def test_a_figure_is_replaced_and_its_comment_stays() -> None:
    changed = with_setting(TEXT, ["providers", "openai", "limits", "requests_per_minute"], 30)
    assert changed == TEXT.replace("= 20", "= 30")


def test_what_is_missing_is_added_under_a_heading_of_its_own() -> None:
    changed = with_setting("", ["providers", "google", "limits", "max_in_flight"], 3)
    assert changed == "[providers.google.limits]\nmax_in_flight = 3\n"
    changed = with_setting(TEXT, ["providers", "google", "limits", "max_in_flight"], 3)
    assert changed.startswith(TEXT)
    assert tomllib.loads(changed)["providers"]["google"]["limits"] == {"max_in_flight": 3}


@given(
    st.sampled_from(["", TEXT]),
    st.sampled_from(["openai", "google"]),
    st.sampled_from(["burst", "tokens_per_minute"]),
    st.integers(1, 10**6),
)
def test_a_setting_that_is_taken_out_again_leaves_the_others(
    text: str, provider: str, field: str, value: int
) -> None:
    keys = ["providers", provider, "limits", field]
    there = with_setting(text, keys, value)
    assert tomllib.loads(there)["providers"][provider]["limits"][field] == value
    gone = tomllib.loads(with_setting(there, keys, None))
    gone.get("providers", {}).get(provider, {}).pop("limits", None)
    before = tomllib.loads(text)
    before.get("providers", {}).get(provider, {}).pop("limits", None)
    assert gone.get("theme") == before.get("theme")


def test_a_figure_that_cannot_be_meant_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(TEXT)
    with pytest.raises(SettingsError, match=r"settings\.toml:5:\d+: requests_per_minute must be"):
        change_setting(path, ["providers", "openai", "limits", "requests_per_minute"], 0)
    assert path.read_text() == TEXT
    change_setting(path, ["providers", "openai", "limits", "requests_per_minute"], 7)
    assert load_settings(path).enabled_providers({})["openai"][1].requests_per_minute == 7


def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "settings.toml"
    change_setting(path, ["theme"], "nord")
    assert path.read_text() == 'theme = "nord"\n'


def test_a_file_that_is_broken_already_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("theme = \n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        change_setting(path, ["theme"], "nord")
    assert path.read_text() == "theme = \n"


def test_line_ends_and_a_byte_order_mark_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    change_setting(path, ["theme"], "dracula")
    assert (
        path.read_bytes() == b"\xef\xbb\xbf" + TEXT.replace("nord", "dracula").replace("\n", "\r\n").encode()
    )


def test_of_many_changes_at_once_none_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    with ThreadPoolExecutor(len(FIELDS)) as pool:
        for field in FIELDS:
            pool.submit(change_setting, path, ["providers", "openai", "limits", field], 77)
    assert set(tomllib.loads(path.read_text())["providers"]["openai"]["limits"]) == set(FIELDS)


def test_what_another_program_saves_meanwhile_is_what_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(TEXT)
    saved: list[str] = []

    def edit(text: str) -> str:
        if not saved:
            saved.append(TEXT.replace("nord", "monokai"))
            path.write_text(saved[0])
        return with_setting(text, ["retries"], 1)

    edit_settings(path, edit)
    assert tomllib.loads(path.read_text()) == tomllib.loads(saved[0]) | {"retries": 1}
