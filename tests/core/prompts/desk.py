"""A folder of prompts with its library, for the tests that write, break, move and delete files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui.core.prompts.library import Library
from tui.core.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.core.prompts.problems import Problem
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
BROKEN = "---\nname: [unclosed\n---\nBroken\n"


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """A folder of prompts, its library, and a pen."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "prompts"
        self.folder.mkdir()
        self.clock = Clock()
        self.database = Database.open(place / "penstock.db")
        self.library = Library(self.folder, self.database, self.clock)

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def prompt(
        self, path: str, name: str = "greeting", version: int = 1, body: str = "Hello", **keys: object
    ) -> None:
        front = "".join(f"{key}: {str(value).lower()}\n" for key, value in keys.items())
        self.write(path, f"---\nname: {name}\nversion: {version}\n{front}---\n{body}\n")

    def update(self, *paths: str) -> LibrarySnapshot:
        return self.library.update([Path(path) for path in paths])

    def scan(self) -> LibrarySnapshot:
        return self.library.scan()

    def restart(self) -> LibrarySnapshot:
        self.library = Library(self.folder, self.database, self.clock)
        return self.scan()

    def retired(self) -> set[tuple[str, int]]:
        with self.database.read() as connection:
            query = "SELECT name, version FROM prompt_templates WHERE retired_at IS NOT NULL"
            return {(row[0], row[1]) for row in connection.exec_driver_sql(query)}


def keys(snapshot: LibrarySnapshot) -> list[tuple[str, int, str]]:
    return [(row.name, row.version, row.path) for row in snapshot.versions]


def only(snapshot: LibrarySnapshot) -> VersionRow:
    [row] = snapshot.versions
    return row


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]
