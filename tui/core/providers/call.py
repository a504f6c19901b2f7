"""One request on its way: what was asked, what has come so far, and what to say when it fails."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from tui.core.providers.base import Answer
from tui.core.providers.dialects import dialect_of
from tui.core.providers.errors import ProviderError
from tui.core.providers.failure import (
    Failure,
    classify,
    failure_within,
    is_unknown_model,
    read_failure,
)
from tui.core.providers.payload import mapping, mappings, parse
from tui.core.providers.sentences import clean, explain, secrets_of
from tui.core.providers.spent_day import spent_day
from tui.core.providers.waits import told_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.core.providers.base import Credentials, Delta, JsonObject, Provider, Request
    from tui.core.providers.errors import Kind
    from tui.core.providers.wire import WireRequest

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_RATE_PREFIXES = ("x-ratelimit-", "ratelimit-", "anthropic-ratelimit-")
_REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-client-request-id")


class Call:
    """The state of one call. Pure but for the clock it is given (seconds, any origin)."""

    def __init__(
        self,
        provider: Provider,
        credentials: Credentials | None,
        request: Request,
        *,
        stream: bool,
        clock: Callable[[], float],
        wire: WireRequest | None = None,
        on_rate: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        """Write the request, unless `wire` says what to send in its place."""
        self._on_rate = on_rate
        dialect = dialect_of(provider)
        self.provider = provider
        self.streamed = stream
        self.framing = dialect.framing
        self.wire = wire or dialect.build(provider, credentials, request, stream=stream)
        self.reader = dialect.reader()
        self._credentials = credentials
        self._model = request.model or provider.model
        self._headers: Mapping[str, str] = {}
        self._clock = clock
        self._began = self._last = clock()
        self._first: float | None = None

    def started(self, headers: Mapping[str, str]) -> None:
        """Note the response's headers; names in lower case."""
        self._headers = headers
        if self._on_rate is not None:
            self._on_rate(self._rate())

    def take(self, event: str, data: str | bytes) -> list[Delta]:
        """Take the next frame, or the whole body; gives what it adds to the answer.

        Raises ProviderError when the data is no JSON or holds an error.
        """
        deltas = [delta for payload in self._payloads(event, data) for delta in self.reader.feed(payload)]
        self._last = self._clock()
        if deltas and self._first is None:
            self._first = self._last
        return deltas

    def answer(self) -> Answer:
        """Give the complete answer."""
        reader = self.reader
        filtered = reader.finish == "filtered"
        return Answer(
            text=reader.text,
            reasoning=reader.reasoning,
            finish=reader.finish,
            raw_finish=reader.raw_finish,
            usage=reader.usage(),
            model=self._clean(reader.model) or self._model,
            request_id=self._request_id(),
            rate=self._rate(),
            first_token_s=self._first - self._began if self._first is not None and self.streamed else None,
            total_s=self._last - self._began,
            filtered_reason=self._clean(reader.filtered_reason or reader.raw_finish) if filtered else "",
        )

    def refused(self, status: int, body: bytes, now: float) -> ProviderError:
        """Make the error for an HTTP status other than success; `now` in seconds since the epoch."""
        failure = read_failure(status, body)
        return self._failed(failure, self._headers, now)

    def interrupted(self) -> ProviderError:
        """Make the error for a stream that ended in good order, but before the answer was complete."""
        why = f"{self.provider.title}'s answer ended too early {self._kept()}; run it again for a whole one."
        return self.broken("interrupted", why)

    def lost(self, why: str) -> ProviderError:
        """Make the error for a connection that failed: "interrupted" once there was something to lose."""
        if self._first is None:
            return self.broken("network", why)
        return self.broken("interrupted", f"{self.provider.title}'s answer broke off {self._kept()}: {why}")

    def unrecognised(self) -> ProviderError:
        """Make the error for a success that holds no answer, such as a web page: the wrong address."""
        asked = f"{self.provider.base_url} ({self.provider.title})"
        return self.broken("bad_request", f"{asked} sent no model's answer; check base_url and dialect.")

    def broken(self, kind: Kind, message: str) -> ProviderError:
        """Make an error of our own finding rather than of the vendor's telling."""
        return ProviderError(
            kind,
            self._clean(message),
            provider=self.provider.name,
            request_id=self._request_id(),
            partial=self.reader.text,
            usage=self.reader.usage(),
            rate=self._rate(),
            passing=None if self._first is None else False,
        )

    def _payloads(self, event: str, data: str | bytes) -> Iterator[JsonObject]:
        """Parse one frame. A list is taken apart: Gemini may answer with one list of all its chunks."""
        try:
            value = parse(data)
        except (ValueError, RecursionError) as error:
            if event == "error":
                said = data if isinstance(data, str) else data.decode("utf-8", "replace")
                raise self._failed(Failure(message=said)) from error
            if isinstance(data, str):
                why = f"{self.provider.title} sent something that is not JSON {self._kept()}; try again."
                raise self.broken("server", why) from error
            if data.lstrip()[:1] in (b"{", b"["):
                raise self.interrupted() from error
            raise self.unrecognised() from error
        for payload in mappings(value) if isinstance(value, list) else [mapping(value)]:
            if failure := failure_within(event, payload):
                self.reader.feed(payload)  # it may hold the counts of what was spent until then
                raise self._failed(failure)
            yield payload

    def _failed(
        self, failure: Failure, headers: Mapping[str, str] = NO_HEADERS, now: float | None = None
    ) -> ProviderError:
        """Make the error for what the vendor told; `headers` only where they belong to a refusal.

        Those of a success may hold a `retry-after` that means nothing. The `x-should-retry` of Anthropic and
        OpenAI knows better than the status, except that no key and no credit come back by themselves.
        """
        wait_s = told_wait(headers, failure, now or 0.0)
        kind, passing = classify(failure, told_to_wait="retry-after" in headers)
        if kind not in ("auth", "billing"):
            passing = {"true": True, "false": False}.get(headers.get("x-should-retry", ""), passing)
        day = spent_day(failure, self.provider, self._model, wait_s, now) if kind == "rate_limit" else None
        return ProviderError(
            kind,
            explain(kind, failure, self.provider, self._credentials, self._model, wait_s, day),
            provider=self.provider.name,
            status=failure.status,
            retry_after_s=wait_s,
            request_id=self._request_id(),
            partial=self.reader.text,
            detail=self._clean(failure.message),
            parameter=self._clean(failure.parameter),
            usage=self.reader.usage(),
            rate=self._rate(),
            passing=passing and self._first is None,
            spent_day=day,
            unknown_model=self._model if failure.status == 404 or is_unknown_model(failure) else "",
        )

    def _clean(self, said: str) -> str:
        """Return what the vendor said without control characters, and without a key that it may repeat."""
        return clean(said, *secrets_of(self._credentials))

    def _kept(self) -> str:
        characters = len(self.reader.text)
        return f"after {characters} characters, which are kept" if characters else "before any text"

    def _request_id(self) -> str:
        named = (self._headers.get(name, "") for name in _REQUEST_ID_HEADERS)
        return self._clean(next((value for value in named if value), self.reader.id))

    def _rate(self) -> dict[str, str]:
        found = self._headers.items()
        return {name: self._clean(value) for name, value in found if name.startswith(_RATE_PREFIXES)}
