"""The state of the prompt files in git, looked at again when they or the repository change."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from tui.core.engine.events import GitChanged
from tui.core.engine.git import Repository, Status, TooSlow, content_at_head, find_repository, status_of
from tui.core.prompts.files import is_prompt_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.core.engine.events import Event
    from tui.core.engine.git import FileState
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.store.runs import GitState

_SETTLED_S = 0.2
"""What changes again within this time is looked at once."""
_FRESH_S = 1.0
_PATIENCE_S = 0.5
"""How long a run that is about to be sent waits for the first look."""
_AGAIN_S = 5.0
"""After so long it is tried again to watch a repository: there may be one now."""
_STEP_MS = 200
"""Each step is a wake-up, for ever."""
_TELLING = frozenset(("HEAD", "index", "ORIG_HEAD", "packed-refs"))
"""The files below `.git` of which one changes with every commit, checkout, add or reset; and `logs/HEAD`."""


@dataclass(frozen=True, slots=True)
class GitFacts:
    """What a run records of git: HEAD, and the state of the prompt's file."""

    commit: str | None = None
    state: GitState | None = None
    """None where it is not known."""


@dataclass(frozen=True, slots=True)
class _Look:
    repository: Repository | None = None
    status: Status | None = None
    states: Mapping[str, FileState | None] | None = None
    """By path relative to the prompts folder; None for a file outside of the repository."""
    hashes: Mapping[str, str] | None = None
    """What the files said, by the same paths."""


class GitWatch:
    """For the engine's loop, but for `stale`; git itself runs in threads."""

    def __init__(self, folder: Path, publish: Callable[[Event], None]) -> None:
        self._folder = folder
        self._publish = publish
        self._library: LibrarySnapshot | None = None
        self._look = _Look()
        self._looked_at: float | None = None
        self._looking = asyncio.Lock()
        self._stale = asyncio.Event()
        self._known = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._given_up = False
        self._told: GitChanged | None = None

    def stale(self, library: LibrarySnapshot) -> None:
        """Note that the prompts have changed; for any thread."""
        if not library.loading:
            self._library = library
            if self._loop is not None:
                with contextlib.suppress(RuntimeError):  # the loop may have ended
                    self._loop.call_soon_threadsafe(self._stale.set)

    async def follow(self) -> None:
        """Publish a GitChanged whenever the state is another one; until cancelled, or git is too slow."""
        self._loop = asyncio.get_running_loop()
        if self._library is not None:
            self._stale.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow_repository())
            while not self._given_up:
                await self._stale.wait()
                if self._known.is_set():
                    await asyncio.sleep(_SETTLED_S)
                self._stale.clear()
                await self._look_again()

    async def facts(self, row: VersionRow) -> GitFacts:
        """Return what to record of a version's file now; waits for half a second at most."""
        with contextlib.suppress(TimeoutError):
            if self._loop is not None:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._known.wait()
            elif self._looked_at is None or time.monotonic() - self._looked_at > _FRESH_S:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._look_again()
        if not self._known.is_set() or self._given_up:
            return GitFacts()
        look = self._look
        state = (look.states or {}).get(row.path, "untracked")  # a file that came since git was asked
        if look.status is None or state is None:
            return GitFacts(state="none")
        if state == "ignored":
            state = "untracked"
        elif state == "clean" and (look.hashes or {}).get(row.path) != row.content_hash:
            state = "modified"  # since git was asked
        return GitFacts(look.status.commit, state)

    async def at_head(self, path: str) -> bytes | None:
        """Return a prompt file as HEAD has it, None if HEAD does not have it."""
        repository = self._look.repository
        inside = None if repository is None else _path_in(repository, self._folder / path, {})
        if inside is None:
            return None
        with contextlib.suppress(TooSlow):
            return await asyncio.to_thread(content_at_head, self._folder, inside)
        return None

    @property
    def commit(self) -> str | None:
        """HEAD as it was last seen."""
        return self._look.status.commit if self._look.status else None

    async def _look_again(self) -> None:
        async with self._looking:
            if self._given_up:
                return
            try:
                self._look = await asyncio.to_thread(look, self._folder, self._library)
            except TooSlow:
                self._given_up, self._look = True, _Look()
        self._looked_at = time.monotonic()
        self._known.set()
        said = _event(self._look)
        if said != self._told and (self._told or said.branch):
            self._told = said
            self._publish(said)

    async def _follow_repository(self) -> None:
        """Notice commits, checkouts and the like, which change no prompt file."""
        from watchfiles import awatch

        await self._known.wait()
        while not self._given_up:
            repository = self._look.repository
            if repository is not None:
                places = [repository.git_dir, repository.git_dir / "logs"]
                with contextlib.suppress(OSError, RuntimeError):  # as watchfiles says that it cannot
                    events = awatch(
                        *[place for place in places if place.is_dir()],
                        watch_filter=lambda _, path: os.path.basename(path) in _TELLING,  # noqa: PTH119
                        step=_STEP_MS,
                        recursive=False,
                    )
                    async with aclosing(events):
                        async for _ in events:
                            self._stale.set()
            await asyncio.sleep(_AGAIN_S)


def look(folder: Path, library: LibrarySnapshot | None) -> _Look:
    """Ask git about the files of a library. Raises TooSlow."""
    repository = find_repository(folder)
    status = status_of(folder) if repository is not None else None
    if repository is None or status is None:
        return _Look()
    rows = library.versions if library is not None else ()
    paths = [*(row.path for row in rows), *(report.path for report in (library.reports if library else ()))]
    states = dict(_states(repository, status, folder, paths))
    return _Look(repository, status, states, {row.path: row.content_hash for row in rows})


def _states(
    repository: Repository, status: Status, folder: Path, paths: Iterable[str]
) -> Iterable[tuple[str, FileState | None]]:
    real: dict[str, str] = {}
    for path in paths:
        file = folder / path
        inside = _path_in(repository, file, real)
        state = None if inside is None else status.state(inside)
        if state == "clean" and file.is_symlink():  # it is the target that can have changed
            target = _path_in(repository, Path(os.path.realpath(file)), real)
            state = status.state(target) if target is not None else state
        yield path, state


def _path_in(repository: Repository, file: Path, real: dict[str, str]) -> str | None:
    """Return a path relative to the repository's top, None if it is outside; a link stands for itself."""
    parent = str(file.parent)
    if parent not in real:
        real[parent] = os.path.realpath(parent)
    inside = os.path.relpath(f"{real[parent]}/{file.name}", repository.top)
    return None if inside.startswith("../") else inside


def _event(look: _Look) -> GitChanged:
    if look.status is None:
        return GitChanged("", None, {}, 0, 0)
    states = {
        path: state for path, state in (look.states or {}).items() if state in ("modified", "untracked")
    }
    all_states = [
        state
        for path, state in look.status.states.items()
        if is_prompt_path(PurePosixPath(PurePosixPath(path).name))
    ]
    return GitChanged(
        look.status.branch,
        look.status.commit,
        states,
        all_states.count("modified"),
        all_states.count("untracked"),
    )
