"""Settings: the user's TOML file over the defaults, each wrong figure refused with file, line and column."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariable

from tui.core.prices.price import Price
from tui.core.prices.table import read_price
from tui.core.provider_settings import ModelSettings, ProviderSettings, Retries, TimeoutSettings
from tui.core.provider_tables import complete, limits_of, provider_of, secrets_in
from tui.core.providers.presets import load_presets
from tui.core.quota.server_url import is_server_url
from tui.core.settings_errors import (
    ENVIRONMENT,
    FieldError,
    SettingsError,
    nearest,
    not_toml,
    not_valid,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.providers.base import Provider
    from tui.core.quota.limits import Limits

__all__ = ["ProviderSettings", "Settings", "SettingsError", "load_settings", "parse_settings"]

_DEFAULTS = Path(__file__).with_name("defaults.toml")


def _ledger(where: str) -> str:
    """Return where the quotas are kept; what is refused is not repeated, since it may hold a password."""
    if where in ("shared", "memory") or is_server_url(where):
        return where
    raise ValueError('it is "shared", "memory" or the URL of a server, postgresql://user@host/database')


def _keys(given: object) -> object:
    """Take one key for a list of one."""
    if isinstance(given, str):
        return (given,)
    if isinstance(given, list) and all(isinstance(key, str) for key in given):
        return tuple(given)
    raise ValueError('it is a key such as "ctrl+n", or a list of keys')


_FIELD = re.compile(r'field "(\w+)"')
"""Where pydantic-settings says which variable it could not read."""
NoticeKind = Literal["bell", "desktop", "off"]
"""The bell; the bell and a notice of the desktop, if the terminal can raise one; nothing."""


class Settings(BaseSettings):
    """Everything that can be set; an environment variable PENSTOCK_KEY (`__` for a dot) beats the file."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix=ENVIRONMENT, env_nested_delimiter="__"
    )

    prompts: Path | None = None
    """The prompts folder that opens when none is named."""
    theme: str = "penstock-dark"
    """A theme of Textual, or `penstock-dark`, `-light`, `-contrast-dark`, `-contrast-light`."""
    ledger: Annotated[str, AfterValidator(_ledger)] = Field("shared", repr=False)
    """Who shares each quota: all processes of the user on this machine ("shared"), nobody ("memory"), or all
    machines with this postgresql:// URL."""
    ledger_processes: int = Field(4, ge=1, le=1000)
    """How many processes to assume while that server was never reached: each keeps to its part."""
    vim: bool = False
    """Whether the editor pane begins in a normal mode with vim's motions."""
    notice: NoticeKind = "bell"
    """How to tell a user who looks at another window that the last run has ended."""
    keys: dict[str, Annotated[tuple[str, ...], BeforeValidator(_keys)]] = Field(default_factory=dict)
    """`[keys]`: the keys of actions, by their ids; the screen says which ids and keys there are."""
    provider: str | None = None
    """The provider that runs go to first; None: the first that has a key."""
    timeouts: TimeoutSettings = TimeoutSettings()
    retries: Retries | None = None
    """How often a call that failed is made again at most; None: 2, or what a preset says."""
    discover: bool = True
    """Whether to look for servers on the usual ports of this machine."""
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
        """Return provider and limits by name, those of the presets first, as the settings change them.

        The base URL that the vendor's own variable in `environ` names gives way only to one in the settings.
        """
        chosen: dict[str, tuple[Provider, Limits]] = {}
        for name in (*load_presets(), *self.providers):
            own = self.providers.get(name)
            if own is not None and own.enabled and name not in chosen:
                provider = self.provider_named(name, environ)
                chosen[name] = provider, limits_of(own, provider)
        return chosen

    def provider_named(self, name: str, environ: Mapping[str, str]) -> Provider:
        """Return one provider, enabled or not; see `enabled_providers`."""
        own = self.providers[name]
        return provider_of(name, own, environ, timeouts=self.timeouts, retries=self.retries)

    def model_limits(self) -> dict[str, dict[str, Limits]]:
        """Return, by provider and model, the limits of the models that have a bucket of their own."""
        return {name: own.model_limits for name, own in self.providers.items()}


def load_settings(path: Path) -> Settings:
    """Read the settings file, if there is one, over the defaults.

    Raises SettingsError for a file that cannot be read, is not TOML, or has a key or figure that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors of Windows begin a file with a mark
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
        raise not_toml(str(error), path, text) from error
    tables = own.get("providers", {})
    for name, table in tables.items() if isinstance(tables, dict) else ():
        for where, message in secrets_in(table) if isinstance(table, dict) else ():
            raise refused(path, text, ("providers", name, *where), message)
    _refuse_prices_of_nothing(own, text, path)
    try:
        settings = Settings(**_over_defaults(own))
    except UnreadableVariable as error:
        field = _FIELD.search(str(error))
        raise SettingsError(
            f"the variable {ENVIRONMENT}{field[1].upper() if field else 'PROVIDERS'} holds no JSON; "
            f"for one setting there is {ENVIRONMENT}PROVIDERS__OPENAI__MODEL and the like."
        ) from error
    except ValidationError as error:
        raise not_valid(error, path, text, _fields_at) from error
    for name in settings.providers:
        try:
            settings.provider_named(name, {})
        except FieldError as error:
            location = ("providers", name, *filter(None, [error.field]))
            raise refused(path, text, location, str(error)) from error
    return settings


def _over_defaults(own: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the user's tables over the defaults; of a provider's, limits and models need some care."""
    defaults = tomllib.loads(_DEFAULTS.read_text(encoding="utf-8"))
    usual, tables = defaults["providers"], own.get("providers", {})
    merged = {**defaults, **own}
    if isinstance(tables, dict):
        names = dict.fromkeys([*usual, *tables])
        merged["providers"] = {name: complete(name, tables.get(name, {}), usual) for name in names}
    return merged


def _refuse_prices_of_nothing(own: Mapping[str, Any], text: str, path: Path) -> None:
    prices, tables = own.get("prices"), own.get("providers")
    known = [*load_presets(), *(tables if isinstance(tables, dict) else ())]
    for name in prices if isinstance(prices, dict) else ():
        provider, slash, model = name.partition("/")
        if not (slash and model):
            why = f'{name!r} names no model; write [prices."provider/model"]'
            raise refused(path, text, ("prices", name), why)
        if provider not in known and not re.search(r"[*?\[]", provider):
            why = f"there is no provider {provider!r}{nearest(provider, known)}"
            raise refused(path, text, ("prices", name), why)


def _fields_at(location: Sequence[str]) -> list[str]:
    tables: dict[int, type[BaseModel]] = {0: Settings, 1: TimeoutSettings, 2: ProviderSettings}
    tables |= {3: TimeoutSettings, 4: ModelSettings}
    return list(tables[len(location)].model_fields)
