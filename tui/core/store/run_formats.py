"""A run as text for other programs and for people: a line of JSON, a row of CSV, a section of markdown."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from tui.core.store.runs import StoredRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

Format: TypeAlias = Literal["jsonl", "csv", "markdown"]

SUFFIXES: Mapping[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
}

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_INTERNAL = ("seq", "template_id", "revision_id", "pid", "host")
"""What means something inside one database only."""
COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(StoredRun) if field.name not in _INTERNAL)


def format_for(path: Path) -> Format | None:
    """Return the format that a file's name asks for."""
    return SUFFIXES.get(path.suffix.lower())


def as_record(run: StoredRun) -> dict[str, Any]:
    """Return a run as JSON can say it: times in ISO 8601 (UTC), null for what is not known."""
    values = asdict(run)
    return {name: _plain(values[name]) for name in COLUMNS}


def head(format: Format) -> str:
    """Return what stands above the runs."""
    return _csv_row(COLUMNS) if format == "csv" else ""


def one(format: Format, run: StoredRun) -> str:
    """Return a run; runs are put one after another."""
    return _WRITERS[format](run)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _as_json(run: StoredRun) -> str:
    return json.dumps(as_record(run), ensure_ascii=False) + "\n"


def _as_csv(run: StoredRun) -> str:
    return _csv_row(_cell(value) for value in as_record(run).values())


def _cell(value: object) -> object:
    """Return maps as JSON, truth as it is in JSON; None is an empty cell.

    What a spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV Injection"), so that
    no answer is carried out there. A cell of apostrophes and such a sign has one more than the text has.
    """
    if isinstance(value, str) and _FORMULA.match(value):
        return f"'{value}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | bool) else value


def _csv_row(cells: Iterable[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # RFC 4180: quotes where needed, lines end in \r\n
    return line.getvalue()


def _as_markdown(run: StoredRun) -> str:
    prompt = f"{run.name} v{run.version}" if run.name else "free text"
    about = "~" if run.usage_estimated else ""
    facts = {
        "outcome": run.outcome,
        "note": run.note,
        "status": run.status,
        "error": run.error,
        "tokens": f"{about}{run.tokens_in} in, {run.tokens_out} out" if run.tokens_out is not None else None,
        "cost": f"{about}${run.cost:.6f}" if run.cost is not None else None,
        "seconds": f"{run.total_s:.1f}" if run.total_s is not None else None,
        "run": run.id,
    }
    when = run.created_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    parts = [f"## {when} · {_one_line(prompt)} · {_one_line(f'{run.provider} {run.model}')}"]
    parts.append("\n".join(f"* {name}: {_one_line(str(value))}" for name, value in facts.items() if value))
    if run.values:
        parts.append("### Values")
        parts += [f"`{_one_line(name)}`\n\n{_fenced(str(value))}" for name, value in run.values.items()]
    texts = {"System": run.system, "Prompt": run.prompt, "Reasoning": run.reasoning, "Answer": run.answer}
    parts += [f"### {title}\n\n{_fenced(text)}" for title, text in texts.items() if text]
    return "\n\n".join(parts) + "\n\n"


def _fenced(text: str) -> str:
    """Return a code block that `text` cannot end: its own headings and fences stay text."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


_WRITERS = cast(
    "Mapping[Format, Callable[[StoredRun], str]]",
    {"jsonl": _as_json, "csv": _as_csv, "markdown": _as_markdown},
)
