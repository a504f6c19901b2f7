"""Google Gemini: generateContent and streamGenerateContent, and Google's error model.

Sources: the Gemini API reference, google.rpc error details, and recorded traffic of
generativelanguage.googleapis.com.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Final

from tui.simulator import reading, tokens
from tui.simulator.ask import Ask
from tui.simulator.dialects import parameters
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.dialects.chat import thought_pieces
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps, opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call, Json
    from tui.simulator.faults import Refusal
    from tui.simulator.pace import Piece

THINKING: Final = {"minimal": 0, "low": 32, "medium": 64, "high": 96, "xhigh": 256}
ERRORS: Final = {
    "no_key": (403, "PERMISSION_DENIED"),
    "bad_key": (400, "INVALID_ARGUMENT"),
    "no_route": (404, "NOT_FOUND"),
    "no_model": (404, "NOT_FOUND"),
    "bad_json": (400, "INVALID_ARGUMENT"),
    "bad_request": (400, "INVALID_ARGUMENT"),
    "limited": (429, "RESOURCE_EXHAUSTED"),
    "per_day": (429, "RESOURCE_EXHAUSTED"),
    "billing": (402, "RESOURCE_EXHAUSTED"),
    "overloaded": (503, "UNAVAILABLE"),
    "server_error": (500, "INTERNAL"),
}
FINISH: Final = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}
_SNAKE: Final = re.compile(r"_([a-z])")


class Gemini:
    """Generation at /google/v1beta/models/MODEL:generateContent and :streamGenerateContent."""

    provider = "google"
    keep_alive = b""
    blank = b""

    def stream_type(self, call: Call) -> str:
        """Events with `?alt=sse`, otherwise one JSON list."""
        return "text/event-stream" if call.query.get("alt") == "sse" else "application/json; charset=UTF-8"

    def authorise(self, call: Call) -> None:
        """`x-goog-api-key: KEY` or `?key=KEY`; keys of the newer kind refuse to be sent twice."""
        found = [key for key in (call.headers.get("x-goog-api-key"), call.query.get("key")) if key]
        if not found:
            raise Fault(
                "no_key",
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API.",
            )
        credentials = len(found) + ("authorization" in call.headers)
        newer = any(key.startswith("AQ.") for key in found)
        if any("invalid" in key for key in found) or (newer and credentials > 1):
            raise Fault("bad_key", code="UNAUTHENTICATED" if newer else None)

    def read(self, call: Call) -> Ask:
        """Check the request as protobuf's JSON reader and the service do, and understand it."""
        body = camel(call.body)
        model = call.path["model"]
        if "unknown" in model:
            raise Fault("no_model")
        for name in body:
            if name not in parameters.GEMINI:
                unknown = f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.'
                raise Fault("bad_request", unknown)
        contents = reading.items(body, "contents")
        if not contents:
            raise Fault("bad_request", "* GenerateContentRequest.contents: contents is not specified\n")
        if any(reading.text(content, "role") not in ("", "user", "model") for content in contents):
            raise Fault("bad_request", "Please use a valid role: user, model.")
        config = camel(reading.child(body, "generationConfig"))
        temperature = reading.number(config, "temperature")
        if temperature is not None and not 0 <= temperature <= 2:
            where = "* GenerateContentRequest.generation_config.temperature"
            raise Fault("bad_request", f"{where}: temperature must be in the range [0.0, 2.0].\n")
        said = [_text(content) for content in contents]
        told = _text(reading.child(body, "systemInstruction"))
        thinking = camel(reading.child(config, "thinkingConfig"))
        return Ask(
            provider=self.provider,
            model=model,
            prompt=said[-1],
            input_tokens=1 + tokens.count(told) + sum(1 + tokens.count(text) for text in said),
            max_tokens=reading.whole(config, "maxOutputTokens"),
            stops=reading.strings(config, "stopSequences"),
            stream=call.path["method"] == "streamGenerateContent",
            thinking=_thinking_tokens(thinking),
            show_thinking=thinking.get("includeThoughts") is True,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A GenerateContentResponse, with two-space indentation."""
        parts = [{"text": answer.thoughts, "thought": True}] if answer.thoughts else []
        if answer.text:
            parts.append({"text": answer.text})
        return _pretty(
            _response(call, ask, answer, parts, answer.output_tokens - answer.thinking_tokens, last=True)
        )

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """Responses with a few words each; the last one of the text carries the finish reason."""
        found: list[tuple[object, bool, int]] = []
        for thought in thought_pieces(answer, call.tag):
            part = [{"text": thought.text, "thought": True}]
            found.append((_response(call, ask, answer, part, 0), False, thought.tokens))
        groups = [pieces[start : start + 3] for start in range(0, len(pieces), 3)]
        spent = 0
        for group in groups[:-1]:
            cost = sum(piece.tokens for piece in group)
            spent += cost
            part = [{"text": "".join(piece.text for piece in group)}]
            found.append((_response(call, ask, answer, part, spent), True, cost))
        rest = groups[-1] if groups else []
        final = [{"text": "".join(piece.text for piece in rest)}] if rest else []
        total = answer.output_tokens - answer.thinking_tokens
        end = _response(call, ask, answer, final, total, last=True)
        array = call.query.get("alt") != "sse"
        written = [
            Frame(_framed(value, array, first=index == 0), "content" if text else "open", cost)
            for index, (value, text, cost) in enumerate(found)
        ]
        cost = sum(piece.tokens for piece in rest)
        written.append(Frame(_framed(end, array, first=not found), "close", cost))
        return [*written, Frame(b"]\n", "close")] if array else written

    def error(self, call: Call, fault: Fault) -> Reply:
        """google.rpc.Status under `error`; a list of one where a stream would have been a list."""
        error = _error_object(call, fault)
        listed = call.path.get("method") == "streamGenerateContent" and call.query.get("alt") != "sse"
        body = _pretty([{"error": error}] if listed else {"error": error})
        return Reply(error_status(fault), body, "application/json; charset=UTF-8")

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """One more event, or one more object of the list, with `error`."""
        array = call.query.get("alt") != "sse"
        framed = _framed({"error": _error_object(call, fault)}, array, first=False)
        return framed + b"]\n" if array else framed

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """Nothing about limits."""
        return {"server": "scaffolding on HTTPServer2", "server-timing": "gfet4t7; dur=412", "vary": "Origin"}


def camel(body: Json) -> Json:
    """The keys in camelCase: protobuf's JSON reader takes snake_case as well."""
    return {_SNAKE.sub(lambda found: found[1].upper(), key): value for key, value in body.items()}


def error_status(fault: Fault) -> int:
    """The HTTP status of an error."""
    return 401 if fault.code == "UNAUTHENTICATED" else ERRORS[fault.kind][0]


def _text(content: Json) -> str:
    return "".join(reading.text(part, "text") for part in reading.items(content, "parts"))


def _thinking_tokens(config: Json) -> int:
    budget = reading.whole(config, "thinkingBudget")
    if budget is not None and budget >= 0:
        return min(budget, 96)
    return THINKING.get(reading.text(config, "thinkingLevel").lower(), 64)


def _response(
    call: Call, ask: Ask, answer: Answer, parts: Sequence[object], spent: int, *, last: bool = False
) -> dict[str, object]:
    found: dict[str, object] = {}
    if answer.finish == "blocked":
        found["promptFeedback"] = {"blockReason": "PROHIBITED_CONTENT"}
    else:
        candidate: dict[str, object] = {}
        if parts:
            candidate["content"] = {"parts": list(parts), "role": "model"}
        elif answer.finish == "length":
            candidate["content"] = {"role": "model"}
        if last:
            candidate["finishReason"] = FINISH[answer.finish]
        candidate["index"] = 0
        if answer.finish == "filtered":
            rating = {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}
            candidate["safetyRatings"] = [rating]
        found["candidates"] = [candidate]
    found["usageMetadata"] = _usage(ask, answer, spent, last=last)
    found["modelVersion"] = ask.model
    found["responseId"] = opaque(22, "response", call.tag)
    return found


def _usage(ask: Ask, answer: Answer, spent: int, *, last: bool) -> dict[str, object]:
    found: dict[str, object] = {"promptTokenCount": ask.input_tokens}
    if spent:
        found["candidatesTokenCount"] = spent
    found["totalTokenCount"] = ask.input_tokens + spent + answer.thinking_tokens
    found["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": ask.input_tokens}]
    if answer.thinking_tokens and (spent or last):
        found["thoughtsTokenCount"] = answer.thinking_tokens
    return found


