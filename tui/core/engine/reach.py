"""What a part of the engine's commands may reach: the loop, the database, the accounts, the listeners."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tui.core.engine.journal import Journal

if TYPE_CHECKING:
    import concurrent.futures
    from collections.abc import Callable, Coroutine, Mapping

    from tui.core.engine.accounts import Account
    from tui.core.engine.events import Event, ProviderState
    from tui.core.engine.runner import Runner
    from tui.core.engine.shelf import Shelf
    from tui.core.prompts.snapshot import LibrarySnapshot
    from tui.core.workspace import Workspace

T = TypeVar("T")


class Submit(Protocol):
    """Runs a coroutine on the engine's loop; never blocks, for any thread."""

    def __call__(self, work: Callable[[], Coroutine[Any, Any, T]], /) -> concurrent.futures.Future[T]:
        """Return the future of what the coroutine returns or raises."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Given to each part when the engine is made; what is a function works only while the engine runs."""

    workspace: Workspace
    submit: Submit
    command: Callable[[Callable[[], Coroutine[Any, Any, None]]], None]
    """Runs what nobody waits for; that it failed is published as a Notice."""
    shelf: Callable[[], Shelf]
    publish: Callable[[Event], None]
    library: Callable[[], LibrarySnapshot | None]
    account: Callable[[str], Account]
    """The account of a provider; raises UnknownProvider."""
    providers: Callable[[], Mapping[str, ProviderState]]
    runner: Callable[[], Runner]
    journal: Journal = field(default_factory=Journal)
    """What was done by command and can be taken back."""
