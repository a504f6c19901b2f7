"""Describes a character, under the labels that the prompt asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article, capital, invent, joined, named
from tui.simulator.writing.outline import Field

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from tui.simulator.writing.cast import Person
    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

USUAL: Final = tuple(Field(label) for label in ("Name", "Age", "Occupation", "Personality", "Backstory"))
TRAITS: Final = (
    "patient until suddenly not",
    "dry-humoured",
    "quick to notice exits",
    "loyal past good sense",
    "curious about other people's work",
    "slow to forgive",
    "generous with time but careful with trust",
    "meticulous",
    "restless in company",
    "stubborn about small promises",
)
LOOKS: Final = (
    "Tall and slightly stooped, with ink on two fingers and a coat mended in three different threads.",
    "Small, upright and always moving, with grey eyes that rest on hands before they rest on faces.",
    "Broad-shouldered, sunburnt across the nose, with a scar through one eyebrow that nobody asks about "
    "twice.",
)
FLAWS: Final = (
    "Cannot leave a question unanswered, even when the answer belongs to somebody else.",
    "Says yes too quickly and then carries the weight in silence.",
    "Mistakes being needed for being trusted.",
)
SKILLS: Final = (
    "Reads a room before anybody has spoken, and remembers where everything was.",
    "Can repair almost anything with what lies on the table.",
    "Listens so well that people finish stories they never meant to begin.",
)
LIES: Final = (
    "“If I keep moving, nobody can be disappointed in me.”",
    "“What happened that winter would have happened without me.”",
    "“People only stay for what you can do for them.”",
    "“I chose this. Nobody ever had to ask me twice.”",
)
CONTRADICTIONS: Final = (
    "Cannot bear to be thanked, but keeps count of every favour.",
    "Tells the truth to strangers, but lies to anyone whose opinion matters.",
    "Plans for every danger, but walks straight into the ones that have a familiar voice.",
    "Teaches patience all day long, but has never once finished a meal sitting down.",
)
HABITS: Final = (
    "Folds every scrap of paper in the room into smaller and smaller squares.",
    "Turns every cup so that its handle points at the door.",
    "Touches the third button of the coat before answering a question.",
    "Counts change twice, and always gives some of it back.",
)
QUOTES: Final = (
    "“I never said it was safe. I said I knew the way.”",
    "“You can have the truth or you can have it quickly.”",
    "“I keep a list of the promises I broke. It is shorter than you think.”",
)


def describe(outline: Outline, chance: random.Random, words: Lexicon) -> list[tuple[str, str]]:
    """Labels with their texts, in the order in which the prompt asks for them."""
    others = named(outline)
    person = invent(chance, words, others)
    sketch = _Sketch(outline, chance, words, person, others)
    return [(field.label, sketch.write(field)) for field in outline.wanted or USUAL]


class _Sketch:
    """One character, and how each part of the description is written."""

    def __init__(
        self, outline: Outline, chance: random.Random, words: Lexicon, person: Person, others: tuple[str, ...]
    ) -> None:
        self.chance, self.words, self.person, self.others = chance, words, person, others
        asked = re.search(
            r"\b(?:invent|create|design)\s+(?:one|an?)\s+([\w -]{3,40}?)\s+for\b", outline.text, re.I
        )
        self.type = outline.value(r"type|role|archetype|kind") or (asked[1] if asked else "")
        self.age = chance.randrange(23, 62)
        self.occupation = chance.choice(words.occupations)
        self.place = chance.choice(words.places)
        self.home = chance.choice(words.names)
        self.trouble = chance.choice(words.troubles)
        self.thing, self.other_thing, self.secret = chance.sample(words.things, 3)
        self.parts: tuple[tuple[str, Callable[[Field], str]], ...] = (
            (r"^(full )?name", lambda field: person.full),
            (r"\bage\b", lambda field: str(self.age)),
            (r"occupation|profession|\bjob\b|work|role|archetype", self._occupation),
            (r"personality|trait|temper", self._personality),
            (r"appear|look|physical", lambda field: chance.choice(LOOKS)),
            (r"back\s?story|background|history|biography|origin|past", self._backstory),
            (r"\blie\b|belief|believes", lambda field: chance.choice(LIES)),
            (r"contradiction|paradox", lambda field: chance.choice(CONTRADICTIONS)),
            (r"habit|quirk|mannerism|tic\b", lambda field: chance.choice(HABITS)),
            (r"motiv|goal|want|desire|drive|objective", self._goal),
            (r"flaw|weak|fear|vice", lambda field: chance.choice(FLAWS)),
            (r"skill|strength|abilit|talent|power", lambda field: chance.choice(SKILLS)),
            (r"secret|hidden", self._secret),
            (r"relation|connection|ally|allies|link|bond", self._relation),
            (r"voice|speech|quote|line|dialogue|catchphrase", lambda field: chance.choice(QUOTES)),
            (r"conflict|stake|problem|dilemma|hook", self._conflict),
            (r"arc|growth|change|development", self._arc),
        )

    def write(self, field: Field) -> str:
        """The text for one label."""
        for pattern, part in self.parts:
            if re.search(pattern, field.label, re.I):
                return part(field)
        thing = capital(self.other_thing)
        return f"{thing}, kept out of sight and looked at more often than {self._she} admits."

    @property
    def _she(self) -> str:
        return self.person.she

    @property
    def _her(self) -> str:
        return self.person.her

    def _occupation(self, field: Field) -> str:
        role = f"; to everyone else, {article(self.type.lower())}" if 0 < len(self.type.split()) <= 4 else ""
        return f"{capital(self.occupation)} in {self.place}{role}"

    def _personality(self, field: Field) -> str:
        counts = [int(number) for number in re.findall(r"\d", field.hint)]
        most = min(max(counts or [4]), len(TRAITS))
        least = min(counts or [3])
        return capital(", ".join(self.chance.sample(TRAITS, self.chance.randint(min(least, most), most))))

    def _backstory(self, field: Field) -> str:
        name, she, her = self.person.name, self._she, self._her
        first = self.chance.choice(
            (
                f"{name} grew up in {self.home}, where {her} family kept the one shop that never closed.",
                f"{name} came to {self.home} at nineteen, carrying {self.thing}, with no intention of "
                "staying.",
                f"Before {self.place}, there was a different name and a different life in {self.home}.",
            )
        )
        second = self.chance.choice(
            (
                f"Then came {self.trouble}, and {she} was the only one who could not pretend it had not "
                "happened.",
                f"What {she} found there was {self.other_thing}, and with it {self.trouble}.",
                f"{capital(she)} still carries {self.other_thing} from those years, and still will not "
                "explain it.",
            )
        )
        return f"{first} {second}{self._about_others()}"

    def _about_others(self) -> str:
        if not self.others:
            return ""
        other = self.chance.choice(self.others)
        return self.chance.choice(
            (
                f" {capital(self._she)} owes {other} a favour, and {other} has not forgotten it.",
                f" Of all people it was {other} who asked no questions, which {self._she} has never repaid.",
                f" {other} believes they have never met. {self.person.name} knows better.",
            )
        )

    def _goal(self, field: Field) -> str:
        return f"To answer for {self.trouble} before somebody else is made to, and to be believed for once."

    def _secret(self, field: Field) -> str:
        owner = "hers" if self._her == "her" else "his"
        return f"{capital(self.secret)}, still in {self._her} possession and never {owner} to keep."

    def _relation(self, field: Field) -> str:
        if self.others:
            return f"Bound to {joined(self.others[:2])} by a debt that neither side will name."
        power = self.chance.choice(self.words.powers)
        return f"Tolerated by {power}, and trusted by two people in {self.place}."

    def _conflict(self, field: Field) -> str:
        power = self.chance.choice(self.words.powers)
        name = self.person.name
        return f"{capital(power)} would rather not speak of {self.trouble}; {name} no longer asks them to."

    def _arc(self, field: Field) -> str:
        return f"From keeping {self.thing} safe to understanding that it was never meant to be kept."
