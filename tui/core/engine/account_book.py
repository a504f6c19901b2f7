"""The accounts at all providers; one that the settings gain is opened while the others are in use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from tui.core.engine.accounts import NO_MODELS, Account
from tui.core.engine.ledgers import OpenLedger, in_memory
from tui.core.providers.base import Credentials, Provider, find_credentials, missing_credentials
from tui.core.providers.presets import NAMED

if TYPE_CHECKING:
    from tui.core.engine.events import ProviderState
    from tui.core.settings import Settings


class AccountBook(Mapping[str, Account]):
    """By name, those of the presets first; read from any thread.

    In a simulation no key of the user's is read: a simulated server never sees one. Its quota is nobody
    else's either, since each simulation is a server of its own. Only what is simulated is there then, and
    nothing is added later.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        changed: Callable[[ProviderState], None],
        open_ledger: OpenLedger,
        *,
        simulated: bool,
    ) -> None:
        """Open an account for each enabled provider, with the key that the environment holds for it."""
        self._environ = environ
        self._changed = changed
        self._open_ledger = in_memory if simulated else open_ledger
        self._simulated = simulated
        self._by_name: dict[str, Account] = {}  # replaced, never changed: other threads read it meanwhile
        self._open(settings)

    def __getitem__(self, name: str) -> Account:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def complete(self, settings: Settings) -> tuple[Account, ...]:
        """Open an account for each enabled provider that has none, and return these; on the loop only."""
        return () if self._simulated else self._open(settings)

    def _open(self, settings: Settings) -> tuple[Account, ...]:
        enabled, limits = settings.enabled_providers(self._environ), settings.model_limits()
        new = {
            name: Account(
                provider,
                own,
                *self._credentials(provider),
                self._changed,
                self._open_ledger,
                limits.get(name, NO_MODELS),
            )
            for name, (provider, own) in enabled.items()
            if name not in self._by_name and (name in NAMED or not self._simulated)
        }
        every = self._by_name | new
        in_order = [name for name in enabled if name in every]
        gone = [name for name in every if name not in enabled]  # in use until the next start
        self._by_name = {name: every[name] for name in (*in_order, *gone)}
        return tuple(new.values())

    def _credentials(self, provider: Provider) -> tuple[Credentials | None, tuple[str, ...]]:
        """Return what the environment holds for a provider, and the names of what it lacks."""
        if self._simulated:
            return Credentials("simulated", folder="simulated"), ()
        return find_credentials(provider, self._environ), missing_credentials(provider, self._environ)
