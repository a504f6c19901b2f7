"""Tells a scene, lets people talk, and plots what happens to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article, capital, invent, named

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
MIDDLES: Final = (
    ("Say what you came to say.", "I had a speech. It sounded better on the stairs."),
    ("Does anyone else know?", "One. And she owes me her silence until Thursday."),
    ("You always do this.", "I have done it twice. The first time, you thanked me."),
)
CLOSINGS: Final = (
    ("Then we go together.", "Then we go now, before I become sensible."),
    ("And if you are wrong?", "Then you may have the satisfaction. I will not be needing it."),
    ("I cannot promise you anything.", "Good. I would only have believed it."),
    ("You could still leave.", "I could. Ask me why I am taking off my coat."),
)
BEATS: Final = (
    "*A chair scrapes. Neither of them sits.*",
    "*Outside, somebody laughs at something else entirely.*",
    "*The lamp between them gutters and steadies.*",
    "*A long pause, long enough to count the clock.*",
)
MOODS: Final = ("Guarded", "Warm", "Sharp", "Resigned", "Playful")


def chapter(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """A scene of five or six paragraphs under a title."""
    names = list(named(outline))
    while len(names) < 2:
        names.append(invent(chance, words, tuple(names)).name)
    lead, other = names[:2]
    place, elsewhere = chance.sample(words.places, 2)
    opening, closing = chance.choice(OPENINGS), chance.choice(CLOSINGS)
    work = article(chance.choice(words.occupations))
    paragraphs = [
        f"## {_number(outline)}{chance.choice(TITLES)}",
        _stage(outline),
        f"{chance.choice(words.weather)} when {lead} stopped in {place} and listened. Nothing moved. That "
        f"was the first thing wrong with it: at this hour there was always somebody awake, {work} or a "
        "thief, and always a light in the second window.",
        _matter(outline)
        or f"It had started, as these things do, with {chance.choice(words.things)}. Three days later came "
        f"{chance.choice(words.troubles)}, and now there was only {lead}, with cold hands and one good "
        "guess.",
        f"{spoken(opening[0])} said {other} from the dark.\n\n“{opening[1]}”",
        f"{other} stepped into what light there was. “{closing[0]}”",
        f"{spoken(closing[1])} said {lead}, and somewhere in {elsewhere} a bell began to ring that had been "
        "silent for years.",
    ]
    return "\n\n".join(filter(None, paragraphs))


def dialogue(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """An exchange between two people; several of them where the prompt asks for options."""
    names = list(named(outline))
    while len(names) < 2:
        names.append(invent(chance, words, tuple(names)).name)
    count = min(max(outline.count, 1), len(MOODS))
    openings = chance.sample(OPENINGS, count)
    closings = [*chance.sample(CLOSINGS, min(count, len(CLOSINGS))), *CLOSINGS][:count]
    if count == 1:
        return _exchange(chance, names, [openings[0], chance.choice(MIDDLES), closings[0]])
    moods = chance.sample(MOODS, count)
    return "\n\n".join(
        f"### Option {index + 1}: "
        f"{moods[index]}\n\n{_exchange(chance, names, [openings[index], closings[index]])}"
        for index in range(count)
    )


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


def _exchange(chance: random.Random, names: list[str], pairs: list[tuple[str, str]]) -> str:
    first, second = names[:2]
    lines: list[str] = []
    for ask, answer in pairs:
        lines += [f"**{first}:** “{ask}”", f"**{second}:** “{answer}”"]
    lines.insert(2, chance.choice(BEATS))
    return "\n\n".join(lines)


def _number(outline: Outline) -> str:
    """`Chapter 3: ` where the prompt numbers the chapter."""
    found = re.search(r"\d+", outline.value(r"chapter|number")) or re.search(
        r"(?<=[Cc]hapter )\d+", outline.text
    )
    return f"Chapter {found[0]}: " if found else ""


def _stage(outline: Outline) -> str:
    """The setting that the prompt gives, as a line of its own."""
    setting = outline.value(r"setting|location|place|where").strip().rstrip(".")
    return f"*{capital(setting)}.*" if setting and len(setting.split()) <= 14 else ""


def _matter(outline: Outline) -> str:
    """A paragraph around the goal or conflict that the prompt gives, "" when there is none short enough."""
    bare = outline.value(r"goal|conflict|objective|plot|happens|summary|premise").strip().rstrip(".")
    if not bare or len(bare.split()) > 18:
        return ""
    return (
        f"There was only one thing left to think about: {bare[0].lower() + bare[1:]}. It had seemed simple "
        "in daylight. Most things did."
    )
