"""Keys typed in a burst act one after another, also across a field that one of them opens."""

from __future__ import annotations

import asyncio
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.command import CommandPalette
from textual.events import Key, Paste
from textual.widgets import Static

from tui import typing_order
from tui.screens.experiment import ExperimentPage
from tui.screens.help import Help
from tui.typed_keys import TypedKeys, unseen

if TYPE_CHECKING:
    from tests.e2e.conftest import Home
    from tests.tui.conftest import Desk, Opener
    from tui.core.prompts.snapshot import VersionRow


def burst(desk: Desk, *keys: str) -> None:
    """Hand over keys at once, as a terminal does with what it read in one piece."""
    for key in keys:
        desk.app.post_message(Key(key, key if len(key) == 1 else None))


async def test_a_question_gets_all_that_is_typed_behind_its_key(open_app: Opener) -> None:
    async with open_app() as desk:
        burst(desk, "s", "w", *["backspace"] * 11, *"v1=7 v2=", "3")
        desk.app.post_message(Paste("0"))
        burst(desk, *"x", "backspace")
        page = await _page(desk)
        await desk.until(
            lambda: page.ask_line.open and page.ask_line.field.value == "v1=7 v2=30", "the answer"
        )
        assert not page.key_line.message, "no key has acted on the page below"
        burst(desk, "escape", "escape", "slash", *"noir")
        await desk.until(lambda: desk.bench.filter_field.value == "noir", "the filter of the workbench")


def read(*pieces: str) -> str:
    """Return the keys of what comes in some pieces, and the pastes in brackets."""
    parser = TypedKeys()
    told = [message for piece in pieces for message in parser.feed(piece)]
    return " ".join(
        f"<{message.text}>" if isinstance(message, Paste) else message.key
        for message in told
        if isinstance(message, Key | Paste)
    )


@pytest.mark.parametrize(
    ("pieces", "keys"),
    [
        (["\x1b:w\r"], "alt+colon w enter"),
        (["a\x1bj\x1bT\x1bé"], "a alt+j alt+shift+t alt+é"),
        (["\x1b\x1bj"], "escape alt+j"),
        (["\x1b", "j"], "escape j"),
        (["\x1b", "[A\x1b[", "B"], "up down"),
        (["\x1b" + "j" * 40], " ".join(["alt+j", *"j" * 39])),
        (["\x1b\x7f\x1bOP\x1b\r"], "ctrl+w f1 alt+enter"),
        (["\x1b[200~a\x1bb \x1b:q\x1b[201~\x1bx"], "<a\x1bb \x1b:q> alt+x"),
        (["\x1b[20", "0~\x1b:", "q\x1b[2", "01~x"], "<\x1b:q> x"),
    ],
)
def test_esc_and_the_keys_behind_it_are_told_at_once(pieces: list[str], keys: str) -> None:
    assert read(*pieces) == keys


@given(st.text("ab:\x1b[O~20\x7f\r"), st.lists(st.integers(0, 30), max_size=4))
def test_no_paste_presses_a_key_however_it_is_cut(text: str, cuts: list[int]) -> None:
    text = text.replace("\x1b[201~", "")
    sent = f"\x1b[200~{text}\x1b[201~"
    places = sorted({0, len(sent), *(cut for cut in cuts if cut < len(sent))})
    assert read(*(sent[start:end] for start, end in pairwise(places))) == (f"<{text}>" if text else "")


async def test_a_key_right_behind_esc_is_not_taken_for_alt(open_app: Opener) -> None:
    async with open_app() as desk:
        burst(desk, *"ia")  # what is typed before the editor is there belongs into it
        for key in (Key("alt+t", "t"), Key("alt+colon", ":")):
            desk.app.post_message(key)
        await desk.until(lambda: isinstance(desk.app.screen, CommandPalette), "esc, t, esc, and the palette")
        assert (desk.bench.desk.view, desk.bench.desk.writing) == ("preview", False)
        pane = desk.bench.desk.pane
        assert pane is not None
        assert "\na# A scene" in pane.editor.content


