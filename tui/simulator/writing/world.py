"""Describes a place, under the headings that the prompt asks for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing import premise
from tui.simulator.writing.cast import article, capital, invent
from tui.simulator.writing.outline import Field

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

USUAL: Final = tuple(Field(label) for label in ("The place", "Its people", "Who decides", "What is wrong"))
ABOUT: Final = {
    "place": r"geograph|place|land|location|climate|terrain|map|environment",
    "people": r"cultur|people|societ|custom|daily|inhabitant|tradition|language",
    "power": r"decid|politic|power|govern|faction|rule|leader|law",
    "past": r"histor|past|origin|founding|legend|myth",
    "belief": r"magic|technolog|system|science|religio|belief|faith",
    "trade": r"econom|trade|resource|wealth|craft|food",
    "trouble": r"wrong|conflict|tension|threat|problem|hook|danger|secret|plot",
    "senses": r"atmosph|mood|sens|tone|detail|smell|sound",
}


def title(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """The name of the place: the one the prompt gives, or a new one."""
    given = outline.value(r"^(?:(?:world|place|setting|location|city|kingdom|region) )?name$")
    return given or capital(chance.choice(words.names))


def describe(outline: Outline, chance: random.Random, words: Lexicon, name: str) -> list[tuple[str, str]]:
    """Headings with a paragraph each."""
    wanted = [
        field for field in outline.wanted if not re.fullmatch(r"(?:place )?name|title", field.label, re.I)
    ]
    texts, about = _paragraphs(chance, words, name), ABOUT
    if outline.value("premise|difference"):
        texts, about = premise.sections(outline, chance, words) | texts, premise.ABOUT | ABOUT
    return [(field.label, _take(texts, about, field.label)) for field in wanted or USUAL]


def _take(texts: dict[str, str], about: Mapping[str, str], label: str) -> str:
    """The paragraph for a heading, or any that is left; the last one stays for all further headings."""
    fitting = [name for name in texts if re.search(about[name], label, re.I)]
    chosen = (fitting or list(texts))[0]
    return texts.pop(chosen) if len(texts) > 1 else texts[chosen]


def _paragraphs(chance: random.Random, words: Lexicon, name: str) -> dict[str, str]:
    """What there is to say about one place, by what it is about."""
    near, far = chance.sample(words.places, 2)
    old, new = chance.sample(words.powers, 2)
    trouble, next_trouble = chance.sample(words.troubles, 2)
    someone, work = invent(chance, words, ()), chance.choice(words.occupations)
    thing = chance.choice(words.things)
    return {
        "place": f"{name} is built around {near}, and everything in it leans a little that way. Most "
        f"mornings bring {words.mornings}, and people give directions by sound rather than by sight. "
        f"Beyond {far} the roads are older than the maps, and fewer of them come back.",
        "people": "Guests are offered a seat before a name is asked for; to refuse it is to declare a "
        f"quarrel. Children learn to count by helping {someone.name}, the {work}, whose door in {near} is "
        "never locked. Once a year every household lends something it loves to a stranger, and what is not "
        "returned is not mourned.",
        "power": f"On paper {old} decide everything. In practice nothing happens unless {new} allow it, and "
        f"both sides have learned to call this peace. Meetings are held in {far}, because neither will walk "
        "further.",
        "past": f"The oldest story about {name} says that it was founded by mistake, by travellers who had "
        f"meant to stop for one night. The second oldest is about {trouble}, and is not told to children. "
        "Everybody knows both.",
        "belief": "It works by exchange: nothing is gained here without something of equal weight being "
        "forgotten. The careful keep written lists. The powerful keep other people to do the forgetting in "
        f"their place, and {someone.full} has been paid for it twice.",
        "trade": f"{name} sells what it can carry out of {near} and buys nearly everything else. Credit is a "
        f"matter of memory, and the longest memories belong to {old}. A bad season is paid for over three "
        "good ones.",
        "trouble": f"It began with {trouble}. Then came {next_trouble}, and now {someone.full}, "
        f"{article(work)} who only wanted to be left alone, has found {thing}, and with it the link between "
        f"the two. By the end of the month {new} will know as well.",
        "senses": f"Somebody is always repairing something in {near}: the sound carries over the roofs and "
        f"stops, quite suddenly, at dusk. The air tastes of iron and bread, and of {words.mornings}.",
    }
