"""Writing in a real terminal: what another program saves meanwhile, kill -9, an editor during a stream."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from tui.core.workspace import Options, resolve

if TYPE_CHECKING:
    from tests.e2e.conftest import Home, Opener
    from tests.e2e.terminal import Terminal


def drafts(home: Home) -> list[str]:
    places = resolve(Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {})
    with closing(sqlite3.connect(places.database)) as database:
        return [row[0] for row in database.execute("SELECT content FROM drafts")]


def begin(terminal: Terminal, keys: str) -> None:
    """Open the editor pane and type at the end of its first line."""
    terminal.wait_for(r"first line of a noir story")
    terminal.send("i")
    terminal.wait_for(r"saved +\d+:\d")
    terminal.send("\x1b[F" + keys)
    terminal.wait_for(r" kept +\d+:\d")


def test_a_save_from_outside_while_typing_is_a_conflict_and_a_merge_has_both(
    home: Home, open_terminal: Opener
) -> None:
    path = home.prompts / "noir-v1.md"
    with open_terminal("--demo") as terminal:
        begin(terminal, " typed here")
        subprocess.run(["sed", "-i", "s/first line/last sentence/", str(path)], check=True)
        terminal.wait_for(r"changed on disk")
        terminal.send("\x13")
        terminal.wait_for(r"Theirs: what the file says now")
        terminal.wait_for(r"\+ # A scene typed here")
        terminal.wait_for(r"\+ Write the last sentence")
        assert "typed here" not in path.read_text()
        terminal.send("m")
        terminal.wait_for(r"Merged, no line in dispute")
        terminal.send("\x13")
        terminal.wait_for(r"Saved noir-v1\.md")
        assert "# A scene typed here\n" in path.read_text()
        assert "last sentence" in path.read_text()


def test_after_kill_9_the_draft_is_marked_and_offered(home: Home, open_terminal: Opener) -> None:
    with open_terminal("--demo") as terminal:
        begin(terminal, " 漢字 [bold] and the last words")
        terminal.kill()
    assert "# A scene 漢字 [bold] and the last words\n" in drafts(home)[0]
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"v1 +draft")
        terminal.send("i")
        terminal.wait_for(r"waits for noir-v1\.md")
        terminal.send("\r")
        terminal.wait_for(r"This is the draft of")
        terminal.wait_for(r"and the last words")
        terminal.send("\x13")
        terminal.wait_for(r"Saved noir-v1\.md")
    assert "and the last words" in (home.prompts / "noir-v1.md").read_text()
    assert drafts(home) == []


def test_a_closed_terminal_keeps_what_was_typed_in_the_last_moment(home: Home, open_terminal: Opener) -> None:
    terminal = open_terminal("--demo")
    begin(terminal, " kept")
    terminal.send(" and this")
    terminal.wait_for(r"kept and this")
    terminal.hang_up()
    assert "# A scene kept and this\n" in drafts(home)[0]


def test_an_editor_has_the_terminal_while_a_stream_goes_on(home: Home, open_terminal: Opener) -> None:
    gate, editor = home.root / "gate", home.root / "editor.sh"
    editor.write_text(
        "#!/bin/sh\ntrap '' INT\n"
        f'until [ -e "{gate}" ]; do sleep 0.05; done\nsed -i "s/first line/edited line/" "$1"\n'
    )
    editor.chmod(0o755)
    with open_terminal("--demo", EDITOR=str(editor), VISUAL="") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("r")
        terminal.wait_for(r"streaming")
        terminal.send("e")
        places = resolve(Options(prompts=home.prompts, data_dir=home.root / "data", demo=True), None, {})
        with closing(sqlite3.connect(places.database)) as database:
            terminal.wait(
                lambda _: database.execute("SELECT 1 FROM runs WHERE status = 'done'").fetchone(),
                "the end of the run behind the editor",
            )
        terminal.send("\x03")  # meant for the editor; Penstock stays
        terminal.pump(0.2)
        gate.touch()
        terminal.wait_for(r"edited line of a noir story")
        terminal.wait_for(r"tok .*✓")
        terminal.send("r")
        terminal.wait_for(r"today 2 calls")


def test_a_paste_of_100_kilobytes_arrives_whole(home: Home, open_terminal: Opener) -> None:
    lines = [f"{number} [b]brackets[/b] 漢字 👩‍👩‍👧 שלום {{{{hero}}}} {'x' * 30}" for number in range(1400)]
    with open_terminal("--demo") as terminal:
        begin(terminal, " before:")
        terminal.send("\x1b[200~" + "\r".join(lines) + "\x1b[201~")
        terminal.wait_for(r"1399 \[b\]brackets")
        terminal.wait(lambda _: any(lines[-1] in draft for draft in drafts(home)), "the draft")
        terminal.send("\x13")
        terminal.wait_for(r"Saved noir-v1\.md")
    assert "# A scene before:" + "\n".join(lines) in (home.prompts / "noir-v1.md").read_text()


def test_keys_that_come_in_one_piece_go_where_they_were_meant(home: Home, open_terminal: Opener) -> None:
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("Nfar/tides\x1bH/rain\x1b\x1b")  # asked, dropped, gone and come back
        terminal.wait_for(r"first line of a noir story")
        terminal.send("iin a burst \x1bt:rename")
        terminal.wait_for(r"Rename this prompt")
        terminal.send("\x1b")
        terminal.wait_for(r"in a burst # A scene|in a burst A scene")
        terminal.send("NLast\x1b[200~ [b]\x1bq\x1b:\x07 שלום 漢字\r\x1b[201~!")  # a paste presses no key
        terminal.wait_for(r"new prompt Last \[b\]␛q␛:␇ שלום 漢 ?字 ?!")
        terminal.send("\x1b")
        terminal.wait_gone("new prompt")
    assert sorted(path.name for path in home.prompts.iterdir()) == ["noir-v1.md", "noir-v2.md"]


def test_what_is_pasted_is_text_in_every_field(home: Home, open_terminal: Opener) -> None:
    (home.prompts / "cases").mkdir()
    home.write("cases/noir.yaml", "- name: rain\n  vars: {hero: Ilya}\n")
    hostile = "\x1b[200~[b]q\x1bq \x1b:\x07\x1b[31m \u202eשלום 漢字 👩‍👩‍👧\x1b[201~"
    with open_terminal("--demo") as terminal:
        terminal.wait_for(r"first line of a noir story")
        terminal.send("r")
        terminal.wait_for(r"tok .*✓")
        for keys in ("/", "N", "#", "c", "C", "H/", ",/", ":", "i\x06", "\r"):
            terminal.send(keys + hostile)
            terminal.wait(lambda text: re.search(r"\[b\]q.q .:..\[31m", text), f"the paste behind {keys!r}")
            terminal.send("\x1b\x1b\x1b\x1b")
            if keys[-1] != "\r":  # a value stays
                terminal.wait(lambda text: "[b]q" not in text, f"the end of {keys!r}")
        terminal.send("?")
        terminal.wait_for("On the workbench")
