"""Settings: the user's TOML file over the defaults, each wrong figure refused with file, line and column."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariable

from tui.core.prices.price import Price
from tui.core.prices.table import read_price
from tui.core.providers.base import with_environment_url
from tui.core.providers.presets import load_presets
from tui.core.quota.errors import LimitError
from tui.core.quota.limits import Limits
from tui.core.quota.server_url import is_server_url
from tui.core.toml_position import find_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.providers.base import Provider

_DEFAULTS = Path(__file__).with_name("defaults.toml")
_ENVIRONMENT = "PENSTOCK_"
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_TOML_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class SettingsError(ValueError):
    """The settings cannot be used; the message says what, where and what to do."""


def _limits(figures: object) -> Limits:
    """Return the limits that a table means, without conversions: a figure in quotes is a mistake."""
    if not isinstance(figures, dict):
        raise ValueError("the limits must be a table of figures")
    known = [field.name for field in dataclasses.fields(Limits)]
    for name in figures:
        if name not in known:
            raise LimitError(name, f"there is no limit {name!r}{_nearest(name, known)}")
    limits = Limits(**figures)
    return limits if "margin_s" in figures else limits.with_prudent_margin()


def _ledger(where: str) -> str:
    """Return where the quotas are kept; what is refused is not repeated, since it may hold a password."""
    if where in ("shared", "memory") or is_server_url(where):
        return where
    raise ValueError('it is "shared", "memory" or the URL of a server, postgresql://user@host/database')


def _variable(name: str) -> str:
    """Return the name of an environment variable; what is refused is not repeated, since it may be a key."""
    if _VARIABLE.fullmatch(name):
        return name
    raise ValueError("it is the name of an environment variable, in capitals, never the key itself")


class ProviderSettings(BaseModel):
    """`[providers.NAME]`: what differs from the preset of that name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    """Whether the provider is on the screen and may be called."""
    model: str | None = None
    """The model a run uses when neither the prompt nor the caller names one."""
    base_url: str | None = None
    """Where the provider's API begins: a gateway, or a server of your own that speaks the same dialect."""
    key_env: Annotated[str, AfterValidator(_variable)] | None = None
    """The environment variable that holds the key, in place of the usual one."""
    limits: Annotated[Limits, BeforeValidator(_limits)]
    """`[providers.NAME.limits]`: what Penstock allows itself, never more than the vendor does."""


class Settings(BaseSettings):
    """Everything that can be set; an environment variable PENSTOCK_KEY (`__` for a dot) beats the file."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=_ENVIRONMENT, env_nested_delimiter="__"
    )

    prompts: Path | None = None
    """The prompts folder that opens when none is named."""
    theme: str = "penstock-dark"
    """A theme of Textual, or `penstock-dark`, `penstock-light`."""
    ledger: Annotated[str, AfterValidator(_ledger)] = Field("shared", repr=False)
    """Who shares each quota: all processes of the user on this machine ("shared"), nobody ("memory"), or all
    machines with this postgresql:// URL."""
    ledger_processes: int = Field(4, ge=1, le=1000)
    """How many processes to assume while that server was never reached: each keeps to its part."""
    provider: str | None = None
    """The provider that runs go to first; None: the first that has a key."""
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    prices: dict[str, Annotated[Price, BeforeValidator(read_price)]] = Field(default_factory=dict)
    """`[prices."provider/model"]`: USD per million tokens; shell patterns are allowed."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which comes in as arguments); nothing else is read."""
        return env_settings, init_settings

    def enabled_providers(
        self, environ: Mapping[str, str] = os.environ
    ) -> dict[str, tuple[Provider, Limits]]:
        """Return provider and limits by name, in the order of the presets, as the settings change them.

        The base URL that the vendor's own variable in `environ` names gives way only to one in the settings.
        """
        chosen: dict[str, tuple[Provider, Limits]] = {}
        for name, preset in load_presets().items():
            ours = self.providers.get(name)
            if ours is None or not ours.enabled:
                continue
            changes: dict[str, Any] = ours.model_dump(include={"model", "base_url"}, exclude_none=True)
            if ours.key_env:
                changes["key_env"] = (ours.key_env,)
            provider = with_environment_url(preset, environ)
            chosen[name] = dataclasses.replace(provider, **changes), ours.limits
        return chosen


