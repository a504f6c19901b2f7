"""What comes from a file, a vendor or a paste is shown, and neither steers the terminal nor tells a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.vendor import HOSTILE, KEYS, STEM, Vendor
from tui.core.text import printable
from tui.widgets.desk.value_field import ValueField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tui.conftest import Desk, Opener

SHOWN = "red␛[31m ␛]0;owned␇"


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A vendor that means ill."""
    vendor = Vendor()
    yield vendor
    vendor.close()


def screen_text(desk: Desk) -> str:
    """What the terminal is sent, row by row; raises if any of it could steer it."""
    rows = [strip.text for strip in desk.app.screen._compositor.render_strips()]
    for row in rows:
        assert row == printable(row)
    return "\n".join(rows)


async def test_no_answer_or_error_steers_the_terminal_or_tells_the_key(
    open_app: Opener, vendor: Vendor
) -> None:
    seen = []
    async with open_app(settings=vendor.settings(), demo=False, **KEYS) as desk:
        answer = desk.bench.desk.answer
        for vendor.mode in (
            "hostile",
            "filtered",
            "400",
            "error_event",
            "not_json",
            "cut",
            "redirect",
            "401",
        ):
            before = answer.run
            await desk.press("r")
            await desk.until(lambda: answer.run not in (None, before) and answer.run.over, "the end")  # noqa: B023
            await desk.pilot.pause()
            seen += [screen_text(desk), desk.app.export_screenshot(), repr(answer.run)]
            if vendor.mode == "hostile":
                assert SHOWN in seen[0]
                assert answer.run is not None
                assert str(answer.run.transcript) == HOSTILE, "it is kept as it came"
    assert not [text for text in seen if STEM in text]


async def test_a_default_from_a_file_cannot_steer_the_terminal(open_app: Opener) -> None:
    async with open_app() as desk:
        good = (desk.home.prompts / "noir-v1.md").read_text()
        hostile = r'"red\e[31m \e]0;owned\a \x9b2J\u202elive"'
        desk.home.write("noir-v1.md", good.replace("Mara Voss", hostile))
        form = desk.bench.desk.form
        await desk.until(lambda: form.values.get("hero", "").startswith("red"), "the new default")
        field = desk.bench.query_one(ValueField)
        await desk.until(lambda: SHOWN in screen_text(desk), "the field")
        assert field.text == "red\x1b[31m \x1b]0;owned\x07 \x9b2J\u202elive", (
            "what is sent is what was written"
        )
        for keys in ("enter", "t"):
            await desk.press(keys)
            await desk.until(lambda: SHOWN in screen_text(desk), "the field again")


async def test_a_crash_of_our_own_tells_no_key(
    open_app: Opener,
    vendor: Vendor,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def broken(bench: object) -> None:
        engine = bench.engine  # type: ignore[attr-defined]
        keys = {name: account.credentials.key for name, account in engine._accounts.items()}
        raise ZeroDivisionError(f"{len(keys)}")

    monkeypatch.setattr("tui.screens.acts.running.Running.action_run", broken)
    with pytest.raises(ZeroDivisionError):
        async with open_app(settings=vendor.settings(), demo=False, **KEYS) as desk:
            await desk.press("r")
            await desk.pilot.pause()
    told = capsys.readouterr()
    assert "ZeroDivisionError" in told.err
    assert "locals" not in told.err
    assert STEM not in told.out + told.err