def _pretty(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _framed(value: object, array: bool, *, first: bool) -> bytes:
    if array:
        return (b"[" if first else b",\r\n") + _pretty(value)
    return f"data: {dumps(value)}\r\n\r\n".encode()


def _error_object(call: Call, fault: Fault) -> dict[str, object]:
    status = ERRORS[fault.kind][1]
    messages = {
        "billing": "Your prepayment credits are depleted. Please go to AI Studio to manage your billing.",
        "overloaded": "The model is overloaded. Please try again later.",
        "server_error": "An internal error has occurred. Please retry or report in the forum.",
        "bad_json": "Invalid JSON payload received. Unexpected end of string. Expected a value.\n\n^",
        "no_model": f"models/{call.path.get('model')} is not found for API version v1beta, or is not "
        "supported for generateContent. Call ListModels to see the list of available models and their "
        "supported methods.",
        "no_route": "Requested entity was not found.",
        "bad_key": "API key not valid. Please pass a valid API key.",
    }
    found: dict[str, object] = {
        "code": error_status(fault),
        "message": messages.get(fault.kind, fault.message),
        "status": status,
    }
    if fault.code == "UNAUTHENTICATED":
        found["status"] = fault.code
    elif fault.kind == "bad_key":
        found["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
                "metadata": {"service": "generativelanguage.googleapis.com"},
            }
        ]
    elif fault.refusal:
        found |= _exhausted(call, fault.kind, fault.refusal)
    return found


