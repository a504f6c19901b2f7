"""From a neutral request to the bytes a vendor expects, as far as that is the same for every dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.core.providers import payload
from tui.core.providers.errors import ProviderError

if TYPE_CHECKING:
    from tui.core.providers.base import Auth, Credentials, JsonObject, JsonValue, Provider, Request

Places: TypeAlias = Mapping[str, str]
"""Where a dialect puts a neutral parameter: a dotted path into the body."""

DECIDED_HERE = frozenset({"stream", "messages", "contents", "input"})
"""Body fields that follow from the request and from how it is sent, so that no parameter may set them."""

_PREFIX: dict[Auth, tuple[str, str]] = {
    "bearer": ("Authorization", "Bearer "),
    "api-key": ("Authorization", "Api-Key "),
    "x-api-key": ("x-api-key", ""),
    "x-goog-api-key": ("x-goog-api-key", ""),
}


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One HTTP request. The headers hold the key and are therefore never shown."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(repr=False)
    method: Literal["GET", "POST"] = "POST"


def compose(
    provider: Provider, credentials: Credentials | None, path: str, body: JsonObject, *, events: bool
) -> WireRequest:
    """Put a body, the key and the provider's own headers into one request; `events` asks for an event stream.

    Raises ProviderError("bad_request") for a body that JSON cannot express, or a base URL with a query.
    """
    try:
        content = payload.dump(body)
    except (TypeError, ValueError) as error:
        raise ProviderError(
            "bad_request",
            f"The request to {provider.title} holds a value that JSON cannot express ({error}); "
            "change that parameter.",
            provider=provider.name,
        ) from error
    headers = {
        "Content-Type": "application/json",
        "Accept": "text/event-stream" if events else "application/json",
        **_account_headers(provider, credentials),
    }
    return WireRequest(url=_address(provider, path), body=content, headers=headers)


def look_up(provider: Provider, credentials: Credentials | None, path: str) -> WireRequest:
    """Make a request that only reads. Raises ProviderError("bad_request")."""
    headers = {"Accept": "application/json", **_account_headers(provider, credentials)}
    return WireRequest(_address(provider, path), b"", headers, method="GET")


def model_name(provider: Provider, credentials: Credentials | None, request: Request) -> str:
    """Give the model as the vendor names it; a name that already is a URI passes untouched.

    Yandex AI Studio names models `gpt://FOLDER/NAME/VERSION`, where the usual version is `latest`.
    """
    model = request.model or provider.model
    if not provider.model_uri or "://" in model:
        return model
    folder = credentials.folder if credentials else ""
    return provider.model_uri.format(folder=folder, model=model if "/" in model else f"{model}/latest")


def arguments(provider: Provider, request: Request, places: Places) -> dict[str, JsonValue]:
    """Give the request's parameters as the dialect names and nests them; None means not set.

    Raises ProviderError("bad_request") for a parameter that is not the user's to set.
    """
    given = {name: value for name, value in request.parameters.items() if value is not None}
    for name in given.keys() & DECIDED_HERE:
        raise ProviderError(
            "bad_request",
            f'The parameter "{name}" is decided by the request itself; remove it.',
            provider=provider.name,
        )
    if provider.max_tokens is not None:
        given.setdefault("max_tokens", provider.max_tokens)
    if isinstance(given.get("stop"), str):
        given["stop"] = [given["stop"]]
    body: dict[str, JsonValue] = {}
    if given.get("reasoning_effort") == "none" and provider.reasoning_off:
        del given["reasoning_effort"]
        body = payload.merged(provider.reasoning_off)
    for name, value in given.items():
        body = payload.merged(body, _nested(places.get(name, name), name in places, value))
    return body


def _address(provider: Provider, path: str) -> str:
    if "?" in provider.base_url or "#" in provider.base_url:
        # Not repeated in the message, since it may be a key; and a path behind it would not be one.
        raise ProviderError(
            "bad_request",
            f"Provider {provider.name}: the base_url goes on after a ? or #; take that out, "
            "and put a key into the environment.",
            provider=provider.name,
        )
    return provider.base_url.rstrip("/") + path


def _nested(path: str, dotted: bool, value: JsonValue) -> JsonObject:
    keys = path.split(".") if dotted else [path]
    for key in reversed(keys[1:]):
        value = {key: value}
    return {keys[0]: value}


def _account_headers(provider: Provider, credentials: Credentials | None) -> dict[str, str]:
    headers = {"anthropic-version": provider.api_version} if provider.dialect == "anthropic" else {}
    if credentials is None:
        return headers | dict(provider.headers)
    headers.update({**provider.headers, **credentials.headers})
    scheme = credentials.auth or provider.auth
    if credentials.key and scheme != "none":
        name, prefix = _PREFIX[scheme]
        headers[name] = prefix + credentials.key
    if provider.folder_header and credentials.folder:
        headers[provider.folder_header] = credentials.folder
    return headers
