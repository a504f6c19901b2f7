"""What only a real terminal shows: files saved from outside, kill -9, a resize, a dropped line, an editor."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import PATIENCE_S
from tui.core.workspace import Options, resolve

if TYPE_CHECKING:
    from tests.e2e.conftest import Home, Opener

PROVIDERS = ("openai", "anthropic", "google", "deepseek", "yandex")


def test_a_save_from_outside_is_on_the_screen(home: Home, open_terminal: Opener) -> None:
    with open_terminal("--demo") as terminal:
        screen = terminal.wait_for(r"first line of a noir story")
        assert "SIMULATED" in screen
        assert all(name in screen for name in PROVIDERS)
        subprocess.run(
            ["sed", "-i", "s/first line/last sentence/", str(home.prompts / "noir-v1.md")], check=True
        )
        terminal.wait_for(r"last sentence of a noir story")


def test_a_broken_file_is_marked_and_its_last_good_content_still_runs(
    home: Home, open_terminal: Opener
) -> None:
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"v1 .*0 ×")
        good = (home.prompts / "noir-v1.md").read_text()
        home.write("noir-v1.md", good.replace("active: true", "active: [true"))
        terminal.wait_for(r"v1 +✖ \d+:\d+")
        assert "first line of a noir story" in terminal.text
        terminal.send("r")
        terminal.wait_for(r"tok .*✓")
        home.write("noir-v1.md", good)
        terminal.wait_gone("✖")
        terminal.wait_for(r"v1 +1 ×")


def test_a_run_streams_and_the_gauge_drops_and_refills(open_terminal: Opener) -> None:
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        assert re.search(r"openai +50/50", terminal.text)
        terminal.send("rrrrrrrr")
        terminal.wait_for(r"openai +4\d/50")
        terminal.wait_for(r"full \d s")
        terminal.wait_for(r"tok .*✓")
        terminal.wait_for(r"today 8 calls\b")
        terminal.wait_for(r"openai +50/50")


def test_more_runs_than_the_bucket_has_wait_and_none_fails(home: Home, open_terminal: Opener) -> None:
    (home.root / "settings.toml").write_text(
        "[providers.openai.limits]\nrequests_per_minute = 30\nburst = 3\n"
    )
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("rrrrrr")
        terminal.wait_for(r"\d waiting · ")
        terminal.wait_for(r"today 6 calls")
        terminal.wait_for(r"v1 +6 ×")
        assert "✗" not in terminal.text


def test_activating_edits_the_files_and_comes_back_through_the_watcher(
    home: Home, open_terminal: Opener
) -> None:
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"○ v2")
        terminal.send("j")
        terminal.wait_for(r"v2 ○ not active")
        terminal.send("a")
        terminal.wait_for(r"○ v1[^\n]*\n[^\n]*● v2")
        assert "active: true" in (home.prompts / "noir-v2.md").read_text()
        assert "active: false" in (home.prompts / "noir-v1.md").read_text()


def test_after_kill_9_the_database_opens_again_with_everything_but_the_run_in_flight(
    home: Home, open_terminal: Opener
) -> None:
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("r")
        terminal.wait_for(r"tok .*✓")
        terminal.send("+")
        terminal.wait_for(r"1\.00|1 × +1")
        terminal.send("r")
        terminal.wait_for(r"streaming")
        terminal.kill()
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"v1 +2 × +1\.00")
        terminal.wait_for(r"today 2 calls")


def test_two_programs_on_one_folder_see_each_others_saves_and_counts(open_terminal: Opener) -> None:
    with open_terminal("--demo") as one, open_terminal("--demo") as two:
        one.wait_for(r"○ v2")
        two.wait_for(r"○ v2")
        one.send("ja")
        two.wait_for(r"● v2")
        one.wait_for(r"● v2")
        one.send("r")
        two.wait_for(r"● v2 +1 ×")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (60, 20), (200, 60)])
def test_every_size_shows_all_gauges_and_survives_a_resize(
    open_terminal: Opener, columns: int, rows: int
) -> None:
    with open_terminal("--demo", columns=columns, rows=rows) as terminal:
        terminal.wait_for(r"noir")
        if columns >= 80:
            terminal.wait(lambda text: all(name in text for name in PROVIDERS), "five gauges")
        for width, height in [(120, 40), (40, 10), (columns, rows)]:
            terminal.resize(width, height)
            terminal.pump(0.1)
        terminal.wait_for(r"noir")
        terminal.send("?")
        terminal.wait_for(r"On the workbench")
        terminal.send("q")
        terminal.wait_gone(r"On the workbench")
        terminal.send("q")
        assert terminal.ended() == 0


def test_a_dropped_line_ends_the_program_and_writes_the_run_down(home: Home, open_terminal: Opener) -> None:
    terminal = open_terminal("--demo")
    terminal.wait_for(r"first line of a noir story")
    terminal.send("r")
    terminal.wait_for(r"streaming")
    terminal.hang_up()
    places = resolve(Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {})
    with closing(sqlite3.connect(places.database)) as database:
        assert database.execute("SELECT status, outcome FROM runs").fetchall() == [("cancelled", "excluded")]


@pytest.mark.parametrize("first", ["nothing", "a stray SIGCONT"])
def test_a_terminal_that_goes_without_a_word_ends_the_program_too(home: Home, first: str) -> None:
    """As below `nohup` and some wrappers: no controlling terminal, so that no signal comes."""
    master, slave = os.openpty()
    termios.tcsetwinsize(slave, (40, 120))
    program = subprocess.Popen(
        [sys.executable, "-m", "tui", "--demo"],
        env={**os.environ, **home.environ, "TERM": "xterm"},
        cwd=home.root,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)

    def read_until(text: bytes) -> None:
        seen = b""
        while text not in seen:
            seen += os.read(master, 65536)

    try:
        read_until(b"noir")
        if first != "nothing":
            program.send_signal(signal.SIGCONT)
            read_until(b"noir")  # all is painted again
        os.close(master)
        assert program.wait(PATIENCE_S) == 0
    finally:
        program.kill()


def test_an_editor_takes_the_terminal_and_gives_it_back(home: Home, open_terminal: Opener) -> None:
    editor = home.root / "editor.sh"
    editor.write_text('#!/bin/sh\nsed -i "s/first line/edited line/" "$1"\n')
    editor.chmod(0o755)
    with open_terminal("--demo", EDITOR=str(editor), VISUAL="", PAGER="no-such-pager") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("\tV")  # the template, in a pager that is not there
        terminal.wait_for(r"no-such-pager could not be started \(No such file or directory\): set \$PAGER")
        terminal.send("e")
        terminal.wait_for(r"edited line of a noir story")
        terminal.send("r")
        terminal.wait_for(r"tok .*✓")


@pytest.mark.skipif(not (shutil.which("vim") or shutil.which("vim.tiny")), reason="skipped: no vim")
def test_vim_saves_the_way_vim_does(home: Home, open_terminal: Opener) -> None:
    vim = shutil.which("vim") or shutil.which("vim.tiny") or ""
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        path = home.prompts / "noir-v1.md"
        subprocess.run(
            [vim, "-u", "NONE", "-e", "-s", "-c", "%s/first line/vimmed line/", "-c", "wq", str(path)],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
        terminal.wait_for(r"vimmed line of a noir story")


def test_foreign_text_cannot_steer_the_terminal(home: Home, open_terminal: Opener) -> None:
    hostile = "[bold red]brackets[/] \x1b[2J\x1b[31mred\x07 \u202etxet 漢字 👩‍👩‍👧 {{hero}}"
    home.noir(1, active=True, more=hostile)
    with open_terminal("--demo") as terminal:
        screen = terminal.wait_for(r"\[bold red\]brackets\[/\]")
        assert "␛[2J" in screen
        terminal.wait_for(r"noir +v1 ● active")


def test_a_database_that_is_none_ends_the_program_with_a_sentence(home: Home, open_terminal: Opener) -> None:
    database = resolve(Options(prompts=home.prompts, data_dir=home.root / "data"), None, {}).database
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_text("These are my notes, not a database.")
    with open_terminal() as terminal:
        assert terminal.ended() == 1
        assert "is not a database" in " ".join(terminal.text.split())
        assert "Traceback" not in terminal.text


def test_without_a_terminal_it_says_so(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui"],
        env={**os.environ, **home.environ},
        cwd=Path.cwd(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "penstock ls" in done.stderr
    assert done.stderr.count("\n") == 1
