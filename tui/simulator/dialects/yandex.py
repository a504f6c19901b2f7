"""Yandex AI Studio: the OpenAI chat dialect with its omissions, and the errors of both its APIs.

Sources: the Yandex AI Studio documentation, and recorded traffic of llm.api.cloud.yandex.net.
"""

from __future__ import annotations

import re
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
    from tui.simulator.ask import Call, Json
    from tui.simulator.faults import Refusal
    from tui.simulator.pace import Piece

# kind → HTTP status, gRPC code, HTTP phrase, message
ERRORS: Final = {
    "no_key": (401, 16, "Unauthorized", "The request has no authorization header"),
    "bad_key": (401, 16, "Unauthorized", "Unknown api key"),
    "no_route": (404, 5, "Not Found", "Not Found"),
    "no_model": (404, 5, "Not Found", "Failed to get model"),
    "bad_json": (400, 3, "Bad Request", "The request body is not valid JSON"),
    "bad_request": (400, 3, "Bad Request", ""),
    "limited": (429, 8, "Too Many Requests", ""),
    "per_day": (429, 8, "Too Many Requests", ""),
    "billing": (402, 9, "Payment Required", "The billing account is not active"),
    "overloaded": (503, 14, "Service Unavailable", "The service is temporarily unavailable"),
    "server_error": (500, 13, "Internal Server Error", "Internal error"),
}
_MODEL: Final = re.compile(r"(?:gpt|emb|cls)://[^/\s]+/\S+")


class Yandex:
    """Chat Completions at /yandex/v1/chat/completions."""

    provider = "yandex"
    keep_alive = b""
    blank = b""

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "text/event-stream; charset=utf-8"

    def authorise(self, call: Call) -> None:
        """`Authorization: Api-Key KEY` or `Bearer IAM_TOKEN`."""
        authorise(call)

    def read(self, call: Call) -> Ask:
        """Understand a request; only the documented parameters have an effect, so no `stop`."""
        body = call.body
        model = reading.text(body, "model")
        check_model(model)
        messages = reading.items(body, "messages")
        if not messages:
            raise Fault("bad_request", "messages: the list of messages must not be empty")
        check_temperature(body)
        return Ask(
            provider=self.provider,
            model=model,
            prompt=chat.prompt_of(messages),
            input_tokens=chat.input_tokens(messages),
            max_tokens=reading.whole(body, "max_tokens"),
            stream=body.get("stream") is True,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A `chat.completion`."""
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": answer.text},
            "finish_reason": chat.FINISH[answer.finish],
        }
        head = _head(call, ask, "chat.completion")
        return dumps({**head, "choices": [choice], "usage": chat.usage(ask, answer)}).encode()

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """Chunks without `finish_reason` until the last; usage only from the open models."""
        head = _head(call, ask, "chat.completion.chunk")

        def chunk(delta: object, **more: object) -> bytes:
            return chat.sse({**head, "choices": [{"index": 0, "delta": delta, **more}]})

        found = [Frame(chunk({"role": "assistant", "content": ""}), "open")]
        found += [Frame(chunk({"content": piece.text}), "content", piece.tokens) for piece in pieces]
        found.append(Frame(chunk({"content": ""}, finish_reason=chat.FINISH[answer.finish]), "close"))
        if is_open(ask.model):
            found.append(Frame(chat.sse({**head, "choices": [], "usage": chat.usage(ask, answer)}), "close"))
        found.append(Frame(chat.DONE, "close"))
        return found

    def error(self, call: Call, fault: Fault) -> Reply:
        """gRPC's error as JSON, under `error`."""
        return Reply(ERRORS[fault.kind][0], dumps({"error": error_object(fault)}).encode())

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """A nameless event with a top-level `error`."""
        return chat.sse({"error": error_object(fault)})

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """Ids for the support, and nothing about limits."""
        return headers(call)


def authorise(call: Call) -> None:
    """`Authorization: Api-Key KEY` or `Bearer TOKEN`, at both APIs; raises Fault."""
    scheme, _, key = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() not in ("api-key", "bearer") or not key.strip():
        raise Fault("no_key")
    if "invalid" in key:
        raise Fault("bad_key")


def check_model(uri: str) -> None:
    """A model is named by a URI with a folder in it; raises Fault."""
    if not _MODEL.fullmatch(uri):
        raise Fault("bad_request", f"Failed to parse model URI: {uri!r}, expected gpt://<folder ID>/<model>")
    if "unknown" in uri:
        raise Fault("no_model")


def check_temperature(options: Json) -> None:
    """The temperature goes from 0 to 1; raises Fault."""
    value = reading.number(options, "temperature")
    if value is not None and not 0 <= value <= 1:
        raise Fault("bad_request", "temperature must be in the range [0, 1]")


def is_open(uri: str) -> bool:
    """Whether a URI names one of the open models, rather than Yandex's own."""
    return not uri.split("/", 3)[-1].startswith(("yandexgpt", "aliceai", "llama"))


def headers(call: Call) -> dict[str, str]:
    """The headers of every response of both APIs."""
    return {
        "x-request-id": opaque(36, "request", call.tag).lower(),
        "x-server-trace-id": opaque(32, "trace", call.tag).lower(),
    }


def error_object(fault: Fault) -> dict[str, object]:
    """The object under `error`, at both APIs."""
    status, grpc, phrase, message = ERRORS[fault.kind]
    if fault.refusal:
        message = _limit_message(fault.kind, fault.refusal)
    return {
        "grpcCode": grpc,
        "httpCode": status,
        "message": message or fault.message,
        "httpStatus": phrase,
        "details": [],
    }


def _limit_message(kind: str, refusal: Refusal) -> str:
    if refusal.unit == "at_once":
        quota, gauge, unit = "SessionsCount.count", "gauge", "requests"
    elif kind == "per_day":
        quota, gauge, unit = "RequestsPerDay.rate", "rate", "requests per day"
    else:
        quota, gauge, unit = "RequestsPerMinute.rate", "rate", "requests per minute"
    return f"ai.textGenerationCompletion{quota} {gauge} quota limit exceed: allowed {refusal.limit} {unit}"


def _head(call: Call, ask: Ask, kind: str) -> dict[str, object]:
    ident = f"chatcmpl-{opaque(32, 'completion', call.tag).lower()}"
    return {"id": ident, "object": kind, "created": int(call.wall), "model": ask.model}
