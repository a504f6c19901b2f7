"""Where things are: what is said wins over the environment, that over the settings, that over the usual."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.core.workspace import Options, copy_starters, resolve, settings_path, starter_prompts

if TYPE_CHECKING:
    import pytest


def test_what_is_said_wins(tmp_path: Path) -> None:
    environ = {"PENSTOCK_PROMPTS": "/env", "PENSTOCK_DATA_DIR": "/envdata"}
    options = Options(prompts=tmp_path / "p", data_dir=tmp_path / "d")
    places = resolve(options, Path("/configured"), environ)
    assert places.prompts == tmp_path / "p"
    assert places.database.is_relative_to(tmp_path / "d")


def test_then_the_environment_then_the_settings() -> None:
    assert resolve(Options(), Path("/configured"), {"PENSTOCK_PROMPTS": "/env"}).prompts == Path("/env")
    assert resolve(Options(), Path("/configured"), {}).prompts == Path("/configured")


def test_then_the_folder_prompts_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    elsewhere = resolve(Options(data_dir=tmp_path / "data"), None, {})
    assert elsewhere.prompts == tmp_path / "data" / "prompts"
    (tmp_path / "prompts").mkdir()
    assert resolve(Options(), None, {}).prompts == tmp_path / "prompts"


def test_each_folder_has_a_database_of_its_own(tmp_path: Path) -> None:
    def database(folder: str, *, demo: bool = False) -> Path:
        options = Options(prompts=tmp_path / folder, data_dir=tmp_path, demo=demo)
        return resolve(options, None, {}).database

    assert len({database("a"), database("b"), database("a", demo=True)}) == 3
    assert database("a") == database("a")


def test_the_settings_file_can_be_named(tmp_path: Path) -> None:
    assert settings_path(Options(), {"PENSTOCK_SETTINGS": str(tmp_path / "s.toml")}) == tmp_path / "s.toml"
    assert settings_path(Options(settings=tmp_path / "t.toml"), {}) == tmp_path / "t.toml"


def test_the_starters_are_copied_once_and_never_over_a_file(tmp_path: Path) -> None:
    written = copy_starters(tmp_path)
    assert {path.name for path in written} >= {path.name for path in starter_prompts().glob("*.md")} != set()
    written[0].write_text("mine")
    written[1].unlink()
    assert copy_starters(tmp_path) == [written[1]]
    assert written[0].read_text() == "mine"
