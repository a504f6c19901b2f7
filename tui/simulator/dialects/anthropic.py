"""Anthropic: the Messages API, its named events, error bodies and rate-limit headers.

Sources: the Anthropic API reference, and recorded traffic of api.anthropic.com.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from tui.simulator import reading, tokens
from tui.simulator.ask import Ask
from tui.simulator.dialects import parameters
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.dialects.chat import bearer, thought_pieces
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps, opaque, rfc3339

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call
    from tui.simulator.faults import Refusal
    from tui.simulator.limits import RateLimit
    from tui.simulator.pace import Piece

SAMPLING: Final = ("temperature", "top_p", "top_k")
EFFORT: Final = {"low": 32, "medium": 64, "high": 128, "xhigh": 256, "max": 512}
ERRORS: Final = {
    "no_key": (401, "authentication_error"),
    "bad_key": (401, "authentication_error"),
    "no_route": (404, "not_found_error"),
    "no_model": (404, "not_found_error"),
    "bad_json": (400, "invalid_request_error"),
    "bad_request": (400, "invalid_request_error"),
    "limited": (429, "rate_limit_error"),
    "per_day": (429, "rate_limit_error"),
    "billing": (402, "billing_error"),
    "overloaded": (529, "overloaded_error"),
    "server_error": (500, "api_error"),
}
FINISH: Final = {"stop": "end_turn", "length": "max_tokens", "filtered": "refusal", "blocked": "refusal"}
_VERSION: Final = re.compile(r"(?<!\d)(\d{1,2})(?:[-.](\d{1,2}))?(?:-\d{8})?(?:-latest)?$")


class Anthropic:
    """The Messages API at /anthropic/v1/messages."""

    provider = "anthropic"
    keep_alive = b'event: ping\ndata: {"type": "ping"}\n\n'
    blank = b""

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "text/event-stream; charset=utf-8"

    def authorise(self, call: Call) -> None:
        """`x-api-key: KEY` or `Authorization: Bearer KEY`."""
        key = call.headers.get("x-api-key", "").strip() or bearer(call)
        if not key:
            raise Fault("no_key", "x-api-key header is required")
        if "invalid" in key:
            raise Fault("bad_key", "invalid x-api-key")

    def read(self, call: Call) -> Ask:
        """Check the parameters as api.anthropic.com does, and understand the request."""
        body = call.body
        version = call.headers.get("anthropic-version", "")
        if not version:
            raise Fault("bad_request", "anthropic-version: header is required")
        for name in ("model", "max_tokens", "messages"):
            if body.get(name) is None:
                raise Fault("bad_request", f"{name}: Field required")
        for name in body:
            if name not in parameters.ANTHROPIC:
                raise Fault("bad_request", f"{name}: Extra inputs are not permitted")
        model, limit = reading.text(body, "model"), reading.whole(body, "max_tokens")
        if "unknown" in model:
            raise Fault("no_model", f"model: {model}")
        if limit is None or limit < 1:
            raise Fault("bad_request", "max_tokens: Input should be greater than or equal to 1")
        _check_sampling(call, model, version)
        messages = reading.items(body, "messages")
        _check_messages(call, model)
        system = body.get("system")
        told = system if isinstance(system, str) else reading.content({"content": system})
        said = [reading.content(message) for message in messages]
        thinks = reading.text(reading.child(body, "thinking"), "type") in ("adaptive", "enabled")
        effort = reading.text(reading.child(body, "output_config"), "effort")
        return Ask(
            provider=self.provider,
            model=model,
            prompt=said[-1],
            input_tokens=8 + tokens.count(told) + sum(3 + tokens.count(text) for text in said),
            max_tokens=limit,
            stops=reading.strings(body, "stop_sequences"),
            stream=body.get("stream") is True,
            thinking=EFFORT.get(effort, 64) if thinks else 0,
            show_thinking=thinks,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A `message`."""
        content: list[dict[str, object]] = []
        if answer.thoughts:
            signature = opaque(48, "signature", call.tag)
            content.append({"type": "thinking", "thinking": answer.thoughts, "signature": signature})
        if answer.text:
            content.append({"type": "text", "text": answer.text})
        message = {**self._message(call, ask), "content": content, **_stop(answer)}
        message["usage"] = {**_usage(ask), "output_tokens": answer.output_tokens, "service_tier": "standard"}
        return dumps(message).encode()

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """Named events, with a ping after the first block has begun and another on the way."""
        start = {**self._message(call, ask), "content": [], "stop_reason": None, "stop_sequence": None}
        start["usage"] = {**_usage(ask), "output_tokens": 1, "service_tier": "standard"}
        found = [Frame(_event("message_start", message=start), "open")]
        index = 0
        if answer.thoughts:
            found += _thinking_frames(call, answer)
            index = 1
        if pieces:
            block = {"type": "text", "text": ""}
            found.append(Frame(_event("content_block_start", index=index, content_block=block), "open"))
            found.append(Frame(self.keep_alive, "open"))
            for number, piece in enumerate(pieces):
                delta = {"type": "text_delta", "text": piece.text}
                event = _event("content_block_delta", index=index, delta=delta, padding=number * 5 % 13)
                found.append(Frame(event, "content", piece.tokens))
            found.insert(len(found) - len(pieces) // 2, Frame(self.keep_alive, "content"))
            found.append(Frame(_event("content_block_stop", index=index), "close"))
        usage = {**_usage(ask), "output_tokens": answer.output_tokens}
        found.append(Frame(_event("message_delta", delta=_stop(answer), usage=usage), "close"))
        found.append(Frame(_event("message_stop", padding=5), "close"))
        return found

    def error(self, call: Call, fault: Fault) -> Reply:
        """`{"type": "error", "error": {"type", "message"}, "request_id"}`."""
        status, _ = ERRORS[fault.kind]
        headers = {"x-should-retry": "true" if status in (429, 500, 529) else "false"}
        if fault.refusal and fault.refusal.wait < math.inf:
            headers["retry-after"] = str(max(1, math.ceil(fault.refusal.wait)))
        body = {"type": "error", "error": _error_object(fault), "request_id": _request_id(call)}
        return Reply(status, dumps(body).encode(), headers=headers)

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """`event: error`."""
        return _event("error", error=_error_object(fault), request_id=_request_id(call))

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """`request-id` and the four families of limits; a reset is the time at which all is back.

        Now and then an ordinary answer carries `retry-after`, as recorded answers of the API do.
        """
        found = {
            "request-id": _request_id(call),
            "anthropic-organization-id": "00000000-0000-4000-8000-000000000000",
        }
        limits: dict[str, RateLimit | None] = {
            "requests": account.requests,
            "input-tokens": account.tokens,
            "output-tokens": account.output_tokens,
            "tokens": account.output_tokens,
        }
        for unit, limit in limits.items():
            if limit is not None:
                left = limit.limit - limit.used(now)
                shown = math.floor(left + 1e-6) if unit == "requests" else round(left, -3)
                found[f"anthropic-ratelimit-{unit}-limit"] = str(limit.limit)
                found[f"anthropic-ratelimit-{unit}-remaining"] = str(int(shown))
                found[f"anthropic-ratelimit-{unit}-reset"] = rfc3339(call.wall + limit.empty_in(now))
        if sum(call.tag.encode()) % 6 == 0:
            found["retry-after"] = str(math.ceil(account.requests.empty_in(now)))
        return found

    def _message(self, call: Call, ask: Ask) -> dict[str, object]:
        ident = f"msg_01{opaque(22, 'message', call.tag)}"
        return {"id": ident, "type": "message", "role": "assistant", "model": ask.model}


def refuses_sampling(model: str) -> bool:
    """Whether a model is one of those (4.7 and later) that take no sampling parameters at all."""
    return _number(model) >= (4, 7)


def _number(model: str) -> tuple[int, int]:
    """The version in a model's name, (0, 0) for old names such as claude-3-5-sonnet that end otherwise."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _check_sampling(call: Call, model: str, version: str) -> None:
    body = call.body
    given = [name for name in SAMPLING if body.get(name) is not None]
    if given and (version >= "2026-10-21" or refuses_sampling(model)):
        raise Fault("bad_request", f"`{given[0]}` is deprecated for this model.")
    temperature = reading.number(body, "temperature")
    if temperature is not None and not 0 <= temperature <= 1:
        raise Fault("bad_request", "temperature: range: 0..1")
    if "temperature" in given and "top_p" in given:
        raise Fault("bad_request", "`temperature` and `top_p` cannot both be specified for this model.")


def _check_messages(call: Call, model: str) -> None:
    messages = reading.items(call.body, "messages")
    if not messages:
        raise Fault("bad_request", "messages: at least one message is required")
    for index, message in enumerate(messages):
        role = reading.text(message, "role")
        if role == "system":
            raise Fault(
                "bad_request",
                'messages: Unexpected role "system". The Messages API accepts a top-level `system` '
                'parameter, not "system" as an input message role.',
            )
        if role not in ("user", "assistant"):
            raise Fault("bad_request", f"messages.{index}.role: Input should be 'user' or 'assistant'")
        if not reading.content(message).strip():
            raise Fault("bad_request", f"messages.{index}: {role} messages must have non-empty content")
    if reading.text(messages[-1], "role") == "assistant" and _number(model) >= (4, 6):
        raise Fault(
            "bad_request",
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message.",
        )


def _event(name: str, *, padding: int = 0, **fields: object) -> bytes:
    """A named event; the API pads its JSON with spaces."""
    return f"event: {name}\ndata: {dumps({'type': name, **fields})}{' ' * padding}\n\n".encode()


def _thinking_frames(call: Call, answer: Answer) -> list[Frame]:
    block = {"type": "thinking", "thinking": "", "signature": ""}
    found = [Frame(_event("content_block_start", index=0, content_block=block), "open")]
    for piece in thought_pieces(answer, call.tag):
        delta = {"type": "thinking_delta", "thinking": piece.text}
        found.append(Frame(_event("content_block_delta", index=0, delta=delta), "open", piece.tokens))
    signed = {"type": "signature_delta", "signature": opaque(48, "signature", call.tag)}
    found.append(Frame(_event("content_block_delta", index=0, delta=signed), "open"))
    found.append(Frame(_event("content_block_stop", index=0), "open"))
    return found


def _stop(answer: Answer) -> dict[str, object]:
    reason = "stop_sequence" if answer.stop_sequence else FINISH[answer.finish]
    found: dict[str, object] = {"stop_reason": reason, "stop_sequence": answer.stop_sequence}
    if reason == "refusal":
        explanation = "The request was declined by the safety classifiers."
        found["stop_details"] = {"type": "refusal", "category": None, "explanation": explanation}
    return found


def _usage(ask: Ask) -> dict[str, object]:
    return {
        "input_tokens": ask.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }


def _request_id(call: Call) -> str:
    return f"req_011C{opaque(20, 'request', call.tag)}"


def _error_object(fault: Fault) -> dict[str, object]:
    messages = {
        "billing": "Your credit balance is too low to access the Anthropic API. "
        "Please go to Plans & Billing to upgrade or purchase credits.",
        "overloaded": "Overloaded",
        "server_error": "Internal server error",
        "bad_json": "The request body is not valid JSON: expected value at line 1 column 1",
        "no_route": "Not Found",
        "per_day": "This request would exceed your organization's daily rate limit. Please try again later.",
    }
    message = messages.get(fault.kind, fault.message)
    if fault.kind == "limited" and fault.refusal:
        message = _limit_message(fault.refusal)
    return {"type": ERRORS[fault.kind][1], "message": message}


def _limit_message(refusal: Refusal) -> str:
    unit = {"tokens": "input tokens", "output_tokens": "output tokens"}.get(refusal.unit, "requests")
    return (
        f"This request would exceed the rate limit for your organization of {refusal.limit:,} {unit} per "
        "minute. For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response "
        "headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try "
        "again later."
    )
