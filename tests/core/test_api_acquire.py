"""The Python API: places in the queue of a provider, for calls of a program of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest

from tests.core.engine.workshop import PATIENCE_S, Workshop, eventually
from tests.core.programs import enter_and_leave, in_flight, left, waiting
from tui import RunFailed
from tui.core.quota.clock import now_ns
from tui.core.quota.errors import LimitError, QuotaError

if TYPE_CHECKING:
    from tests.core.programs import Opener


def test_a_model_with_limits_of_its_own_is_waited_for(workshop: Workshop, opened: Opener) -> None:
    own = '[providers.openai.models."small".limits]\nrequests_per_minute = 1\n'
    penstock = opened(more=own)
    with penstock.acquire("openai", model="small", timeout=0):
        pass
    with pytest.raises(QuotaError, match="openai/small"):
        penstock.acquire("openai", model="small", timeout=0).__enter__()
    with penstock.acquire("openai", timeout=0), penstock.acquire("openai", model="large", timeout=0):
        pass


def test_a_wait_for_the_bucket_can_be_bounded(opened: Opener) -> None:
    penstock = opened(requests_per_minute=1)
    with penstock.acquire("openai", timeout=5):
        pass
    with pytest.raises(QuotaError, match=r"timeout of 0\.1 s"), penstock.acquire("openai", timeout=0.1):
        raise AssertionError("there is no room")
    with pytest.raises(QuotaError, match="timeout of 0 s"), penstock.acquire("openai", timeout=0):
        raise AssertionError("there is no room")
    with penstock.acquire("yandex", timeout=0) as place:
        assert place.waited_s < 5
    with pytest.raises(RunFailed) as caught:
        penstock.run("noir", timeout=0.1)
    assert caught.value.kind == "limit"
    with pytest.raises(QuotaError), penstock.acquire("google", requests=2):
        raise AssertionError("more than the bucket ever holds")


def test_a_place_is_held_for_the_block_and_given_back_however_it_ends(opened: Opener) -> None:
    penstock = opened(requests_per_minute=60_000, max_in_flight=1)
    with penstock.acquire("openai") as place:
        assert place.waited_s >= 0.0
        assert in_flight(penstock) == 1
        place.settle(input_tokens=10, output_tokens=20)
        second = threading.Thread(target=enter_and_leave, args=(penstock,))
        second.start()
        eventually(lambda: waiting(penstock) == 1)
    second.join(PATIENCE_S)
    with pytest.raises(ZeroDivisionError), penstock.acquire("openai"):
        raise ZeroDivisionError
    assert (in_flight(penstock), waiting(penstock)) == (0, 0)


def test_tokens_are_reserved_and_settled(opened: Opener) -> None:
    penstock = opened(tokens_per_minute=2000)
    with penstock.acquire("openai", tokens=1500) as place:
        with pytest.raises(QuotaError), penstock.acquire("openai", tokens=1000, timeout=0.1):
            raise AssertionError("there is no room")
        place.settle(tokens=300)
    with penstock.acquire("openai", input_tokens=600, output_tokens=900, timeout=0.1) as place:
        place.settle(input_tokens=500, output_tokens=0)
    with penstock.acquire("openai", tokens=1000, timeout=0.1):
        pass
    with pytest.raises(QuotaError, match="tokens_per_minute"), penstock.acquire("openai", tokens=2001):
        raise AssertionError("more than a minute allows")


@pytest.mark.parametrize("cost", [{"tokens": -1}, {"tokens": 5, "input_tokens": 5}, {"requests": 0}])
def test_a_cost_that_is_none_is_refused_at_once(opened: Opener, cost: dict[str, Any]) -> None:
    with pytest.raises(LimitError):
        opened().acquire("openai", **cost)


def test_the_headers_of_a_foreign_answer_are_believed(opened: Opener) -> None:
    penstock = opened()
    with penstock.acquire("openai") as place:
        place.observe({"X-RateLimit-Limit-Requests": "5", "X-RateLimit-Remaining-Requests": "2"})
        assert left(penstock) == 2
        place.observe({})
    with penstock.acquire("openai") as place:
        place.refused(headers={"Retry-After": "90"})
    assert 89 < penstock._engine.providers["openai"].quota.hold_in(now_ns()) < 90 * 1.2


def test_programs_on_one_key_share_its_quota(opened: Opener) -> None:
    one, other = opened(requests_per_minute=1), opened(requests_per_minute=1)
    with one.acquire("openai"):
        pass
    with pytest.raises(QuotaError), other.acquire("openai", timeout=0.1):
        raise AssertionError("the other has taken it")
    with other.acquire("google", timeout=0.1):
        pass


def test_a_refusal_seen_by_the_caller_holds_everybody(opened: Opener) -> None:
    penstock = opened()
    with penstock.acquire("openai") as place:
        place.refused(retry_after_s=60)
    with pytest.raises(QuotaError), penstock.acquire("openai", timeout=1):
        raise AssertionError("everybody is held")


def test_an_interrupted_caller_does_not_keep_a_place_it_was_just_given(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    penstock = opened()
    result = Future.result

    def interrupted(future: Future[object], timeout: float | None = None) -> object:
        value = result(future, timeout)
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        return value

    with monkeypatch.context() as patch:
        patch.setattr(Future, "result", interrupted)
        with pytest.raises(KeyboardInterrupt):
            penstock.acquire("openai").__enter__()
    eventually(lambda: in_flight(penstock) == 0)


async def test_a_place_can_be_awaited_on_any_loop(opened: Opener) -> None:
    penstock = opened(requests_per_minute=1200, burst=1)
    entered: list[int] = []

    async def call(number: int) -> None:
        async with penstock.acquire("openai"):
            entered.append(number)

    await asyncio.gather(*(call(number) for number in range(4)))
    assert entered == [0, 1, 2, 3]
    with pytest.raises(QuotaError):
        async with penstock.acquire("openai", requests=1300):
            raise AssertionError("more than a minute allows")
    assert in_flight(penstock) == 0


async def test_a_cancelled_wait_gives_its_place_back(opened: Opener) -> None:
    penstock = opened(requests_per_minute=60_000, max_in_flight=1)

    async def call() -> None:
        async with penstock.acquire("openai"):
            raise AssertionError("it is cancelled before its turn")

    async with penstock.acquire("openai"):
        task = asyncio.create_task(call())
        await asyncio.to_thread(eventually, lambda: waiting(penstock) == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    eventually(lambda: (waiting(penstock), in_flight(penstock)) == (0, 0))


async def test_a_place_cancelled_at_any_moment_is_never_kept(opened: Opener) -> None:
    penstock = opened()

    async def call() -> None:
        async with penstock.acquire("openai"):
            await asyncio.sleep(0)

    for turns in range(40):
        task = asyncio.create_task(call())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    eventually(lambda: (waiting(penstock), in_flight(penstock)) == (0, 0))
