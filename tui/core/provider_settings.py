"""`[providers.NAME]`: what a settings file may say of a provider, each wrong value refused."""

from __future__ import annotations

import dataclasses
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from tui.core.providers.base import Api, Auth, DialectName, Timeouts
from tui.core.providers.retry import MOST_RETRIES
from tui.core.providers.sentences import holds_key
from tui.core.providers.variables import variables_in
from tui.core.quota.errors import LimitError
from tui.core.quota.limits import Limits
from tui.core.settings_errors import FieldError, nearest

_STRICT = ConfigDict(extra="forbid", frozen=True)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SECRET_HEADER = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)


def _limits(figures: object) -> Limits:
    """Return the limits that a table means, without conversions: a figure in quotes is a mistake."""
    if not isinstance(figures, dict):
        raise ValueError("the limits must be a table of figures")
    known = [field.name for field in dataclasses.fields(Limits)]
    for name in figures:
        if name not in known:
            raise LimitError(name, f"there is no limit {name!r}{nearest(name, known)}")
    limits = Limits(**figures)
    return limits if "margin_s" in figures else limits.with_prudent_margin()


def _url(url: str) -> str:
    """Return an address to which paths can be added; what is refused may hold a password: not repeated."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("it must begin with https:// (or http://) and name a host")
    if "@" in url or parts.query or parts.fragment:
        raise ValueError("it must hold no user name, password or ?; a key is named with key_env")
    return url


def _variables(names: object) -> object:
    """Return names of environment variables; one is as good as a list."""
    listed = [names] if isinstance(names, str) else names
    if not isinstance(listed, list) or not all(map(_is_variable, listed)):
        raise ValueError("it is the name of an environment variable, in capitals, never the key itself")
    return tuple(listed)


def _is_variable(name: object) -> bool:
    return isinstance(name, str) and bool(_VARIABLE.fullmatch(name)) and not holds_key(name)


def _headers(headers: dict[str, str]) -> dict[str, str]:
    """Refuse a header that holds a secret itself rather than the variable that has it."""
    for name, value in headers.items():
        if _SECRET_HEADER.search(name) and not variables_in(value):
            raise FieldError(
                name, f"keys are not kept in files: write {name} with $NAME, an environment variable"
            )
    return headers


Limited = Annotated[Limits, BeforeValidator(_limits)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Retries = Annotated[int, Field(ge=0, le=MOST_RETRIES, strict=True)]


class TimeoutSettings(BaseModel):
    """`[timeouts]`, `[providers.NAME.timeouts]`: four clocks in seconds; what is not set is inherited."""

    model_config = _STRICT

    connect: Seconds | None = None
    """Until the connection stands."""
    bytes: Seconds | None = None
    """Between any two bytes of a stream, also those that only keep it alive."""
    content: Seconds | None = None
    """Between two pieces of text or reasoning; reasoning models are silent for minutes."""
    total: Seconds | None = None
    """For all of an answer."""

    def over(self, base: Timeouts) -> Timeouts:
        """Return `base` with the clocks that are set here."""
        names = {"connect": "connect_s", "bytes": "read_s", "content": "content_s", "total": "total_s"}
        own = self.model_dump(exclude_none=True)
        return dataclasses.replace(base, **{names[name]: float(value) for name, value in own.items()})


class ModelSettings(BaseModel):
    """`[providers.NAME.models."MODEL"]`: what differs from the provider for one model."""

    model_config = _STRICT

    api: Api | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    extra_body: dict[str, Any] | None = None
    refuses: list[str] | None = None
    """Parameters that are left out because the model answers them with 400; [] for none."""
    limits: Limited | None = None
    """Makes it a bucket of its own; what is not stated here is as for the provider."""

    @property
    def traits(self) -> dict[str, Any]:
        """What is said of the model itself, in the words of `models.toml`."""
        return self.model_dump(exclude={"limits"}, exclude_none=True)


class ProviderSettings(BaseModel):
    """What differs from the preset; or, for a provider of the user's own, all there is to say."""

    model_config = _STRICT

    enabled: bool = True
    """Whether the provider is on the screen and may be called."""
    preset: str | None = None
    """The preset that this is another account of; else the one of the same name, if there is one."""
    title: str | None = None
    dialect: DialectName | None = None
    """Which wire format is spoken, for a provider without a preset."""
    base_url: Annotated[str, AfterValidator(_url)] | None = None
    """Where the provider's API begins: a gateway, or a server of your own that speaks the same dialect."""
    api: Api | None = None
    """The vendor's interface: "chat", "responses", or "native" for Yandex's own REST."""
    api_version: str | None = None
    model: str | None = None
    """The model a run uses when neither the prompt nor the caller names one."""
    key_env: Annotated[tuple[str, ...], BeforeValidator(_variables)] | None = None
    """The environment variable that holds the key (or several, of which one), in place of the usual one."""
    auth: Auth | None = None
    """How the key is sent."""
    headers: Annotated[dict[str, str], AfterValidator(_headers)] | None = None
    """Sent with every request; `$NAME` stands for an environment variable, `$$` for a dollar sign."""
    extra_body: dict[str, Any] | None = None
    """Merged into the body of every request."""
    max_tokens: int | None = Field(None, ge=1)
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = None
    stream_options: bool | None = None
    """Whether the token counts of a stream have to be asked for."""
    allow_http: bool | None = None
    """Whether prompts and keys may travel unencrypted to a host other than this one."""
    retries: Retries | None = None
    timeouts: TimeoutSettings = TimeoutSettings()
    limits: Limited | None = None
    """`[providers.NAME.limits]`: what Penstock allows itself, never more than the vendor does."""
    models: dict[str, ModelSettings] = Field(default_factory=dict)

    @property
    def model_limits(self) -> dict[str, Limits]:
        """The limits of the models that have a bucket of their own."""
        return {name: own.limits for name, own in self.models.items() if own.limits is not None}
