"""Which models an account may use, as each vendor lists them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import quote

from tui.core.providers.payload import mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.core.providers.base import Credentials, JsonObject, JsonValue, Provider


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `after` asks for the next one and is empty on the last."""

    names: tuple[str, ...]
    after: str = ""


def list_path(provider: Provider, after: str = "") -> str:
    """Give the path of a page of the list, relative to the base URL."""
    token = quote(after, safe="")
    if provider.dialect == "gemini":
        path = f"/{provider.api_version or 'v1beta'}/models?pageSize=1000"
        return f"{path}&pageToken={token}" if after else path
    if provider.dialect == "anthropic":
        return "/v1/models?limit=1000" + (f"&after_id={token}" if after else "")
    return "/models"


def read_page(provider: Provider, credentials: Credentials | None, body: JsonValue) -> Page:
    """Read a page: the names as a request takes them, without those that do not generate text."""
    page = mapping(body)
    if provider.dialect == "gemini":
        found = [text(model.get("name")) for model in mappings(page.get("models")) if _generates(model)]
        return Page(tuple(name.removeprefix("models/") for name in found), text(page.get("nextPageToken")))
    found = [name for model in mappings(page.get("data")) if (name := text(model.get("id")))]
    if provider.model_uri:
        found = _of_uris(provider, credentials, found)
    return Page(tuple(found), text(page.get("last_id")) if page.get("has_more") is True else "")


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Give up to three names that `name` may have been meant to be, the likeliest first."""
    return tuple(get_close_matches(name, list(names), n=3, cutoff=0.5))


def _generates(model: JsonObject) -> bool:
    methods = model.get("supportedGenerationMethods")
    return isinstance(methods, list) and "generateContent" in methods


def _of_uris(provider: Provider, credentials: Credentials | None, uris: list[str]) -> list[str]:
    """Shorten the URIs of the account's own folder; other kinds (`emb://` for embeddings) are left out."""
    scheme = provider.model_uri.partition("://")[0] + "://"
    own = provider.model_uri.format(folder=credentials.folder if credentials else "", model="")
    return [uri.removeprefix(own) for uri in uris if uri.startswith(scheme)]
