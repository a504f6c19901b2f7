"""Everything one account has used: several rates and a day, taken from all together or not at all.

A meter is plain state and arithmetic. It knows neither who waits nor what time it is; `now` is passed in.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING

from tui.core.quota.brake import Brake, pause_s
from tui.core.quota.day import DayCount
from tui.core.quota.limits import NOTHING, Kind
from tui.core.quota.rate import Rate, rate_specs
from tui.core.quota.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.core.quota.limits import Cost, Limits
    from tui.core.quota.observation import Observation
    from tui.core.quota.rate import RateFacts

SILENCE_NS = 30_000_000_000
_LATEST = 512

Take = tuple[int, int, tuple[int, ...]]
"""What was taken: its number, when it goes (ns), and the units taken of each rate up to and including it."""


class Meter:
    """The state of an account: its rates, its day, its brake, and how many takes there were."""

    __slots__ = (
        "brake",
        "day",
        "latest",
        "limits",
        "number",
        "processes",
        "rates",
        "running",
        "share",
        "stated",
        "turns",
        "waiting",
    )

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rates = [Rate.fresh(spec) for spec in rate_specs(limits)]
        self.number = 0
        self.latest: deque[Take] = deque(maxlen=_LATEST)
        """This process's latest takes."""
        self.day = DayCount()
        self.brake = Brake()
        self.stated: dict[Kind, int] = {}
        """The limits a minute that the server has stated."""
        self.running = 0
        """This process's calls in flight."""
        self.waiting = 0
        """This process's waiting calls."""
        self.processes: dict[str, tuple[int, int, int]] = {}
        """Of each other process: its calls in flight, its waiting calls, and when it said so (ns)."""
        self.turns = Turns()
        """What each of the processes has had, so that they take turns."""
        self.share = 1.0
        """The part of the limits that is this process's own."""

    def shift(self, by: int) -> None:
        """Move everything by `by` ns, because the clock was moved: no time has passed."""
        self.brake.shift(by)
        self.turns.shift(by)
        for rate in self.rates:
            rate.shift(by)

    def in_flight(self, now: int) -> int:
        """Return the calls in flight of all processes."""
        return self.running + self.elsewhere(now)

    def elsewhere(self, now: int) -> int:
        """Return the other processes' calls in flight; one that is silent for half a minute is gone."""
        if not self.processes or self.share < 1.0:
            return 0
        others = self.processes.values()
        return sum(running for running, _, at in others if at > now - SILENCE_NS)

    def most_in_flight(self) -> int | None:
        """Return how many calls may be in flight: fewer while refusals slow the account down.

        Of a process that has lost the others, only its own count, against its share.
        """
        return self.limits.in_flight_of(self.brake.factor, self.share)

    def room_in_flight(self, now: int) -> bool:
        """Return whether one more of this process's calls may be in flight.

        A process that has its even part of them leaves one to each other that waits and has less.
        """
        most = self.most_in_flight()
        if most is None:
            return True
        free = most - self.in_flight(now)
        if free <= 0 or not self.processes:
            return free > 0
        active = [one for one in self.processes.values() if one[2] > now - SILENCE_NS and (one[0] or one[1])]
        even = -(-most // (1 + len(active)))
        return self.running < even or free > sum(
            waiting > 0 and running < even for running, waiting, _ in active
        )

    def others_waiting(self, now: int) -> tuple[int, ...]:
        """Return how many calls wait in each of the other processes."""
        return tuple(waiting for _, waiting, at in self.processes.values() if at > now - SILENCE_NS)

    def yields(self, now: int) -> bool:
        """Return whether another process waits that has had less than this one, by a request."""
        rivals = [
            name for name, (_, waiting, at) in self.processes.items() if waiting and at > now - SILENCE_NS
        ]
        return self.turns.exceeds(rivals, self.rates[0].spec.bucket.interval_ns // 2)

    def left_on(self, day: int) -> int | None:
        """Return the requests that this process may make on that day still; None without a limit a day."""
        most = self.limits.requests_per_day
        return None if most is None else self.day.left(day, most, self.share)

    def over_limit(self, cost: Cost) -> tuple[Kind, int] | None:
        """Return the first kind, with its limit, of which `cost` is more than a whole minute allows."""
        for rate in self.rates:
            if cost[rate.spec.kind] > rate.spec.whole:
                return rate.spec.kind, rate.spec.whole
        return None

    def wait(self, now: int, cost: Cost, *, reserve: bool = False) -> int:
        """Return the ns until no hold and no rate is in the way; with `reserve`, of a batch call."""
        start = self.brake.until if self.brake.until > now else now
        longest = 0
        for rate in self.rates:
            units = cost[rate.spec.kind]
            if units:
                wait = rate.wait(start, units, rate.spec.reserve if reserve else 0)
                if wait > longest:
                    longest = wait
        return start - now + longest

    def take(self, at: int, cost: Cost, *, keep: bool = True, day: int | None = None) -> int:
        """Take `cost` from every rate at `at`, and from that day, and return the number of the take.

        The caller has made sure that there is room. `keep` says that earlier takes may still be given back.
        """
        self.number = number = self.number + 1
        taken: tuple[int, ...] = ()
        for rate in self.rates:
            taken += (rate.take(at, number, cost[rate.spec.kind], keep),)
        if day is not None:
            self.day.add(day, cost.requests)
        self.latest.append((number, at, taken))
        return number

    def taken(self) -> tuple[int, ...]:
        """Return the units ever taken of each rate."""
        return tuple([rate.taken for rate in self.rates])

    def settle(self, now: int, number: int, reserved: Cost, actual: Cost) -> None:
        """Correct that take from what was reserved to what it really cost."""
        for rate in self.rates:
            was, is_ = reserved[rate.spec.kind], actual[rate.spec.kind]
            if was != is_:
                rate.settle(now, number, was, is_)
        unused = reserved.requests - actual.requests
        self.turns.give_back(unused * self.rates[0].spec.bucket.interval_ns)
        self.day.used = max(0, self.day.used + actual.requests - reserved.requests)

    def undo(self, now: int, number: int, cost: Cost, tats: Sequence[tuple[int, int]]) -> None:
        """Give back a take that nobody has used, wholly if nothing has happened since.

        A take ahead of time moves a TAT over the time until then, which `settle` alone cannot bring back.
        `tats` are the TATs before the take and after it.
        """
        alone = self.number == number and [rate.tat for rate in self.rates] == [after for _, after in tats]
        self.settle(now, number, cost, NOTHING)
        if alone:
            for rate, (before, _) in zip(self.rates, tats, strict=True):
                rate.tat = before

    def observe(self, now: int, take: Take, said: Sequence[Observation], *, calm: bool) -> None:
        """Believe what the answer to that take says, as far as `Rate.observe` does.

        A stated limit below ours takes effect; what is left of one above ours says nothing of what is left of
        ours. What the server cannot have counted yet, because it went later than the margin, is subtracted.
        What went within the margin may have overtaken the call: that it was not counted is not certain, and
        would make of every burst as many units missing as were answered in another order.
        """
        number, at, _ = take
        stated = self.stated | {one.kind: one.usable_limit for one in said if one.usable_limit}
        if stated != self.stated:
            self.stated = stated
            before = {rate.spec.kind: rate.spec.limit for rate in self.rates}
            self.respecify(now)
            for rate in self.rates:
                if rate.spec.limit < before[rate.spec.kind]:
                    rate.forgive(now)
        counted = self._taken_by(take)
        left = {one.kind: one.usable_remaining for one in said}
        missing = [0] * len(self.rates)
        calm = calm and number == self.number
        for place, rate in enumerate(self.rates):
            remaining = left.get(rate.spec.kind)
            if remaining is not None and number > rate.observed:
                above = self.stated.get(rate.spec.kind, 0) > rate.spec.limit
                later = max(0, rate.taken - counted[place])
                if rate is self.rates[0]:
                    self.brake.slowed = 0
                missing[place] = rate.observe(now, number, at, remaining - later, calm=calm and not above)
        if any(missing):
            self.enter(now, missing)

    def _taken_by(self, take: Take) -> tuple[int, ...]:
        """Return what may have been taken, of each rate, by the time the server counted that take."""
        number, at, taken = take
        until = at + self.rates[0].spec.margin_ns
        for later, went, total in reversed(self.latest):
            if later <= number:
                break
            if went <= until:
                return total
        return taken

    def answered(self, number: int) -> None:
        """Note that the provider took that call: the next refusal is the first in a row."""
        if number > self.brake.settled_number:
            self.brake.refusals = 0

    def refuse(self, now: int, number: int, told_s: float | None, reason: str, chance: float) -> None:
        """Stop because the provider refused that take as one too many.

        After the pause the bucket lets one call go and then the rate (slow start): TAT := until + (B-1)*T.
        If there should have been room, the rate is lowered as well.
        """
        brake = self.brake
        fresh = number > brake.settled_number
        if not fresh and told_s is None:
            return
        if brake.until <= now:
            brake.slowed = 0
        if fresh:
            brake.refusals += 1
            brake.settled_number = self.number
            if self.rates[0].spec.bucket.level(self.rates[0].tat, now) > 0:
                brake.slow_down(now)
                self.respecify(now)
        pause = pause_s(told_s, brake.refusals, chance)
        brake.hold(now + int(pause * 1e9), reason)
        requests = self.rates[0]
        before, requests.tat = requests.tat, requests.spec.bucket.lower(requests.tat, brake.until, 1)
        brake.slowed += requests.tat - before
        requests.refunds.void = self.number

    def resume(self, now: int) -> None:
        """End a hold; the slow start that was to come after a refusal's comes now: what was used stays so."""
        requests, brake = self.rates[0], self.brake
        if now < brake.until:
            unslowed = requests.tat - brake.slowed
            requests.tat = max(unslowed, requests.spec.bucket.raise_(requests.tat, now, 1))
        brake.resume()

    def recover(self, now: int) -> None:
        """Give back some of the rate that refusals have cost."""
        if self.brake.speed_up(now):
            self.respecify(now)

    def reconfigure(self, now: int, limits: Limits) -> None:
        """Change the limits; what was used stays used, and what the server stated has to be stated again."""
        self.limits = limits
        self.stated = {}
        self.latest.clear()
        self.respecify(now)
        for rate in self.rates:
            rate.observed = self.number

    def facts(self) -> tuple[RateFacts, ...]:
        """Return the state of every rate."""
        return tuple(map(Rate.facts, self.rates))

    def respecify(self, now: int) -> None:
        """Bring the rates in line with limits, stated limits and factor; what was used stays used."""
        old = {rate.spec.kind: rate for rate in self.rates}
        interval = self.rates[0].spec.bucket.interval_ns
        specs = rate_specs(self._effective(), self.brake.factor, self.share)
        self.rates = [Rate.fresh(spec, self.number) for spec in specs]
        self.brake.slowed = self.brake.slowed * specs[0].bucket.interval_ns // interval
        for rate in self.rates:
            before = old.get(rate.spec.kind)
            if before is None:
                rate.refunds.void = self.number
            else:
                rate.inherit(before, now, self.number)

    def _effective(self) -> Limits:
        """Return the limits, each no larger than what the server states."""
        ours = self.limits
        lower = {kind: min(limit, self.stated.get(kind, limit)) for kind, limit, _ in ours.rates()}
        requests = lower[Kind.REQUESTS]
        return dataclasses.replace(
            ours,
            requests_per_minute=requests,
            burst=None if ours.burst is None else min(ours.burst, requests),
            tokens_per_minute=lower.get(Kind.TOKENS),
            input_tokens_per_minute=lower.get(Kind.INPUT_TOKENS),
            output_tokens_per_minute=lower.get(Kind.OUTPUT_TOKENS),
        )

    def enter(self, now: int, units: Sequence[int]) -> None:
        """Enter into the windows what others have used of each rate, as a take of nobody's."""
        self.number += 1
        for rate, used in zip(self.rates, units, strict=True):
            if rate.window is not None:
                rate.window.add(now + rate.spec.margin_ns, used)
