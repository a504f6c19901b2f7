"""Streams as the vendors send them, each with the answer it holds."""

from __future__ import annotations

from dataclasses import dataclass

from tests.core.providers.bench import event
from tui.core.providers.base import Finish, Usage

# Separators that are legal as they are inside a JSON string, though str.splitlines() cuts there.
TRICKY = "caf\u00e9 \u2028 \u2029 \u0085 \x7f \U0001f30a end"


@dataclass(frozen=True)
class Recorded:
    provider: str
    body: bytes
    text: str
    usage: Usage
    reasoning: str = ""
    finish: Finish = "stop"
    raw_finish: str = "stop"


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

ALL = (OPENAI, DEEPSEEK, YANDEX, ANTHROPIC, GEMINI)
