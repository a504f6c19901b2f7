"""A run as a text to read: its figures, the answer, and everything that led to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from tui.core.engine.figures import money
from tui.core.engine.words import error_word, status_word
from tui.core.prompts.turns import Turn, split_turns
from tui.core.store.attempts import OK
from tui.core.text import printable, printable_lines
from tui.widgets.reading.markdown import marked, unmarked
from tui.widgets.reading.text_view import Line, plain_lines, word_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui.core.engine.figures import Local
    from tui.core.engine.history import OpenedRun
    from tui.core.store.attempts import StoredAttempt
    from tui.core.store.runs import StoredRun
    from tui.widgets.ink import Word
    from tui.widgets.reading.markdown import Reader

_NAMES, _LONGEST_NAMES = 12, 28
"""Cells of the names at the left: at least, and at most; a longer one stands alone above what it names."""
_UNDER_WAY = "told when it is over"
_OUTCOME_WORDS: dict[str, Word] = {
    "success": ("✓ good", "success"),
    "failure": ("✗ bad", "error"),
    "excluded": ("– excluded", "muted"),
}
_STATUS_INKS = {"failed": "error", "interrupted": "warning", "filtered": "warning", "running": "accent"}
_STATUS_SIGNS = {"failed": "✗ ", "filtered": "– "}


def run_lines(opened: OpenedRun, local: Local, *, raw: bool, folded: bool) -> list[Line]:
    """Return the whole of a run: `raw` shows the marks of the answer's markdown, `folded` hides reasoning."""
    run = opened.run
    lines = list(_facts(run, local))
    lines += _section("Answer", f"{len(run.answer):,} characters" if run.answer else "")
    if run.answer:
        lines += _as_read(run.answer, marked if raw else unmarked)
    else:
        said = "It is on its way." if run.status == "running" else "There is none."
        lines += plain_lines(said)
    if run.reasoning:
        lines += _section("Reasoning", f"{len(run.reasoning):,} characters, f {'un' * folded}folds it")
        lines += [] if folded else plain_lines(run.reasoning)
    if run.values:
        lines += _section("Values")
        width = max(_NAMES, *(cell_len(printable(name)) for name in run.values))
        for name, value in run.values.items():
            lines += _fact(name, [(str(value), "value")], min(_LONGEST_NAMES, width))
    lines += _section("Prompt as sent")
    lines += _turns(run)
    lines += _section("Attempts", str(run.attempts))
    lines += [line for attempt in opened.attempts for line in _attempt(attempt, run, local)]
    lines += _section("Where it comes from")
    lines += _origin(run)
    return lines


def _facts(run: StoredRun, local: Local) -> Iterator[Line]:
    yield from _fact("outcome", [_OUTCOME_WORDS.get(run.outcome or "", ("not rated", "muted"))])
    if run.note:
        yield from _fact("note", [(run.note, "text")])
    status = status_word(run.status, run.error_class)
    words = _STATUS_SIGNS.get(status, "") + status
    words += f", {run.finish}" if run.finish_kind not in (None, "stop") else ""
    yield from _fact("status", [(words, _STATUS_INKS.get(status, "text"))])
    if run.error:
        kind = f"{error_word(run.error_class)}: " if run.error_class else ""
        yield from _fact("error", [(f"{kind}{run.error}", "error")])
    yield from _fact("sent", [(f"{local(run.started_at or run.created_at):%Y-%m-%d %H:%M:%S}", "text")])
    yield from _fact("time", [(_times(run), "text")])
    yield from _fact("tokens", [(_tokens(run), "text")])
    yield from _fact("cost", [(_cost(run), "text" if run.cost is not None else "muted")])
    if run.model_reported and run.model_reported != run.model:
        yield from _fact("answered by", [(run.model_reported, "text")])


def _times(run: StoredRun) -> str:
    figures = ((run.waited_s, "waiting for quota"), (run.first_token_s, "to the first word"))
    lacking = _UNDER_WAY if run.status == "running" else "not known"
    total = lacking if run.total_s is None else f"{run.total_s:.1f} s"
    said = [f"{value:.1f} s {words}" for value, words in figures if value is not None]
    return ", ".join([total, *said])


