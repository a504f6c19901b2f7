"""The ASGI application: the routes of every provider, and the ones that steer the simulator itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tui.simulator import models
from tui.simulator.dialects.anthropic import Anthropic
from tui.simulator.dialects.deepseek import DeepSeek
from tui.simulator.dialects.gemini import Gemini
from tui.simulator.dialects.openai import OpenAI
from tui.simulator.dialects.responses import Responses
from tui.simulator.dialects.yandex import Yandex
from tui.simulator.dialects.yandex_native import YandexNative
from tui.simulator.exchange import (
    asked_scenario,
    call_of,
    common_headers,
    endpoint,
    error_response,
    refuse_on_purpose,
)
from tui.simulator.faults import Fault
from tui.simulator.formats import dumps
from tui.simulator.scenarios import parse
from tui.simulator.settings import SimulatorSettings
from tui.simulator.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from tui.simulator.dialects.base import Dialect

BASE_PATHS: Final = {
    "openai": "/openai/v1",
    "anthropic": "/anthropic",
    "google": "/google",
    "deepseek": "/deepseek",
    "yandex": "/yandex/v1",
    "yandex-native": "/yandex",
}
ANY_METHOD: Final = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_app(
    settings: SimulatorSettings | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> Starlette:
    """An application with a state of its own; `app.state.simulation` is that state.

    `clock` gives monotonic seconds and `sleep` waits on it: with a virtual pair nothing takes real time.
    """
    simulation = Simulation(settings or SimulatorSettings(), clock, sleep)
    app = Starlette(routes=[*_generation(simulation), *_steering(simulation), *_fallbacks(simulation)])
    app.state.simulation = simulation
    return app


def _generation(simulation: Simulation) -> list[Route]:
    chat, deepseek, yandex = OpenAI(), DeepSeek(), Yandex()
    anthropic, gemini = Anthropic(), Gemini()
    posts: dict[str, Dialect] = {
        "/openai/v1/chat/completions": chat,
        "/openai/v1/responses": Responses(),
        "/anthropic/v1/messages": anthropic,
        "/google/{version:str}/models/{model:str}:{method:str}": gemini,
        "/deepseek/chat/completions": deepseek,
        "/deepseek/v1/chat/completions": deepseek,
        "/yandex/v1/chat/completions": yandex,
        "/yandex/foundationModels/v1/completion": YandexNative(),
    }
    routes = [Route(path, endpoint(simulation, dialect), methods=["POST"]) for path, dialect in posts.items()]
    gets: dict[str, tuple[Dialect, Callable[[Request], object]]] = {
        "/openai/v1/models": (chat, lambda request: models.openai_list(models.OPENAI, "openai")),
        "/anthropic/v1/models": (anthropic, _anthropic_models),
        "/google/{version:str}/models": (gemini, _google_models),
        "/deepseek/models": (deepseek, lambda request: models.openai_list(models.DEEPSEEK, "deepseek")),
        "/deepseek/user/balance": (deepseek, _balance),
        "/yandex/v1/models": (yandex, lambda request: models.openai_list(models.YANDEX, "yandex")),
    }
    return routes + [Route(path, _look_up(simulation, *what)) for path, what in gets.items()]


def _look_up(
    simulation: Simulation, dialect: Dialect, content: Callable[[Request], object]
) -> Callable[[Request], Awaitable[Response]]:
    """The handler of a route that needs a key and nothing else; it counts against no limit."""

    async def handle(request: Request) -> Response:
        call = call_of(simulation, dialect, request)
        try:
            dialect.authorise(call)
            refuse_on_purpose(
                simulation.accounts[dialect.provider], parse(asked_scenario(request) or "normal")
            )
        except Fault as fault:
            return error_response(simulation, dialect, call, fault)
        except ValueError as error:
            return JSONResponse({"error": f"{error}"}, status_code=422)
        body = dumps(content(request)).encode()
        return Response(
            body, headers=common_headers(simulation, dialect, call), media_type="application/json"
        )

    return handle


def _anthropic_models(request: Request) -> object:
    limit = request.query_params.get("limit", "20")
    return models.anthropic_list(
        request.query_params.get("after_id"), int(limit) if limit.isdecimal() else 20
    )


def _google_models(request: Request) -> object:
    size = request.query_params.get("pageSize", "50")
    return models.google_list(request.query_params.get("pageToken"), int(size) if size.isdecimal() else 50)


def _balance(request: Request) -> object:
    info = {
        "currency": "USD",
        "total_balance": "42.00",
        "granted_balance": "0.00",
        "topped_up_balance": "42.00",
    }
    return {"is_available": True, "balance_infos": [info]}


def _steering(simulation: Simulation) -> list[Route]:
    async def stats(request: Request) -> Response:
        return JSONResponse(simulation.stats())

    async def reset(request: Request) -> Response:
        simulation.reset()
        return JSONResponse({})

    async def simulate(request: Request) -> Response:
        try:
            body = await request.json()
            provider, times = body.get("provider", "*"), body.get("times")
            simulation.stage.set(provider, parse(body.get("scenario") or "normal"), times)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            return JSONResponse({"error": f"{error}"}, status_code=422)
        return JSONResponse({})

    return [
        Route("/stats", stats),
        Route("/reset", reset, methods=["POST"]),
        Route("/simulate", simulate, methods=["POST"]),
    ]


def _fallbacks(simulation: Simulation) -> list[Route]:
    """Unknown paths below a provider's prefix get the provider's own 404."""
    dialects: dict[str, Dialect] = {
        "/openai": OpenAI(),
        "/anthropic": Anthropic(),
        "/google": Gemini(),
        "/deepseek": DeepSeek(),
        "/yandex": Yandex(),
    }

    def fallback(dialect: Dialect) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            call = call_of(simulation, dialect, request)
            return error_response(simulation, dialect, call, Fault("no_route", call.path["url"]))

        return handle

    return [
        Route(f"{prefix}/{{rest:path}}", fallback(dialect), methods=ANY_METHOD)
        for prefix, dialect in dialects.items()
    ]
