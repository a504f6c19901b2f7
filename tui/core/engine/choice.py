"""Which version and which provider a run means when its caller leaves that open: one rule for all callers."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.core.prompts.snapshot import served, versions_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui.core.cases.book import CasesSnapshot
    from tui.core.engine.events import ProviderState
    from tui.core.prompts.snapshot import LibrarySnapshot, VersionRow
    from tui.core.settings import Settings


class UnknownPrompt(LookupError):
    """There is no prompt, or no version, of that name; the message names those there are."""

    @classmethod
    def among(cls, name: str, library: LibrarySnapshot) -> UnknownPrompt:
        """Say that a library has no prompt of that name, and which it may be meant to be."""
        names = sorted({row.name for row in library.versions})
        return cls(f"There is no prompt {name!r} in {library.folder}; {_known(name, names)}")


class UnknownCase(LookupError):
    """The prompt has no case of that name; the message names those it has."""


class UnknownProvider(KeyError):
    """There is no provider of that name; the message names those there are."""

    @classmethod
    def among(cls, name: str, known: Iterable[str], disabled: Collection[str] = ()) -> UnknownProvider:
        """Say that `name` is not among those known, and which of them it may be meant to be."""
        if name in disabled:
            return cls(
                f"The provider {name!r} is not enabled; set enabled = true under [providers.{name}] "
                "in the settings."
            )
        return cls(f"There is no provider {name!r}; {_known(name, list(known))}")

    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError would put it in quotes


def find_version(library: LibrarySnapshot, name: str, version: int | None) -> VersionRow:
    """Return that version, or without one the version that serves when there is no split.

    If no version is active it is the highest. Raises UnknownPrompt.
    """
    rows = versions_of(library, name)
    if not rows:
        raise UnknownPrompt.among(name, library)
    if version is None:
        return (served(library, name) or rows[-1:])[0]
    for row in rows:
        if row.version == version:
            return row
    known = ", ".join(f"v{row.version}" for row in rows)
    raise UnknownPrompt(f"{name!r} has no version {version}; it has {known}.")


def values_of_case(
    cases: CasesSnapshot, row: VersionRow, name: str, over: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """Return the values of a case for a version, and the case's name if `over` changes none of them.

    Those that only other versions declare are left out; `over` wins. Raises UnknownCase.
    """
    case = cases.find(row.name, name)
    if case is None:
        known = _known(name, [case.name for case in cases.of(row.name)])
        raise UnknownCase(f"{row.name!r} has no case {name!r}; {known}")
    declared = {variable.name for variable in row.variables}
    own = {key: text for key, text in case.vars.items() if key in declared}
    values = {**own, **over}
    return values, name if values == own else ""


def choose_provider(
    states: Mapping[str, ProviderState], row: VersionRow | None, wanted: str | None, settings: Settings
) -> ProviderState:
    """Return the provider that a run goes to: the one `wanted`, the prompt's own, that of the settings.

    Without any of them it is the first that has a key, or simply the first. Raises UnknownProvider.
    """
    own = row.provider if row and row.provider in states else None
    preferred = settings.provider
    usable = (name for name, state in states.items() if state.usable)
    name = wanted or own or preferred or next(usable, None) or next(iter(states), None)
    if name is None:
        raise UnknownProvider("No provider is enabled in the settings.")
    if name not in states:
        disabled = [other for other in settings.providers if other not in states]
        raise UnknownProvider.among(name, states, disabled)
    return states[name]


def choose_model(row: VersionRow, provider: str, usual: str) -> str:
    """Return the prompt's model where it can mean that provider's, else the provider's `usual` one.

    A prompt that names a model but no provider is taken at its word everywhere; one that names both means its
    model for that provider only.
    """
    return row.model if row.model and row.provider in (None, provider) else usual


def _known(name: str, known: Sequence[str]) -> str:
    """Say which of those known `name` may be meant to be, and which there are."""
    close = get_close_matches(name, known, 1, 0.5)
    hint = f"did you mean {close[0]!r}? There is" if close else "there is"
    return f"{hint} {', '.join(known) or 'none'}."
