"""What the engine tells its listeners: immutable values, of which the latest of each key is enough."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.engine.matrix.grid import MatrixChanged
from tui.core.engine.transcript import Transcript
from tui.core.providers.base import Usage

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from datetime import datetime
    from pathlib import Path

    from tui.core.cases.book import CasesSnapshot
    from tui.core.prices.price import Cost
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.quota.snapshot import QuotaSnapshot
    from tui.core.settings import Settings

RunStatus: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]
NO_USAGE = Usage(tokens_in=None, tokens_out=None, cached=None, reasoning=None)


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One provider as its panel shows it; the gauge itself is computed from `quota` for any later moment."""

    name: str
    title: str
    model: str
    quota: QuotaSnapshot
    missing: tuple[str, ...] = ()
    """Environment variables that must be set before a call; empty when nothing is missing."""
    running: int = 0
    """Calls sent and not yet answered."""
    last: str = ""
    """The last result in a word: "ok", "429", "auth", …; empty before the first call."""
    last_message: str = ""
    """The sentence that goes with a last result other than "ok"."""
    stopped: str = ""
    """Why no call is sent until the user has done something about it, as a sentence; else empty."""
    scenario: str = ""
    """What the simulator does to the next calls, such as `rate_limit=3 ×2`; empty: nothing unusual."""

    models: Mapping[str, QuotaSnapshot] = field(default_factory=dict)
    """The quotas of the models that have one of their own."""

    def about(self, model: str) -> ProviderState:
        """Return the state as a call to that model meets it: its quota may be one of its own."""
        return replace(self, model=model, quota=self.models.get(model, self.quota))

    @property
    def usable(self) -> bool:
        """Whether a call can be made at all."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a run waits before it is sent again, and until when."""

    kind: str
    """The class of the error that it met."""
    retry: int
    """Which of the repetitions comes next, from 1."""
    retries: int
    """How many there may be."""
    until_ns: int | None
    """When it is due, on the clock of `tui.core.quota.clock.now_ns`; None: when the provider's hold ends."""


@dataclass(frozen=True, slots=True)
class RunState:
    """One request and its answer so far."""

    id: str
    name: str
    """The prompt; empty for free text."""
    version: int
    provider: str
    model: str
    """The model asked for."""
    status: RunStatus
    transcript: Transcript = field(default_factory=Transcript, compare=False)
    """The answer's text, growing; read it from where you stopped. Another object than before means that the
    provider has replaced what it had said: read it from its beginning."""
    received: int = 0
    """How many characters the transcript had when this state was made."""
    reasoning: int = 0
    """Characters of reasoning received, which is kept apart from the answer."""
    thoughts: Transcript = field(default_factory=Transcript, compare=False)
    """The reasoning itself."""
    finish: str = ""
    raw_finish: str = ""
    """Why the answer ended, in the provider's own word."""
    reported_model: str = ""
    """The model that the provider says has answered."""
    request_id: str = ""
    """The provider's name for the request, for asking its support."""
    error_class: str = ""
    error: str = ""
    stopped: bool = False
    """Whether no further call goes to its provider and model, until the user says so or its day ends."""
    usage: Usage = NO_USAGE
    cost: Cost | None = None
    """What it cost, where that is known."""
    waited_s: float = 0.0
    """Seconds spent waiting for the provider's bucket."""
    first_token_s: float | None = None
    """Seconds from sending the request to the first text."""
    total_s: float | None = None
    """Seconds from sending the request to the end; None while it runs."""
    attempts: int = 0
    pause: Pause | None = None
    """While it waits to be sent again."""
    notes: tuple[str, ...] = ()
    """Sentences about what was done to the request on the way."""
    outcome: str | None = None
    note: str = ""
    """What a person wrote about it."""
    asked_at: float = 0.0
    """When it was asked for, in seconds since the epoch."""
    batch: str = ""
    """The id of those that were asked for together with it; empty: it was asked for alone."""
    case: str = ""
    """The name of the values it was asked with, if they have one."""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """The prompts as they are served now."""

    snapshot: LibrarySnapshot

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "library"


