"""What a run is asked to be, in a module that costs nothing to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.prompts.snapshot import VersionRow
    from tui.core.providers.base import JsonObject


@dataclass(frozen=True, slots=True)
class FreeText:
    """A question that is in no file."""

    text: str
    system: str = ""
    parameters: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on which provider, with which values."""

    row: VersionRow | FreeText
    provider: str
    values: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    """None: the prompt's own, if it is written for this provider, else the provider's default."""
    timeout: float | None = None
    """Seconds to wait for the bucket at most; None: as long as it takes."""
    batch: str = ""
    """An id that all have in common that are asked for together; empty: it is asked for alone."""
    case: str = ""
    """The name of the values, if they have one."""
    id: str = ""
    """A UUID as 32 hexadecimal digits, where it had to be known before; empty: it gets one."""
    yields: bool = False
    """Whether it lets those go before it that a person waits for."""
