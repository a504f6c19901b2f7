"""One setting as it is shown and changed, and where its value comes from."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from tui.core.settings_errors import ENVIRONMENT
from tui.core.toml_position import find_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Kind = Literal["text", "figure", "switch", "choice", "keys", "fixed"]
"""How it is changed: typed, typed as a number, turned over, chosen, typed as keys, or not here."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from: a line of the file, a variable, or neither of them."""

    line: int | None = None
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """`typed` is the value as it would be typed; `choices` are offered, the usual one as ""."""

    keys: tuple[str, ...]
    """Its place in the file; empty for what no setting says."""
    label: str
    value: str
    about: str
    kind: Kind = "text"
    typed: str = ""
    choices: tuple[str, ...] = ()
    origin: Origin = Origin()
    at_once: bool = False
    """Whether a change is in force at once, or from the next start on."""
    warns: bool = False
    """Whether the value says that something is missing."""


@dataclass(frozen=True, slots=True)
class Group:
    """Settings under a title, which also says the gist of them."""

    title: str
    settings: tuple[Setting, ...]
    gist: str = ""
    warns: bool = False
    open: bool = False
    """Whether it is unfolded at first."""

    @property
    def own(self) -> int:
        """How many of them differ from the usual."""
        return sum(one.origin != Origin() for one in self.settings)


class Sources:
    """Tells where each setting's value comes from, given the file's text and the environment."""

    def __init__(self, text: str, environ: Mapping[str, str]) -> None:
        self._text = text
        self._variables = {name.upper(): name for name in environ if name.upper().startswith(ENVIRONMENT)}
        try:
            self._tables: object = tomllib.loads(text)
        except tomllib.TOMLDecodeError:  # saved half-way; the settings before are in force still
            self._tables = {}

    def traced(self, settings: Iterable[Setting]) -> tuple[Setting, ...]:
        """Return the settings with the origins of their values."""
        return tuple(replace(one, origin=self.of(one.keys)) for one in settings)

    def of(self, keys: Sequence[str]) -> Origin:
        """Return the origin of the setting at `keys`; a variable wins over the file."""
        for length in range(len(keys), 0, -1):
            name = ENVIRONMENT + "__".join(keys[:length]).upper()
            if name in self._variables:
                return Origin(variable=self._variables[name])
        table = self._tables
        for key in keys:
            if not isinstance(table, dict) or key not in table:
                return Origin()
            table = table[key]
        found = find_key(self._text, keys)
        return Origin(line=found[0] if found else None)
