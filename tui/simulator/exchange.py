"""Takes one request from the wire to the end of its answer: checks, limits, scenario, pace."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse, Response, StreamingResponse

from tui.simulator.answer import answer as make_answer
from tui.simulator.ask import Ask, Call
from tui.simulator.dialects.base import Reply
from tui.simulator.faults import Fault, Refusal
from tui.simulator.formats import http_date
from tui.simulator.scenarios import parse
from tui.simulator.stream import Reporter, play_stream, play_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from tui.simulator.account import Account
    from tui.simulator.dialects.base import Dialect
    from tui.simulator.scenarios import Scenario
    from tui.simulator.simulation import Simulation

BAD_GATEWAY: Final = Reply(
    502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>\n", "text/html"
)
REST_OF_THE_DAY: Final = 3 * 3600.0  # the wait when the day's limit is used up


class AnswerResponse(StreamingResponse):
    """A response that says when it is over, however it ended: complete, broken off, or never begun."""

    def __init__(
        self, content: AsyncIterator[bytes], over: Callable[[], None], headers: dict[str, str]
    ) -> None:
        super().__init__(content, headers=headers)
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it all, then say that it is over."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over()


def endpoint(simulation: Simulation, dialect: Dialect) -> Callable[[Request], Awaitable[Response]]:
    """The handler of one generation route."""

    async def handle(request: Request) -> Response:
        return await answer_request(simulation, dialect, request)

    return handle


async def answer_request(simulation: Simulation, dialect: Dialect, request: Request) -> Response:
    """Answer one request in a dialect, or refuse it in the provider's words."""
    account = simulation.accounts[dialect.provider]
    account.tally.requests += 1
    account.tally.arrived_at.append(simulation.clock())
    raw = await request.body()
    call = call_of(simulation, dialect, request)
    try:
        dialect.authorise(call)
        asked = asked_scenario(request)
        scenario = parse(asked) if asked else simulation.stage.next(dialect.provider)
        call = _with_body(call, raw)
        refuse_on_purpose(account, scenario)
        ask = _admitted(account, dialect, call, simulation.clock())
    except Fault as fault:
        return error_response(simulation, dialect, call, fault)
    except ValueError as error:
        return JSONResponse({"error": f"{error}"}, status_code=422)
    return _respond(simulation, dialect, call, ask, scenario)


def call_of(simulation: Simulation, dialect: Dialect, request: Request) -> Call:
    """The request without its body."""
    return Call(
        provider=dialect.provider,
        headers=dict(request.headers),
        query=dict(request.query_params),
        path={**request.path_params, "url": f"{request.method} {request.url.path}"},
        body={},
        wall=simulation.wall(),
        tag=simulation.tag(),
    )


def asked_scenario(request: Request) -> str:
    """The scenario that a request names itself, "" when it names none."""
    return request.headers.get("x-simulate") or request.query_params.get("simulate", "")


def error_response(simulation: Simulation, dialect: Dialect, call: Call, fault: Fault) -> Response:
    """An error as the provider would send it; counted."""
    account = simulation.accounts[dialect.provider]
    reply = BAD_GATEWAY if fault.kind == "bad_gateway" else dialect.error(call, fault)
    account.tally.statuses[reply.status] += 1
    if fault.refusal is not None:
        account.tally.told.append((simulation.clock(), fault.refusal.wait))
    headers = {**common_headers(simulation, dialect, call), **reply.headers}
    return Response(reply.body, reply.status, headers, reply.media_type)


def common_headers(simulation: Simulation, dialect: Dialect, call: Call) -> dict[str, str]:
    """The headers of every response."""
    account = simulation.accounts[dialect.provider]
    return {"date": http_date(call.wall), **dialect.headers(call, account, simulation.clock())}


def _with_body(call: Call, raw: bytes) -> Call:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:  # it may be nested too deeply
        raise Fault("bad_json") from error
    if not isinstance(body, dict):
        raise Fault("bad_json")
    return Call(call.provider, call.headers, call.query, call.path, body, call.wall, call.tag)


def refuse_on_purpose(account: Account, scenario: Scenario) -> None:
    """Raise the Fault of a scenario that refuses, do nothing for any other."""
    limit = account.requests.limit
    if scenario.name == "rate_limit":
        wait = 60 / limit if scenario.seconds is None else scenario.seconds
        raise Fault("limited", refusal=Refusal("requests", limit, limit, 1, wait))
    if scenario.name == "per_day":
        per_day = limit * 20
        raise Fault("per_day", refusal=Refusal("requests", per_day, per_day, 1, REST_OF_THE_DAY))
    if scenario.name == "billing":
        raise Fault("billing")
    if scenario.name == "overloaded":
        raise Fault("overloaded")
    if scenario.name == "server_error":
        raise Fault("server_error")
    if scenario.name == "bad_gateway":
        raise Fault("bad_gateway")


def _admitted(account: Account, dialect: Dialect, call: Call, now: float) -> Ask:
    """Understand a request and count it; a request that is wrong counts as well, but takes no time."""
    try:
        ask, wrong = dialect.read(call), None
    except Fault as fault:
        ask, wrong = Ask(dialect.provider, "", "", 0), fault
    most = ask.output_reservation
    charged = ask.input_tokens + (most if dialect.provider == "openai" else 0)
    refusal = account.admit(charged, most, now)
    if refusal is not None:
        raise Fault("limited", refusal=refusal)
    if wrong is not None:
        account.finish(most, 0, now)
        raise wrong
    return ask


def _respond(simulation: Simulation, dialect: Dialect, call: Call, ask: Ask, scenario: Scenario) -> Response:
    account, settings = simulation.accounts[dialect.provider], simulation.settings
    again = simulation.asked_again(dialect.provider, ask.prompt)
    request = call.tag if settings.lapses and again else ""
    answer = make_answer(ask, settings.seed, scenario.name, request)
    sent = Reporter()

    def over() -> None:
        now = simulation.clock()
        spent = answer.output_tokens if sent.complete else min(sent.tokens, answer.output_tokens)
        account.finish(ask.output_reservation, spent, now)
        account.tally.output_tokens += spent

    account.tally.input_tokens += ask.input_tokens
    account.tally.statuses[200] += 1
    play = play_stream if ask.stream else play_whole
    content = play(simulation, dialect, call, ask, answer, scenario, sent)
    headers = common_headers(simulation, dialect, call)
    headers["content-type"] = dialect.stream_type(call) if ask.stream else "application/json"
    if ask.stream:
        headers["cache-control"] = "no-cache"
    return AnswerResponse(content, over, headers)
