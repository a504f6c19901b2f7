"""The settings of each provider: pure, from what is in force and where that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.core.provider_tables import limits_of
from tui.core.providers.base import missing_credentials
from tui.core.quota.limits import LARGEST
from tui.widgets.quota.detail import FIELDS
from tui.widgets.settings.general import CLOCKS, RETRIES, yes
from tui.widgets.settings.setting import Group, Origin, Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui.core.provider_settings import ProviderSettings
    from tui.core.providers.base import Provider
    from tui.core.quota.limits import Limits
    from tui.core.settings import Settings
    from tui.widgets.settings.setting import Sources


def accounts(
    settings: Settings,
    sources: Sources,
    missing: Mapping[str, Sequence[str]],
    *,
    environ: Mapping[str, str],
    simulated: bool,
) -> list[Group]:
    """Return a group for each provider; `missing` names the variables that each one in force lacks.

    Of a provider that is not in force that is found out from `environ`.
    """
    groups = []
    for name, own in settings.providers.items():
        provider = settings.provider_named(name, {} if simulated else environ)
        lacking = () if simulated else tuple(missing.get(name, missing_credentials(provider, environ)))
        key = _about_key(provider, lacking, simulated=simulated)
        found = (*_account(name, own, provider, key, lacking), *_limits(name, own, provider))
        models = sources.traced(_models(name, own))
        stated = tuple(one for one in models if one.kind == "fixed" or one.origin != Origin())
        gist = f"{provider.model or 'no model'}, {key}" if own.enabled else "turned off"
        groups.append(Group(name, sources.traced(found) + stated, gist, own.enabled and bool(lacking)))
    return groups


def _about_key(provider: Provider, missing: Sequence[str], *, simulated: bool) -> str:
    """Say of a key whether it is there, and the variable that holds it; never what it is."""
    if simulated:
        return "no key is read in a demo"
    if missing:
        return f"no key: set {' and '.join(missing)}"
    return f"key found in {' or '.join(provider.key_env)}" if provider.key_required else "needs no key"


def _account(
    name: str, own: ProviderSettings, provider: Provider, key: str, missing: Sequence[str]
) -> Iterator[Setting]:
    at = ("providers", name)
    about = "Whether it is on the screen and may be called."
    on = own.enabled
    yield Setting((*at, "enabled"), "in use", yes(on), about, "switch", at_once=not on)
    about = "The name of the environment variable that holds the key. The key itself is written nowhere."
    variables = " ".join(own.key_env or ())
    yield Setting((*at, "key_env"), "key", key, about, typed=variables, warns=bool(missing))
    about = "What a run uses when neither the prompt nor the caller names a model."
    model = provider.model or "the only one it has"
    yield Setting((*at, "model"), "model", model, about, typed=own.model or "")
    about = "A gateway, or a server that speaks the same dialect."
    yield Setting((*at, "base_url"), "address", provider.base_url, about, typed=own.base_url or "")
    about = "chat, responses, or native, as far as the provider has them."
    apis = ("", "chat", "responses", "native")
    yield Setting((*at, "api"), "interface", provider.api, about, "choice", own.api or "", apis)
    times = "" if own.retries is None else str(own.retries)
    yield Setting((*at, "retries"), "retries", str(provider.retries), RETRIES, "figure", times, at_once=True)
    for clock, (_, about) in CLOCKS.items():
        seconds = getattr(own.timeouts, clock)
        if seconds is not None:
            keys, typed = (*at, "timeouts", clock), f"{seconds:g}"
            yield Setting(keys, f"timeout, {clock}", f"{typed} s", about, "figure", typed, at_once=True)
    for field, label in (("headers", "headers"), ("extra_body", "extra body")):
        if names := ", ".join(getattr(own, field) or ()):
            yield Setting((*at, field), label, names, "Sent with every request.", "fixed")


def _limits(name: str, own: ProviderSettings, provider: Provider) -> Iterator[Setting]:
    limits, at = limits_of(own, provider), ("providers", name, "limits")
    for field, label in FIELDS.items():
        yield _limit((*at, field), label, limits, field)
    about = "strict: never more than the limit in any 60 seconds, for servers that look back so far."
    shapes = ("bucket", "strict")
    yield Setting((*at, "shape"), "shape", limits.shape, about, "choice", limits.shape, shapes, at_once=True)


def _limit(keys: tuple[str, ...], label: str, limits: Limits, field: str) -> Setting:
    figure = limits.burst_size if field == "burst" else getattr(limits, field)
    rate = field in ("requests_per_minute", "burst")
    none = figure is None or (rate and limits.requests_per_minute == LARGEST)
    value, typed = ("no limit", "") if none else (f"{figure:,}", str(figure))
    about = "What Penstock keeps every call within, whatever the vendor would allow."
    return Setting(keys, label, value, about, "figure", typed, at_once=True)


def _models(name: str, own: ProviderSettings) -> Iterator[Setting]:
    for model, said in own.models.items():
        at = ("providers", name, "models", model)
        if traits := ", ".join(f"{trait} {value}" for trait, value in said.traits.items()):
            yield Setting(at, model, traits, "What is said of the model itself.", "fixed", at_once=True)
        if said.limits is not None:
            for field, label in FIELDS.items():
                yield _limit((*at, "limits", field), f"{model}: {label}", said.limits, field)
