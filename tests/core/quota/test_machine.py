"""Anything a program may do to a limiter, in any order, on a virtual clock: what must hold all the while."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.core.quota.loop import VirtualLoop
from tests.core.quota.model import MINUTE
from tui.core.quota.errors import Closed, QuotaError
from tui.core.quota.limiter import Limiter
from tui.core.quota.limits import Kind, Limits
from tui.core.quota.observation import Observation
from tui.core.quota.queue import Priority
from tui.core.quota.sqlite_ledger import SqliteLedger

if TYPE_CHECKING:
    from tui.core.quota.grant import Grant

LIMITS = [
    Limits(50),
    Limits(60, burst=1),
    Limits(60, shape="strict"),
    Limits(5, shape="strict", burst=5),
    Limits(40, burst=8, input_tokens_per_minute=5_000, output_tokens_per_minute=1_000),
    Limits(30, shape="strict", tokens_per_minute=3_000),
    Limits(20, max_in_flight=3, tokens_per_minute=900),
    Limits(30, requests_per_day=12, day_zone="America/Los_Angeles"),
]


@dataclass
class Call:
    task: asyncio.Task[Grant]
    limiter: Limiter
    requests: int
    priority: Priority
    asked: int
    granted_at: int | None = None
    released: bool = False
    unsent: bool = False


class Machine(RuleBasedStateMachine):
    @initialize(limits=st.sampled_from(LIMITS), processes=st.sampled_from([1, 1, 3]))
    def start(self, limits: Limits, processes: int) -> None:
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.limits = limits
        self.folder = tempfile.TemporaryDirectory()
        self.limiters = [self.limiter_of(shared=processes > 1) for _ in range(processes)]
        self.limiter = self.limiters[0]
        self.calls: list[Call] = []
        self.order: list[Call] = []
        self.jumped = False

    def limiter_of(self, *, shared: bool) -> Limiter:
        clock, wall, path = self.loop.clock, self.loop.time, Path(self.folder.name) / "limits.db"
        ledger = SqliteLedger(path, "a", self.limits, clock=clock, wall=wall, boot="b") if shared else None
        return Limiter("x", self.limits, clock=clock, wall=wall, chance=lambda: 0.5, ledger=ledger)

    def step(self, pause_s: float = 0.0) -> None:
        self.loop.run_until_complete(asyncio.sleep(pause_s))
        self.loop.run_until_complete(asyncio.sleep(0))

    @rule(
        requests=st.sampled_from([1, 1, 1, 2, 5]),
        input_tokens=st.sampled_from([0, 10, 300]),
        output_tokens=st.sampled_from([0, 100]),
        priority=st.sampled_from(Priority),
        timeout=st.sampled_from([None, None, 0.0, 3.0, 40.0]),
        copies=st.sampled_from([1, 1, 4]),
        process=st.integers(0, 2),
    )
    def ask(
        self,
        requests: int,
        input_tokens: int,
        output_tokens: int,
        priority: Priority,
        timeout: float | None,
        copies: int,
        process: int,
    ) -> None:
        limiter = self.limiters[process % len(self.limiters)]

        async def one(index: int) -> Grant:
            grant = await limiter.acquire(
                requests=requests,
                input_tokens=input_tokens,
                output_tokens=output_tokens,
                priority=priority,
                timeout=timeout,
            )
            self.calls[index].granted_at = self.loop.now_ns
            self.order.append(self.calls[index])
            return grant

        for _ in range(copies):
            task = self.loop.create_task(one(len(self.calls)))
            self.calls.append(Call(task, limiter, requests, priority, len(self.calls)))
        self.step()

    @rule(seconds=st.one_of(st.floats(0, 2), st.floats(0, 200)))
    def wait(self, seconds: float) -> None:
        self.step(seconds)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        waiting = [call for call in self.calls if not call.task.done()]
        if waiting:
            data.draw(st.sampled_from(waiting)).task.cancel()
            self.step()

    @rule(data=st.data(), sent=st.booleans())
    def release(self, data: st.DataObject, sent: bool) -> None:
        if open_calls := self.open_calls():
            call = data.draw(st.sampled_from(open_calls))
            call.released, call.unsent = True, not sent
            call.task.result().release(sent=sent)
            self.step()

    @rule(data=st.data(), used=st.integers(0, 500))
    def settle(self, data: st.DataObject, used: int) -> None:
        if open_calls := self.open_calls():
            call = data.draw(st.sampled_from(open_calls))
            call.task.result().settle(input_tokens=used, output_tokens=used // 2)
            self.step()

    @rule(data=st.data(), told=st.sampled_from([None, 0.5, 20.0]))
    def refuse(self, data: st.DataObject, told: float | None) -> None:
        if open_calls := self.open_calls():
            call = data.draw(st.sampled_from(open_calls))
            call.task.result().refuse(told)
            assert call.limiter.snapshot().hold_in(self.loop.now_ns) >= (told or 0)
            self.step()

    @rule(data=st.data(), garbage=st.booleans())
    def observe_less(self, data: st.DataObject, garbage: bool) -> None:
        if open_calls := self.open_calls():
            call = data.draw(st.sampled_from(open_calls))
            call.limiter.refresh()
            before = call.limiter.snapshot().burst_now(self.loop.now_ns)
            left = data.draw(st.integers(-5, max(0, int(before))))
            grant = call.task.result()
            grant.observe(Observation(Kind.REQUESTS, -1 if garbage else None, left, -3.0 if garbage else 4.0))
            assert call.limiter.snapshot().burst_now(self.loop.now_ns) <= before
            self.step()

    @rule(seconds=st.sampled_from([0.5, 50.0, 300.0]))
    def hold(self, seconds: float) -> None:
        self.limiter.hold(seconds, "told to")
        self.step()

    @rule()
    def resume(self) -> None:
        self.limiter.resume()
        self.step()

    @precondition(lambda self: len(self.limiters) == 1)
    @rule(back=st.sampled_from([1, 10**9, 3600 * 10**9]))
    def clock_goes_back(self, back: int) -> None:
        self.limiter.apply(lambda meter, now: None)
        next_in = self.limiter.snapshot().next_in(self.loop.now_ns)
        self.loop.now_ns -= back
        self.jumped = True
        self.limiter.apply(lambda meter, now: None)
        self.step()
        assert self.limiter.snapshot().next_in(self.loop.now_ns) <= next_in + 1e-6

    def open_calls(self) -> list[Call]:
        return [
            call
            for call in self.calls
            if call.task.done()
            and not call.task.cancelled()
            and call.task.exception() is None
            and not call.released
        ]

    @invariant()
    def errors_are_typed(self) -> None:
        for call in self.calls:
            if call.task.done() and not call.task.cancelled():
                assert isinstance(call.task.exception(), QuotaError | None)

    @invariant()
    def each_class_is_served_in_order(self) -> None:
        for priority in Priority:
            for limiter in self.limiters:
                own = [call for call in self.order if call.limiter is limiter]
                asked = [call.asked for call in own if call.priority is priority]
                assert asked == sorted(asked)

    @precondition(lambda self: not self.jumped)
    @invariant()
    def no_span_gets_more_than_its_due(self) -> None:
        sent = [(call.granted_at or 0, call.requests) for call in self.order if not call.unsent]
        interval, burst = -(-MINUTE // self.limits.requests_per_minute), self.limits.burst_size
        late = 51_000_000 if len(self.limiters) > 1 else 0
        for first in range(len(sent)):
            taken = 0
            for at, requests in sent[first:]:
                taken += requests
                span = at - sent[first][0]
                assert (taken - max(0, requests - burst)) * interval <= burst * interval + span + late
                if self.limits.shape == "strict" and span + late < MINUTE:
                    assert taken <= self.limits.requests_per_minute

    @invariant()
    def nobody_waits_who_may_go(self) -> None:
        for limiter in self.limiters:
            shot = limiter.snapshot()
            if shot.waiting and not shot.in_flight_full and not any(c.priority for c in self.calls):
                assert shot.next_in(self.loop.now_ns) > 0

    @invariant()
    def the_snapshot_is_true_and_pure(self) -> None:
        now = self.loop.now_ns
        for limiter in self.limiters:
            if limiter.snapshot().source == "shared":
                limiter.apply(lambda meter, now: None)
        self.step()
        for limiter in self.limiters:
            self.check(limiter, now)

    def check(self, limiter: Limiter, now: int) -> None:
        limiter.refresh()
        shot = limiter.snapshot()
        assert shot is limiter.snapshot()
        assert shot.source == ("local" if len(self.limiters) == 1 else "shared")
        own = [call for call in self.calls if call.limiter is limiter]
        assert shot.waiting == sum(not call.task.done() for call in own)
        assert shot.in_flight <= len(self.open_calls())
        if len(self.limiters) == 1:
            assert shot.in_flight == len(self.open_calls())
        assert shot.level(now) <= shot.capacity
        assert 0 <= shot.burst_now(now) <= self.limits.burst_size
        assert shot.eta(now) >= 0
        assert shot.full_in(now) >= 0

    def teardown(self) -> None:
        if not hasattr(self, "limiter"):
            return
        try:
            waiting = [call for call in self.calls if not call.task.done()]
            for limiter in self.limiters:
                limiter.close()
            self.step()
            assert all(isinstance(call.task.exception(), Closed) for call in waiting)
        finally:
            for call in self.calls:
                call.task.cancel()
            self.step()
            asyncio.set_event_loop(None)
            self.loop.close()
            self.folder.cleanup()


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestMachine = Machine.TestCase
