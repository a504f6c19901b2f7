"""How vendors refuse, as recorded or documented, and what is to be made of each refusal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.providers.errors import Kind


@dataclass(frozen=True)
class Row:
    """One refusal as recorded or documented, and what we make of it."""

    provider: str
    status: int
    body: object
    kind: Kind
    retryable: bool
    says: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float | None = None


def openai(message: str = "x", **error: object) -> dict[str, object]:
    return {"error": {"message": message, "type": None, "param": None, "code": None} | error}


def anthropic(kind: str, message: str = "x", **error: object) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message} | error, "request_id": "req_9"}


def google(code: int, status: str, message: str = "x", *details: object) -> dict[str, object]:
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


def quota(name: str) -> dict[str, object]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": name}]}


RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48s"}
BAD_KEY = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
PLAN = "You exceeded your current quota, please check your plan and billing details."

_SERVER_ERRORS: dict[int, Kind] = {500: "server", 502: "server", 503: "overloaded", 504: "server"}

ROWS = {
    # OpenAI
    "openai bad key": Row(
        "openai",
        401,
        openai("Incorrect API key provided: sk-abc*****wxyz.", code="invalid_api_key"),
        "auth",
        False,
        ("OpenAI refused the key in OPENAI_API_KEY; set a valid one.",),
    ),
    "openai region": Row("openai", 403, openai("Country not supported"), "auth", False, ("region",)),
    "openai unknown model": Row(
        "openai", 404, openai(code="model_not_found"), "bad_request", False, ('model "asked-for"',)
    ),
    "openai unknown model on Responses": Row(
        "openai", 400, openai(code="model_not_found"), "bad_request", False, ('model "asked-for"',)
    ),
    "openai unsupported parameter": Row(
        "openai",
        400,
        openai("Use 'max_completion_tokens' instead.", code="unsupported_parameter", param="max_tokens"),
        "bad_request",
        False,
        ('parameter "max_tokens"', "max_completion_tokens"),
    ),
    "openai context": Row(
        "openai", 400, openai("too long", code="context_length_exceeded"), "bad_request", False, ("too long",)
    ),
    "openai tokens per minute": Row(
        "openai",
        429,
        openai(
            "Rate limit reached for m on tokens per min (TPM): Limit 30000, Used 29000, Requested 1512. "
            "Please try again in 1.2s.",
            type="tokens",
            code="rate_limit_exceeded",
        ),
        "rate_limit",
        True,
        ("wait 1.2 s",),
        wait_s=1.2,
    ),
    "openai header beats words": Row(
        "openai",
        429,
        openai("Please try again in 6m0s.", code="rate_limit_exceeded"),
        "rate_limit",
        True,
        headers={"retry-after-ms": "250", "retry-after": "1"},
        wait_s=0.25,
    ),
    "openai requests per day": Row(
        "openai",
        429,
        openai("Limit reached on requests per day (RPD): Limit 200, Used 200. Please try again in 7m12s."),
        "rate_limit",
        False,
        ("per day", "in 7 min"),
        wait_s=432.0,
    ),
    "openai can never fit": Row(
        "openai",
        429,
        openai("Request too large for m on tokens per min (TPM): Limit 30000, Requested 45000."),
        "rate_limit",
        False,
        ("larger than",),
    ),
    "openai tokens per day": Row(
        "openai",
        429,
        openai(
            "Limit reached on tokens per day (TPD): Limit 9, Used 9. Please try again in 1h2m.", type="tokens"
        ),
        "rate_limit",
        False,
        ("per day", "in 62 min"),
        wait_s=3720.0,
    ),
    "openai slow down": Row("openai", 429, openai("Slow down.", code="slow_down"), "rate_limit", True),
    **{
        f"openai {code}": Row("openai", 429, openai(PLAN, code=code), "billing", False, ("credit",))
        for code in (
            "insufficient_quota",
            "credit_balance_exhausted",
            "organization_spend_limit_exceeded",
            "project_spend_limit_exceeded",
            "organization_usage_limit_exceeded",
            "billing_hard_limit_reached",
        )
    },
    "openai quota by type": Row(
        "openai",
        429,
        openai(PLAN, type="insufficient_quota"),
        "billing",
        False,
        headers={"retry-after": "1"},
        wait_s=1.0,
    ),
    "openai content policy": Row(
        "openai", 400, openai("no", code="content_policy_violation"), "filtered", False, ("content",)
    ),
    **{
        f"openai {status}": Row("openai", status, openai(type="server_error"), kind, True)
        for status, kind in _SERVER_ERRORS.items()
    },
    # Anthropic
    "anthropic key": Row(
        "anthropic", 401, anthropic("authentication_error"), "auth", False, ("ANTHROPIC_API_KEY",)
    ),
    "anthropic model": Row(
        "anthropic", 404, anthropic("not_found_error", "model: x"), "bad_request", False, ("choose another",)
    ),
    "anthropic prompt": Row(
        "anthropic",
        400,
        anthropic("invalid_request_error", "prompt is too long: 9 > 8"),
        "bad_request",
        False,
        ("prompt is too long: 9 > 8",),
    ),
    "anthropic own spend limit": Row(
        "anthropic",
        400,
        anthropic("invalid_request_error", "You have reached your specified API usage limits."),
        "billing",
        False,
    ),
    "anthropic billing": Row("anthropic", 402, anthropic("billing_error"), "billing", False),
    "anthropic large": Row("anthropic", 413, anthropic("request_too_large"), "bad_request", False),
    "anthropic rate": Row(
        "anthropic",
        429,
        anthropic("rate_limit_error"),
        "rate_limit",
        True,
        ("wait 37 s",),
        {"retry-after": "37"},
        37.0,
    ),
    "anthropic spend limit": Row(
        "anthropic",
        429,
        anthropic("rate_limit_error", details={"error_code": "enforced_spend_limit_reached"}),
        "billing",
        False,
    ),
    "anthropic contract": Row(
        "anthropic",
        429,
        anthropic("rate_limit_error", details={"error_code": "contract_spend_limit_reached"}),
        "billing",
        False,
    ),
    "anthropic rights": Row("anthropic", 403, anthropic("permission_error"), "auth", False, ("rights",)),
    "anthropic own error": Row("anthropic", 500, anthropic("api_error"), "server", True),
    "anthropic timeout": Row("anthropic", 504, anthropic("timeout_error"), "server", True),
    "anthropic ramp": Row(
        "anthropic",
        429,
        anthropic("rate_limit_error", details={"error_code": "ramp_limit_exceeded"}),
        "rate_limit",
        True,
        headers={"retry-after": "2.5"},
        wait_s=2.5,
    ),
    "anthropic overloaded": Row("anthropic", 529, anthropic("overloaded_error"), "overloaded", True),
    "anthropic told not to": Row(
        "anthropic",
        529,
        anthropic("overloaded_error"),
        "overloaded",
        False,
        headers={"x-should-retry": "false"},
    ),
    "anthropic told to": Row(
        "anthropic", 400, anthropic("api_error"), "bad_request", True, headers={"x-should-retry": "true"}
    ),
    "no credit comes back by itself": Row(
        "anthropic", 402, anthropic("billing_error"), "billing", False, headers={"x-should-retry": "true"}
    ),
    # Gemini
    "gemini bad key is a 400": Row(
        "google",
        400,
        google(400, "INVALID_ARGUMENT", "API key not valid.", BAD_KEY),
        "auth",
        False,
        ("Google refused the key in GOOGLE_API_KEY",),
    ),
    "gemini bad key of the newer kind": Row("google", 401, google(401, "UNAUTHENTICATED"), "auth", False),
    "gemini rights": Row("google", 403, google(403, "PERMISSION_DENIED"), "auth", False, ("rights",)),
    "gemini own error": Row("google", 500, google(500, "INTERNAL"), "server", True),
    "gemini model": Row("google", 404, google(404, "NOT_FOUND"), "bad_request", False, ("asked-for",)),
    "gemini in a list": Row("google", 503, [google(503, "UNAVAILABLE")], "overloaded", True),
    "gemini region": Row(
        "google", 400, google(400, "FAILED_PRECONDITION", "location"), "bad_request", False, ("location",)
    ),
    "gemini credits": Row("google", 402, google(402, "RESOURCE_EXHAUSTED"), "billing", False),
    "gemini per minute": Row(
        "google",
        429,
        google(429, "RESOURCE_EXHAUSTED", PLAN, quota("GenerateRequestsPerMinutePerProject"), RETRY),
        "rate_limit",
        True,
        ("wait 48 s",),
        wait_s=48.0,
    ),
    "gemini per day": Row(
        "google",
        429,
        google(429, "RESOURCE_EXHAUSTED", PLAN, quota("GenerateRequestsPerDayPerProject"), RETRY),
        "rate_limit",
        False,
        ("per day", "asked-for", "midnight in Los Angeles"),
        wait_s=48.0,
    ),
    "gemini not in this tier": Row(
        "google",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Quota exceeded, limit: 0, model: m", quota("PerMinute")),
        "rate_limit",
        False,
        ("tier",),
    ),
    "gemini wait in words": Row(
        "google",
        429,
        google(429, "RESOURCE_EXHAUSTED", "Please retry in 48.939935699s."),
        "rate_limit",
        True,
        wait_s=48.939935699,
    ),
    "gemini is ready again": Row(
        "google",
        429,
        google(429, "RESOURCE_EXHAUSTED", "x", {"retryDelay": "0s"}),
        "rate_limit",
        True,
        ("wait a moment",),
        wait_s=0.0,
    ),
    "openai in hours": Row(
        "openai", 429, openai(), "rate_limit", True, ("wait 3 h",), {"retry-after": "10800"}, 10800.0
    ),
    "gemini deadline": Row("google", 504, google(504, "DEADLINE_EXCEEDED"), "server", True),
    # DeepSeek
    "deepseek balance": Row("deepseek", 402, openai("Insufficient Balance"), "billing", False),
    "deepseek key": Row(
        "deepseek", 401, openai(type="authentication_error"), "auth", False, ("DEEPSEEK_API",)
    ),
    "deepseek busy": Row("deepseek", 503, openai("Service is too busy."), "overloaded", True, ("too busy",)),
    "deepseek concurrency": Row("deepseek", 429, openai("busy"), "rate_limit", True, ("busy",)),
    "deepseek 422": Row("deepseek", 422, openai("bad field"), "bad_request", False, ("bad field",)),
    # Yandex
    "yandex role": Row(
        "yandex",
        403,
        {"error": {"grpcCode": 7, "httpCode": 403, "message": "Permission denied", "details": []}},
        "auth",
        False,
        ("YC_API_KEY", "Permission denied"),
    ),
    "yandex at once": Row(
        "yandex",
        429,
        {
            "error": {
                "grpcCode": 8,
                "httpCode": 429,
                "message": "quota limit exceed: allowed 10 requests",
            }
        },
        "rate_limit",
        True,
        ("allowed 10 requests",),
    ),
    "yandex per second": Row(
        "yandex",
        429,
        {"error": {"grpcCode": 8, "httpCode": 429, "message": "ai.x.rate rate quota limit exceed"}},
        "rate_limit",
        True,
    ),
    "yandex key": Row("yandex", 401, {"error": {"grpcCode": 16, "httpCode": 401}}, "auth", False),
    "yandex folder": Row(
        "yandex",
        400,
        {"error": {"grpcCode": 3, "httpCode": 400, "message": "folder mismatch"}},
        "bad_request",
        False,
        ("folder mismatch",),
    ),
    "yandex in the shape of OpenAI": Row("yandex", 429, openai("busy"), "rate_limit", True, ("busy",)),
    "yandex error as text": Row("yandex", 400, {"error": "no folder"}, "bad_request", False, ("no folder",)),
    # OpenAI-compatible servers
    "llama.cpp loading": Row(
        "openai", 503, openai("Loading model", code=503, type="unavailable_error"), "overloaded", True
    ),
    "mistral key": Row("openai", 401, {"detail": "Invalid API Key"}, "auth", False),
    "mistral validation": Row(
        "openai",
        422,
        {"detail": [{"loc": ["body", "stop"], "msg": "Extra inputs are not permitted"}]},
        "bad_request",
        False,
        ('parameter "stop"', "Extra inputs"),
    ),
    "xai key is a 400": Row(
        "openai",
        400,
        {"code": "invalid-argument", "error": "Incorrect API key provided: ab***cd"},
        "auth",
        False,
    ),
    "vllm counts its codes": Row(
        "openai",
        400,
        openai("too long", code=400, type="BadRequestError"),
        "bad_request",
        False,
        ("too long",),
    ),
    "openrouter without credit": Row("openai", 402, openai("Add credits", code=402), "billing", False),
    "openrouter on its way": Row(
        "openai", 402, openai(code=402), "rate_limit", True, headers={"retry-after": "5"}, wait_s=5.0
    ),
    "groq too large": Row("openai", 413, openai("Request too large"), "bad_request", False),
    "a proxy's page": Row("openai", 502, b"<html><body>Bad gateway</body></html>", "server", True, ("502",)),
    "a plain text": Row("openai", 500, b"upstream connect error", "server", True, ("upstream connect",)),
    "nothing at all": Row("openai", 429, b"", "rate_limit", True),
    "bytes that are not text": Row("openai", 500, b"\xff\xfe\x00", "server", True),
    "deeply nested": Row("openai", 500, b"[" * 100_000, "server", True),
    "a redirect": Row("openai", 307, b"", "bad_request", False, ("base_url",)),
    "a wrong path": Row("openai", 404, b"404 page not found", "bad_request", False, ("api.openai.com",)),
    "request timeout": Row("openai", 408, b"", "server", True),
    "cloudflare": Row("openai", 522, b"", "server", True),
}
