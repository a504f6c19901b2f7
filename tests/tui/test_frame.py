"""Sending only changed cells shows the same as sending everything, and far less is sent."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.compositor import NarrowCompositor
from tui.frame import Frame, chops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.screen import Screen

    from tests.tui.conftest import Opener

WIDTH, HEIGHT = 20, 4
SIZE = Size(WIDTH, HEIGHT)
CONSOLE = Console(force_terminal=True, color_system="truecolor", width=WIDTH)
STYLES = [Style.parse(style) for style in ("none", "red", "bold on blue", "underline green")]
WORDS = st.text(st.sampled_from("ab 漢é█\u0301"), max_size=8)


@st.composite
def updates(draw: st.DrawFn) -> LayoutUpdate:
    """Some rows of a screen, from anywhere in it."""
    x = draw(st.integers(0, WIDTH - 1))
    y = draw(st.integers(0, HEIGHT - 1))
    rows = draw(st.integers(1, HEIGHT - y))
    strips: list[Iterable[Strip]] = []
    for _ in range(rows):
        pieces = draw(st.lists(st.tuples(WORDS, st.sampled_from(STYLES)), max_size=4))
        strip = Strip([Segment(text, style) for text, style in pieces])
        strips.append([strip.crop(0, min(strip.cell_length, WIDTH - x))])
    return LayoutUpdate(strips, Region(x, y, WIDTH - x, rows))


def screen() -> tuple[pyte.Screen, pyte.Stream]:
    shown = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(shown)
    stream.feed("\x1b[?7l")  # no automatic wrapping, as Textual sets its terminals
    return shown, stream


def cells(shown: pyte.Screen) -> list[list[object]]:
    return [[shown.buffer[y][x] for x in range(WIDTH)] for y in range(HEIGHT)]


@given(st.lists(updates(), max_size=6))
def test_the_terminal_shows_the_same(frames: list[LayoutUpdate]) -> None:
    (plain, plain_stream), (thrifty, thrifty_stream) = screen(), screen()
    frame = Frame()
    for update in frames:
        plain_stream.feed(update.render_segments(CONSOLE))
        difference = frame.take_in(update, SIZE)
        assert difference is not None
        thrifty_stream.feed(difference.render_segments(CONSOLE))
    assert cells(thrifty) == cells(plain)


def full(text: str) -> LayoutUpdate:
    lines: list[Iterable[Strip]] = [[Strip([Segment(text.ljust(WIDTH), STYLES[1])])] for _ in range(HEIGHT)]
    return LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))


def sent(frame: Frame, update: CompositorUpdate) -> str:
    difference = frame.take_in(update, SIZE)
    assert difference is not None
    return difference.render_segments(CONSOLE)


def test_the_same_frame_sends_nothing() -> None:
    frame = Frame()
    assert sent(frame, full("hello"))
    assert sent(frame, full("hello")) == ""


def test_one_changed_cell_sends_one_cell() -> None:
    frame = Frame()
    sent(frame, full("hello"))
    assert sent(frame, full("hallo")).count("a") == HEIGHT
    assert "h" not in sent(frame, full("hollo"))


def test_a_forgotten_frame_and_another_size_are_sent_whole() -> None:
    frame = Frame()
    everything = sent(frame, full("hello"))
    frame.forget()
    assert sent(frame, full("hello")) == everything
    smaller = frame.take_in(full("hello"), Size(WIDTH, HEIGHT - 1))
    assert smaller is not None
    assert len(smaller.runs) == HEIGHT - 1


async def test_an_update_is_the_same_whatever_is_rendered_around_it(open_app: Opener) -> None:
    async with open_app() as desk:
        await desk.press("question_mark")
        screens: tuple[Screen[Any], ...] = (desk.bench, desk.app.screen)
        for screen, seed in itertools.product(screens, range(40)):
            narrow = screen._compositor
            assert isinstance(narrow, NarrowCompositor)
            wide = Compositor()
            vars(wide).update(vars(narrow))
            chance = random.Random(seed)
            size = screen.size
            parts = {
                Region(
                    chance.randrange(size.width),
                    chance.randrange(size.height),
                    *chance.choices((1, 2, 9, 40), k=2),
                )
                for _ in range(chance.choice((1, 2, 5)))
            }
            shown = []
            for compositor in (wide, narrow):
                compositor._dirty_regions = {part.intersection(size.region) for part in parts}
                update = compositor.render_partial_update()
                assert update is not None
                shown.append([(x, y, list(strip)) for x, y, strip in chops(update) if strip.cell_length])
            assert shown[0] == shown[1]
            assert shown[0]
