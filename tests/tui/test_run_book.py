"""Which runs the screen keeps, and what it knows of their neighbours."""

from __future__ import annotations

from dataclasses import replace

from tui.core.engine.events import RunState
from tui.widgets.desk.runs import _KEPT, RunBook


def _run(number: int, name: str = "noir") -> RunState:
    return RunState(f"{name}-{number}", name, 1, "openai", "gpt", "done", attempts=1, asked_at=float(number))


def test_what_is_looked_at_is_kept_however_old_it_is() -> None:
    book = RunBook()
    for number in range(_KEPT):
        book.take_in(_run(number))
    oldest = book.showings("noir")[0]
    book.choose("noir", oldest)
    book.take_in(other := _run(0, "haiku"))
    book.remember([_run(-1)])
    assert book.shown("noir") == oldest
    assert book.beside(oldest, earlier=True) == (_run(-1),)
    for number in range(_KEPT, 2 * _KEPT):
        book.take_in(_run(number))
    assert book.shown("noir") == oldest
    assert book.shown("haiku") == (other,)
    assert book.get("noir-1") is None


def test_a_run_that_is_not_known_has_no_neighbours() -> None:
    book = RunBook()
    book.take_in(_run(0))
    alone = book.showing_of(_run(1))
    assert alone == (_run(1),)
    assert book.beside(alone, earlier=True) == ()


def test_runs_go_with_a_prompt_that_is_called_otherwise_and_what_comes_of_them_later_too() -> None:
    book = RunBook()
    going_on = replace(_run(1), status="running")
    for run in (_run(0), going_on, _run(0, "haiku")):
        book.take_in(run)
    book.choose("noir", book.showings("noir")[0])
    book.rename("noir", "nocturne")
    assert [run.id for run in book.shown("nocturne")] == ["noir-0"]
    book.take_in(_run(1))  # a runner goes on under the name it began with
    assert [run.status for showing in book.showings("nocturne") for run in showing] == ["done", "done"]
    assert (book.showings("noir"), len(book.showings("haiku"))) == ([], 1)
    book.take_in(_run(2))
    assert [run.id for run in book.shown("noir")] == ["noir-2"], "another prompt may have the old name"
    book.rename("nocturne", "dusk")
    book.take_in(_run(1))
    assert len(book.showings("dusk")) == 2
