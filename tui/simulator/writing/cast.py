"""The people of a text: those the prompt names, and new ones that do not repeat them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

_NAME: Final = re.compile(r"\b(?:[A-Z][a-zà-ž’'-]{2,}\s?)+")
_WHO: Final = r"character|cast|speak|between|protagonist|hero|people|\bwho|pov|view|narrator|villain|name"
_NOT_NAMES: Final = frozenset(
    (
        "Any",
        "Aunt",
        "Both",
        "Captain",
        "Doctor",
        "Lady",
        "Lord",
        "None",
        "Old",
        "The",
        "Uncle",
        "Unknown",
        "Young",
    )
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, with the pronouns that go with the name."""

    name: str
    surname: str
    she: str
    her: str

    @property
    def full(self) -> str:
        """First name and surname."""
        return f"{self.name} {self.surname}"


def named(outline: Outline) -> tuple[str, ...]:
    """The first names that the prompt gives its people, in their order."""
    found: list[str] = []
    for label, value in outline.given.items():
        if re.search(_WHO, label, re.I):
            for full in _NAME.findall(value):
                found += [name for name in full.split() if name not in _NOT_NAMES][:1]
    return tuple(dict.fromkeys(found))


def invent(chance: random.Random, words: Lexicon, taken: tuple[str, ...]) -> Person:
    """Somebody new, whose name is none of those taken."""
    woman = chance.random() < 0.5
    names = [name for name in (words.women if woman else words.men) if name not in taken]
    name = chance.choice(names or ["Wren"])
    surname = chance.choice([surname for surname in words.surnames if surname not in taken] or ["Lark"])
    return Person(name, surname, "she" if woman else "he", "her" if woman else "his")


def article(phrase: str) -> str:
    """The phrase with `a` or `an` before it, unless it has an article already."""
    if re.match(r"(?:an?|the|some|any|one|her|his|their)\s", phrase, re.I):
        return phrase
    return f"{'an' if phrase[:1].lower() in 'aeiou' else 'a'} {phrase}"


def capital(text: str) -> str:
    """The text with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def joined(words: tuple[str, ...]) -> str:
    """Words as a list in a sentence: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
