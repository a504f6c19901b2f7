"""What is known of a model by its name: one dated file, and over it what the settings say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from tui.core.providers.payload import merged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from tui.core.providers.base import Provider

OVERRIDES = (
    "api",
    "max_tokens",
    "max_tokens_field",
    "stream_options",
    "extra_body",
    "reasoning_off",
    "refuses",
    "refuses_only_while_reasoning",
)
"""The traits of a provider that may differ from model to model."""

_ABOUT_THE_FOLDER = "x-folder-id"


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What a person may want to know of a model; None is unknown. Figures are tokens."""

    context: int | None = None
    max_output: int | None = None
    ends: date | None = None
    """The day for which the vendor has announced its end."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """What the vendor documents for its lowest tier, by the names of our own limits."""


def default_model(vendor: str) -> str:
    """Give the model that a vendor's provider uses unless told otherwise; empty if there is none."""
    name = _vendor(vendor).get("default", "")
    assert isinstance(name, str)
    return name


def model_facts(provider: Provider, model: str = "") -> ModelFacts:
    """Give what is known of a model, by default of the provider's own."""
    about = _about(provider, model)
    return ModelFacts(**{key: about[key] for key in ModelFacts.__slots__ if key in about})


def as_for(provider: Provider, model: str = "") -> Provider:
    """Give the provider as it wants to be spoken to about a model, by default its own.

    A model that exists on one interface only is spoken to there. The native interface is a dialect and an
    address of its own (Yandex: providers.md, section 7).
    """
    about = _about(provider, model)
    changes: dict[str, Any] = {key: about[key] for key in OVERRIDES if key in about}
    if "extra_body" in changes:
        changes["extra_body"] = merged(provider.extra_body, changes["extra_body"])
    if "refuses" in changes:
        changes["refuses"] = tuple(changes["refuses"])
    provider = replace(provider, **changes) if changes else provider
    if provider.api != "native":
        return provider
    return replace(
        provider,
        dialect="yandex",
        base_url=provider.native_url or provider.base_url,
        folder_header=provider.folder_header and _ABOUT_THE_FOLDER,
    )


def _about(provider: Provider, model: str) -> dict[str, Any]:
    model = model or provider.model
    name = _plain(model)
    about: dict[str, Any] = {}
    for entry in _vendor(provider.vendor).get("models", ()):
        if any(fnmatchcase(name, pattern) for pattern in entry["names"]):
            about.update(entry)
    return {**about, **provider.models.get(model, {})}


def _plain(model: str) -> str:
    """Take the name out of `models/NAME` and of a URI `gpt://FOLDER/NAME/VERSION`."""
    scheme, found, rest = model.partition("://")
    return rest.partition("/")[2].partition("/")[0] if found and scheme else model.removeprefix("models/")


def _vendor(name: str) -> Mapping[str, Any]:
    table: Mapping[str, Any] = _file().get(name, {}) if name else {}
    return table


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("models.toml").read_text("utf-8"))
