"""What a run is asked to be, in a module that costs nothing to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.core.prompts.snapshot import VersionRow


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on which provider, with which values."""

    row: VersionRow
    provider: str
    values: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    """None: the prompt's own, if it is written for this provider, else the provider's default."""
    timeout: float | None = None
    """Seconds to wait for the bucket at most; None: as long as it takes."""
