"""The words of all runs: an FTS5 index that triggers keep, so that no writer can forget it.

It holds no text of its own but reads it from `runs` (external content). Its tokens are whole words, folded
to small letters without accents; word beginnings are found as well, those of two letters in an index of
their own. Measured with 100,000 runs of 500 words each (500 MB): 300 MB and a minute to build, where an index
of trigrams, which would find any fragment of three letters, takes 1.3 GB and as long again. Fragments are
therefore looked for in the texts themselves, see search_terms.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

COLUMNS = ("name", "prompt", "answer", "note")
"""What is searched, in the order of the index's columns."""

_NAMES = ", ".join(COLUMNS)
_OLD = ", ".join(f"old.{name}" for name in COLUMNS)
_NEW = ", ".join(f"new.{name}" for name in COLUMNS)

# https://www.sqlite.org/fts5.html, sections 4.3.1 (tokenizer), 4.2 (prefix) and 4.4.3 (external content)
_INDEX = f"""CREATE VIRTUAL TABLE runs_fts USING fts5(
    {_NAMES},
    content = 'runs',
    content_rowid = 'seq',
    prefix = '2',
    tokenize = 'unicode61 remove_diacritics 2'
)"""

_ADD = f"INSERT INTO runs_fts (rowid, {_NAMES}) VALUES (new.seq, {_NEW});"
_REMOVE = f"INSERT INTO runs_fts (runs_fts, rowid, {_NAMES}) VALUES ('delete', old.seq, {_OLD});"
_CHANGED = " OR ".join(f"old.{name} IS NOT new.{name}" for name in COLUMNS)

_STATEMENTS = {
    "runs_fts": _INDEX,
    "runs_fts_insert": f"CREATE TRIGGER runs_fts_insert AFTER INSERT ON runs BEGIN {_ADD} END",
    "runs_fts_delete": f"CREATE TRIGGER runs_fts_delete AFTER DELETE ON runs BEGIN {_REMOVE} END",
    "runs_fts_update": f"CREATE TRIGGER runs_fts_update AFTER UPDATE OF seq, {_NAMES} ON runs"
    f" WHEN old.seq <> new.seq OR {_CHANGED} BEGIN {_REMOVE} {_ADD} END",
}


def create_index(connection: Connection) -> None:
    """Create the index of a `runs` table that is empty, and the triggers that fill it."""
    for statement in _STATEMENTS.values():
        connection.exec_driver_sql(statement)


def renew_index(connection: Connection) -> None:
    """Build the index anew where it is not as this release wants it, as after its table was built anew."""
    found = connection.exec_driver_sql("SELECT name, sql FROM sqlite_schema WHERE name LIKE 'runs_fts%'")
    present = {name: sql for name, sql in found}  # noqa: C416 - rows are not typed as pairs
    if all(present.get(name) == statement for name, statement in _STATEMENTS.items()):
        return
    for name in _STATEMENTS:
        kind = "TABLE" if name == "runs_fts" else "TRIGGER"
        connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")
    create_index(connection)
    connection.exec_driver_sql("INSERT INTO runs_fts (runs_fts) VALUES ('rebuild')")
