"""Whole answers: finish reasons, refusals, token counts and what else is reported with them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.core.providers.bench import EVENTS, JSON, bench, event, preset
from tests.core.providers.streams import chat_chunk, said
from tui.core.providers.base import Answer, Provider, Usage
from tui.core.providers.errors import ProviderError


async def complete(provider: Provider | str, body: object, **headers: str) -> Answer:
    return await bench(provider, json.dumps(body).encode(), headers=JSON | headers).complete()


def chat(message: object, finish: object = "stop", **extra: object) -> dict[str, object]:
    return {
        "id": "c1",
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    } | extra


def message(*content: object, **extra: object) -> dict[str, object]:
    return {
        "type": "message",
        "id": "msg_1",
        "model": "m",
        "content": content,
        "stop_reason": "end_turn",
    } | extra


def candidate(finish: str, **extra: object) -> dict[str, object]:
    return {"candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": finish} | extra]}


FINISHES = [
    *(("openai", raw, ours) for raw, ours in {"stop": "stop", "length": "length"}.items()),
    ("openai", "model_length", "length"),
    ("openai", "content_filter", "filtered"),
    ("openai", "tool_calls", "other"),
    ("openai", "function_call", "other"),
    ("openai", "error", "other"),  # OpenRouter, where it has no error object to go with it
    ("deepseek", "insufficient_system_resource", "other"),
    ("openai", "invented_tomorrow", "other"),
    ("anthropic", "end_turn", "stop"),
    ("anthropic", "stop_sequence", "stop"),
    ("anthropic", "max_tokens", "length"),
    ("anthropic", "model_context_window_exceeded", "length"),
    ("anthropic", "refusal", "filtered"),
    ("anthropic", "pause_turn", "other"),
    ("anthropic", "tool_use", "other"),
    ("google", "STOP", "stop"),
    ("google", "MAX_TOKENS", "length"),
    *(("google", raw, "filtered") for raw in ("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT")),
    *(("google", raw, "filtered") for raw in ("SPII", "LANGUAGE", "MODEL_ARMOR", "IMAGE_SAFETY")),
    *(("google", raw, "filtered") for raw in ("IMAGE_RECITATION", "IMAGE_PROHIBITED_CONTENT", "IMAGE_OTHER")),
    *(("google", raw, "other") for raw in ("MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "OTHER")),
    ("google", "UNEXPECTED_TOOL_CALL", "other"),
]


@pytest.mark.parametrize(("name", "raw", "ours"), FINISHES)
async def test_finish_reasons(name: str, raw: str, ours: str) -> None:
    shapes: dict[str, Any] = {
        "openai": chat({"content": "a"}, raw),
        "anthropic": message({"type": "text", "text": "a"}, stop_reason=raw),
        "gemini": candidate(raw),
    }
    answer = await complete(name, shapes[preset(name).dialect])
    assert (answer.finish, answer.raw_finish, answer.text) == (ours, raw, "a")
    assert bool(answer.filtered_reason) == (ours == "filtered")


async def test_a_refusal_in_place_of_the_content() -> None:
    """OpenAI's refusals end with the finish reason `stop`, streamed or not."""
    whole = await complete("openai", chat({"content": None, "refusal": "I cannot."}))
    body = chat_chunk(said({"refusal": "I can"})) + chat_chunk(said({"refusal": "not."}, "stop"))
    for answer in (whole, await bench("openai", body).answer()):
        assert (answer.finish, answer.filtered_reason, answer.text) == ("filtered", "I cannot.", "")
        assert answer.raw_finish == "stop"


async def test_anthropic_says_why_it_refused() -> None:
    details = {"category": "cyber", "explanation": "Too risky."}
    answer = await complete("anthropic", message(stop_reason="refusal", stop_details=details))
    assert (answer.finish, answer.filtered_reason) == ("filtered", "cyber: Too risky.")


async def test_gemini_names_the_category_of_a_blocked_answer() -> None:
    ratings = [
        {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"},
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"},
        {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "LOW", "blocked": True},
    ]
    blocked = {"candidates": [{"finishReason": "SAFETY", "safetyRatings": ratings}]}
    answer = await complete("google", blocked)
    assert (answer.text, answer.filtered_reason) == ("", "SAFETY: DANGEROUS_CONTENT, HATE_SPEECH")


@pytest.mark.parametrize("stream", [True, False])
async def test_gemini_blocks_a_prompt_with_a_success(stream: bool) -> None:
    blocked = {
        "promptFeedback": {"blockReason": "OTHER", "blockReasonMessage": "not this"},
        "usageMetadata": {"promptTokenCount": 4},
    }
    if stream:
        answer = await bench("google", event(blocked, end="\r\n")).answer()
    else:
        answer = await complete("google", blocked)
    assert (answer.finish, answer.raw_finish) == ("filtered", "OTHER")
    assert answer.filtered_reason == "the prompt was blocked: OTHER (not this)"
    assert answer.usage == Usage(tokens_in=4)


async def test_gemini_names_the_categories_of_a_blocked_prompt() -> None:
    """promptFeedback has safetyRatings as a candidate has."""
    ratings = [
        {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH"},
        {"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"},
    ]
    answer = await complete("google", {"promptFeedback": {"blockReason": "SAFETY", "safetyRatings": ratings}})
    assert answer.filtered_reason == "the prompt was blocked: SAFETY (DANGEROUS_CONTENT)"


async def test_gemini_can_spend_everything_on_thoughts() -> None:
    spent = {
        "candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS"}],
        "usageMetadata": {"promptTokenCount": 3, "thoughtsTokenCount": 20},
    }
    answer = await complete("google", spent)
    assert (answer.text, answer.finish, answer.usage.tokens_out) == ("", "length", 20)


