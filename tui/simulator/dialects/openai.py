"""OpenAI: Chat Completions, its error bodies and its rate-limit headers.

Sources: the OpenAI API reference, and recorded traffic of api.openai.com.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from tui.simulator import reading
from tui.simulator.ask import Ask
from tui.simulator.dialects import chat, parameters
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps, go_duration, opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call, Json
    from tui.simulator.faults import Refusal
    from tui.simulator.limits import RateLimit
    from tui.simulator.pace import Piece

ORGANIZATION: Final = "org-Simulated0000000000000"
THINKING: Final = {"minimal": 0, "low": 32, "medium": 96, "high": 256, "xhigh": 512, "max": 1024}
STATUS: Final = {
    "no_key": 401,
    "bad_key": 401,
    "no_route": 404,
    "no_model": 404,
    "bad_json": 400,
    "bad_request": 400,
    "limited": 429,
    "per_day": 429,
    "billing": 429,
    "overloaded": 503,
    "server_error": 500,
}
UNITS: Final = {"requests": "requests per min (RPM)", "tokens": "tokens per min (TPM)"}


class OpenAI:
    """Chat Completions at /openai/v1/chat/completions."""

    provider = "openai"
    keep_alive = b""
    blank = b""

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "text/event-stream; charset=utf-8"

    def authorise(self, call: Call) -> None:
        """`Authorization: Bearer KEY`."""
        key = chat.bearer(call)
        if not key:
            raise Fault(
                "no_key",
                "You didn't provide an API key. You need to provide your API key in an Authorization header "
                "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            )
        if "invalid" in key:
            shown = f"{key[:3]}{'*' * 8}{key[-4:]}"
            message = f"Incorrect API key provided: {shown}. You can find your API key at your account page."
            raise Fault("bad_key", message, code="invalid_api_key")

    def read(self, call: Call) -> Ask:
        """Check the parameters as api.openai.com does, and understand the request."""
        body = call.body
        model = reading.text(body, "model")
        if not model:
            raise Fault("bad_request", "you must provide a model parameter")
        check_model(model)
        for name in body:
            if name not in parameters.OPENAI_CHAT:
                raise Fault("bad_request", f"Unrecognized request argument supplied: {name}")
        messages = reading.items(body, "messages")
        if not messages:
            raise missing("messages")
        effort = reading.text(body, "reasoning_effort")
        check_sampling(body, model, effort)
        stream = body.get("stream") is True
        if "stream_options" in body and not stream:
            raise Fault(
                "bad_request",
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                param="stream_options",
            )
        wants_usage = reading.child(body, "stream_options").get("include_usage") is True
        limit = reading.whole(body, "max_completion_tokens")
        return Ask(
            provider=self.provider,
            model=model,
            prompt=chat.prompt_of(messages),
            input_tokens=chat.input_tokens(messages),
            max_tokens=reading.whole(body, "max_tokens") if limit is None else limit,
            stops=reading.strings(body, "stop"),
            stream=stream,
            thinking=THINKING.get(effort, 0) if reasons(model) else 0,
            extras=frozenset({"usage"} if wants_usage else ()),
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A `chat.completion`."""
        message: dict[str, object] = {"role": "assistant", "content": answer.text, "refusal": None}
        message["annotations"] = []
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": chat.FINISH[answer.finish],
        }
        head = self._head(call, ask, "chat.completion")
        return dumps({**head, "choices": [choice], "usage": _usage(ask, answer)}).encode()

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """Chunks; usage in one more chunk without choices, and only if it was asked for."""
        wants_usage = "usage" in ask.extras
        head = self._head(call, ask, "chat.completion.chunk")

        def chunk(number: int, delta: object, finish: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            body: dict[str, object] = {**head, "choices": [choice]}
            if wants_usage:
                body["usage"] = None
            # Random padding that hides the length of the text from whoever watches the line.
            body["obfuscation"] = opaque(4 + number * 7 % 11, call.tag, number)
            return chat.sse(body)

        found = [Frame(chunk(0, {"role": "assistant", "content": "", "refusal": None}), "open")]
        for number, piece in enumerate(pieces, 1):
            found.append(Frame(chunk(number, {"content": piece.text}), "content", piece.tokens))
        found.append(Frame(chunk(len(pieces) + 1, {}, chat.FINISH[answer.finish]), "close"))
        if wants_usage:
            last = {**head, "choices": [], "usage": _usage(ask, answer), "obfuscation": opaque(6, call.tag)}
            found.append(Frame(chat.sse(last), "close"))
        found.append(Frame(chat.DONE, "close"))
        return found

    def error(self, call: Call, fault: Fault) -> Reply:
        """`{"error": {"message", "type", "param", "code"}}`."""
        headers: dict[str, str] = {}
        wait = fault.refusal.wait if fault.refusal else 0.0
        if 0 < wait < math.inf:
            headers = {"retry-after": str(math.ceil(wait)), "retry-after-ms": str(math.ceil(wait * 1000))}
        body = dumps({"error": error_object(call, fault)}).encode()
        return Reply(STATUS[fault.kind], body, headers=headers)

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """A nameless event with a top-level `error`."""
        return chat.sse({"error": error_object(call, fault)})

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """`x-request-id`, and for requests and tokens what is left and the time until all is back."""
        found = {
            "x-request-id": f"req_{opaque(24, 'request', call.tag).lower()}",
            "openai-organization": ORGANIZATION,
            "openai-version": "2020-10-01",
            "openai-processing-ms": "312",
        }
        limits: dict[str, RateLimit | None] = {"requests": account.requests, "tokens": account.tokens}
        for unit, limit in limits.items():
            if limit is not None:
                found[f"x-ratelimit-limit-{unit}"] = str(limit.limit)
                found[f"x-ratelimit-remaining-{unit}"] = str(math.floor(limit.limit - limit.used(now) + 1e-6))
                found[f"x-ratelimit-reset-{unit}"] = go_duration(limit.empty_in(now))
        return found

    def _head(self, call: Call, ask: Ask, kind: str) -> dict[str, object]:
        return {
            "id": f"chatcmpl-{opaque(29, 'completion', call.tag)}",
            "object": kind,
            "created": int(call.wall),
            "model": ask.model,
            "service_tier": "default",
            "system_fingerprint": None,
        }


def reasons(model: str) -> bool:
    """Whether a model is of the reasoning kind: all but the GPT-3.5 and GPT-4 families."""
    return not model.startswith(("gpt-3.5", "gpt-4", "chatgpt-4", "ft:gpt-3.5", "ft:gpt-4"))


def check_model(model: str) -> None:
    """Any name is a model, except one that contains `unknown`."""
    if "unknown" in model:
        message = f"The model `{model}` does not exist or you do not have access to it."
        raise Fault("no_model", message, code="model_not_found")


def missing(name: str) -> Fault:
    """A required parameter is absent."""
    message = f"Missing required parameter: '{name}'."
    return Fault("bad_request", message, param=name, code="missing_required_parameter")


def check_sampling(body: Json, model: str, effort: str) -> None:
    """Refuse what reasoning models refuse, and what is out of range."""
    temperature = reading.number(body, "temperature")
    if temperature is not None and not 0 <= temperature <= 2:
        side, bound, word = ("above", "<= 2", "maximum") if temperature > 2 else ("below", ">= 0", "minimum")
        raise Fault(
            "bad_request",
            f"Invalid 'temperature': decimal {side} {word} value. Expected a value {bound}, "
            f"but got {temperature} instead.",
            param="temperature",
            code=f"decimal_{side}_{'max' if temperature > 2 else 'min'}_value",
        )
    if not reasons(model):
        return
    if body.get("max_tokens") is not None:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        raise Fault("bad_request", message, param="max_tokens", code="unsupported_parameter")
    if body.get("stop") is not None:
        raise unsupported("stop")
    if effort == "none":
        return
    if temperature is not None and temperature != 1:
        raise Fault(
            "bad_request",
            f"Unsupported value: 'temperature' does not support {temperature} with this model. "
            "Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    for name in ("top_p", "presence_penalty", "frequency_penalty"):
        if body.get(name) is not None:
            raise unsupported(name)


def unsupported(name: str) -> Fault:
    """A parameter that this model does not take."""
    message = f"Unsupported parameter: '{name}' is not supported with this model."
    return Fault("bad_request", message, param=name, code="unsupported_parameter")


def error_object(call: Call, fault: Fault) -> dict[str, object]:
    """The object under `error`."""
    message, kind, code = fault.message, "invalid_request_error", fault.code
    if fault.kind in ("limited", "per_day") and fault.refusal:
        message, code = _limit_message(call, fault.kind, fault.refusal), "rate_limit_exceeded"
        kind = "tokens" if fault.refusal.unit == "tokens" else "requests"
    elif fault.kind == "billing":
        kind = code = "insufficient_quota"
        message = "You exceeded your current quota, please check your plan and billing details."
    elif fault.kind == "overloaded":
        kind, message = "server_error", "The engine is currently overloaded, please try again later."
    elif fault.kind == "server_error":
        kind, message = (
            "server_error",
            "The server had an error while processing your request. Sorry about that!",
        )
    elif fault.kind == "bad_json":
        message = "We could not parse the JSON body of your request. (HINT: the API expects a JSON payload.)"
    elif fault.kind == "no_route":
        message = f"Invalid URL ({fault.message})"
    return {"message": message, "type": kind, "param": fault.param, "code": code}


def _limit_message(call: Call, kind: str, refusal: Refusal) -> str:
    model = reading.text(call.body, "model") or "the model"
    unit = UNITS.get(refusal.unit, UNITS["requests"])
    if kind == "per_day":
        unit = "requests per day (RPD)"
    where = f"{model} in organization {ORGANIZATION} on {unit}: Limit {refusal.limit},"
    if math.isinf(refusal.wait):
        return (
            f"Request too large for {where} Requested {refusal.requested}. "
            "The input or output tokens must be reduced in order to run successfully."
        )
    return (
        f"Rate limit reached for {where} Used {refusal.used}, Requested {refusal.requested}. "
        f"Please try again in {go_duration(refusal.wait)}. "
        "Visit https://platform.openai.com/account/rate-limits to learn more."
    )


def _usage(ask: Ask, answer: Answer) -> dict[str, object]:
    return {
        **chat.usage(ask, answer),
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": answer.thinking_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
