"""What can happen in the middle of a scene, for as long as the scene is asked to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tui.simulator.writing.lexicon import Lexicon

_LENGTH: Final = re.compile(r"(\d{2,5})[ -]words?\b", re.I)
MOST_WORDS: Final = 3000
_SHORT_OF: Final = 0.85  # a model writes somewhat less than it is asked for


def words_asked(text: str) -> int:
    """The length that a prompt asks for, as it is usually met, in words; 0 when it asks for none."""
    found = _LENGTH.search(text)
    return min(int(int(found[1]) * _SHORT_OF), MOST_WORDS) if found else 0


def passages(chance: random.Random, words: Lexicon, lead: str, other: str) -> Iterator[str]:
    """Paragraph after paragraph, without an end; each form comes once before any comes again."""
    while True:
        forms = _forms(chance, words, lead, other)
        chance.shuffle(forms)
        yield from forms


def _forms(chance: random.Random, words: Lexicon, lead: str, other: str) -> list[str]:
    thing, second = chance.sample(words.things, 2)
    place, elsewhere = chance.sample(words.places, 2)
    trouble, power = chance.choice(words.troubles), chance.choice(words.powers)
    work = article(chance.choice(words.occupations))
    return [
        f"There was {thing} on the sill, where nobody would have left it by accident. {lead} looked at it, "
        f"and then took care not to look at it again. {other} had seen both.",
        f"“In {elsewhere} they say that you stopped asking,” said {other}.\n\n“In {elsewhere} they say "
        f"whatever is paid for.” {lead} moved one step to the left, so that the door was no longer behind "
        f"{other}.\n\n“And what do they say here?”\n\n“Here they wait.”",
        f"Somewhere below, {work} was dragging something over stone, stopping, and dragging it on. They both "
        "counted the stops. At the fourth it was clear that nobody was coming up, and each of them was a "
        "little sorry about it.",
        f"{other} laughed, not for long. The cold came in under the door and smelled of {place}, as it does "
        "before the weather turns. It would have been a good moment to leave. Neither of them had ever been "
        "good at those.",
        f"{lead} put {second} on the table between them, face down, and left a hand on it. “You may ask me "
        f"one thing,” said {lead}. “Choose it well.”\n\n“Whose was it?”\n\n“That is the wrong one.” The "
        "hand stayed where it was.",
        f"What {power} wanted was no secret; what they would give for it was. {other} named a sum. It was "
        "too high, and so it was not a sum at all but a warning, and it was taken as one.",
        f"Since {trouble}, nobody in {place} had lit more than one lamp at a time. In that light a face is "
        f"easier to keep still. {lead} watched the hands instead, and the hands were already folding "
        "something that was not there.",
        f"“Say that again,” said {lead}.\n\n“You heard it.”\n\n“I heard the words.” {lead} waited. "
        f"Outside, a shutter struck twice. When {other} spoke again, it was more quietly, and about "
        "something else, and that was the answer.",
        f"The key did not turn the first time. {other} held the light closer than was needed, and for the "
        "length of a breath there were two shadows on the wall that might have been one. Then the lock gave, "
        "and the room behind it was emptier than it should have been.",
        f"{lead} had rehearsed this on the way, street by street, and found now that every sentence began "
        f"with an apology. So {lead} said nothing, took {thing} out of the coat, and set it down where the "
        "light was best.",
    ]
