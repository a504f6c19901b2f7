"""Cutting the body of a streamed response into payloads, byte for byte as they were framed."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, TypeAlias

from httpx_sse import EventSource

from tui.core.providers.payload import parse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from tui.core.providers.dialects import Framing

Frame: TypeAlias = tuple[str, str]
"""The name of an event ("message" where it has none) and its data."""

_DONE = "[DONE]"


async def frames(response: httpx.Response, framing: Framing) -> AsyncGenerator[Frame, None]:
    """Give the frames of a stream as they arrive; comments, empty events and `[DONE]` are not among them."""
    source = _ndjson(response) if framing == "ndjson" else _sse(response)
    async with aclosing(source):
        async for event, data in source:
            if data.strip() not in ("", _DONE):
                yield event, data


async def _sse(response: httpx.Response) -> AsyncGenerator[Frame, None]:
    # Event streams are UTF-8 by definition, whatever a proxy says, and may begin with a byte order mark.
    response.headers["content-type"] = "text/event-stream"
    response.encoding = "utf-8-sig"
    async with aclosing(EventSource(response).aiter_sse()) as events:
        async for event in events:
            yield event.event, event.data


async def _ndjson(response: httpx.Response) -> AsyncGenerator[Frame, None]:
    # Lines end with \n and nothing else: JSON may hold every other line separator of Unicode as it is.
    rest = b""
    async for chunk in response.aiter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield "message", line.decode("utf-8", "replace")
    if _is_json(rest):
        yield "message", rest.decode("utf-8", "replace")


def _is_json(line: bytes) -> bool:
    """Tell a last line that only lacks its end from one that was cut off."""
    try:
        parse(line)
    except (ValueError, RecursionError):
        return False
    return True
