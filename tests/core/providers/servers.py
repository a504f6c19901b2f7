"""Streams of those who speak OpenAI's dialect with an accent, from the table of compatible servers."""

from __future__ import annotations

from tests.core.providers.bench import event, preset
from tests.core.providers.streams import TRICKY, Recorded, chat_chunk, said
from tui.core.providers.base import Usage

DONE = b"data: [DONE]\n\n"
COUNTS = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}


def _server(name: str, body: bytes, **more: object) -> Recorded:
    provider = preset(name, model="m")
    fields = {"text": "Ten " + TRICKY, "usage": Usage(9, 7), "name": name} | more
    return Recorded(provider, body, **fields)  # type: ignore[arg-type]


# Ollama: reasoning in `delta.reasoning`, counts only with `include_usage`, in a chunk without choices.
OLLAMA = _server(
    "ollama",
    chat_chunk(said({"role": "assistant", "content": "", "reasoning": "Hm."}))
    + chat_chunk(said({"role": "assistant", "content": "Ten "}))
    + chat_chunk(said({"role": "assistant", "content": TRICKY}))
    + chat_chunk(said({"role": "assistant", "content": ""}, "stop"))
    + chat_chunk([], usage=COUNTS)
    + DONE,
    reasoning="Hm.",
)

# llama.cpp: extra `timings` beside the counts.
LLAMA_CPP = _server(
    "llamacpp",
    chat_chunk(said({"role": "assistant", "content": None}))
    + chat_chunk(said({"content": "Ten "}))
    + chat_chunk(said({"content": TRICKY}))
    + chat_chunk(said({}, "stop"))
    + chat_chunk([], usage=COUNTS, timings={"prompt_n": 9, "predicted_per_second": 31.5})
    + DONE,
)

# vLLM: an extra `stop_reason` in every choice, which may be a number.
VLLM = _server(
    "vllm",
    chat_chunk(said({"role": "assistant", "content": ""}))
    + chat_chunk([{"index": 0, "delta": {"content": "Ten "}, "finish_reason": None, "stop_reason": None}])
    + chat_chunk([{"index": 0, "delta": {"content": TRICKY}, "finish_reason": "stop", "stop_reason": 128001}])
    + chat_chunk([], usage=COUNTS)
    + DONE,
)

# LM Studio: as OpenAI, without anything of its own.
LM_STUDIO = _server(
    "lmstudio",
    chat_chunk(said({"role": "assistant", "content": "Ten "}))
    + chat_chunk(said({"content": TRICKY}))
    + chat_chunk(said({}, "stop"), usage=COUNTS)
    + DONE,
)

# OpenRouter: comments while the provider behind it is looked for, its cost among the counts.
OPENROUTER = _server(
    "openrouter",
    b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n"
    + chat_chunk(said({"role": "assistant", "content": "", "reasoning": "Hm."}), provider="Someone")
    + chat_chunk(said({"role": "assistant", "content": "Ten "}), provider="Someone")
    + chat_chunk(said({"role": "assistant", "content": TRICKY}), provider="Someone")
    + chat_chunk([{"index": 0, "delta": {}, "finish_reason": "stop", "native_finish_reason": "STOP"}])
    + chat_chunk(said({"content": ""}), usage=COUNTS | {"cost": 0.00014, "is_byok": False})
    + DONE,
    usage=Usage(9, 7, cost_usd=0.00014),
    reasoning="Hm.",
)

# Groq: the counts of a stream in `x_groq.usage`, in the chunk that has the finish reason.
GROQ = _server(
    "groq",
    chat_chunk(said({"role": "assistant", "content": ""}), x_groq={"id": "req_01"})
    + chat_chunk(said({"reasoning": "Hm."}))
    + chat_chunk(said({"content": "Ten "}))
    + chat_chunk(said({"content": TRICKY}))
    + chat_chunk(said({}, "stop"), x_groq={"id": "req_01", "usage": COUNTS | {"queue_time": 0.01}})
    + DONE,
    reasoning="Hm.",
)

# Mistral: content as a list of parts (text or thinking), counts unasked in the last chunk, padding in `p`.
MISTRAL = _server(
    "mistral",
    chat_chunk(said({"role": "assistant", "content": ""}), p="abc")
    + chat_chunk(said({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "H"}]}]}))
    + chat_chunk(said({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "m."}]}]}))
    + chat_chunk(said({"content": [{"type": "text", "text": "Ten "}]}), p="abcdefgh")
    + chat_chunk(said({"content": TRICKY}))
    + chat_chunk(said({"content": ""}, "stop"), usage=COUNTS)
    + DONE,
    reasoning="Hm.",
)

# xAI: reasoning in `reasoning_content`, and counts in every chunk, growing.
XAI = _server(
    "xai",
    chat_chunk(said({"role": "assistant", "reasoning_content": "Hm."}), usage={"prompt_tokens": 9})
    + chat_chunk(said({"role": "assistant", "content": "Ten "}), usage=COUNTS | {"completion_tokens": 2})
    + chat_chunk(said({"role": "assistant", "content": TRICKY}), usage=COUNTS | {"completion_tokens": 6})
    + chat_chunk(said({"content": ""}, "stop"), usage=COUNTS)
    + DONE,
    reasoning="Hm.",
)

SERVERS = (OLLAMA, LLAMA_CPP, VLLM, LM_STUDIO, OPENROUTER, GROQ, MISTRAL, XAI)

# Errors after 200 as OpenRouter and Groq send them: beside `choices` and then [DONE]; as a named event,
# after which the connection closes without [DONE].
UPSTREAM = {"code": 502, "message": "upstream"}
OPENROUTER_FAILS = chat_chunk(said({"content": ""}, "error"), usage=COUNTS, error=UPSTREAM) + DONE
GROQ_FAILS = event({"error": {"message": "slow", "type": "tokens", "code": "rate_limit_exceeded"}}, "error")
