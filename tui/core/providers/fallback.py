"""Giving way, once, to a model that refuses a parameter: the request goes out again without it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.core.providers.base import Provider, Request
    from tui.core.providers.errors import ProviderError

_REFUSAL = re.compile(
    r"unsupported|not support|deprecated|unknown|unrecogni[sz]ed|unexpected|not permitted|only the default"
    r"|cannot be used|cannot both|not allowed",
    re.IGNORECASE,
)
_SAMPLING = ("temperature", "top_p", "top_k", "stop", "stop_sequences")
_OTHER_FIELD = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}


class Concessions:
    """What each model turned out not to accept, remembered for as long as the object lives."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], set[str]] = {}
        self._told: set[tuple[str, str, str]] = set()

    def apply(
        self, provider: Provider, request: Request, notice: Callable[[str], None] | None = None
    ) -> tuple[Provider, Request]:
        """Give the provider and the request as the model accepts them.

        What it is known beforehand to refuse is left out only if there is a `notice`, which is told so once.
        """
        model = _model(provider, request)
        for name in sorted(self._refused.get(model, ())):
            if name == provider.max_tokens_field:
                provider = replace(provider, max_tokens_field=_OTHER_FIELD[name])
            elif name == "stream_options":
                provider = replace(provider, stream_options=False)
            else:
                request = _without(request, _neutral(name))
        if notice is not None:
            for name in _known_to_be_refused(provider, request):
                request = _without(request, name)
                if (*model, name) not in self._told:
                    self._told.add((*model, name))
                    notice(f"{provider.title}'s {model[1]} does not accept {name}; requests go without it.")
        return provider, request

    def learn(self, provider: Provider, request: Request, error: ProviderError) -> str:
        """Take note of a refusal; gives a sentence for the log, or "" when there is nothing to give way on.

        `provider` and `request` are those before `apply`, so that each of several calls that were refused at
        the same time learns that it may be sent again.
        """
        name = _refused_name(provider, request, error)
        if not name:
            return ""
        self._refused.setdefault(_model(provider, request), set()).add(name)
        instead = f"with {_OTHER_FIELD[name]} in its place" if name in _OTHER_FIELD else "without it"
        model = request.model or provider.model
        return f"{provider.title}'s {model} does not accept {name}; it is asked again {instead}."


def _known_to_be_refused(provider: Provider, request: Request) -> tuple[str, ...]:
    reasons = request.parameters.get("reasoning_effort") != "none"
    if provider.refuses_only_while_reasoning and not reasons:
        return ()
    return tuple(name for name in provider.refuses if name in request.parameters)


def _without(request: Request, name: str) -> Request:
    kept = {key: value for key, value in request.parameters.items() if key != name}
    return replace(request, parameters=kept)


def _refused_name(provider: Provider, request: Request, error: ProviderError) -> str:
    """Find the parameter that we sent and that the vendor names as one it does not know."""
    if error.kind != "bad_request" or error.status not in (400, 422) or not _REFUSAL.search(error.detail):
        return ""
    sent = {name for name in _SAMPLING if _neutral(name) in request.parameters}
    if "max_tokens" in request.parameters and provider.dialect == "openai" and provider.api == "chat":
        sent.add(provider.max_tokens_field)
    if provider.stream_options:
        sent.add("stream_options")
    if error.parameter in sent:
        return error.parameter
    quoted = (re.search(rf"['\"`]{name}['\"`]", error.detail) and name for name in sorted(sent))
    return next((name for name in quoted if name), "")


def _neutral(name: str) -> str:
    return "stop" if name == "stop_sequences" else name


def _model(provider: Provider, request: Request) -> tuple[str, str]:
    return provider.name, request.model or provider.model
