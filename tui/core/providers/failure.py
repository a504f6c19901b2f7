"""What a vendor says when it refuses: every shape of error body read into one, and sorted into a kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.core.providers.errors import PASSING
from tui.core.providers.payload import count, mapping, mappings, parse, text

if TYPE_CHECKING:
    from tui.core.providers.base import JsonObject, JsonValue
    from tui.core.providers.errors import Kind

_BILLING = frozenset(
    {
        "billing_error",
        "billing_hard_limit_reached",
        "contract_spend_limit_reached",
        "credit_balance_exhausted",
        "enforced_spend_limit_reached",
        "insufficient_quota",
        "organization_spend_limit_exceeded",
        "organization_usage_limit_exceeded",
        "project_spend_limit_exceeded",
    }
)
_UNKNOWN_MODEL = frozenset({"model_not_found", "not_found_error", "NOT_FOUND"})
_NO_SUCH_MODEL = re.compile(
    r"\b(invalid|unknown) model\b|\bmodel\b.{0,80}\b(not found|not exist|does not exist)\b"
    r"|failed to get model",
    re.IGNORECASE,
)
_FILTERED = frozenset({"content_filter", "content_policy_violation"})
_BAD_KEY = frozenset({"API_KEY_INVALID", "invalid_api_key"})

_STATUS_OF = {
    # Anthropic
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
    # OpenAI and those who speak like it
    "invalid_api_key": 401,
    "model_not_found": 404,
    "rate_limit_exceeded": 429,
    "slow_down": 429,
    "insufficient_quota": 429,
    "server_error": 500,
    "unavailable_error": 503,
    "service_unavailable_error": 503,
    # Google's canonical status names
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""The HTTP status an error stands for when it comes inside a stream that began with 200."""

# Anthropic answers 400, not 402, once a spend limit that the user set is reached.
_OWN_LIMIT = re.compile(r"specified api usage limits|spend(ing)? limit")
_TOO_LARGE = re.compile(r"Limit:? (\d{1,15}), Requested:? (\d{1,15})")


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as a vendor put it; empty where the vendor said nothing."""

    message: str = ""
    names: tuple[str, ...] = ()
    """Every type, code, status and reason it was given, the most specific first."""
    status: int | None = None
    """The HTTP status, from the response or from the body."""
    parameter: str = ""
    """The request's parameter that is at fault."""
    delay: str = ""
    """Google's RetryInfo.retryDelay, such as "48s"."""
    quotas: tuple[str, ...] = ()
    """The names of the quotas that ran out."""


def read_failure(status: int | None, body: bytes) -> Failure:
    """Read the body of a refused request, whatever its declared type; never raises."""
    try:
        value = parse(body)
    except (ValueError, RecursionError):
        value = {"message": "" if _is_page(body) else body.decode("utf-8", "replace")}
    return _failure(status, _envelope(value))


def failure_within(event: str, payload: JsonObject) -> Failure | None:
    """Find the error in a payload that came after HTTP 200; None when there is none.

    Known places: `error` at the top, also beside `choices`; the payload itself under `event: error` or
    `type: error`; and `response.error` of an OpenAI Responses stream that failed.
    """
    if payload.get("type") == "response.failed":
        return _failure(None, mapping(payload.get("response")))
    if payload.get("error") or payload.get("type") == "error" or event == "error":
        return _failure(None, _envelope(payload))
    return None


def classify(failure: Failure, *, told_to_wait: bool = False) -> tuple[Kind, bool]:
    """Give the kind of the failure and whether it may pass by itself."""
    kind = _kind(failure, told_to_wait)
    return kind, kind in PASSING and not _is_lasting(failure)


def is_daily(failure: Failure) -> bool:
    """Whether a quota per day ran out, which is hours away rather than seconds."""
    said = f"{failure.message} {' '.join(failure.quotas)}"
    return bool(re.search(r"PerDay|per day|per-day|\bdaily\b|\b[TR]PD\b", said))


def is_unknown_model(failure: Failure) -> bool:
    """Whether the vendor says that there is no such model, or none for this account.

    OpenAI, Anthropic and Google have a name for that; DeepSeek ("Model Not Exist"), Mistral ("Invalid
    model"), xAI, Yandex and Ollama say it in the message alone.
    """
    if not _UNKNOWN_MODEL.isdisjoint(failure.names):
        return True
    return failure.status in (400, 404, 422) and _NO_SUCH_MODEL.search(failure.message) is not None


def _kind(failure: Failure, told_to_wait: bool) -> Kind:
    names, status, message = set(failure.names), failure.status or 500, failure.message.lower()
    if names & _BAD_KEY or (status == 400 and "incorrect api key" in message):
        return "auth"
    if names & _BILLING or (status == 400 and _OWN_LIMIT.search(message)):
        return "billing"
    if names & _FILTERED:
        return "filtered"
    if "model_not_found" in names:
        return "bad_request"  # also with 403, where OpenAI means this one model and not the key
    if status == 402:
        # OpenRouter answers 402 with a Retry-After while a top-up is on its way.
        return "rate_limit" if told_to_wait else "billing"
    return _kind_of_status(status)


def _kind_of_status(status: int) -> Kind:
    if status in (401, 403):
        return "auth"
    if status == 429:
        return "rate_limit"
    if status in (503, 529):
        return "overloaded"
    if status >= 500 or status in (408, 409):
        return "server"
    return "bad_request"


def _is_lasting(failure: Failure) -> bool:
    if failure.status != 429:
        return False
    too_large = _TOO_LARGE.search(failure.message)
    never_fits = too_large is not None and int(too_large[2]) > int(too_large[1])
    return never_fits or is_daily(failure) or re.search(r"\blimit: 0\b", failure.message) is not None


def _envelope(value: JsonValue) -> JsonObject:
    """Unwrap a list of one, which is how Gemini sends errors outside SSE."""
    return mapping(value[0]) if isinstance(value, list) and value else mapping(value)


def _failure(status: int | None, payload: JsonObject) -> Failure:
    error = mapping(payload.get("error")) or payload
    details = mappings(error.get("details"))
    own = mapping(error.get("details"))
    violations = [found for detail in details for found in mappings(detail.get("violations"))]
    names = (
        *(text(detail.get("reason")) for detail in details),
        *(text(own.get("error_code")), text(error.get("code")), text(error.get("status"))),
        text(error.get("type")),
    )
    return Failure(
        message=_message(payload, error),
        names=tuple(name for name in names if name),
        status=status or _status(error, names),
        parameter=text(error.get("param")) or _located(payload),
        delay=next((delay for detail in details if (delay := text(detail.get("retryDelay")))), ""),
        quotas=tuple(text(found.get("quotaId")) for found in violations),
    )


def _status(error: JsonObject, names: tuple[str, ...]) -> int | None:
    for number in (count(error.get("httpCode")), count(error.get("code"))):
        if number is not None and 400 <= number <= 599:
            return number
    return next((_STATUS_OF[name] for name in names if name in _STATUS_OF), None)


def _message(payload: JsonObject, error: JsonObject) -> str:
    listed = mappings(payload.get("detail"))
    candidates = (
        text(error.get("message")),
        text(payload.get("error")),
        text(payload.get("detail")),
        "; ".join(text(item.get("msg")) for item in listed),
        text(payload.get("message")),
    )
    return next((said for said in candidates if said), "")


def _located(payload: JsonObject) -> str:
    """Name the field that a validation error points at, as servers built on FastAPI and Mistral do."""
    for item in mappings(payload.get("detail")):
        place = item.get("loc")
        if isinstance(place, list) and place:
            return text(place[-1])
    return ""


def _is_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"
