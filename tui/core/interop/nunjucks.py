"""Texts in which Nunjucks, as promptfoo uses it, finds nothing that was not meant for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tui.core.interop.placeholders import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping

_MEANT_FOR_IT = re.compile(r"\{\{|\{%|\{#|#\}|\{\Z")
"""What begins something, and the end of a comment, which alone is an error."""


def literal(text: str) -> str:
    """Return a text that comes out of Nunjucks as it is."""
    # Each becomes an expression that gives it; what follows an opening is then no template any more.
    return _MEANT_FOR_IT.sub(lambda found: "{{ '" + found[0] + "' }}", text)


def template(text: str, names: Mapping[str, str]) -> str:
    """Return a template of ours as one of Nunjucks; `names` gives each declared name as it is there."""
    return rewritten(text, names, lambda name: "{{ " + names[name] + " }}", literal)
