"""How `penstock quota resume` reaches the user's other processes: an empty file that it touches."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path


class Resumption:
    """Says and hears that calls may go to a provider again, in one folder of the user's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def tell(self, provider: str) -> None:
        """Say it. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._file(provider).touch()

    def told(self, provider: str) -> int:
        """Return when it was said last, in ns of the wall clock; 0: never."""
        try:
            return self._file(provider).stat().st_mtime_ns
        except OSError:
            return 0

    def _file(self, provider: str) -> Path:
        return self._folder / f"resumed-{quote(provider, safe='')}"
