"""Every stream parser against what networks and vendors do: cuts, line ends, noise, and a sudden end."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.providers.bench import Chunks, bench
from tests.core.providers.servers import SERVERS
from tests.core.providers.streams import EVENT_STREAMS, NATIVE, Recorded, check, name_of
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.core.providers.bench import Bench

ALL = (*EVENT_STREAMS, *SERVERS, NATIVE)
every_stream = pytest.mark.parametrize("recorded", ALL, ids=name_of)

# Lines that may stand anywhere in an event stream, and events that may stand between two others: a reader
# has to let them pass (WHATWG server-sent events 9.2.6, and the documents of the vendors).
COMMENTS = (b":", b": keep-alive", b": OPENROUTER PROCESSING", b"retry: 100", b"id: 7", b"unknown: field")
EVENTS = (
    (),
    (b"event: ping", b'data: {"type": "ping"}'),
    (b"event: telemetry", b'data: {"type": "something_new", "delta": "not for us", "text": "nor this"}'),
    (b"event: nothing",),
    (b"data:",),
    (b"data: {}",),
    (b'data: {"choices": [], "usage": null, "error": null}',),
)
LINES = (b"", b"{}", b'{"result": {}}', b'{"result": {"alternatives": []}}', b'{"telemetry": 1}')


@dataclass(frozen=True)
class Sent:
    """A stream as it goes over the wire; `ends` are where its frames end, without and with the line ends."""

    recorded: Recorded
    body: bytes
    ends: tuple[tuple[int, int], ...]


def frames_of(recorded: Recorded) -> list[list[bytes]]:
    """The lines of every frame, without their ends."""
    body = recorded.body.replace(b"\r\n", b"\n")
    if recorded is NATIVE:
        return [[line] for line in body.splitlines()]
    return [frame.split(b"\n") for frame in body.split(b"\n\n") if frame]


def salted(value: Any) -> Any:
    """The same JSON with a key in every object that nobody knows."""
    if isinstance(value, dict):
        return {"x_new": ["?", {"text": "no"}]} | {key: salted(inner) for key, inner in value.items()}
    return [salted(inner) for inner in value] if isinstance(value, list) else value


def with_unknown_keys(line: bytes) -> bytes:
    head, brace, rest = line.partition(b"{")
    if not brace:
        return line
    return head + json.dumps(salted(json.loads(brace + rest)), ensure_ascii=False).encode()


def write(recorded: Recorded, end: bytes, noise: Iterable[tuple[int, list[bytes]]], salt: bool) -> Sent:
    """Write the frames with these line ends; `noise` is what goes before the frame of that number."""
    body, ends, extra = b"", [], list(noise)
    blank = b"" if recorded is NATIVE else end
    for number, frame in enumerate(frames_of(recorded)):
        for place, lines in extra:
            if place == number:
                body += b"".join(line + end for line in lines)
        body += end.join(with_unknown_keys(line) if salt else line for line in frame)
        ends.append((len(body), len(body) + len(end + blank)))
        body += end + blank
    return Sent(recorded, body, tuple(ends))


@st.composite
def sent_streams(draw: st.DrawFn) -> Sent:
    recorded = draw(st.sampled_from(ALL))
    places = st.integers(0, len(frames_of(recorded)) - 1)
    if recorded is NATIVE:
        end = draw(st.sampled_from((b"\n", b"\r\n")))
        noise: st.SearchStrategy[list[bytes]] = st.sampled_from(LINES).map(lambda line: [line])
    else:
        end = draw(st.sampled_from((b"\n", b"\r\n", b"\r")))
        comments = st.lists(st.sampled_from(COMMENTS), max_size=2)
        noise = st.builds(lambda comments, event: [*comments, *event, b""], comments, st.sampled_from(EVENTS))
    return write(recorded, end, draw(st.lists(st.tuples(places, noise), max_size=4)), draw(st.booleans()))


def cut(body: bytes, places: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:stop] for start, stop in itertools.pairwise(edges)]


def work(recorded: Recorded, chunks: Iterable[bytes]) -> Bench:
    return bench(recorded.provider, Chunks(chunks), headers=recorded.headers)


def partial_of(recorded: Recorded, chunks: Iterable[bytes]) -> str:
    with pytest.raises(ProviderError) as caught:
        asyncio.run(work(recorded, chunks).stream())
    error = caught.value
    assert (error.kind, error.retryable) == ("interrupted", False)
    assert (str(len(error.partial)) if error.partial else "before any text") in error.message
    return error.partial


@every_stream
async def test_byte_by_byte(recorded: Recorded) -> None:
    check(await work(recorded, [bytes([byte]) for byte in recorded.body]).stream(), recorded)


@given(sent_streams(), st.lists(st.integers(0, 9000), max_size=12))
def test_cuts_line_ends_noise_and_unknown_keys_change_nothing(sent: Sent, cuts: list[int]) -> None:
    check(asyncio.run(work(sent.recorded, cut(sent.body, cuts)).stream()), sent.recorded)


@given(st.sampled_from(EVENT_STREAMS), st.sampled_from((b"\r\n", b"\r")), st.data())
def test_a_cut_inside_every_line_end_changes_nothing(
    recorded: Recorded, end: bytes, data: st.DataObject
) -> None:
    body = write(recorded, end, [], salt=False).body
    places = [place + 1 for place in range(len(body)) if body[place : place + 1] == b"\r"]
    chosen = data.draw(st.lists(st.sampled_from(places), min_size=len(places) // 2))
    check(asyncio.run(work(recorded, cut(body, chosen)).stream()), recorded)


def marker_of(recorded: Recorded) -> bytes:
    return b'"' + recorded.raw_finish.encode() + b'"'


def partials_of(recorded: Recorded) -> list[str]:
    sent = write(recorded, b"\n", [], salt=False)
    begun = [sent.body[:end] for end in (0, *(end for _, end in sent.ends))]
    return [partial_of(recorded, [body]) for body in begun if marker_of(recorded) not in body]


PARTIALS = {name_of(recorded): partials_of(recorded) for recorded in ALL}
"""The text after so many whole frames, as long as the stream is not complete."""


def test_the_texts_that_a_stream_grows_through() -> None:
    for recorded in ALL:
        texts = PARTIALS[name_of(recorded)]
        assert texts[0] == ""
        assert len(set(texts)) >= 2
        assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
        assert recorded.text.startswith(texts[-1])


@given(sent_streams(), st.integers(0, 9000), st.lists(st.integers(0, 9000), max_size=4))
def test_a_stream_that_ends_before_its_terminal_marker_is_interrupted_and_keeps_its_text(
    sent: Sent, place: int, cuts: list[int]
) -> None:
    recorded = sent.recorded
    body = sent.body[: place % sent.body.index(marker_of(recorded))]
    whole = sum(end <= len(body) for _, end in sent.ends)
    at_most = sum(end <= len(body) for end, _ in sent.ends)  # a last line may lack no more than its end
    partial = partial_of(recorded, cut(body, cuts))
    assert partial in PARTIALS[name_of(recorded)][whole : at_most + 1]
