"""A place of its own for a test: prompts, data, settings, and engines whose providers are the simulator."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui.core.engine.engine import Engine
from tui.core.engine.events import Event, LibraryChanged, Notice, RunChanged, RunState
from tui.core.engine.request import RunRequest
from tui.core.prompts.snapshot import VersionRow, versions_of
from tui.core.settings import Settings, parse_settings
from tui.core.workspace import Options, Workspace, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.simulator import SimulatorServer

E = TypeVar("E")

PROVIDERS = ("openai", "anthropic", "google", "deepseek", "yandex")
SECRET = "sesame-9f3c1b7d5e"
KEYS = {
    "OPENAI_API_KEY": SECRET,
    "ANTHROPIC_API_KEY": SECRET,
    "GEMINI_API_KEY": SECRET,
    "DEEPSEEK_API_KEY": SECRET,
    "YC_API_KEY": SECRET,
    "YC_FOLDER_ID": "b1gsimulated",
}
PATIENCE_S = 20.0
"""How long a test waits for what must happen before it gives up; nothing waits this long when all is well."""


class Ears:
    """Hears every event of an engine, and can wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._news = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._news:
            self.events.append(event)
            self._news.notify_all()

    def of(self, kind: type[E]) -> list[E]:
        """All events of a kind until now."""
        return [event for event in list(self.events) if isinstance(event, kind)]

    def wait(self, kind: type[E], fits: Callable[[E], bool] = lambda _: True) -> E:
        """The first event of a kind that fits, be it heard already or yet to come."""
        found: list[E] = []

        def heard() -> bool:
            found[:] = [event for event in self.of(kind) if fits(event)]
            return bool(found)

        with self._news:
            assert self._news.wait_for(heard, PATIENCE_S), f"no such {kind.__name__} in {self.events[-20:]}"
        return found[0]

    def run(self, run_id: str, *statuses: str) -> RunState:
        """The first state of a run with one of these statuses."""
        event = self.wait(
            RunChanged, lambda event: event.state.id == run_id and event.state.status in statuses
        )
        return event.state

    def text_of(self, run_id: str) -> str:
        """Wait until some of a run's answer is there, and return it."""
        event = self.wait(RunChanged, lambda event: event.state.id == run_id and event.state.received > 0)
        return str(event.state.transcript)

    @property
    def notices(self) -> list[str]:
        """What the user was told."""
        return [notice.message for notice in self.of(Notice)]

    def used(self, name: str, count: int) -> None:
        """Wait until a library shows a prompt as used so often."""
        self.wait(
            LibraryChanged,
            lambda event: sum(row.usage_count for row in versions_of(event.snapshot, name)) == count,
        )


class Workshop:
    """Makes prompt files and engines, all of which it stops at the end."""

    def __init__(self, root: Path, simulator: SimulatorServer) -> None:
        self.root = root
        self.simulator = simulator
        self.prompts = root / "prompts"
        self.prompts.mkdir()
        self._engines: list[Engine] = []

    def prompt(
        self, name: str = "noir", version: int = 1, body: str = "Write about {{hero}}.", **keys: Any
    ) -> Path:
        """Write a prompt file; `hero` is a variable with a default unless `variables` says otherwise."""
        front = {"variables": "{hero: {default: Mara}}", **keys}
        lines = [
            f"{key}: {_yaml(value)}" for key, value in {"name": name, "version": version, **front}.items()
        ]
        path = self.prompts / f"{name}-v{version}.md"
        path.write_text("\n".join(["---", *lines, "---", "", body, ""]), encoding="utf-8")
        return path

    def workspace(self, *, demo: bool = False) -> Workspace:
        """The places that every engine of this workshop shares."""
        return resolve(
            Options(
                prompts=self.prompts,
                data_dir=self.root / "data",
                settings=self.root / "settings.toml",
                demo=demo,
            ),
            environ={},
        )

    def settings_text(self, requests_per_minute: int = 60_000, **figures: int) -> str:
        """A settings file: every provider at the simulator, with limits so wide that they are not felt."""
        lines: list[str] = []
        for name in PROVIDERS:
            lines += [f"[providers.{name}]", f'base_url = "{self.simulator.base_url(name)}"']
            lines += [f"[providers.{name}.limits]", f"requests_per_minute = {requests_per_minute}"]
            lines += ['shape = "bucket"', *(f"{key} = {value}" for key, value in figures.items())]
        return "\n".join(lines) + "\n"

    def settings(self, requests_per_minute: int = 60_000, **figures: int) -> Settings:
        """The same, as settings."""
        return parse_settings(self.settings_text(requests_per_minute, **figures), Path("settings.toml"))

    def engine(
        self,
        settings: Settings | None = None,
        *,
        watch: bool = False,
        demo: bool = False,
        environ: Mapping[str, str] = KEYS,
        workspace: Workspace | None = None,
    ) -> Bench:
        """An engine that is not started yet, with ears."""
        engine = Engine(
            workspace or self.workspace(demo=demo), settings or self.settings(), watch=watch, environ=environ
        )
        self._engines.append(engine)
        return Bench(engine)

    def open(self, settings: Settings | None = None, *, watch: bool = False, demo: bool = False) -> Bench:
        """An engine that has loaded the prompts."""
        bench = self.engine(settings, watch=watch, demo=demo)
        bench.start()
        return bench

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Ask the database from outside, as any program with SQLite could."""
        with closing(sqlite3.connect(self.workspace().database)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]

    def runs(self) -> list[dict[str, Any]]:
        """The runs in the database, oldest first."""
        return self.rows("SELECT * FROM runs ORDER BY created_at")

    def close(self) -> None:
        """Stop every engine."""
        for engine in self._engines:
            engine.stop()


class Bench:
    """An engine with ears, and short ways to run a prompt."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.ears = Ears()
        engine.subscribe(self.ears)

    def start(self) -> None:
        """Start and wait for the prompts."""
        self.engine.start()
        self.engine.loaded(PATIENCE_S)

    def row(self, name: str = "noir", version: int = 1) -> VersionRow:
        """A version as it is served."""
        library = self.engine.library
        assert library is not None
        return next(row for row in versions_of(library, name) if row.version == version)

    def request(
        self, provider: str = "openai", name: str = "noir", version: int = 1, **more: Any
    ) -> RunRequest:
        """A request for a run."""
        return RunRequest(self.row(name, version), provider, **more)

    def begin(self, provider: str = "openai", **more: Any) -> RunState:
        """Queue a run."""
        return self.engine.run(self.request(provider, **more)).result(PATIENCE_S)

    def run(self, provider: str = "openai", **more: Any) -> RunState:
        """Run to the end."""
        return self.engine.run_to_end(self.request(provider, **more)).result(PATIENCE_S)

    def settle(self) -> None:
        """Wait until what was asked for before this has been done, the database's part included."""

        async def nothing() -> None:
            shelf = self.engine._need_shelf()
            await shelf.database.call(lambda: None)

        self.engine.submit(nothing).result(PATIENCE_S)


def eventually(happened: Callable[[], bool]) -> None:
    """Wait for something that nobody tells of."""
    give_up = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < give_up
        time.sleep(0.005)


def _yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
