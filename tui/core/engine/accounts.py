"""One account at a provider: its address, its key, its limiters, and how its last call went."""

from __future__ import annotations

import dataclasses
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tui.core.engine.estimate import estimate
from tui.core.engine.events import ProviderState
from tui.core.engine.ledgers import OpenLedger, in_memory
from tui.core.providers.base import moved
from tui.core.providers.errors import ProviderError
from tui.core.providers.sentences import about_missing
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import Dismissed
from tui.core.quota.limiter import Limiter
from tui.core.quota.queue import Priority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.core.providers.base import Credentials, Provider, Request
    from tui.core.providers.spent_day import SpentDay
    from tui.core.quota.grant import Grant
    from tui.core.quota.ledger import Ledger
    from tui.core.quota.limits import Limits
    from tui.core.quota.snapshot import QuotaSnapshot

DAY_USED = "the day's quota is used up"
NO_MODELS: Mapping[str, Any] = MappingProxyType({})
_WORDS = {"rate_limit": "429", "bad_request": "refused", "auth": "bad key", "billing": "no credit"}


class Account:
    """What the engine holds for each provider; used from the engine's loop only, except `state`."""

    def __init__(
        self,
        provider: Provider,
        limits: Limits,
        credentials: Credentials | None,
        missing: tuple[str, ...],
        changed: Callable[[ProviderState], None],
        open_ledger: OpenLedger = in_memory,
        model_limits: Mapping[str, Limits] = NO_MODELS,
        clock: Callable[[], int] = now_ns,
    ) -> None:
        """Open the limiter of the provider, and one for each model that has limits of its own.

        `clock` is that of the limiters, in ns.
        """
        self._clock = clock
        self.provider = provider
        self.credentials = credentials
        self._open_ledger = open_ledger
        self._ledgers: dict[Limiter, Ledger] = {}
        self.limiter = self._open_limiter(provider.name, limits)
        self._of_models = {model: self._limiter_of(model, own) for model, own in model_limits.items()}
        self._missing = missing
        self._changed = changed
        self._running = 0
        self._last = ""
        self._last_message = ""
        self._scenario = ""
        self._spent: dict[str, tuple[int, str]] = {}
        """Models without a limiter whose day is used up: until when (ns of our clock), and the sentence."""
        self._stop: ProviderError | None = None
        self.stopped_at: int | None = None
        """When calls were stopped (ns of the wall clock); None while they may go."""

    @property
    def state(self) -> ProviderState:
        """An immutable picture of the account, from any thread."""
        return ProviderState(
            name=self.provider.name,
            title=self.provider.title,
            model=self.provider.model,
            quota=self.limiter.snapshot(),
            missing=self._missing,
            running=self._running,
            last=self._last,
            last_message=self._last_message,
            stopped=self._stop.message if self._stop else "",
            scenario=self._scenario,
            models=self._models_held() | {name: one.snapshot() for name, one in self._of_models.items()},
        )

    @property
    def limiters(self) -> tuple[Limiter, ...]:
        """The provider's limiter, and those of models, also of some that have none of their own any more."""
        return tuple(self._ledgers)

    def limiter_for(self, model: str | None = None) -> Limiter:
        """Return the limiter that a call to that model has to ask: its own, or else the provider's."""
        return self._of_models.get(model or "", self.limiter)

    @property
    def shared(self) -> bool:
        """Whether the quota is meant to be shared with other processes."""
        return self._ledgers[self.limiter].shared

    @property
    def problem(self) -> str:
        """Why the quota is not shared though it should be, as a sentence; else empty."""
        return next((ledger.problem for ledger in self._ledgers.values() if ledger.problem), "")

    @property
    def meanwhile(self) -> str:
        """What that means for the rate of this process, as a sentence."""
        return self._ledgers[self.limiter].meanwhile

    def close(self) -> None:
        """Let go of the ledgers, where no loop ever ran; else `limiter.close()` does that."""
        for ledger in self._ledgers.values():
            ledger.close()

    def limit(self, limits: Limits, model_limits: Mapping[str, Limits]) -> bool:
        """Change the limits while running, and return whether any of them is new.

        What was used stays used. A model that has lost its own goes by the provider's; who waits for it yet
        keeps his place, under the limits that the provider has.
        """
        changed = _reconfigured(self.limiter, limits)
        for model, limiter in list(self._of_models.items()):
            if model not in model_limits:
                _reconfigured(self._of_models.pop(model), limits)
                changed = True
            else:
                changed |= _reconfigured(limiter, model_limits[model])
        for model in model_limits.keys() - self._of_models.keys():
            self._of_models[model] = limiter = self._limiter_of(model, model_limits[model])
            _reconfigured(limiter, model_limits[model])  # if it is one that has been there before
            changed = True
        if changed:
            self._publish()
        return changed

    def adapt(self, provider: Provider) -> bool:
        """Take over the clocks, the retries and what is said of models; return whether any of it is new."""
        before = self.provider
        self.provider = dataclasses.replace(
            before, timeouts=provider.timeouts, retries=provider.retries, models=provider.models
        )
        return before != self.provider

    def need_leave(self, model: str = "") -> None:
        """Raise ProviderError while no call can go well: without a key, or once it was refused.

        So does one to a `model` whose day is used up.
        """
        if self._missing:
            message = about_missing(self.provider, self._missing)
            raise ProviderError("auth", message, provider=self.provider.name)
        if self._stop:
            raise ProviderError(self._stop.kind, self._stop.message, provider=self.provider.name)
        if self.rest_of_day(model) > 0:
            _, message = self._spent[model]
            raise ProviderError("rate_limit", message, provider=self.provider.name, passing=False)

    def rest_of_day(self, model: str) -> float:
        """Return the seconds for which a call to `model` is refused, because its own day is used up."""
        return max(0, self._spent.get(model, (0, ""))[0] - self._clock()) / 1e9

    def shut_to(self, model: str) -> bool:
        """Whether no call to `model` goes out until the user says so, or for the rest of a day."""
        held = self.limiter_for(model).snapshot()
        day_used = held.hold_reason == DAY_USED and held.hold_in(self._clock()) > 0
        return bool(self._stop) or day_used or self.rest_of_day(model) > 0

    async def acquire(self, request: Request, timeout: float | None, *, yields: bool = False) -> Grant:
        """Return the leave to send a request, when it is its turn; `timeout` in seconds.

        One that `yields` lets those go first that do not.

        Raises QuotaError, and ProviderError as `need_leave` does, also if that comes about meanwhile.
        """
        self.need_leave(request.model)
        tokens_in, tokens_out = self.estimate(request)
        try:
            grant = await self.limiter_for(request.model).acquire(
                input_tokens=tokens_in,
                output_tokens=tokens_out,
                priority=Priority.BATCH if yields else Priority.INTERACTIVE,
                timeout=timeout,
            )
        except Dismissed:
            self.need_leave()
            raise
        if self._stop:
            grant.release(sent=False)
            self.need_leave()
        return grant

    def allow_calls(self) -> None:
        """End the stop that followed a refused key or an empty account: something was done about it."""
        if self._stop:
            self._stop = self.stopped_at = None
            self._publish()

    def spend_day(self, model: str, day: SpentDay, message: str) -> None:
        """Send nothing more until the vendor's day has ended: to the account, or where only that is meant,
        to the model. What other processes share is held for them too.
        """
        limiter = self.limiter_for(model)
        if day.of_model and limiter is self.limiter:
            self._spent[model] = self._clock() + round(day.rest_s * 1e9), message
            self._publish()
        else:
            limiter.hold(day.rest_s, DAY_USED)

    def _models_held(self) -> dict[str, QuotaSnapshot]:
        own = self.limiter.snapshot()
        return {
            model: dataclasses.replace(own, hold_until_ns=until, hold_reason=DAY_USED)
            for model, (until, _) in self._spent.items()
            if self.rest_of_day(model) > 0
        }

    def resume(self) -> None:
        """Let calls go again, whatever has held or stopped them."""
        self.allow_calls()
        self._spent.clear()
        self._publish()
        for limiter in self.limiters:
            limiter.resume()

    def move_to(self, base_url: str) -> None:
        """Send the calls from now on to another address (the simulator's)."""
        self.provider = moved(self.provider, base_url)

    def simulating(self, scenario: str) -> None:
        """Note what the simulator will do to the next calls; empty: nothing unusual."""
        if scenario != self._scenario:
            self._scenario = scenario
            self._publish()

    def estimate(self, request: Request) -> tuple[int, int]:
        """Return the input and output tokens to reserve for a request; (0, 0) where none are counted."""
        rates = self.limiter_for(request.model).snapshot().rates
        limits = {rate.spec.kind: rate.spec.limit for rate in rates}
        return estimate(request, self.provider, limits)

    def call_started(self) -> None:
        """Count a call as sent."""
        self._running += 1
        self._publish()

    def call_ended(
        self, error: ProviderError | None = None, *, cancelled: bool = False, withheld: str = ""
    ) -> None:
        """Count a call as answered, and keep how it went for the panel; `withheld`: why its answer was."""
        self._running -= 1
        if not cancelled:
            fine = "filtered" if withheld else "ok"
            self._last = _WORDS.get(error.kind, error.kind) if error else fine
            self._last_message = error.message if error else withheld
        if error and error.kind in ("auth", "billing"):
            self._stop_calls(error)
        self._publish()

    def _stop_calls(self, error: ProviderError) -> None:
        """Send away who waits, and refuse who comes: each call would only be refused for the same reason."""
        self._stop = error
        self.stopped_at = time.time_ns()
        for limiter in self.limiters:
            limiter.dismiss(error.message)

    def _limiter_of(self, model: str, limits: Limits) -> Limiter:
        """Return the limiter that a model has had before, or a new one."""
        name = f"{self.provider.name}/{model}"
        had = (limiter for limiter in self._ledgers if limiter.name == name)
        return next(had, None) or self._open_limiter(name, limits)

    def _open_limiter(self, name: str, limits: Limits) -> Limiter:
        """Vendors count each model on its own, so that its state is kept under a name of its own."""
        key = self.credentials.key if self.credentials else ""
        ledger = self._open_ledger(name, key, limits)
        limiter = Limiter(name, limits, on_change=self._publish, ledger=ledger)
        self._ledgers[limiter] = ledger
        return limiter

    def _publish(self) -> None:
        self._changed(self.state)


def _reconfigured(limiter: Limiter, limits: Limits) -> bool:
    if limits == limiter.limits:
        return False
    limiter.reconfigure(limits)
    return True
