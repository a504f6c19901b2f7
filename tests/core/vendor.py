"""A vendor that means ill: it repeats the caller's key wherever it can, and paints on terminals."""

from __future__ import annotations

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

STEM = "sesame-9f3c1b7d"
"""What all planted keys begin with, and nothing else holds."""
KEY_ENV = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "google": "GEMINI_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "yandex": "YC_API_KEY",
}
KEYS = {variable: f"{STEM}-{name}" for name, variable in KEY_ENV.items()} | {"YC_FOLDER_ID": "b1g"}

REFUSALS = ("400", "404", "408", "413", "422", "429", "500", "503", "529")
STREAMS = (
    "filtered",
    "error_event",
    "error_text",
    "not_json",
    "early_end",
    "cut",
    "page",
    "empty",
    "hostile",
)
MODES = (*REFUSALS, *STREAMS, "redirect", "drop")
LASTING = ("401", "402", "403")
"""Refusals after which a provider may not be called again before the user has acted."""

HOSTILE = "red\x1b[31m \x1b]0;owned\x07 \x9b2J \u202elive \u2066x\u2069 \x00\x08\x7f \u2028end"
"""Escape sequences of both kinds, bidi overrides, controls, a line separator."""


class Vendor:
    """A server on loopback that treats every request as `mode` says, for every dialect at once."""

    def __init__(self) -> None:
        self.mode = "hostile"
        self.heard: Counter[str] = Counter()
        self.stolen: list[str] = []
        """Paths to which a client followed a redirect."""
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("content-length", 0)))
                vendor._answer(self)

            def do_GET(self) -> None:
                vendor._answer(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def settings(self) -> str:
        """A settings file that sends every provider here, without limits that are felt."""
        tables = (
            f'[providers.{name}]\nbase_url = "{self.url}/{name}"\n'
            f'[providers.{name}.limits]\nrequests_per_minute = 60000\nshape = "bucket"\n'
            for name in KEY_ENV
        )
        return "".join(tables)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.heard[self.mode] += 1
        if "stolen" in handler.path:
            self.stolen.append(handler.path)
        if self.mode == "drop":
            handler.close_connection = True
            return
        sent = (handler.headers.get(name, "") for name in ("authorization", "x-api-key", "x-goog-api-key"))
        key = next(value for value in sent if value).split(" ")[-1]
        status, kind, body = _said(self.mode, key)
        handler.send_response(status)
        headers = {
            "content-type": kind,
            "x-request-id": f"{HOSTILE[:3]} {key}",
            "x-ratelimit-remaining-requests": key,
            "location": f"{self.url}/stolen?key={key}",
            "content-length": str(len(body) + (1 if self.mode == "cut" else 0)),
        }
        if self.mode == "429":
            headers["retry-after"] = "0"
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def _said(mode: str, key: str) -> tuple[int, str, bytes]:
    """Return status, content type and body."""
    events = "text/event-stream"
    start = _event({"choices": [{"delta": {"content": "Once. "}}]}) + _event(
        {"candidates": [{"content": {"parts": [{"text": "Once. "}]}}]}
    )
    start += _event({"type": "message_start", "message": {"id": key, "model": key}})
    start += _event({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Once. "}})
    match mode:
        case "filtered":
            return 200, events, _whole("No.", f"{key} {HOSTILE}", key)
        case "hostile":
            return 200, events, _whole(HOSTILE, "", "id")
        case "error_event":
            return 200, events, start + b"event: error\n" + _event(_error(key))
        case "error_text":
            return 200, events, start + f"event: error\ndata: {key}\n\n".encode()
        case "not_json":
            return 200, events, start + f"data: {{{key}\n\n".encode()
        case "early_end" | "cut":
            return 200, events, start
        case "page":
            return 200, "text/html", f"<html>{key}</html>".encode()
        case "empty":
            return 200, events, b""
        case "redirect":
            return 307, "text/plain", key.encode()
        case _:
            return int(mode), "application/json", json.dumps(_error(key)).encode()


def _whole(text: str, refusal: str, ident: str) -> bytes:
    """An answer in the dialects of OpenAI, Anthropic and Google at once; each reader takes its own."""
    delta = {"content": text, **({"refusal": refusal} if refusal else {})}
    chunk = {"id": ident, "model": ident, "choices": [{"delta": delta, "finish_reason": "stop"}]}
    stop = {"stop_reason": "refusal" if refusal else "end_turn", "stop_details": {"explanation": refusal}}
    google: dict[str, Any] = {"modelVersion": ident, "responseId": ident}
    if refusal:
        google["promptFeedback"] = {"blockReason": "OTHER", "blockReasonMessage": refusal}
    else:
        google["candidates"] = [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]
    payloads: list[Mapping[str, object]] = [
        chunk,
        google,
        {"type": "message_start", "message": {"id": ident, "model": ident}},
        {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}},
        {"type": "message_delta", "delta": stop},
        {"type": "message_stop"},
    ]
    return b"".join(map(_event, payloads))


def _error(key: str) -> Mapping[str, object]:
    said = f"{HOSTILE} Bearer {key} is not {key}"
    return {
        "error": {
            "message": said,
            **dict.fromkeys(("code", "type", "status", "param"), key),
            "details": [{"reason": key, "retryDelay": key, "violations": [{"quotaId": key}]}],
        },
        "detail": [{"loc": [key], "msg": said}],
    }


def _event(payload: Mapping[str, object]) -> bytes:
    return f"data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()
