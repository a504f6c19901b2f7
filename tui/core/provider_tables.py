"""From the tables of the settings to providers and limits: presets, defaults, and what is inherited."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.core.providers.addresses import is_loopback
from tui.core.providers.base import DEFAULT_TIMEOUTS, Provider, moved, with_environment_url
from tui.core.providers.presets import load_presets, of_dialect
from tui.core.providers.sentences import holds_key
from tui.core.quota.limits import Limits
from tui.core.settings_errors import FieldError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.core.provider_settings import ProviderSettings, TimeoutSettings

_TAKEN_OVER = (
    *("title", "dialect", "api", "api_version", "model", "key_env", "auth", "headers", "extra_body"),
    *("max_tokens", "max_tokens_field", "stream_options", "allow_http", "retries"),
)
_KEY_NAMES = frozenset({"key", "api_key", "apikey", "token", "secret", "password", "access_token"})
_KEYS_WITHIN = _KEY_NAMES - {"key", "token"}
"""Within what is sent, the others may mean something else."""
_ELSEWHERE = {"max_in_flight": 4}
_HERE = {"max_in_flight": 2}
"""Limits for want of others: a vendor's server states its own, and one of your own answers few at a time."""


def provider_of(
    name: str,
    own: ProviderSettings,
    environ: Mapping[str, str],
    *,
    timeouts: TimeoutSettings,
    retries: int | None,
) -> Provider:
    """Return the provider that its table means; `timeouts` and `retries` are those of the whole file.

    The base URL that the vendor's own variable in `environ` names gives way only to one in the settings.
    Raises FieldError.
    """
    provider = with_environment_url(_base(name, own), environ)
    if own.base_url and own.base_url != provider.base_url:
        provider = moved(provider, own.base_url)
    changes = {key: value for key in _TAKEN_OVER if (value := getattr(own, key)) is not None}
    if own.key_env is not None:
        changes["key_required"] = bool(own.key_env)
    if retries is not None:
        changes.setdefault("retries", retries)
    provider = dataclasses.replace(
        provider,
        timeouts=own.timeouts.over(timeouts.over(provider.timeouts or DEFAULT_TIMEOUTS)),
        models={model: traits for model, said in own.models.items() if (traits := said.traits)},
        **changes,
    )
    _check_api(provider, own)
    _check_encrypted(provider, own)
    return provider


def limits_of(own: ProviderSettings, provider: Provider) -> Limits:
    """Return the limits of a provider; without a table, as many at once as it should bear."""
    return own.limits or Limits(max_in_flight=_usual_limits(provider.base_url)["max_in_flight"])


def complete(name: str, own: object, defaults: Mapping[str, Any]) -> object:
    """Return a provider's table with all the limits that it and its models inherit, nothing of it checked.

    The limits are those of the preset's table among the `defaults`; where there is none, as many calls at
    once as its server should bear.
    """
    if not isinstance(own, dict):
        return own
    preset = str(own.get("preset", name))
    usual, limits, models = defaults.get(preset, {}), own.get("limits", {}), own.get("models", {})
    if isinstance(limits, dict):
        limits = under(usual.get("limits") or _usual_limits(_url_in(preset, own)), limits)
    if isinstance(models, dict) and isinstance(limits, dict):
        models = {model: _inherit(limits, said) for model, said in models.items()}
    return {**usual, **own, "limits": limits, "models": models}


def under(limits: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return `own` over `limits`, whose burst follows the rate that `own` states, never contradicting it."""
    rate, before = own.get("requests_per_minute"), limits.get("requests_per_minute")
    inherited = dict(limits)
    if type(rate) is int and type(before) is int and type(limits.get("burst")) is int and rate > 0 < before:
        inherited["burst"] = max(1, limits["burst"] * rate // before)
    return inherited | dict(own)


def secrets_in(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Give whatever in a provider's table is, or is named as, a key: where, and what to do instead."""
    for name, value in table.items():
        if name.lower() in _KEY_NAMES:
            yield (name,), 'keys are not kept in files; name the variable that holds it: key_env = "NAME"'
        elif name in ("headers", "extra_body") and _any_key(value):
            why = "keys are not kept in files; put it into an environment variable, in a header $NAME"
            yield (name,), why
        elif name == "models" and isinstance(value, dict):
            for model, said in value.items():
                inner = secrets_in(said) if isinstance(said, dict) else ()
                yield from (((name, model, *where), why) for where, why in inner)


def _any_key(value: object) -> bool:
    if isinstance(value, dict):
        return any(str(name).lower() in _KEYS_WITHIN or _any_key(held) for name, held in value.items())
    if isinstance(value, list):
        return any(map(_any_key, value))
    return isinstance(value, str) and holds_key(value)


def _base(name: str, own: ProviderSettings) -> Provider:
    presets = load_presets()
    if own.preset is not None:
        if own.preset not in presets:
            raise FieldError("preset", f"there is no preset {own.preset!r}{nearest(own.preset, presets)}")
        return dataclasses.replace(presets[own.preset], name=name, title=_titled(name, own.preset, presets))
    if name in presets:
        return presets[name]
    if own.dialect is None or own.base_url is None:
        raise FieldError(
            "",
            f"there is no provider {name!r}{nearest(name, presets).rstrip('.')}; "
            "one of your own has a dialect and a base_url, or a preset",
        )
    return of_dialect(name, own.dialect, own.base_url)


def _titled(name: str, preset: str, presets: Mapping[str, Provider]) -> str:
    return presets[preset].title if name == preset else name


def _check_api(provider: Provider, own: ProviderSettings) -> None:
    """Refuse an interface that the provider does not have."""
    wanted = {"api": own.api, **{model: said.api for model, said in own.models.items()}}
    for where, api in wanted.items():
        has = {"chat"} | ({"responses"} if provider.dialect == "openai" else set())
        if load_presets().get(own.preset or provider.name, provider).native_url:
            has |= {"native"}
        if api is not None and api not in has:
            raise FieldError(where if where == "api" else "models", f"{provider.title} has no api {api!r}")


def _url_in(preset: str, own: Mapping[str, Any]) -> str:
    known = load_presets().get(preset)
    return str(own.get("base_url") or (known.base_url if known else ""))


def _check_encrypted(provider: Provider, own: ProviderSettings) -> None:
    parts = urlsplit(own.base_url or "")
    host = parts.hostname or ""
    if parts.scheme == "http" and not provider.allow_http and not is_loopback(host):
        why = f"plain http to {host} would send prompts and keys unencrypted"
        raise FieldError("base_url", f"{why}; use https, or set allow_http = true")


def _inherit(limits: Mapping[str, Any], said: object) -> object:
    own = said.get("limits") if isinstance(said, dict) else None
    return (
        {**said, "limits": under(limits, own)} if isinstance(said, dict) and isinstance(own, dict) else said
    )


def _usual_limits(url: str) -> dict[str, int]:
    return _HERE if is_loopback(_host(url)) else _ELSEWHERE


def _host(url: str) -> str:
    """Return the host of an address, "" for one that is none; who uses it is told what is wrong with it."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
