"""Builds a corner of a world out of one difference: what follows from it, who pays, what people call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article, capital, invent

if TYPE_CHECKING:
    import random

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

ABOUT: Final = {
    "consequences": r"consequen|effect|implication|what follows",
    "sides": r"gain|pays?\b|winners|losers|groups|stakeholder",
    "spot": r"^an? (?:place|location|scene|corner)",
    "words": r"words|sayings|vocabulary|slang|phrases|idiom",
    "troubles": r"troubles?|conflicts?|hooks?",
    "questions": r"questions?|undecided|unknown",
}
SAYINGS: Final = (
    "**a short one**: something given away because it was not worth keeping",
    "**to go unstopped**: to say in public what should have been said at home",
    "**“Is that yours or was it?”**: a greeting between friends, an insult between strangers",
)
BLIND: Final = ("cork-blind", "wax-handed", "shelf-proud")
LAST_STEPS: Final = (
    "Grief has a price list. The poor remember their dead by heart; the rich have stopped learning how.",
    "Courts accept it as evidence, so the honest are the only ones who still speak carelessly.",
    "Children are taught to forget on purpose, since what is not remembered cannot be taken.",
)
COSTS: Final = ("three coppers", "two loaves", "a morning of work")


def sections(outline: Outline, chance: random.Random, words: Lexicon) -> dict[str, str]:
    """Texts by what they are about, for a prompt that states a premise."""
    premise = outline.value("premise|difference").strip().rstrip(".")
    near, far = chance.sample(words.places, 2)
    old, new = chance.sample(words.powers, 2)
    work, craft = chance.sample(words.occupations, 2)
    first, second = invent(chance, words, ()), invent(chance, words, ())
    thing = chance.choice(words.things)
    return {
        "consequences": _bullets(
            f"Because {premise[:1].lower() + premise[1:]}, nobody in {near} does in the open what can be "
            "done behind a thick door, and doors have become a trade.",
            "What everyone has is worth nothing, so families keep back one thing each and never share it. "
            "Dowries are counted in it.",
            chance.choice(LAST_STEPS),
        ),
        "sides": _bullets(
            f"**{capital(old)}** gain. They hold the licences, and would burn {far} before they gave one "
            "away.",
            f"**{capital(chance.choice(('those who carry', 'those who clean', 'those who wait')))}** pay: "
            f"{new} and anyone who works nights in {near}. They have begun to lose things on purpose, a "
            "little every week.",
        ),
        "spot": f"The market in {near} opens when the lamps go out. There {article(work)} sits at the only "
        "table with a cloth on it and lets people hold the goods for as long as a breath lasts. It smells of "
        f"wet wool and hot wax. A small one costs {chance.choice(COSTS)}; the ones under the cloth have no "
        f"price, only a question. {first.full} comes every evening and has never bought anything.",
        "words": _bullets(*SAYINGS, f"**{chance.choice(BLIND)}**: rich enough to have stopped noticing"),
        "troubles": _bullets(
            f"{first.full}, {article(craft)}, is asked to vouch for {thing}, and remembers having given it "
            "away.",
            f"A whole street in {far} stops selling on the same morning. {second.name}, whose family lives "
            "by buying, is the only one who was not told why.",
        ),
        "questions": _bullets(
            chance.choice(
                ("Can it be undone, and does anybody still try?", "Who was the first, and what was lost?")
            ),
            f"What do {new} do with the ones that nobody collects?",
        ),
    }


def _bullets(*lines: str) -> str:
    return "\n".join(f"- {line}" for line in lines)