USAGES = [
    (
        "openai",
        {"prompt_tokens": None, "completion_tokens": 3, "prompt_tokens_details": None},
        Usage(None, 3),
    ),
    ("openai", None, Usage()),
    # OpenRouter says what it charged (its documentation, "Usage accounting").
    ("openai", {"prompt_tokens": 2, "completion_tokens": 1, "cost": 0.00014}, Usage(2, 1, cost_usd=0.00014)),
    ("openai", {"cost": -1}, Usage()),
    ("openai", {"cost": {"total": 1}}, Usage()),
    ("openai", {"prompt_tokens": "x", "completion_tokens": -1, "total_tokens": True}, Usage()),
    ("deepseek", {"prompt_tokens": 9, "prompt_cache_hit_tokens": 0}, Usage(9, None, cached=0)),
    (
        "anthropic",
        {"input_tokens": 1, "cache_creation_input_tokens": None, "cache_read_input_tokens": 5},
        Usage(6, None, cached=5),
    ),
    (
        "anthropic",
        {"output_tokens": 4, "output_tokens_details": {"thinking_tokens": 3}},
        Usage(None, 4, None, 3),
    ),
    ("google", {"promptTokenCount": 3, "candidatesTokenCount": 2}, Usage(3, 2)),
    (
        "google",
        {"promptTokenCount": 3, "candidatesTokenCount": 2, "thoughtsTokenCount": 5},
        Usage(3, 7, None, 5),
    ),
    ("google", {}, Usage()),
]


@pytest.mark.parametrize(("name", "counted", "usage"), USAGES)
async def test_token_counts(name: str, counted: object, usage: Usage) -> None:
    shapes: dict[str, dict[str, object]] = {
        "openai": chat({"content": "a"}, usage=counted),
        "anthropic": message(usage=counted),
        "gemini": candidate("STOP") | {"usageMetadata": counted},
    }
    answer = await complete(name, shapes[preset(name).dialect])
    assert answer.usage == usage
    assert not answer.usage.estimated


async def test_groq_counts_in_a_corner_of_its_own() -> None:
    body = chat_chunk(said({"content": "a"}, "stop"), x_groq={"usage": {"prompt_tokens": 2}})
    assert (await bench("openai", body).answer()).usage.tokens_in == 2


async def test_mistral_thinks_inside_the_content() -> None:
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "a"},
    ]
    answer = await complete("openai", chat({"content": content}))
    assert (answer.text, answer.reasoning) == ("a", "hm")


async def test_anthropic_blocks_are_joined_and_others_ignored() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "Eq"},
        {"type": "text", "text": "a"},
        {"type": "server_tool_use", "text": "no"},
        {"type": "text", "text": "b"},
    ]
    answer = await complete("anthropic", message(*blocks))
    assert (answer.text, answer.reasoning) == ("ab", "hm")


async def test_what_else_is_reported() -> None:
    """Anthropic sends `retry-after` with ordinary successes as well: it is no rate-limit header."""
    headers = {
        "Request-Id": "req_7",
        "Anthropic-RateLimit-Requests-Remaining": "49",
        "retry-after": "12",
        "server": "x",
    }
    answer = await complete("anthropic", message({"type": "text", "text": "a"}), **headers)
    assert answer.request_id == "req_7"
    assert answer.rate == {"anthropic-ratelimit-requests-remaining": "49"}
    assert (answer.model, answer.first_token_s) == ("m", None)


async def test_what_is_not_reported_is_taken_from_the_request() -> None:
    answer = await complete(preset("google", model="asked-for"), candidate("STOP") | {"responseId": "r9"})
    assert (answer.model, answer.request_id) == ("asked-for", "r9")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\n\n\n", "interrupted"),  # DeepSeek keeps a waiting request alive with empty lines, then gives up
        (b'{"choices":[{"message":{"content":"T', "interrupted"),
        (b"<!doctype html><title>Log in</title>", "bad_request"),
        (b"{}", "bad_request"),
        (b'{"status":"ok"}', "bad_request"),
        (b'{"choices":[]}', "bad_request"),
        (b'{"error":{"message":"upstream","code":502},"choices":[]}', "server"),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_a_success_without_an_answer_is_an_error(body: bytes, kind: str, stream: bool) -> None:
    work = bench("openai", body, headers=JSON)
    with pytest.raises(ProviderError) as caught:
        await (work.stream() if stream else work.complete())
    assert caught.value.kind == kind


async def test_empty_lines_before_the_answer_are_nothing() -> None:
    body = b"\n\n\n" + json.dumps(chat({"content": "a"})).encode()
    assert (await bench("deepseek", body, headers=JSON).complete()).text == "a"


async def test_events_are_no_answer_when_a_whole_one_was_asked_for() -> None:
    with pytest.raises(ProviderError):
        await bench("openai", chat_chunk(said({"content": "a"}, "stop")), headers=EVENTS).complete()