def _exhausted(call: Call, kind: str, refusal: Refusal) -> dict[str, object]:
    """Message and details of a 429: which quota, and how long to wait.

    The delay is cut to whole seconds, as in recorded answers; the message has the fraction.
    """
    per = "PerDay" if kind == "per_day" else "PerMinute"
    metric, quota = "generate_requests_per_model", f"GenerateRequests{per}PerProjectPerModel"
    if refusal.unit == "tokens":
        metric = "generate_content_paid_tier_input_token_count"
        quota = "GenerateContentPaidTierInputTokensPerModelPerMinute"
    violation = {
        "quotaMetric": f"generativelanguage.googleapis.com/{metric}",
        "quotaId": quota,
        "quotaDimensions": {"location": "global", "model": call.path.get("model", "")},
        "quotaValue": str(refusal.limit),
    }
    details: list[dict[str, object]] = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]},
        {
            "@type": "type.googleapis.com/google.rpc.Help",
            "links": [
                {
                    "description": "Learn more about Gemini API quotas",
                    "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                }
            ],
        },
    ]
    message = (
        "You exceeded your current quota, please check your plan and billing details. For more information "
        "on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
    )
    if math.isfinite(refusal.wait):
        message += f"\nPlease retry in {refusal.wait:.9f}s."
        retry: dict[str, object] = {
            "@type": "type.googleapis.com/google.rpc.RetryInfo",
            "retryDelay": f"{int(refusal.wait)}s",
        }
        details.append(retry)
    return {"message": message, "details": details}