@dataclass(frozen=True, slots=True)
class CasesChanged:
    """The cases as their files say now."""

    snapshot: CasesSnapshot

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "cases"


@dataclass(frozen=True, slots=True)
class WatchChanged:
    """How the prompts folder is being watched."""

    mode: Literal["inotify", "polling", "absent"]
    reason: str = ""

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "watch"


@dataclass(frozen=True, slots=True)
class ProviderChanged:
    """A provider's panel changed by more than the passing of time."""

    state: ProviderState

    @property
    def key(self) -> Hashable:
        """Of several for one provider, the latest counts."""
        return "provider", self.state.name


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run went on, or ended."""

    state: RunState

    @property
    def key(self) -> Hashable:
        """Of several for one run, the latest counts."""
        return "run", self.state.id


@dataclass(frozen=True, slots=True)
class TodayChanged:
    """How many calls were made today (local time), by every process on this database, and what they cost."""

    calls: int
    usd: Decimal = Decimal(0)
    """The sum of the costs that are known."""
    unpriced: int = 0
    """How many calls, of those that were answered, are not in that sum."""
    estimated: bool = False
    """Whether any of it rests on tokens that were estimated."""

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "today"


@dataclass(frozen=True, slots=True)
class DraftNote:
    """That a file has a draft, and whose it is."""

    path: str
    updated_at: datetime
    pid: int | None
    """None: it was set aside."""
    host: str
    mine: bool
    """Whether this process types in it."""
    elsewhere: bool
    """Whether another process types in it now, as far as this machine can tell."""


@dataclass(frozen=True, slots=True)
class DraftsChanged:
    """Which files have drafts now; of several for one file, all."""

    drafts: tuple[DraftNote, ...]

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "drafts"


@dataclass(frozen=True, slots=True)
class GitChanged:
    """The state of the prompt files in git."""

    branch: str
    """Empty where there is no repository, no git, or one that takes too long."""
    commit: str | None
    """HEAD."""
    states: Mapping[str, str]
    """By path: "modified" or "untracked"; what is clean, ignored or elsewhere is not there."""
    modified: int
    """How many prompt files were changed since the commit, those removed included."""
    untracked: int
    """How many no commit has."""

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "git"


@dataclass(frozen=True, slots=True)
class RunRated:
    """A person's verdict on a run was written down."""

    run_id: str
    outcome: str | None
    note: str

    @property
    def key(self) -> Hashable:
        """Of several for one run, the latest counts."""
        return "rated", self.run_id


@dataclass(frozen=True, slots=True)
class ExportChanged:
    """How far the export of runs is; without a path there is none any more."""

    path: Path | None
    done: int
    total: int

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "export"


@dataclass(frozen=True, slots=True)
class SettingsChanged:
    """The settings file was saved, and says this now."""

    settings: Settings

    @property
    def key(self) -> Hashable:
        """Of several, the latest counts."""
        return "settings"


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence for the user about something that went on in the background."""

    message: str
    severity: Literal["information", "warning", "error"] = "information"

    @classmethod
    def about(cls, what: str, error: BaseException) -> Notice:
        """Say what went wrong, and why in the error's own words."""
        return cls(f"{what}: {str(error) or type(error).__name__}", "error")

    @property
    def key(self) -> Hashable:
        """Notices do not replace each other, unless they say the same."""
        return "notice", self.message


Event: TypeAlias = (
    LibraryChanged
    | CasesChanged
    | WatchChanged
    | ProviderChanged
    | RunChanged
    | TodayChanged
    | DraftsChanged
    | GitChanged
    | RunRated
    | ExportChanged
    | MatrixChanged
    | SettingsChanged
    | Notice
)

STANDING = (
    LibraryChanged,
    CasesChanged,
    TodayChanged,
    WatchChanged,
    DraftsChanged,
    GitChanged,
    ExportChanged,
)
"""What holds until another such event says otherwise."""
