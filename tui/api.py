"""The Python API: the same engine, for any program.

    from tui import Penstock

    with Penstock("prompts") as penstock:
        prompt = penstock.get_prompt("worldbuilding")        # counts the use
        text = prompt.render(genre="noir")
        with penstock.acquire("openai"):                     # waits for the bucket
            ...                                              # your own call, with any SDK
        result = penstock.run("worldbuilding", {"genre": "noir"}, provider="anthropic")
        print(result.text)

Every call blocks and is safe from any thread; `acquire` is for `with` and for `async with`.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tui.core.engine.engine import Engine
from tui.core.engine.runner import RunRequest
from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow, choose, served, versions_of
from tui.core.prompts.template import render
from tui.core.settings import load_settings
from tui.core.workspace import Options, resolve, settings_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from tui.core.providers.base import Usage
    from tui.core.quota.grant import Grant


class UnknownPrompt(LookupError):
    """There is no prompt, or no version, of that name; the message names those there are."""


class RunFailed(RuntimeError):
    """The provider did not answer; `kind` is the class of error, `partial` the text until then."""

    def __init__(self, message: str, kind: str, partial: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.partial = partial


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of a prompt, as it is served now."""

    name: str
    version: int
    template: str
    system: str
    content_hash: str
    """Identifies the revision: the SHA-256 of the file's bytes."""
    row: VersionRow

    def render(self, values: Mapping[str, str] | None = None, /, **more: str) -> str:
        """Return the template with the values filled in; raises MissingValue or UnknownValue."""
        return render(self.template, self.row.variables, {**(values or {}), **more})


@dataclass(frozen=True, slots=True)
class Result:
    """A finished run."""

    id: str
    text: str
    finish: str
    provider: str
    model: str
    version: int
    usage: Usage
    waited_s: float
    total_s: float | None


class Acquisition:
    """A place in a provider's queue; the bucket is asked when the block is entered."""

    def __init__(self, engine: Engine, provider: str, requests: int, timeout: float | None) -> None:
        self._engine = engine
        self._limiter = engine.account(provider).limiter
        self._requests = requests
        self._timeout = timeout
        self._grant: Grant | None = None

    async def _acquire(self) -> Grant:
        return await self._limiter.acquire(requests=self._requests, timeout=self._timeout)

    async def _release(self) -> None:
        if self._grant is not None:
            self._grant.release()

    def __enter__(self) -> Grant:
        future = self._engine.submit(self._acquire)
        try:
            self._grant = future.result()
        except BaseException:
            future.cancel()  # an interrupted caller must not keep its place in the queue
            raise
        return self._grant

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.submit(self._release).result()

    async def __aenter__(self) -> Grant:
        self._grant = await asyncio.wrap_future(self._engine.submit(self._acquire))
        return self._grant

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.wrap_future(self._engine.submit(self._release))


class Penstock:
    """An engine without a screen. Use it as a context manager, or call `close`."""

    def __init__(
        self,
        prompts: str | Path | None = None,
        *,
        data_dir: str | Path | None = None,
        settings: str | Path | None = None,
        demo: bool = False,
        watch: bool = True,
    ) -> None:
        """Open a prompts folder; what is not given is found as the command line finds it.

        `watch` follows the files, so that a long-lived program serves what is on disk now. Raises
        SettingsError or DatabaseError.
        """
        options = Options(
            prompts=Path(prompts) if prompts else None,
            data_dir=Path(data_dir) if data_dir else None,
            settings=Path(settings) if settings else None,
            demo=demo,
        )
        loaded = load_settings(settings_path(options))
        self._random = random.Random()
        self._engine = Engine(resolve(options, loaded.prompts), loaded, watch=watch)
        self._engine.start()
        try:
            self._engine.loaded()
        except BaseException:
            self._engine.stop()
            raise

    def close(self) -> None:
        """Cancel what runs and close the database."""
        self._engine.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def library(self) -> LibrarySnapshot:
        """Every prompt and version, as served now."""
        return self._engine.library or self._engine.loaded()

    def get_prompt(self, name: str, version: int | None = None) -> Prompt:
        """Return a prompt and count one use of it.

        Without `version` it is the one active version, or one drawn by weight where several are active.
        Raises UnknownPrompt.
        """
        row = self._find(name, version)
        self._engine.use(row.id).result()
        return Prompt(row.name, row.version, row.template, row.system, row.content_hash, row)

    def acquire(self, provider: str, *, requests: int = 1, timeout: float | None = None) -> Acquisition:
        """Return a place in the provider's queue, for `with` or `async with` around a call of your own.

        `timeout` is in seconds. Entering raises QuotaError when the wait would be longer; an unknown provider
        raises KeyError at once.
        """
        return Acquisition(self._engine, provider, requests, timeout)

    def run(
        self,
        name: str,
        values: Mapping[str, str] | None = None,
        *,
        provider: str | None = None,
        version: int | None = None,
        model: str | None = None,
        timeout: float | None = None,
    ) -> Result:
        """Run a prompt and wait for the answer; the run is recorded and counts as a use.

        `timeout` bounds the wait for the bucket, in seconds. Raises UnknownPrompt, MissingValue, RunFailed.
        """
        row = self._find(name, version)
        states = self._engine.providers
        chosen = (
            provider or row.provider or next((key for key, state in states.items() if state.usable), None)
        )
        if chosen is None or chosen not in states:
            raise KeyError(f"there is no provider {chosen!r}; there is {', '.join(states)}")
        request = RunRequest(row, chosen, dict(values or {}), model, timeout)
        state = self._engine.run_to_end(request).result()
        if state.error_class:
            raise RunFailed(state.error, state.error_class, str(state.transcript))
        return Result(
            id=state.id,
            text=str(state.transcript),
            finish=state.finish,
            provider=state.provider,
            model=state.model,
            version=state.version,
            usage=state.usage,
            waited_s=state.waited_s,
            total_s=state.total_s,
        )

    def _find(self, name: str, version: int | None) -> VersionRow:
        rows = list(versions_of(self.library, name))
        if version is not None:
            rows = [row for row in rows if row.version == version]
        elif rows:
            rows = [choose(served(self.library, name) or rows[-1:], self._random)]
        if not rows:
            wanted = name if version is None else f"{name} v{version}"
            known = ", ".join(sorted({row.name for row in self.library.versions})) or "none"
            raise UnknownPrompt(f"there is no prompt {wanted} in {self.library.folder}; there is {known}")
        return rows[0]
