"""`penstock quota`: what is left at each provider, for all processes of the user; and stopping them all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NoReturn

import click

from tui.commands.accounts import PATIENCE_S, find_accounts, hear, refresh
from tui.commands.mistake import Mistake
from tui.commands.opening import open_workspace
from tui.core.engine.choice import UnknownProvider
from tui.core.engine.resumption import Resumption
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import LimitError
from tui.core.text import printable, printable_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tui.core.engine.accounts import Account
    from tui.core.quota.limiter import Limiter
    from tui.core.quota.snapshot import QuotaSnapshot
    from tui.core.workspace import Options

_LOOK_S = 0.25


def show(options: Options, *, as_json: bool, watch: bool) -> None:
    """Print a line for each provider; with `watch`, each again whenever it says something else.

    Without `watch`, raises ClickException where the shared quota cannot be read: what a process that has just
    begun would tell of its own is no answer. As JSON it is printed all the same, with the problem in it.
    """
    asyncio.run(_show(options, as_json=as_json, watch=watch))


async def _show(options: Options, *, as_json: bool, watch: bool) -> None:
    accounts = find_accounts(options)
    await hear(accounts)
    if watch:
        await _follow(accounts, as_json)
    if as_json:
        now = now_ns()
        found = [_as_dict(account, quota, now) for account, quota in _quotas(accounts)]
        click.echo(printable_json(found, indent=2))
    _refuse(accounts)
    if not as_json:
        for line in _lines(accounts).values():
            click.echo(line)


async def _follow(accounts: Mapping[str, Account], as_json: bool) -> NoReturn:
    said: dict[str, str] = {}
    while True:
        for name, line in _lines(accounts, as_json).items():
            if said.get(name) != line:
                said[name] = line
                click.echo(line)
        for problem in sorted({account.problem for account in accounts.values()} - {"", said.get("")}):
            said[""] = problem
            click.echo(printable(problem), err=True)
        await asyncio.sleep(_LOOK_S)
        refresh(accounts)


def _quotas(accounts: Mapping[str, Account]) -> list[tuple[Account, QuotaSnapshot]]:
    """Return the quotas of the providers, and those of the models that have one of their own."""
    return [(account, limiter.snapshot()) for account in accounts.values() for limiter in account.limiters]


def _lines(accounts: Mapping[str, Account], as_json: bool = False) -> dict[str, str]:
    """Return a line for each quota by its name."""
    now, quotas = now_ns(), _quotas(accounts)
    width = max((len(quota.name) for _, quota in quotas), default=0)
    return {
        quota.name: printable_json(_as_dict(account, quota, now)) if as_json else _line(quota, now, width)
        for account, quota in quotas
    }


def _refuse(accounts: Mapping[str, Account]) -> None:
    problems = sorted({account.problem for account in accounts.values()} - {""})
    if problems:
        raise _unreachable(" ".join(problems))


def _unreachable(problem: str) -> click.ClickException:
    """Return the error of a quota whose state cannot be asked for; exit code 1."""
    where = "Where it is kept is set by `ledger` in the settings, or by PENSTOCK_LEDGER."
    return click.ClickException(f"{problem} {where}")


def hold(options: Options, provider: str, seconds: float, reason: str) -> None:
    """Let no process of the user call the provider for so long. Raises Mistake."""
    account = _account(options, provider)
    _need_shared(account, options)
    try:
        _carry_out(account, lambda limiter: limiter.hold(seconds, printable(reason)))
    except LimitError as error:
        raise Mistake(str(error)) from error
    _confirm(account)


def resume(options: Options, provider: str) -> None:
    """End a hold, and the stop after a refused key or an empty account. Raises Mistake."""
    account = _account(options, provider)
    if not options.demo:
        _tell(open_workspace(options)[0].state_dir, provider)
    if options.demo or account.problem or account.shared:
        _need_shared(account, options)
        _carry_out(account, lambda limiter: limiter.resume())
    _confirm(account)


def _tell(state_dir: Path, provider: str) -> None:
    """Tell the programs that run that they may call again after a refused key or an empty account."""
    try:
        Resumption(state_dir).tell(provider)
    except OSError as error:
        raise click.ClickException(f"{state_dir} cannot be written ({error.strerror}).") from error


def _account(options: Options, provider: str) -> Account:
    accounts = find_accounts(options)
    if provider not in accounts:
        raise Mistake(str(UnknownProvider.among(provider, accounts)))
    return accounts[provider]


def _need_shared(account: Account, options: Options) -> None:
    """Raise what keeps other programs from hearing of a change."""
    if account.problem:
        raise _unreachable(account.problem)
    if not account.shared:
        why = "a demo counts for itself" if options.demo else 'the settings say ledger = "memory"'
        raise Mistake(f"No other program would notice: {why}.")


def _carry_out(account: Account, change: Callable[[Limiter], None]) -> None:
    """Change every quota of an account, and wait until the others can see it; all in one loop, since they
    may share a connection. Raises ClickException if one cannot be had.
    """

    async def carry_out() -> None:
        limiters = list(account.limiters)
        for limiter in limiters:
            change(limiter)
            for _ in range(2):  # the next change begins when the last one is kept
                begun = asyncio.Event()
                limiter.apply(lambda _meter, _now, begun=begun: begun.set())  # type: ignore[misc]
                async with asyncio.timeout(PATIENCE_S):
                    await begun.wait()
        for limiter in limiters:
            limiter.close()
        for limiter in limiters:
            await limiter.closed()

    try:
        asyncio.run(carry_out())
    except TimeoutError as error:
        raise click.ClickException("The shared quota is busy; try again.") from error


def _confirm(account: Account) -> None:
    if account.problem:
        raise _unreachable(account.problem)
    for line in _lines({account.provider.name: account}).values():
        click.echo(line)
    if missing := account.state.missing:
        names = " and ".join(missing)
        click.echo(f"{names} is not set here, so this concerns only programs without that key.", err=True)


def _line(quota: QuotaSnapshot, now: int, width: int) -> str:
    limits = quota.limits
    most = "" if limits.max_in_flight is None else f"/{limits.max_in_flight}"
    reading = quota.reading(now)
    parts = [
        f"{quota.name:<{width}}",
        "no limit" if reading is None else f"{reading[0]}/{reading[1]}",
        "at once" if quota.unlimited else f"{_rate(quota):g} a minute",
        _today(quota, now),
        _when(quota, now),
        f"{_waiting(quota)} waiting",
        f"{quota.in_flight}{most} in flight",
        quota.source,
    ]
    return "  ".join(part for part in parts if part)


def _when(quota: QuotaSnapshot, now: int) -> str:
    """Return what comes next in time: the end of a hold, room for a call, or a full bucket."""
    if (held := quota.hold_in(now)) > 0:
        return f"hold {_seconds(held)} ({printable(quota.hold_reason)})"
    if quota.day_left(now) == 0:
        return f"next day in {_seconds(quota.day_ends_in(now))}"
    if (next_in := quota.next_in(now)) > 0:
        return f"next in {_seconds(next_in)}"
    full_in = quota.full_in(now)
    return f"full in {_seconds(full_in)}" if full_in > 0 else "full"


def _today(quota: QuotaSnapshot, now: int) -> str:
    """Return what is left of the day; empty without a limit a day."""
    left = quota.day_left(now)
    return "" if left is None else f"{left}/{quota.limits.requests_per_day} today"


def _as_dict(account: Account, quota: QuotaSnapshot, now: int) -> dict[str, object]:
    """Return all that is known; times in whole seconds, rounded up. What has no limit is null."""
    held = quota.hold_in(now)
    name, unlimited = account.provider.name, quota.unlimited
    return {
        "provider": name,
        "model": quota.name.removeprefix(f"{name}/") if quota.name != name else None,
        "left": None if unlimited else quota.left(now),
        "capacity": None if unlimited else quota.capacity,
        "at_once": None if unlimited else int(quota.burst_now(now)),
        "requests_per_minute": None if unlimited else _rate(quota),
        "left_today": quota.day_left(now),
        "requests_per_day": quota.limits.requests_per_day,
        "day_ends_in_s": None if quota.day is None else _whole(quota.day_ends_in(now)),
        "next_in_s": _whole(quota.next_in(now)),
        "full_in_s": _whole(quota.full_in(now)),
        "waiting": _waiting(quota),
        "in_flight": quota.in_flight,
        "max_in_flight": quota.limits.max_in_flight,
        "hold_s": _whole(held),
        "hold_reason": quota.hold_reason if held > 0 else None,
        "stated": {kind.name.lower(): limit for kind, limit in quota.stated.items()},
        "missing": list(account.state.missing),
        "source": quota.source,
        "problem": quota.problem or None,
    }


def _rate(quota: QuotaSnapshot) -> float:
    """Return the requests a minute in force: fewer after refusals."""
    return round(quota.capacity * quota.factor, 1)


def _waiting(quota: QuotaSnapshot) -> int:
    return quota.waiting + sum(quota.others_waiting)


def _whole(seconds: float) -> int:
    return -int(-seconds // 1)


def _seconds(seconds: float) -> str:
    whole = _whole(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"
