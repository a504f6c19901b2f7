"""The prompt browser: names, their versions, and files that are broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message

from tui.actions import bindings
from tui.widgets.browser.rows import FileNode, Key, Node, PromptNode, VersionNode, build, path_of, words_of
from tui.widgets.cursor_list import CursorList

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from textual.events import Click

    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.widgets.ink import Word

FLASH_S = 2.0
"""How long a row that changed is marked, in seconds."""


class Browser(CursorList):
    """Ten thousand prompts cost what the screen shows."""

    BINDINGS = bindings("list", "browser")

    class Highlighted(Message):
        """The cursor came to a row, or the row under it changed."""

    @dataclass
    class Opened(Message):
        """Enter on a version: the user wants to go on to its values."""

        node: Node

    def __init__(self) -> None:
        super().__init__(id="browser")
        self._library: LibrarySnapshot | None = None
        self._entries: list[Node] = []
        self._folded: set[str] = set()
        self._flashing: dict[Key, int] = {}
        self._flashes = 0
        self._key: Key | None = None
        self._before: Key | None = None
        """Where the cursor was when the filter was begun, as long as nobody has chosen another row."""
        self.query_text = ""
        self.marked: set[Key] = set()
        """The versions that are to be run together."""
        self._drafts: frozenset[str] = frozenset()
        self._awaited: Key | None = None
        self._git: Mapping[str, str] | None = None

    # ---------------------------------------------------------------- content

    def show(self, library: LibrarySnapshot) -> None:
        """Take in the library, keep the cursor on its row, and mark for a moment what changed."""
        old, self._library = self._library, library
        if old is not None and not old.loading:
            self._flash(_changed(old, library))
        keys = {(row.name, row.version) for row in library.versions}
        if self._awaited in keys:
            awaited, self._awaited = self._awaited, None
            self.select(awaited)
        elif (key := self._key_of_file(library)) is not None:
            self.select(key)
        else:
            self._rebuild()

    def show_drafts(self, paths: Collection[str]) -> None:
        """Mark the files that have unsaved drafts."""
        if frozenset(paths) != self._drafts:
            self._drafts = frozenset(paths)
            self._rebuild()

    def show_git(self, states: Mapping[str, str] | None) -> None:
        """Mark what git says of the files, by their paths; None: there is no repository."""
        if states != self._git:
            self._git = states
            self._rebuild()

    def filter(self, query: str) -> None:
        """Show only what matches every word of `query`; none goes back to where the cursor was before.

        Unless it was moved, or `settle` was called, since then.
        """
        if query and not self.query_text:
            self._before = self._key
        self.query_text = query
        if not query and self._before is not None:
            self._key, self._before = self._before, None
        self._rebuild()

    def settle(self) -> None:
        """Let the row that a filter led to be the one to stay on."""
        self._before = None

    def select(self, key: Key) -> None:
        """Put the cursor on a row, unfolding its prompt."""
        if isinstance(key, tuple):
            self._folded.discard(key[0])
        self.settle()
        self._key = key
        self._rebuild()

    def go_to(self, key: Key) -> None:
        """Put the cursor on a row as soon as it is there: it may not have come from its file yet."""
        if any(node.key == key for node in self._entries):
            self.select(key)
        else:
            self._awaited = key

    def _key_of_file(self, library: LibrarySnapshot) -> Key | None:
        """Return the row of the file under the cursor if that is another one now: mended, or renamed."""
        node = self.node
        path = path_of(node) if node is not None else None
        if node is None or path is None or node.key != self._key:
            return None
        rows: dict[Key, str] = {(row.name, row.version): row.path for row in library.versions}
        rows |= {report.path: report.path for report in library.reports}
        return None if node.key in rows else next((key for key, at in rows.items() if at == path), None)

    def show_file(self, path: str) -> None:
        """Put the cursor on a file's row, if it has one."""
        if found := next((node for node in self._entries if path_of(node) == path), None):
            self.select(found.key)

    @property
    def node(self) -> Node | None:
        """The row under the cursor."""
        return self._entries[self._cursor] if self._entries else None

    @property
    def nodes(self) -> list[Node]:
        """The rows, as they are shown."""
        return list(self._entries)

    @property
    def counted(self) -> str:
        """How many prompts are shown, of how many when that differs."""
        if self._library is None:
            return ""
        total = len({row.name for row in self._library.versions})
        shown = sum(isinstance(node, PromptNode) for node in self._entries)
        return f"{shown:,} of {total:,}" if shown != total else f"{total:,}"

    def _rebuild(self) -> None:
        before = self._entries
        self._entries = []
        if self._library:
            self._entries = build(self._library, self._folded, self.query_text, self._drafts, self._git)
        self.virtual_size = Size(self.size.width, len(self._entries))
        position = {node.key: number for number, node in enumerate(self._entries)}
        if self._key is None or self._key not in position:
            fresh = self._key is None or bool(self.query_text)
            nearest = self._first_version() if fresh else min(self._cursor, len(self._entries) - 1)
            self._key = self._entries[nearest].key if self._entries else None
        self._cursor = position.get(self._key, 0) if self._key is not None else 0
        self.scroll_to_cursor()
        if len(before) == len(self._entries):
            for number, (old, new) in enumerate(zip(before, self._entries, strict=True)):
                if old != new:
                    self.refresh_row(number)
        else:
            self.refresh()
        self.post_message(self.Highlighted())

    def _first_version(self) -> int:
        """Return the first row worth looking at: the active version of the first prompt."""
        candidates = [n for n, node in enumerate(self._entries) if isinstance(node, VersionNode)]
        first = self._entries[candidates[0]] if candidates else None
        for number in candidates:
            node = self._entries[number]
            if (
                isinstance(node, VersionNode)
                and isinstance(first, VersionNode)
                and node.row.name == first.row.name
                and node.row.active
            ):
                return number
        return candidates[0] if candidates else 0

    # ---------------------------------------------------------------- marks

    def _flash(self, keys: set[Key]) -> None:
        if not keys:
            return
        self._flashes += 1
        generation = self._flashes
        self._flashing.update(dict.fromkeys(keys, generation))

        def end() -> None:
            over = {key for key, number in self._flashing.items() if number == generation}
            for key in over:
                del self._flashing[key]
            for number, node in enumerate(self._entries):
                if node.key in over:
                    self.refresh_row(number)

        self.set_timer(FLASH_S, end)
        for number, node in enumerate(self._entries):
            if node.key in keys:
                self.refresh_row(number)

    # ---------------------------------------------------------------- painting

    @property
    def length(self) -> int:
        """How many rows there are."""
        return len(self._entries)

    def row_words(self, number: int) -> Sequence[Word]:
        """Return what a row says."""
        node = self._entries[number]
        words = words_of(node, self.size.width)
        if node.key in self.marked:
            words[0] = ("✓ ", "success")
        return words

    def flashes(self, number: int) -> bool:
        """Whether a row is marked as just changed."""
        return self._entries[number].key in self._flashing

    @property
    def remark(self) -> str:
        """What to say in place of rows."""
        if self._entries:
            return ""
        if self._library is None or self._library.loading:
            return "Reading the prompts…"
        return "Nothing matches; esc drops the filter." if self.query_text else ""

    # ---------------------------------------------------------------- moving

    def cursor_moved(self) -> None:
        """Stay on this row while the list changes, and tell."""
        self.settle()
        self._key = self._entries[self._cursor].key
        self.post_message(self.Highlighted())

    def action_mark(self) -> None:
        """Mark the version under the cursor, or unmark it, and go on to the next row."""
        if isinstance(self.node, VersionNode):
            self.marked ^= {self.node.key}
            self.refresh_row(self._cursor)
            if isinstance(self._entries[min(self._cursor + 1, len(self._entries) - 1)], VersionNode):
                self.move_to(self._cursor + 1)

    def unmark(self) -> None:
        """Unmark all versions."""
        self.marked = set()
        self.refresh()

    def action_fold(self) -> None:
        """Fold the prompt under the cursor; from a version, go to its prompt."""
        match self.node:
            case PromptNode(name=name, folded=False):
                self._set_folded(name, folded=True)
            case VersionNode(row=row):
                self.select((row.name, -1))

    def action_unfold(self) -> None:
        """Unfold the prompt under the cursor, or go to its first version."""
        match self.node:
            case PromptNode(name=name, folded=True):
                self._set_folded(name, folded=False)
            case PromptNode():
                self.move_to(self._cursor + 1)

    def action_open(self) -> None:
        """Fold or unfold a prompt; on a version say that the user wants its values."""
        match self.node:
            case PromptNode(name=name, folded=folded):
                self._set_folded(name, folded=not folded)
            case VersionNode() | FileNode() as node:
                self.post_message(self.Opened(node))

    def _set_folded(self, name: str, *, folded: bool) -> None:
        (self._folded.add if folded else self._folded.discard)(name)
        self._rebuild()

    def on_click(self, event: Click) -> None:
        """Move to the row that was clicked; a second click opens it, one on a prompt's triangle folds it."""
        number = event.y + self.scroll_offset.y
        if number < len(self._entries):
            self.move_to(number)
            if event.chain == 2 or (isinstance(self.node, PromptNode) and event.x < 2):
                self.action_open()


def _changed(old: LibrarySnapshot, new: LibrarySnapshot) -> set[Key]:
    """Return the keys of the rows whose file says something else than before (a count does not matter)."""
    known = {(row.name, row.version): (row.content_hash, row.problems) for row in old.versions}
    keys: set[Key] = {
        (row.name, row.version)
        for row in new.versions
        if known.get((row.name, row.version)) != (row.content_hash, row.problems)
    }
    reports = set(old.reports)
    return keys | {report.path for report in new.reports if report not in reports}
