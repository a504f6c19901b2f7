"""What every provider client speaks about: providers, credentials, requests, deltas, answers.

Nothing here touches the network, and nothing here knows a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from tui.core.providers.variables import filled_in, variables_in

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
JsonObject: TypeAlias = Mapping[str, JsonValue]

DialectName: TypeAlias = Literal["openai", "anthropic", "gemini", "yandex"]
Api: TypeAlias = Literal["chat", "responses", "native"]
Auth: TypeAlias = Literal["bearer", "api-key", "x-api-key", "x-goog-api-key", "none"]
Finish: TypeAlias = Literal["stop", "length", "filtered", "other"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Four clocks, in seconds.

    Keep-alive comments restart `read_s` (since the last byte) but not `content_s` (since the last event with
    content), because a stream of comments alone can live for ever. Reasoning models are silent for minutes.
    """

    connect_s: float = 10.0
    read_s: float = 180.0
    content_s: float = 300.0
    total_s: float = 600.0


DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class Provider:
    """An account at a vendor: where its service is and how it wants to be spoken to, never the key itself."""

    name: str
    title: str
    dialect: DialectName
    base_url: str
    model: str = ""
    """The model a request uses when it names none; empty where only the user can know it."""
    vendor: str = ""
    """Whose models these are, for what is known of them by their names; empty: nothing is."""
    key_env: tuple[str, ...] = ()
    """Environment variables that may hold the key; the first one that is set wins."""
    auth: Auth = "bearer"
    key_required: bool = True
    bearer_env: tuple[str, ...] = ()
    """Those of `key_env` whose value is a short-lived token, always sent as a bearer."""
    folder_env: tuple[str, ...] = ()
    """Environment variables that may hold the folder, for a vendor whose models live in one."""
    folder_header: str = ""
    model_uri: str = ""
    """A template over `{folder}` and `{model}`, for a vendor whose models are named by URI."""
    base_url_env: str = ""
    """The environment variable by which a vendor's tools are moved to another base URL."""
    native_url: str = ""
    """Where the vendor's own REST interface begins that `api = "native"` means."""
    api: Api = "chat"
    """Which of the vendor's interfaces is spoken, as far as the model exists on it."""
    api_version: str = ""
    """The vendor's interface version, in the place where the dialect puts it."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent with every request; `$NAME` stands for an environment variable."""
    extra_body: JsonObject = field(default_factory=dict)
    max_tokens_field: str = "max_tokens"
    max_tokens: int | None = None
    """The output limit sent when the request sets none, for a vendor that insists on one."""
    stream_options: bool = False
    """Whether the token counts of a stream have to be asked for."""
    reasoning_off: JsonObject = field(default_factory=dict)
    """Body fields that switch reasoning off; sent in place of `reasoning_effort: none`."""
    refuses: tuple[str, ...] = ()
    """Parameters, by their neutral names, that are known to be answered with 400."""
    refuses_only_while_reasoning: bool = False
    """Whether these are accepted under `reasoning_effort: none`."""
    daily_requests: bool = False
    """Whether the rate-limit headers for requests speak of the day, where others speak of the minute."""
    day_zone: str = ""
    """The IANA zone in which the vendor's day ends, for one that is known to count calendar days."""
    allow_http: bool = False
    """Whether prompts and keys may travel unencrypted to a host other than this one."""
    retries: int = 2
    """How often a request is sent again at most, as in the vendors' own SDKs."""
    timeouts: Timeouts | None = None
    """None: those of the client."""
    models: Mapping[str, JsonObject] = field(default_factory=dict)
    """What the user says of models by name, in the words of `models.toml`, which it overrules."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves who we are, and the variable it came from, so that a refusal can name it."""

    key: str = field(repr=False)
    folder: str = ""
    source: str = ""
    auth: Auth | None = None
    """How this key is sent where that differs from the provider's usual way."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Those of the provider's headers that refer to variables, filled in."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """The values of these variables: no more to be repeated than the key."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model.

    `parameters` uses neutral names (`max_tokens`, `temperature`, `top_p`, `top_k`, `stop`, `seed`,
    `presence_penalty`, `frequency_penalty`, `reasoning_effort`), which the dialect renames; any other is
    merged into the body as it is. An empty `model` means the provider's default.
    """

    model: str
    messages: tuple[Message, ...]
    system: str = ""
    parameters: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """The next piece of the model's reasoning, which is never part of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class TextAnew:
    """The whole text of the answer from its beginning, in place of all that came before."""

    text: str


Delta: TypeAlias = TextDelta | TextAnew | ReasoningDelta


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as billed: `tokens_in` includes `cached`, `tokens_out` includes `reasoning`; None is unknown."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    cached: int | None = None
    reasoning: int | None = None
    estimated: bool = False
    cost_usd: float | None = None
    """What the provider says that it charged for the call, where it does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; durations in seconds from the moment the request was begun."""

    text: str
    reasoning: str = ""
    finish: Finish = "stop"
    raw_finish: str = ""
    usage: Usage = Usage()
    model: str = ""
    request_id: str = ""
    rate: Mapping[str, str] = field(default_factory=dict)
    """The rate-limit headers as sent, names in lower case, nothing else."""
    first_token_s: float | None = None
    """Until the first text or reasoning arrived; None when the answer came in one piece."""
    total_s: float = 0.0
    filtered_reason: str = ""


def find_credentials(provider: Provider, environ: Mapping[str, str]) -> Credentials | None:
    """Take the provider's key (and folder) from the environment; None when something required is missing."""
    if missing_credentials(provider, environ):
        return None
    source = _first_set(provider.key_env, environ)
    folder = _first_set(provider.folder_env, environ)
    variables = _header_variables(provider)
    return Credentials(
        key=environ[source].strip() if source else "",
        folder=environ[folder].strip() if folder else "",
        source=source,
        auth="bearer" if source in provider.bearer_env else None,
        headers={name: filled_in(value, environ) for name, value in provider.headers.items() if "$" in value},
        secrets=tuple(environ[name].strip() for name in variables),
    )


def missing_credentials(provider: Provider, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Name the environment variables to set before the provider can be used; () when nothing is missing."""
    needed = [provider.key_env] if provider.key_required else []
    needed += [provider.folder_env, *((name,) for name in _header_variables(provider))]
    return tuple(names[0] for names in needed if names and not _first_set(names, environ))


def with_environment_url(provider: Provider, environ: Mapping[str, str]) -> Provider:
    """Move the provider to where its base-URL variable points, if that is set."""
    url = environ.get(provider.base_url_env, "").strip() if provider.base_url_env else ""
    return moved(provider, url) if url else provider


def moved(provider: Provider, base_url: str) -> Provider:
    """Give the provider at another address, where whatever interface is spoken begins."""
    return replace(provider, base_url=base_url, native_url="")


def _header_variables(provider: Provider) -> tuple[str, ...]:
    found = (name for value in provider.headers.values() for name in variables_in(value))
    return tuple(dict.fromkeys(found))


def _first_set(names: tuple[str, ...], environ: Mapping[str, str]) -> str:
    return next((name for name in names if environ.get(name, "").strip()), "")
