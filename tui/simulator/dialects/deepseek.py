"""DeepSeek: the OpenAI chat dialect with thinking first, keep-alives, and usage unasked.

Sources: the DeepSeek API documentation, and recorded traffic of api.deepseek.com.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.simulator import reading
from tui.simulator.ask import Ask
from tui.simulator.dialects import chat
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps, opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call
    from tui.simulator.pace import Piece

THINKING: Final = {"low": 24, "high": 60, "max": 180}
ERRORS: Final = {
    "no_key": (
        401,
        "authentication_error",
        "Authentication Fails (auth header format should be Bearer sk-...)",
    ),
    "bad_key": (401, "authentication_error", "Authentication Fails, Your api key is invalid"),
    "no_route": (404, "invalid_request_error", "Not Found"),
    "no_model": (400, "invalid_request_error", "Model Not Exist"),
    "bad_json": (400, "invalid_request_error", "Failed to parse the request body as JSON"),
    "bad_request": (422, "invalid_request_error", ""),
    "limited": (
        429,
        "rate_limit_error",
        "Rate limit reached: too many requests for this account.",
    ),
    "per_day": (429, "rate_limit_error", "Rate limit reached for this account."),
    "billing": (402, "unknown_error", "Insufficient Balance"),
    "overloaded": (503, "service_unavailable_error", "Service is too busy. Please try again later."),
    "server_error": (500, "server_error", "Internal Server Error"),
}


class DeepSeek:
    """Chat Completions at /deepseek/chat/completions."""

    provider = "deepseek"
    keep_alive = b": keep-alive\n\n"
    blank = b"\n"

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "text/event-stream; charset=utf-8"

    def authorise(self, call: Call) -> None:
        """`Authorization: Bearer KEY`."""
        key = chat.bearer(call)
        if not key:
            raise Fault("no_key")
        if "invalid" in key:
            raise Fault("bad_key")

    def read(self, call: Call) -> Ask:
        """Understand a request; unknown fields are ignored, and so is sampling while the model thinks."""
        body = call.body
        model = reading.text(body, "model")
        if not model:
            raise _undecodable("missing field `model`")
        if "unknown" in model:
            raise Fault("no_model")
        messages = reading.items(body, "messages")
        if not messages:
            raise _undecodable("missing field `messages`")
        temperature = reading.number(body, "temperature")
        if temperature is not None and not 0 <= temperature <= 2:
            raise _undecodable("Invalid temperature value, the valid range of temperature is [0, 2.0]")
        thinks = (
            reading.text(reading.child(body, "thinking"), "type") != "disabled" and model != "deepseek-chat"
        )
        return Ask(
            provider=self.provider,
            model=model,
            prompt=chat.prompt_of(messages),
            input_tokens=chat.input_tokens(messages),
            max_tokens=reading.whole(body, "max_tokens"),
            stops=reading.strings(body, "stop"),
            stream=body.get("stream") is True,
            thinking=THINKING.get(reading.text(body, "reasoning_effort"), 40) if thinks else 0,
            show_thinking=thinks,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A `chat.completion`."""
        message: dict[str, object] = {"role": "assistant", "content": answer.text}
        if answer.thoughts:
            message["reasoning_content"] = answer.thoughts
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": chat.FINISH[answer.finish],
        }
        head = _head(call, ask, "chat.completion")
        return dumps({**head, "choices": [choice], "usage": _usage(ask, answer)}).encode()

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """Chunks: thoughts, then content; the last one has the finish reason and the usage."""
        head = _head(call, ask, "chat.completion.chunk")

        def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            return chat.sse({**head, "choices": [choice], "usage": _usage(ask, answer) if finish else None})

        def delta(content: str | None, thought: str | None) -> dict[str, object]:
            return (
                {"content": content, "reasoning_content": thought}
                if ask.show_thinking
                else {"content": content}
            )

        first = delta(None, "") if ask.show_thinking else delta("", None)
        found = [
            Frame(self.keep_alive, "open"),
            Frame(chunk({"role": "assistant", **first}), "open"),
        ]
        found += [
            Frame(chunk(delta(None, thought.text)), "open", thought.tokens)
            for thought in chat.thought_pieces(answer, call.tag)
        ]
        found += [Frame(chunk(delta(piece.text, None)), "content", piece.tokens) for piece in pieces]
        found.append(Frame(chunk(delta("", None), chat.FINISH[answer.finish]), "close"))
        found.append(Frame(chat.DONE, "close"))
        return found

    def error(self, call: Call, fault: Fault) -> Reply:
        """OpenAI's shape; a 400 is labelled as a stream of bytes. No hint how long to wait."""
        status = ERRORS[fault.kind][0]
        media_type = "application/octet-stream" if status == 400 else "application/json"
        return Reply(status, dumps({"error": _error_object(fault)}).encode(), media_type)

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """A nameless event with a top-level `error`."""
        return chat.sse({"error": _error_object(fault)})

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """A trace id, and nothing about limits."""
        return {"x-ds-trace-id": opaque(32, "trace", call.tag).lower()}


def _head(call: Call, ask: Ask, kind: str) -> dict[str, object]:
    return {
        "id": opaque(36, "completion", call.tag).lower(),
        "object": kind,
        "created": int(call.wall),
        "model": ask.model,
        "system_fingerprint": "fp_simulated",
    }


def _usage(ask: Ask, answer: Answer) -> dict[str, object]:
    found = {
        **chat.usage(ask, answer),
        "prompt_tokens_details": {"cached_tokens": 0},
        "prompt_cache_hit_tokens": 0,
        "prompt_cache_miss_tokens": ask.input_tokens,
    }
    if ask.show_thinking:
        found["completion_tokens_details"] = {"reasoning_tokens": answer.thinking_tokens}
    return found


def _undecodable(what: str) -> Fault:
    return Fault("bad_request", f"Failed to deserialize the JSON body into the target type: {what}")


def _error_object(fault: Fault) -> dict[str, object]:
    status, kind, message = ERRORS[fault.kind]
    code = "invalid_request_error" if status < 429 else kind
    if fault.refusal and fault.refusal.unit == "at_once":
        message = f"Rate limit reached: more than {fault.refusal.limit} concurrent requests for this account."
    return {"message": message or fault.message, "type": kind, "param": None, "code": code}
