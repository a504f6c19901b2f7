"""Lets people talk: an exchange, or several next lines that each try something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import invent, named
from tui.simulator.writing.scene import CLOSINGS, OPENINGS

if TYPE_CHECKING:
    import random

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

MIDDLES: Final = (
    ("Say what you came to say.", "I had a speech. It sounded better on the stairs."),
    ("Does anyone else know?", "One. And she owes me her silence until Thursday."),
    ("You always do this.", "I have done it twice. The first time, you thanked me."),
)
BEATS: Final = (
    "*A chair scrapes. Neither of them sits.*",
    "*Outside, somebody laughs at something else entirely.*",
    "*The lamp between them gutters and steadies.*",
    "*A long pause, long enough to count the clock.*",
)
MOODS: Final = ("Guarded", "Warm", "Sharp", "Resigned", "Playful")
# A tactic, lines that follow it, and what each does to whoever hears it.
TACTICS: Final = (
    (
        "deflect",
        ("My hands are cold and my pen is worse. I write slowly before noon.", "hears that there is time"),
        (
            "There is a lot of paper between here and there. It could take me an hour.",
            "starts counting minutes",
        ),
        ("I have a form for this somewhere. I never find it on the first day.", "sees a door left ajar"),
    ),
    (
        "press",
        ("I can count. I would rather not be asked to.", "stops smiling"),
        ("One of us is going to say it. I would choose carefully which.", "has to look away first"),
        ("You have about as long as it takes me to sharpen this.", "understands that it is now"),
    ),
    (
        "joke",
        ("You were always better at going down than at coming up.", "laughs, and is warned by it"),
        ("If I had a coin for each time, I would have to declare it.", "relaxes a little too early"),
        ("I am told that the food there is terrible and the beds are free.", "hears the word for prison"),
    ),
    (
        "bargain",
        ("I lose a morning, you lose a habit. That seems fair to me.", "weighs what it would cost"),
        ("Leave me something I can put in the book, and take the rest away.", "is offered half a way out"),
        ("I ask nothing today. Next time I ask twice.", "owes more than before"),
    ),
    (
        "confess a smaller thing",
        (
            "I have not slept since the new lists came. I miss things. Everybody says so.",
            "is handed an excuse",
        ),
        ("I never did learn to like this coat. It makes people careful.", "sees the person, not the office"),
        ("I still have the first thing you gave me. I tell people I bought it.", "remembers who they were"),
    ),
    (
        "keep silent and act",
        ("(turns the page back, and puts the lid on the ink)", "knows that nothing was seen"),
        ("(walks to the window and counts the gulls, aloud, from one)", "is given until a hundred"),
        ("(closes it with one foot, gently, like a door)", "stops breathing, then goes"),
    ),
)


def write(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """An exchange between two people; options or single lines where the prompt asks for several."""
    if re.search(r"\[tactic\]|\bnext lines?\b", outline.text, re.I):
        return _next_lines(chance, outline.count or 3)
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


def _next_lines(chance: random.Random, count: int) -> str:
    tactics = chance.sample(TACTICS, min(count, len(TACTICS)))
    lines: list[str] = []
    for number, (tactic, *options) in enumerate(tactics, 1):
        line, change = chance.choice(options)
        said = line if line.startswith("(") else f"“{line}”"
        lines.append(f"{number}. [{tactic}] {said} — {change}")
    return "\n".join(lines)


def _exchange(chance: random.Random, names: list[str], pairs: list[tuple[str, str]]) -> str:
    first, second = names[:2]
    lines: list[str] = []
    for ask, answer in pairs:
        lines += [f"**{first}:** “{ask}”", f"**{second}:** “{answer}”"]
    lines.insert(2, chance.choice(BEATS))
    return "\n\n".join(lines)