def load_settings(path: Path) -> Settings:
    """Read the settings file, if there is one, over the defaults.

    Raises SettingsError for a file that cannot be read, is not TOML, or has a key or figure that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"{path}: the settings cannot be read ({reason}).") from error
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """Return the settings that `text` means; `path` is for messages. Raises SettingsError."""
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_syntax_message(str(error), path, text)) from error
    defaults = tomllib.loads(_DEFAULTS.read_text(encoding="utf-8"))
    merged = _merge(_with_bursts_in_proportion(defaults, own), own)
    _refuse_unknown_providers(merged.get("providers"), text, path)
    _refuse_prices_of_nothing(merged.get("prices"), text, path)
    try:
        return Settings(**merged)
    except UnreadableVariable as error:
        raise SettingsError(
            f"the variable {_ENVIRONMENT}PROVIDERS holds no JSON; "
            f"for one setting there is {_ENVIRONMENT}PROVIDERS__OPENAI__MODEL and the like."
        ) from error
    except ValidationError as error:
        raise SettingsError(_validation_message(error, text, path)) from error


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _with_bursts_in_proportion(defaults: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Scale the default bursts with the rates that `own` states, so that they never contradict them."""
    for name, table in defaults["providers"].items():
        limits, rate = table["limits"], _at(own, "providers", name, "limits", "requests_per_minute")
        if "burst" in limits and type(rate) is int and rate > 0:
            limits["burst"] = max(1, limits["burst"] * rate // limits["requests_per_minute"])
    return defaults


def _at(table: object, *path: str) -> object:
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _refuse_unknown_providers(providers: object, text: str, path: Path) -> None:
    known = list(load_presets())
    for name in providers if isinstance(providers, dict) else ():
        if name not in known:
            where = _where(path, text, ("providers", name))
            raise SettingsError(f"{where}: there is no provider {name!r}{_nearest(name, known)}")


def _refuse_prices_of_nothing(prices: object, text: str, path: Path) -> None:
    known = list(load_presets())
    for name in prices if isinstance(prices, dict) else ():
        provider, slash, model = name.partition("/")
        where = _where(path, text, ("prices", name))
        if not (slash and model):
            raise SettingsError(f'{where}: {name!r} names no model; write [prices."provider/model"].')
        if provider not in known and not re.search(r"[*?\[]", provider):
            raise SettingsError(f"{where}: there is no provider {provider!r}{_nearest(provider, known)}")


def _syntax_message(message: str, path: Path, text: str) -> str:
    found = _TOML_WHERE.search(message)
    line, column = (found[1], found[2]) if found and found[1] else (str(text.count("\n") + 1), "1")
    return f"{path}:{line}:{column}: the settings are not valid TOML: {_TOML_WHERE.sub('', message)}."


def _validation_message(error: ValidationError, text: str, path: Path) -> str:
    first = error.errors()[0]
    location = tuple(str(part) for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    cause = first.get("ctx", {}).get("error")
    field = getattr(cause, "field", None)
    if field:
        location = (*location, str(field))
    if first["type"] == "extra_forbidden":
        message = f"there is no setting {location[-1]!r}{_nearest(location[-1], _fields_at(location[:-1]))}"
    elif not field:
        message = f"{'.'.join(location)}: {message[:1].lower()}{message[1:]}"
    end = "" if message.endswith((".", "?")) else "."
    return f"{_where(path, text, location)}: {message}{end}"


def _fields_at(location: Sequence[str]) -> list[str]:
    return list((ProviderSettings if location else Settings).model_fields)


def _nearest(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f", did you mean {close[0]!r}?" if close else f"; there is {', '.join(known)}."


def _where(path: Path, text: str, location: Sequence[str]) -> str:
    found = find_key(text, location)
    if found is None:
        return f"the variable {_ENVIRONMENT}{'__'.join(location).upper()}"
    return f"{path}:{found[0]}:{found[1]}"