def _tokens(run: StoredRun) -> str:
    if run.tokens_in is None and run.tokens_out is None:
        return _UNDER_WAY if run.status == "running" else "not known"
    about = "~" if run.usage_estimated else ""
    parts = [f"{about}{run.tokens_in or 0:,} in, {run.tokens_out or 0:,} out"]
    if run.tokens_cached:
        parts.append(f"{run.tokens_cached:,} from the cache")
    if run.tokens_reasoning:
        parts.append(f"{run.tokens_reasoning:,} of reasoning")
    return ", ".join(parts)


def _cost(run: StoredRun) -> str:
    if run.cost is None:
        if run.tokens_in is None and run.tokens_out is None:
            return _UNDER_WAY if run.status == "running" else "not known: the tokens are not"
        return "not known: no price is known for this model"
    source = {"settings": "your price", "provider": "the provider's figure"}.get(run.cost_source or "", "")
    source = source or run.cost_source or ""
    as_of = f" of {run.price_as_of}" if run.price_as_of else ""
    return money(run.cost, estimated=run.usage_estimated) + (f", by {source}{as_of}" if source else "")


def _attempt(attempt: StoredAttempt, run: StoredRun, local: Local) -> list[Line]:
    took = (attempt.ended_at - attempt.started_at).total_seconds()
    well = attempt.status == OK
    words: list[Word] = [
        (f"{local(attempt.started_at):%H:%M:%S}  {took:6.1f} s  ", "muted"),
        ("✓ ok" if well else f"✗ {error_word(attempt.status)}", "success" if well else "error"),
    ]
    if attempt.http_status is not None:
        words.append((f"  HTTP {attempt.http_status}", "muted"))
    if attempt.retry_after_s is not None:
        words.append((f"  asked to wait {attempt.retry_after_s:.1f} s", "warning"))
    if attempt.message:
        words.append((f"  {attempt.message}", "text"))
    if attempt.parameters is not None and (missing := run.parameters.keys() - attempt.parameters.keys()):
        words.append((f"  sent without {' and '.join(sorted(missing))}", "warning"))
    if attempt.note:
        words.append((f"  {attempt.note}", "muted"))
    return _fact(f"{attempt.number}", words)


def _turns(run: StoredRun) -> Iterable[Line]:
    """Return the turns, each below its role; a single one of the user needs none."""
    turns = [*([Turn("system", run.system)] if run.system else []), *split_turns(run.prompt)]
    if [turn.role for turn in turns] == ["user"]:
        return _as_read(run.prompt, marked)
    lines: list[Line] = []
    for turn in turns:
        lines += plain_lines(f"\n{turn.role}" if lines else turn.role, "strong")
        lines += _as_read(turn.text, marked)
    return lines


def _origin(run: StoredRun) -> Iterator[Line]:
    facts = {
        "revision": run.content_hash[:12],
        "commit": f"{(run.commit_hash or '')[:12]} {run.git_state or ''}".strip(),
        "case": run.case_name or "",
        "parameters": ", ".join(f"{name} {value}" for name, value in run.parameters.items()),
        "request id": run.request_id or "",
        "run": run.id + (", answered by the simulator" if run.simulated else ""),
    }
    for name, value in facts.items():
        if value:
            yield from _fact(name, [(value, "text")])


def _section(title: str, remark: str = "") -> list[Line]:
    return [*plain_lines(""), word_line([(title, "heading"), (f"  {remark}", "muted")])]


def _fact(name: str, words: Sequence[Word], width: int = _NAMES) -> list[Line]:
    """Return a name in `width` cells with what is said of it; further lines stand below its beginning."""
    (text, ink), *rest = words
    first, *more = text.splitlines() or [""]
    shown = printable(name)
    lines = [word_line([(shown, "muted")])] if cell_len(shown) > width else []
    label = " " * (width + 1) if lines else shown + " " * (width + 1 - cell_len(shown))
    indent = width + 1
    lines.append(word_line([(label, "muted"), (first, ink), *rest], indent=indent))
    return lines + [word_line([(" " * indent, ""), (line, ink)], indent=indent) for line in more]


def _as_read(text: str, reader: Reader) -> list[Line]:
    lines: list[Line] = []
    in_code = False
    for each in printable_lines(text):
        read = reader(each, in_code)
        in_code = read.in_code
        lines.append(Line(read.text, tuple(read.spans), read.indent))
    return lines
