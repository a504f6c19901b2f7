"""Tells a scene, and plots what happens in a story."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article, capital, invent, named
from tui.simulator.writing.passages import passages, words_asked

if TYPE_CHECKING:
    import random

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

TITLES: Final = (
    "The Wrong Door",
    "What the Water Kept",
    "A Debt of Hours",
    "Nobody's Witness",
    "The Long Way Round",
    "Before the Bell",
)
OPENINGS: Final = (
    ("You were told not to come back here.", "I was told a lot of things. Most of them by you."),
    ("How long have you known?", "Long enough to hope that you would ask."),
    ("Put it down. Slowly.", "If I put it down, neither of us will ever pick it up again."),
    ("We can still call it an accident.", "You can. I was there."),
    ("I kept your place at the table.", "I noticed. I also noticed who was sitting in it."),
    ("You have been avoiding me.", "I have been avoiding this. You happen to be standing in it."),
)
CLOSINGS: Final = (
    ("Then we go together.", "Then we go now, before I become sensible."),
    ("And if you are wrong?", "Then you may have the satisfaction. I will not be needing it."),
    ("I cannot promise you anything.", "Good. I would only have believed it."),
    ("You could still leave.", "I could. Ask me why I am taking off my coat."),
)


def chapter(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """A scene of five or six paragraphs under a title; of more, where the prompt asks for so many words."""
    names = list(named(outline))
    while len(names) < 2:
        names.append(invent(chance, words, tuple(names)).name)
    lead, other = names[:2]
    place, elsewhere = chance.sample(words.places, 2)
    opening, closing = chance.choice(OPENINGS), chance.choice(CLOSINGS)
    work = article(chance.choice(words.occupations))
    paragraphs = [
        _heading(outline, chance),
        _stage(outline),
        f"{chance.choice(words.weather)} when {lead} stopped in {place} and listened. Nothing moved. That "
        f"was the first thing wrong with it: at this hour there was always somebody awake, {work} or a "
        "thief, and always a light in the second window.",
        _matter(outline)
        or f"It had started, as these things do, with {chance.choice(words.things)}. Three days later came "
        f"{chance.choice(words.troubles)}, and now there was only {lead}, with cold hands and one good "
        "guess.",
        f"{spoken(opening[0])} said {other} from the dark.\n\n“{opening[1]}”",
        f"“Is it about {_object(outline, chance)}?”\n\n{lead} did not answer, which was answer enough.",
    ]
    end = [
        f"{other} stepped into what light there was. “{closing[0]}”",
        f"{spoken(closing[1])} said {lead}, and somewhere in {elsewhere} a bell began to ring that had been "
        "silent for years.",
    ]
    missing = words_asked(outline.text) - len(" ".join([*paragraphs, *end]).split())
    more = passages(chance, words, lead, other)
    while missing > 0:
        paragraphs.append(next(more))
        missing -= len(paragraphs[-1].split())
    return "\n\n".join(filter(None, [*paragraphs, *end]))


def plot(outline: Outline, chance: random.Random, words: Lexicon) -> list[tuple[str, str]]:
    """The beats of a story, under the labels asked for or the usual five."""
    lead = (*named(outline), invent(chance, words, ()).name)[0]
    place, elsewhere = chance.sample(words.places, 2)
    trouble, worse = chance.sample(words.troubles, 2)
    power, thing = chance.choice(words.powers), chance.choice(words.things)
    work = article(chance.choice(words.occupations))
    beats = [
        f"{lead}, {work} in {place}, is handed {thing} and told to forget it.",
        f"Forgetting fails. The trail leads to {elsewhere} and to {trouble}, and {power} begin to take an "
        "interest.",
        f"An ally turns out to have been paid since the beginning, and behind the payments stands {worse}.",
        f"{lead} can clear one name or save one life, and has until morning to decide which is worth more.",
        f"The choice is made in public. {capital(power)} keep their place, but nobody in {place} believes "
        "them again.",
    ]
    labels = [field.label for field in outline.wanted] or [
        "Setup",
        "Pursuit",
        "Reversal",
        "Choice",
        "Aftermath",
    ]
    return [(label, beats[index % len(beats)]) for index, label in enumerate(labels)]


def spoken(text: str) -> str:
    """Direct speech before `said`: a full stop at its end becomes a comma."""
    return f"“{text.removesuffix('.')},”" if text.endswith(".") else f"“{text}”"


def _heading(outline: Outline, chance: random.Random) -> str:
    """A title where the prompt asks for one, with a number where it numbers the chapter; otherwise ""."""
    found = re.search(r"\d+", outline.value(r"chapter|number")) or re.search(
        r"(?<=[Cc]hapter )\d+", outline.text
    )
    if not found and not re.search(r"\btitle\b", outline.text, re.I):
        return ""
    return f"## {f'Chapter {found[0]}: ' if found else ''}{chance.choice(TITLES)}"


def _stage(outline: Outline) -> str:
    """The setting that the prompt gives, as a line of its own."""
    setting = outline.value(r"setting|location|place|where").strip().rstrip(".")
    return f"*{capital(setting)}.*" if setting and len(setting.split()) <= 14 else ""


def _matter(outline: Outline) -> str:
    """A paragraph on what has happened, or is at stake; "" when the prompt says neither briefly."""
    story = outline.value(r"so far|previous|summary|premise").strip()
    if story and len(story.split()) <= 60:
        return f"What everybody knew was quickly said. *{capital(story)}*\n\nWhat nobody said took longer."
    bare = outline.value(r"conflict|goal|objective").strip().rstrip(".")
    if not bare or len(bare.split()) > 18 or bare.split()[0] in named(outline):
        return ""
    return (
        f"There was only one thing left to think about: {bare[0].lower() + bare[1:]}. It had seemed simple "
        "in daylight. Most things did."
    )


def _object(outline: Outline, chance: random.Random) -> str:
    """Something that the story so far speaks of with `the`; "this" when it has nothing to offer."""
    story = outline.value(r"so far|previous|summary|premise|conflict")
    things = re.findall(r"\b[Tt]he ([a-z]{4,})\b(?! (?:of|has|have|is|was)\b)", story)
    return f"the {chance.choice(things)}" if things else "this"
