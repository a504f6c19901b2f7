"""The OpenAI Responses dialect: its events, its ends and its failures."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.providers.bench import JSON, bench, event, preset
from tui.core.providers.base import Answer, Usage
from tui.core.providers.errors import ProviderError

DONE = {
    "object": "response",
    "id": "resp_1",
    "model": "m",
    "status": "completed",
    "error": None,
    "output": [
        {"type": "reasoning", "summary": []},
        {"type": "message", "content": [{"type": "output_text", "text": "Ten"}]},
    ],
    "usage": {
        "input_tokens": 5,
        "output_tokens": 9,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens_details": {"reasoning_tokens": 7},
    },
}
RESPONSES = preset("openai", api="responses")


async def whole(body: object) -> Answer:
    return await bench(RESPONSES, json.dumps(body).encode(), headers=JSON).complete()


def streamed(*payloads: dict[str, Any]) -> bytes:
    return b"".join(event(payload, payload["type"]) for payload in payloads)


async def test_responses_streamed() -> None:
    """The events of OpenAI Responses; there is no [DONE]."""
    body = streamed(
        {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}},
        {"type": "response.output_item.added", "item": {"type": "message", "content": []}},
        {"type": "response.reasoning_summary_text.delta", "delta": "Hm."},
        {"type": "response.output_text.delta", "delta": "Te"},
        {"type": "response.output_text.delta", "delta": "n"},
        {"type": "response.output_text.done", "text": "Ten"},
        {"type": "response.completed", "response": DONE},
    )
    answer = await bench(RESPONSES, body).answer()
    assert (answer.text, answer.reasoning, answer.finish) == ("Ten", "Hm.", "stop")
    assert (answer.usage, answer.model) == (Usage(5, 9, 1, 7), "m")


async def test_responses_whole() -> None:
    answer = await whole(DONE)
    assert (answer.text, answer.finish, answer.raw_finish) == ("Ten", "stop", "completed")
    assert answer.usage == Usage(5, 9, 1, 7)


@pytest.mark.parametrize(
    ("changes", "finish", "reason"),
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length", ""),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            "filtered",
            "content_filter",
        ),
        ({"status": "cancelled"}, "other", ""),
        (
            {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]},
            "filtered",
            "No.",
        ),
    ],
)
async def test_responses_that_end_otherwise(changes: dict[str, Any], finish: str, reason: str) -> None:
    body = streamed({"type": "response.incomplete", "response": DONE | changes})
    for answer in (await whole(DONE | changes), await bench(RESPONSES, body).answer()):
        assert (answer.finish, answer.filtered_reason) == (finish, reason)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({"type": "error", "code": "rate_limit_exceeded", "message": "slow", "param": None}, "rate_limit"),
        ({"type": "response.failed", "response": {"error": {"code": "server_error"}}}, "server"),
        ({"type": "response.failed", "response": {"status": "failed", "error": None}}, "server"),
    ],
)
async def test_responses_that_fail(payload: dict[str, Any], kind: str) -> None:
    begun = streamed({"type": "response.output_text.delta", "delta": "Te"}, payload)
    with pytest.raises(ProviderError) as caught:
        await bench(RESPONSES, begun).stream()
    assert (caught.value.kind, caught.value.partial) == (kind, "Te")


async def test_responses_cut_short() -> None:
    with pytest.raises(ProviderError) as caught:
        await bench(RESPONSES, streamed({"type": "response.output_text.delta", "delta": "Te"})).stream()
    assert (caught.value.kind, caught.value.partial) == ("interrupted", "Te")
