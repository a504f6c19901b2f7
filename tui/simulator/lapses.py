"""Lets simulated models be as forgetful as real ones: now and then an answer lacks the last part asked for.

How often depends on the prompt, and so one prompt is better than another by a margin that is known: one that
insists on its format ("exactly these nine lines", "nothing else") gets an incomplete answer in one call of
twenty, any other in nine. What is asked for the first time is answered whole: a prompt that is tried
once never disappoints.
"""

from __future__ import annotations

import random
import re
from typing import Final

CARELESS: Final = 0.45
CAREFUL: Final = 0.05

_INSISTS: Final = re.compile(r"\bexactly\b|\bnothing (?:else|before|after)\b", re.I)
_PART: Final = re.compile(r"^(?:#{1,6} |(?:[-*+] +)?\*\*[^*\n]{1,60}:\*\* |[A-Z][\w'’ /-]{1,30}: )", re.M)


def chance_of_lapse(prompt: str) -> float:
    """Return how often an answer to a prompt lacks its last part."""
    return CAREFUL if _INSISTS.search(prompt) else CARELESS


def with_lapse(prompt: str, text: str, request: str) -> str:
    """Return an answer as it is sent: whole, or without its last part, by the chance of this one request.

    A text of fewer than two parts has none that could be forgotten.
    """
    if random.Random(f"lapse {request}").random() >= chance_of_lapse(prompt):
        return text
    parts = [found.start() for found in _PART.finditer(text)]
    return text[: parts[-1]].rstrip() if len(parts) > 1 else text
