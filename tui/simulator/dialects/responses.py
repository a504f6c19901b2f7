"""OpenAI's Responses API: typed events with sequence numbers, and no `[DONE]`.

Source: the OpenAI API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.simulator import reading, tokens
from tui.simulator.ask import Ask
from tui.simulator.dialects import openai, parameters
from tui.simulator.dialects.base import Frame, Reply
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps, opaque

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.simulator.account import Account
    from tui.simulator.answer import Answer
    from tui.simulator.ask import Call, Json
    from tui.simulator.pace import Piece


class Responses:
    """Responses at /openai/v1/responses."""

    provider = "openai"
    keep_alive = b""
    blank = b""

    def __init__(self) -> None:
        self._chat = openai.OpenAI()

    def stream_type(self, call: Call) -> str:
        """The content type of a stream."""
        return "text/event-stream; charset=utf-8"

    def authorise(self, call: Call) -> None:
        """`Authorization: Bearer KEY`."""
        self._chat.authorise(call)

    def read(self, call: Call) -> Ask:
        """Check the parameters as api.openai.com does, and understand the request."""
        body = call.body
        model = reading.text(body, "model")
        if not model:
            raise openai.missing("model")
        openai.check_model(model)
        for name in body:
            if name not in parameters.OPENAI_RESPONSES:
                message = f"Unknown parameter: '{name}'."
                raise Fault("bad_request", message, param=name, code="unknown_parameter")
        effort = reading.text(reading.child(body, "reasoning"), "effort")
        openai.check_sampling(body, model, effort)
        said = _said(body)
        if not said:
            raise openai.missing("input")
        told = reading.text(body, "instructions")
        return Ask(
            provider=self.provider,
            model=model,
            prompt=said[-1],
            input_tokens=3 + tokens.count(told) + sum(4 + tokens.count(text) for text in said),
            max_tokens=reading.whole(body, "max_output_tokens"),
            stream=body.get("stream") is True,
            thinking=openai.THINKING.get(effort, 0) if openai.reasons(model) else 0,
        )

    def whole(self, call: Call, ask: Ask, answer: Answer) -> bytes:
        """A `response`."""
        return dumps(_response(call, ask, answer)).encode()

    def frames(self, call: Call, ask: Ask, answer: Answer, pieces: Sequence[Piece]) -> list[Frame]:
        """The life of a response, event by event."""
        script: list[tuple[str, dict[str, object], Frame]] = []
        opening, content, closing = Frame(b"", "open"), Frame(b"", "content"), Frame(b"", "close")
        begun = _response(call, ask, None)
        script.append(("response.created", {"response": begun}, opening))
        script.append(("response.in_progress", {"response": begun}, opening))
        index = 0
        if answer.thinking_tokens:
            thought = {"output_index": 0, "item": _reasoning_item(call)}
            script.append(("response.output_item.added", thought, Frame(b"", "open", answer.thinking_tokens)))
            script.append(("response.output_item.done", thought, opening))
            index = 1
        if pieces:
            where = {"item_id": _ident("msg", call), "output_index": index, "content_index": 0}
            item = {**_message_item(call, answer), "status": "in_progress", "content": []}
            script.append(("response.output_item.added", {"output_index": index, "item": item}, opening))
            empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            script.append(("response.content_part.added", {**where, "part": empty}, opening))
            for number, piece in enumerate(pieces):
                delta = {**where, "delta": piece.text, "logprobs": []}
                delta["obfuscation"] = opaque(4 + number * 7 % 11, call.tag, number)
                script.append(("response.output_text.delta", delta, Frame(b"", "content", piece.tokens)))
            done = {**where, "text": answer.text, "logprobs": []}
            script.append(("response.output_text.done", done, content))
            script.append(
                ("response.content_part.done", {**where, "part": {**empty, "text": answer.text}}, content)
            )
            item = _message_item(call, answer)
            script.append(("response.output_item.done", {"output_index": index, "item": item}, content))
        ended = _response(call, ask, answer)
        script.append((f"response.{ended['status']}", {"response": ended}, closing))
        return [
            Frame(_event(name, number, fields), frame.part, frame.tokens)
            for number, (name, fields, frame) in enumerate(script)
        ]

    def error(self, call: Call, fault: Fault) -> Reply:
        """As Chat Completions, except that an unknown model is a 400."""
        reply = self._chat.error(call, fault)
        if fault.kind == "no_model":
            return Reply(400, reply.body, reply.media_type, reply.headers)
        return reply

    def error_frame(self, call: Call, fault: Fault) -> bytes:
        """The event `error`."""
        error = openai.error_object(call, fault)
        return _event("error", 9999, {name: error[name] for name in ("code", "message", "param")})

    def headers(self, call: Call, account: Account, now: float) -> dict[str, str]:
        """As Chat Completions."""
        return self._chat.headers(call, account, now)


def _said(body: Json) -> list[str]:
    asked = body.get("input")
    if isinstance(asked, str):
        return [asked] if asked else []
    return [reading.content(message) for message in reading.items(body, "input")]


def _event(name: str, number: int, fields: dict[str, object]) -> bytes:
    return f"event: {name}\ndata: {dumps({'type': name, 'sequence_number': number, **fields})}\n\n".encode()


def _ident(prefix: str, call: Call) -> str:
    return f"{prefix}_{opaque(48, prefix, call.tag).lower()}"


def _reasoning_item(call: Call) -> dict[str, object]:
    return {"id": _ident("rs", call), "type": "reasoning", "summary": []}


def _message_item(call: Call, answer: Answer) -> dict[str, object]:
    part = {"type": "output_text", "annotations": [], "logprobs": [], "text": answer.text}
    status = "completed" if answer.finish == "stop" else "incomplete"
    return {
        "id": _ident("msg", call),
        "type": "message",
        "status": status,
        "content": [part],
        "role": "assistant",
    }


def _response(call: Call, ask: Ask, answer: Answer | None) -> dict[str, object]:
    """The response object: in progress while there is no answer yet."""
    found: dict[str, object] = {
        "id": _ident("resp", call),
        "object": "response",
        "created_at": int(call.wall),
        "status": "in_progress",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": call.body.get("instructions"),
        "max_output_tokens": ask.max_tokens,
        "model": ask.model,
        "output": [],
        "store": call.body.get("store") is not False,
        "usage": None,
    }
    if answer is None:
        return found
    output = [_reasoning_item(call)] if answer.thinking_tokens else []
    if answer.text:
        output.append(_message_item(call, answer))
    found |= {"status": "completed", "output": output}
    if answer.finish != "stop":
        reason = "max_output_tokens" if answer.finish == "length" else "content_filter"
        found |= {"status": "incomplete", "incomplete_details": {"reason": reason}}
    found["usage"] = {
        "input_tokens": ask.input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.thinking_tokens},
        "total_tokens": ask.input_tokens + answer.output_tokens,
    }
    return found
