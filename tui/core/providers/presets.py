"""The providers as they come, and any other as a table of the same keys describes it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias, get_args

from tui.core.providers.base import Api, Auth, DialectName, Provider
from tui.core.providers.known import default_model
from tui.core.providers.retry import MOST_RETRIES

NAMED = ("openai", "anthropic", "google", "deepseek", "yandex")
"""Those that are there unless the settings say otherwise; a demo simulates them and no others."""

Check: TypeAlias = Callable[[object], bool]
_USUAL: Mapping[DialectName, Mapping[str, Any]] = {
    "openai": {"stream_options": True},
    "anthropic": {"auth": "x-api-key", "api_version": "2023-06-01", "max_tokens": 4096},
    "gemini": {"auth": "x-goog-api-key", "api_version": "v1beta"},
    "yandex": {"auth": "api-key"},
}
"""How servers of a dialect want to be spoken to as a rule."""
_NOT_IN_A_TABLE = frozenset({"name", "models", "timeouts"})


def load_presets() -> dict[str, Provider]:
    """Give the built-in providers by name, in the order in which they are shown."""
    found = (parse_provider(name, table) for name, table in _tables().items())
    return {preset.name: replace(preset, model=default_model(preset.vendor)) for preset in found}


def parse_provider(name: str, table: object, base: Provider | None = None) -> Provider:
    """Make a provider of a table with the keys of `Provider`, on top of `base` if one is given.

    Raises ValueError, in one sentence that names the provider and the key, when a key is unknown, missing
    or of the wrong kind.
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"provider {name}: expected a table, got {table!r}")
    values = {key: _checked(name, key, value) for key, value in table.items()}
    if base is not None:
        return replace(base, name=name, **values)
    missing = [key for key in ("dialect", "base_url") if key not in values]
    if missing:
        raise ValueError(f"provider {name}: {missing[0]} is missing")
    return Provider(name=name, **{"title": name, **values})


def of_dialect(name: str, dialect: DialectName, base_url: str) -> Provider:
    """Make a provider of which no more is known than what it speaks and where; it needs no key as it is."""
    provider = Provider(name, name, dialect, base_url, key_required=False)
    return replace(provider, **_USUAL[dialect])


def _checked(name: str, key: str, value: object) -> Any:
    annotation = _annotations().get(key)
    if annotation is None:
        raise ValueError(f"provider {name}: unknown setting {key!r}")
    wanted, fits = _KINDS[annotation]
    if not fits(value):
        raise ValueError(f"provider {name}: {key} must be {wanted}, not {value!r}")
    return tuple(value) if isinstance(value, list) else value


@cache
def _annotations() -> dict[str, str]:
    return {field.name: str(field.type) for field in fields(Provider) if field.name not in _NOT_IN_A_TABLE}


@cache
def _tables() -> dict[str, object]:
    return tomllib.loads(files(__package__).joinpath("presets.toml").read_text("utf-8"))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_headers(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(item, str) for item in value.values())


def _one_of(choices: tuple[str, ...]) -> tuple[str, Check]:
    return f"one of {', '.join(choices)}", lambda value: value in choices


_KINDS: dict[str, tuple[str, Check]] = {
    "str": ("text", _is_text),
    "bool": ("true or false", lambda value: isinstance(value, bool)),
    "int | None": ("a positive whole number", _is_count),
    "int": ("a whole number from 0 to 5", lambda value: type(value) is int and 0 <= value <= MOST_RETRIES),
    "tuple[str, ...]": ("a list of texts", _is_names),
    "Mapping[str, str]": ("a table of texts", _is_headers),
    "JsonObject": ("a table", lambda value: isinstance(value, Mapping)),
    "DialectName": _one_of(get_args(DialectName)),
    "Api": _one_of(get_args(Api)),
    "Auth": _one_of(get_args(Auth)),
}
