"""Streams as the vendors send them, each with the answer it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.core.providers.bench import EVENTS, JSON, event, preset
from tui.core.providers.base import Answer, Finish, Provider, ReasoningDelta, TextDelta, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.providers.client import StreamItem

# Separators that are legal as they are inside a JSON string, though str.splitlines() cuts there.
TRICKY = "caf\u00e9 \u2028 \u2029 \u0085 \x7f \U0001f30a end"


@dataclass(frozen=True)
class Recorded:
    provider: str | Provider
    body: bytes
    text: str
    usage: Usage
    reasoning: str = ""
    finish: Finish = "stop"
    raw_finish: str = "stop"
    headers: Mapping[str, str] = field(default_factory=lambda: EVENTS)
    name: str = ""


def check(items: list[StreamItem], recorded: Recorded) -> None:
    """The deltas and the answer are those of the recorded stream."""
    answer = items[-1]
    assert isinstance(answer, Answer)
    assert "".join(item.text for item in items if isinstance(item, TextDelta)) == recorded.text
    assert "".join(item.text for item in items if isinstance(item, ReasoningDelta)) == recorded.reasoning
    assert (answer.text, answer.reasoning) == (recorded.text, recorded.reasoning)
    assert (answer.finish, answer.raw_finish) == (recorded.finish, recorded.raw_finish)
    assert (answer.usage, answer.model) == (recorded.usage, "m")


def name_of(recorded: Recorded) -> str:
    return recorded.name or str(recorded.provider)


def chat_chunk(choices: object, **extra: object) -> bytes:
    return event(
        {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m", "choices": choices} | extra
    )


def said(delta: object, finish: str | None = None) -> list[object]:
    return [{"index": 0, "delta": delta, "finish_reason": finish}]


# Recorded shape of OpenAI Chat Completions: role first, `usage: null` in every chunk, random `obfuscation`
# padding, then one chunk without choices that carries the counts, then [DONE].
OPENAI = Recorded(
    "openai",
    chat_chunk(said({"role": "assistant", "content": "", "refusal": None}), usage=None, obfuscation="x1")
    + chat_chunk(said({"content": "10 "}), usage=None, obfuscation="")
    + chat_chunk(said({"content": TRICKY}), usage=None, service_tier="default")
    + chat_chunk(said({}, "stop"), usage=None)
    + chat_chunk(
        [],
        usage={
            "prompt_tokens": 24,
            "completion_tokens": 8,
            "total_tokens": 32,
            "prompt_tokens_details": {"cached_tokens": 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    )
    + b"data: [DONE]\n\n",
    text="10 " + TRICKY,
    usage=Usage(24, 8, cached=4, reasoning=2),
)

# Recorded shape of DeepSeek: comments while the model waits for its turn, `content: null` while it reasons,
# and counts, unasked, in the last chunk that still has a choice.
DEEPSEEK = Recorded(
    "deepseek",
    b": keep-alive\n\n: keep-alive\n\n"
    + chat_chunk(said({"role": "assistant", "content": None, "reasoning_content": ""}), usage=None)
    + chat_chunk(said({"content": None, "reasoning_content": "Let me "}), usage=None)
    + b": keep-alive\n\n"
    + chat_chunk(said({"content": None, "reasoning_content": "see."}), usage=None)
    + chat_chunk(said({"content": "Ten", "reasoning_content": None}), usage=None)
    + chat_chunk(
        said({"content": ""}, "length"),
        usage={"prompt_tokens": 9, "completion_tokens": 7, "prompt_cache_hit_tokens": 5},
    )
    + b"data: [DONE]\n\n",
    text="Ten",
    reasoning="Let me see.",
    finish="length",
    raw_finish="length",
    usage=Usage(9, 7, cached=5),
)

# Recorded shape of YandexGPT over the OpenAI interface: no counts at all, and no finish_reason key before
# the last chunk.
YANDEX = Recorded(
    "yandex",
    chat_chunk([{"index": 0, "delta": {"role": "assistant", "content": "Де"}}])
    + chat_chunk([{"index": 0, "delta": {"content": "сять"}}])
    + chat_chunk(said({"content": ""}, "stop"))
    + b"data: [DONE]\n\n",
    text="Десять",
    usage=Usage(),
)

# Recorded shape of Anthropic Messages: named events, pings anywhere, trailing spaces as padding, cumulative
# counts in message_delta that override those of message_start, and event types yet unknown.
ANTHROPIC = Recorded(
    "anthropic",
    event(
        {
            "type": "message_start",
            "message": {
                "id": "msg_1",
                "type": "message",
                "model": "m",
                "content": [],
                "stop_reason": None,
                "usage": {
                    "input_tokens": 17,
                    "cache_creation_input_tokens": 2,
                    "cache_read_input_tokens": 3,
                    "output_tokens": 1,
                },
            },
        },
        "message_start",
    )
    + event({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}}, "x")
    + event(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Hm."}},
        "content_block_delta",
    )
    + event(
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "Eq"}},
        "content_block_delta",
    )
    + event({"type": "ping"}, "ping")
    + event({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}, "x")
    + event(
        '{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi "}       }',
        "content_block_delta",
    )
    + event(
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": TRICKY}},
        "content_block_delta",
    )
    + event({"type": "something_new", "index": 1, "text": "not for us"}, "something_new")
    + event({"type": "content_block_stop", "index": 1}, "content_block_stop")
    + event(
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"input_tokens": 18, "output_tokens": 10},
        },
        "message_delta",
    )
    + event({"type": "message_stop"}, "message_stop"),
    text="Hi " + TRICKY,
    reasoning="Hm.",
    raw_finish="end_turn",
    usage=Usage(18 + 2 + 3, 10, cached=3),
)

# Recorded shape of Gemini streamGenerateContent?alt=sse: CRLF, no event names, no terminator, cumulative
# counts in every chunk, thoughts counted beside the candidates.
GEMINI = Recorded(
    "google",
    event(
        {
            "candidates": [
                {"content": {"parts": [{"text": "Thinking", "thought": True}], "role": "model"}, "index": 0}
            ],
            "usageMetadata": {"promptTokenCount": 13, "totalTokenCount": 13},
            "modelVersion": "m",
            "responseId": "r1",
        },
        end="\r\n",
    )
    + event(
        {
            "candidates": [{"content": {"parts": [{"text": TRICKY}], "role": "model"}, "index": 0}],
            "usageMetadata": {"promptTokenCount": 13, "candidatesTokenCount": 2, "totalTokenCount": 15},
        },
        end="\r\n",
    )
    + event(
        {
            "candidates": [
                {
                    "content": {"parts": [{"text": "lo", "thoughtSignature": "Cg"}], "role": "model"},
                    "finishReason": "STOP",
                    "index": 0,
                }
            ],
            "usageMetadata": {
                "promptTokenCount": 13,
                "candidatesTokenCount": 65,
                "totalTokenCount": 188,
                "thoughtsTokenCount": 110,
                "cachedContentTokenCount": 1,
            },
        },
        end="\r\n",
    ),
    text=TRICKY + "lo",
    reasoning="Thinking",
    raw_finish="STOP",
    usage=Usage(13, 65 + 110, cached=1, reasoning=110),
)


def _streamed(kind: str, **more: object) -> bytes:
    return event({"type": kind, "sequence_number": 0} | more, kind)


_RESPONSE = {"id": "resp_1", "object": "response", "model": "m", "error": None, "incomplete_details": None}

# Shape of OpenAI Responses: named events, the reasoning as an item of its own before the message, every
# text repeated by the `done` events and by the last one, whose `usage` is the only one; no [DONE].
RESPONSES = Recorded(
    preset("openai", api="responses"),
    _streamed("response.created", response=_RESPONSE | {"status": "in_progress", "output": []})
    + _streamed("response.in_progress", response=_RESPONSE | {"status": "in_progress", "output": []})
    + _streamed("response.output_item.added", output_index=0, item={"type": "reasoning", "summary": []})
    + _streamed("response.reasoning_summary_text.delta", delta="Hm.", obfuscation="Zx")
    + _streamed("response.output_item.added", output_index=1, item={"type": "message", "content": []})
    + _streamed("response.content_part.added", part={"type": "output_text", "text": ""})
    + _streamed("response.output_text.delta", delta="10 ", obfuscation="qqq")
    + _streamed("response.output_text.delta", delta=TRICKY, logprobs=[])
    + _streamed("response.output_text.done", text="10 " + TRICKY)
    + _streamed("response.content_part.done", part={"type": "output_text", "text": "10 " + TRICKY})
    + _streamed(
        "response.completed",
        response=_RESPONSE
        | {
            "status": "completed",
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "message", "content": [{"type": "output_text", "text": "10 " + TRICKY}]},
            ],
            "usage": {
                "input_tokens": 24,
                "output_tokens": 9,
                "input_tokens_details": {"cached_tokens": 4},
                "output_tokens_details": {"reasoning_tokens": 2},
            },
        },
    ),
    text="10 " + TRICKY,
    reasoning="Hm.",
    raw_finish="completed",
    usage=Usage(24, 9, cached=4, reasoning=2),
    name="responses",
)


def native_line(text: str, status: str, out: int) -> bytes:
    """One line of a stream of YandexGPT: 64-bit numbers are strings, the text is the whole text so far."""
    message = {"role": "assistant", "text": text}
    result = {
        "alternatives": [{"message": message, "status": f"ALTERNATIVE_STATUS_{status}"}],
        "usage": {
            "inputTextTokens": "26",
            "completionTokens": str(out),
            "totalTokens": str(26 + out),
            "completionTokensDetails": {"reasoningTokens": "0"},
        },
        "modelVersion": "m",
    }
    return json.dumps({"result": result}, ensure_ascii=False).encode() + b"\n"


# Recorded shape of the native REST interface of Yandex: a line of JSON for a few words each, no event stream.
NATIVE = Recorded(
    replace(preset("yandex"), dialect="yandex", base_url="https://llm.api.cloud.yandex.net"),
    native_line("Утконосы,", "PARTIAL", 3)
    + native_line("Утконосы, " + TRICKY, "PARTIAL", 7)
    + native_line("Утконосы, " + TRICKY + " же", "FINAL", 9),
    text="Утконосы, " + TRICKY + " же",
    raw_finish="ALTERNATIVE_STATUS_FINAL",
    usage=Usage(26, 9, reasoning=0),
    headers=JSON,
    name="yandex-native",
)

PRESETS = (OPENAI, DEEPSEEK, YANDEX, ANTHROPIC, GEMINI)
EVENT_STREAMS = (*PRESETS, RESPONSES)
ALL = (*EVENT_STREAMS, NATIVE)
