"""Penstock: a terminal workbench for LLM prompts.

The Python API is imported when it is first asked for, so that `import tui` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.version import VERSION

if TYPE_CHECKING:
    from tui.api import Penstock, Prompt, Result, RunFailed, UnknownPrompt

__version__ = VERSION
__all__ = ["Penstock", "Prompt", "Result", "RunFailed", "UnknownPrompt", "__version__"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from tui import api

        return getattr(api, name)
    raise AttributeError(f"module 'tui' has no attribute {name!r}")
