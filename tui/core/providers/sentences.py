"""Failures in words: one sentence that says what happened and what to do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.core.providers.failure import is_daily, is_unknown_model
from tui.core.providers.known import model_facts

if TYPE_CHECKING:
    from tui.core.providers.base import Credentials, Provider
    from tui.core.providers.errors import Kind
    from tui.core.providers.failure import Failure
    from tui.core.providers.spent_day import SpentDay

_LONGEST = 300
_KEY_LIKE = re.compile(r"\b(?:sk-|gsk_|xai-|AIza|AQ\.|AQVN|t1\.)[\w.*-]{6,}")
_KEY_LENGTH = 20
SHORTEST_SECRET = 8
"""What is shorter guards nothing (a local server's "none"), and stands in many a harmless word."""
_LISTED = 5
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def holds_key(text: str) -> bool:
    """Whether something in the text looks like a vendor's key, as far as these can be told by their looks."""
    found = (match[0] for match in _KEY_LIKE.finditer(text))
    return any(len(word) >= _KEY_LENGTH and any(map(str.isdigit, word)) for word in found)


def clean(said: str, *secrets: str) -> str:
    """Make a vendor's words fit for a screen and a log: one short line, no terminal codes and no key.

    A secret of fewer than eight characters is taken for none, since it would be found in ordinary words.
    """
    said = _ESCAPE.sub("", said)
    line = " ".join("".join(char if char.isprintable() else " " for char in said).split())
    for secret in sorted(secrets, key=len, reverse=True):  # one may begin with another
        if len(secret) < SHORTEST_SECRET:
            break
        line = line.replace(secret, "…")  # now, when nothing is left that could stand between its letters
    line = _KEY_LIKE.sub("…", line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def secrets_of(credentials: Credentials | None) -> tuple[str, ...]:
    """Give all that must never be repeated."""
    return (credentials.key, *credentials.secrets) if credentials else ()


def explain(
    kind: Kind,
    failure: Failure,
    provider: Provider,
    credentials: Credentials | None,
    model: str,
    wait_s: float | None,
    day: SpentDay | None = None,
) -> str:
    """Say in one sentence why a call failed; `model` is the one asked for, `wait_s` what we were told.

    `day` is there when a quota per day is used up and it is known until when.
    """
    said = clean(failure.message, *secrets_of(credentials))
    if kind == "auth":
        return _refused_key(failure, provider, credentials, said)
    if kind == "rate_limit":
        return _limited(failure, provider, model, wait_s, day, said)
    if kind == "bad_request":
        return _bad_request(failure, provider, credentials, model, said)
    if kind == "billing":
        return f"{provider.title} has no credit left or a spend limit is reached{_aside(said)}; top it up."
    if kind == "filtered":
        return f"{provider.title} refused the content{_aside(said)}; change the prompt."
    if kind == "overloaded":
        return f"{provider.title} is overloaded{_aside(said)}; try again in a moment."
    status = f" {failure.status}" if failure.status else ""
    return f"{provider.title} had an error{status} of its own{_aside(said)}; try again."


def about_missing(provider: Provider, names: tuple[str, ...]) -> str:
    """Say which environment variables to set."""
    return f"{provider.title} needs {' and '.join(names) or 'a key'}; set it in the environment."


def about_no_model(provider: Provider, names: tuple[str, ...]) -> str:
    """Say that nobody has named a model, and which ones there are."""
    if not names:
        return f"{provider.title} offers no model at {provider.base_url}; load one."
    listed = ", ".join(clean(name) for name in names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    where = f'set model = "…" in [providers.{provider.name}]'
    return f"{provider.title} offers several models ({listed}); {where} or name one for this run."


def _refused_key(failure: Failure, provider: Provider, credentials: Credentials | None, said: str) -> str:
    source = credentials.source if credentials else ""
    key = f"the key in {source}" if source else "the key"
    if source in provider.bearer_env:
        return f"{provider.title} refused the token in {source}, which may have expired; set a fresh one."
    if failure.status == 403:
        return f"{provider.title} does not allow this with {key}{_aside(said)}; check its rights and region."
    return f"{provider.title} refused {key}; set a valid one."


def _limited(
    failure: Failure,
    provider: Provider,
    model: str,
    wait_s: float | None,
    day: SpentDay | None,
    said: str,
) -> str:
    if is_daily(failure):
        return f"{provider.title}'s quota per day for {model} is used up; {_comeback(day)}."
    if "limit: 0" in failure.message:
        return f"{provider.title} does not offer {model} to this account's tier; use another model."
    if "too large" in failure.message.lower():
        return f"The request is larger than {provider.title}'s limit allows{_aside(said)}; shorten it."
    if wait_s is None:
        return f"{provider.title} gets too many requests from this account{_aside(said)}; try again later."
    return f"{provider.title} asks to wait {in_words(wait_s)} before the next request."


def _comeback(day: SpentDay | None) -> str:
    if day is None:
        return "use another model today"
    at = f"{day.back:%Y-%m-%d %H:%M %Z}"
    if not day.midnight:
        return f"it comes back in {in_words(day.rest_s)}, at {at}"
    if not day.known:
        return f"it is not asked again before {at} (midnight {day.midnight})"
    return f"it comes back at {at} (midnight in {day.midnight})"


def _bad_request(
    failure: Failure, provider: Provider, credentials: Credentials | None, model: str, said: str
) -> str:
    status = failure.status or 400
    if 300 <= status < 400:
        return f"{provider.title} has moved away from {provider.base_url} ({status}); set its new base_url."
    if is_unknown_model(failure):
        ends = model_facts(provider, model).ends
        end = f", whose end it announced for {ends}" if ends else ""
        return f'{provider.title} does not know the model "{model}"{end}{_aside(said)}; choose another.'
    if status == 404:
        return f'{provider.title} found nothing at {provider.base_url} for the model "{model}"; check both.'
    named = clean(failure.parameter, *secrets_of(credentials))
    parameter = f' (parameter "{named}")' if named else ""
    return f"{provider.title} did not accept the request{parameter}: {said or f'status {status}'}"


def in_words(seconds: float) -> str:
    """Write a wait as a person would say it: `a moment`, `0.4 s`, `48 s`, `6 min`, `3 h`."""
    if seconds < 0.05:
        return "a moment"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _aside(said: str) -> str:
    return f" ({said.rstrip('.')})" if said else ""