async def test_no_key_overtakes_one_that_takes_long_to_come_through(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_order, "OVERDUE_S", 0.01)
    async with open_app() as desk:
        gate, seen = asyncio.Event(), set[object]()
        desk.bench.browser.call_later(gate.wait)  # a busy machine
        burst(desk, *"ia")
        while len(seen) < 4:  # until it was looked at what is overdue, and once more
            seen.add(desk.app._overdue)
            await asyncio.sleep(0.01)  # a pilot would wait for the pane
        gate.set()
        await desk.until(lambda: desk.bench.desk.writing, "the editor")
        pane = desk.bench.desk.pane
        assert pane is not None
        await desk.until(lambda: "\na# A scene" in pane.editor.content, "what was typed behind its key")


async def test_keys_go_on_where_the_pane_of_the_one_before_has_gone(
    open_app: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typing_order, "OVERDUE_S", 0.01)
    monkeypatch.setattr(typing_order, "LONGEST_S", 1000.0)
    async with open_app() as desk:
        passed = typing_order.Passed(Static())  # nobody has mounted it, and nobody will
        monkeypatch.setattr(passed.target, "post_message", lambda _message: True)
        desk.app._send_after(passed)
        burst(desk, "g", "question_mark")
        await desk.until(lambda: isinstance(desk.app.screen, Help), "the help")


@given(st.characters())
def test_every_character_of_a_text_can_be_typed_and_none_that_steers_a_terminal(character: str) -> None:
    steers = character in "\x85\u2028\u2029" or unicodedata.category(character) in ("Cc", "Cs")
    assert unseen(character) == (not character.isprintable() and not steers)


async def test_characters_that_are_not_seen_are_typed_all_the_same(open_app: Opener) -> None:
    typed = "a\u00a0b\u3000👩\u200d👧\u200f\u00ad"
    async with open_app() as desk:
        burst(desk, "enter", "end", *typed)
        await desk.until(lambda: typed in desk.bench.desk.form.values.get("hero", ""), "the value")
        burst(desk, "escape", "i", *typed)
        await desk.until(lambda: (pane := desk.bench.desk.pane) and typed in pane.editor.content, "the text")


async def _page(desk: Desk) -> ExperimentPage:
    await desk.until(lambda: isinstance(desk.app.screen, ExperimentPage), "the page")
    page = desk.app.screen
    assert isinstance(page, ExperimentPage)
    return page


async def test_a_key_held_down_passes_rows_by_and_what_it_ends_on_is_laid_on_the_desk(
    home: Home, open_app: Opener
) -> None:
    for number in range(30):
        home.write(f"story{number:02}-v1.md", "---\nvariables: [hero]\n---\n{{hero}} went on.\n")
    async with open_app() as desk:
        await desk.until(lambda: len(desk.bench.browser.nodes) > 40, "the prompts")
        shown = []
        watched = desk.bench.desk.show_version

        async def show(row: VersionRow) -> bool:
            shown.append(row.name)
            return await watched(row)

        desk.bench.desk.show_version = show  # type: ignore[method-assign]
        burst(desk, *["j"] * 200)
        await desk.until(lambda: shown and shown[-1] == "story29", "the last row")
        assert len(shown) < 20
        burst(desk, *["k"] * 5, "a")
        await desk.until(lambda: "active" in desk.bench.key_line.message, "what is at hand is acted on")
        assert shown[-1] == "story27"


@pytest.mark.parametrize(
    ("keys", "key", "path"),
    [
        (["n", "i", *"ABC"], ("noir", 3), "noir-v3.md"),
        (["N", *"ode", "enter", "i", *"ABC"], ("ode", 1), "ode-v1.md"),
    ],
)
async def test_what_is_typed_behind_a_new_version_goes_into_its_file(
    open_app: Opener, keys: list[str], key: tuple[str, int], path: str
) -> None:
    async with open_app() as desk:
        burst(desk, *keys)
        await desk.until(lambda: (pane := desk.bench.desk.pane) and b"ABC" in pane.data, "what was typed")
        pane, node = desk.bench.desk.pane, desk.bench.browser.node
        assert pane is not None and pane.path == path
        assert node is not None and node.key == key
        await desk.press("ctrl+s")
        await desk.until(lambda: b"ABC" in (desk.home.prompts / path).read_bytes(), "the file")
        assert b"ABC" not in (desk.home.prompts / "noir-v1.md").read_bytes()
