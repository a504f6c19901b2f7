"""Writes about anything: explanations, summaries, reviews and ideas, out of the prompt's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tui.simulator.writing.cast import article, capital
from tui.simulator.writing.outline import nouns_of

if TYPE_CHECKING:
    import random

    from tui.simulator.writing.lexicon import Lexicon
    from tui.simulator.writing.outline import Outline

SPARE: Final = ("context", "timing", "scale")  # where the prompt has no words of its own
GREETINGS: Final = (
    "Hello! There is not much to go on yet, so here is what would help: one sentence about what the text is "
    "for, one about who will read it, and the form in which you would like it back.",
    "Hello. Tell me what you are working on, and for whom. A scene, a description, a summary and a plain "
    "explanation are all fine; the labels that you list will be used exactly as you write them.",
    "Good to hear from you! To get started:\n\n"
    "*   **A text of your own:** paste it, and say whether it should be reviewed, shortened or continued.\n"
    "*   **A new one:** name the subject, the reader and the length.",
    "Hi! What shall it be?\n\n"
    "1. Something new: give me a subject and a form.\n"
    "2. Something of yours: paste it and say what is wrong with it.\n"
    "3. A question: ask it in one sentence, and say how long the answer may be.",
    "Good day. Please describe the task in one or two sentences: the subject, the intended reader, and the "
    "format of the answer. Examples of the result that you have in mind are welcome.",
)
_FICTION: Final = re.compile(
    r"stor(?:y|ies)|novel|plot|scene|fiction|romance|myster|fantasy|horror|thriller", re.I
)


def essay(outline: Outline, chance: random.Random) -> str:
    """Four paragraphs about the topic, in the prompt's own nouns; under headings where it asks for them."""
    one, two, three = (*outline.nouns, *SPARE)[:3]
    topic = outline.topic or (f"{one} and {two}" if len(outline.nouns) > 1 else one)
    openings = (
        f"The short answer on {topic}: less depends on any single rule than on how the parts work together.",
        f"Two things are worth separating when it comes to {topic}: what can be observed, and what is "
        "assumed.",
        f"A good way into {topic} is to begin with the simplest case and see where it stops being simple.",
    )
    middles = (
        f"Take “{one}” first. It is the part that people notice, because it changes while they watch. What "
        f"stays in the background, and matters at least as much, is “{two}”: change that, and the same "
        "cause has a different effect.",
        f"In practice, most misunderstandings come from treating “{one}” and “{two}” as the same thing. "
        "They are related, but they answer different questions: the one says what happens, the other says "
        "under which conditions it happens at all.",
    )
    details = (
        f"- **Where to start:** look for “{one}” in one concrete example before generalising.\n"
        f"- **What to watch:** how it changes together with “{two}”, and how quickly.\n"
        f"- **Where it ends:** the edge cases, above all those that involve “{three}”.",
        f"1. Describe the case without using the word “{one}” at all.\n"
        f"2. Add “{two}”, and note what changes.\n"
        f"3. Only then bring in “{three}”, and check that the first two steps still hold.",
    )
    endings = (
        "None of this needs special knowledge to check. One careful example, written down in full, is "
        "worth more here than a page of definitions.",
        f"If only one sentence should stay: keep “{one}” and “{two}” apart, and the rest becomes a matter of "
        "patience.",
    )
    parts = [chance.choice(options) for options in (openings, middles, details, endings)]
    labels = [field.label for field in outline.wanted]
    if labels:
        return "\n\n".join(f"## {label}\n\n{parts[index % 4]}" for index, label in enumerate(labels))
    return "\n\n".join(parts)


def summary(outline: Outline, chance: random.Random) -> str:
    """The text's own sentences, the ones with most of its frequent words, in their order."""
    body = outline.value(r"text|article|document|passage|content") or outline.text
    sentences = [
        sentence.strip()
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", body)
        if len(sentence.split()) > 5 and not re.match(r"\s*(?:#|[-*] |please |summari[sz])", sentence, re.I)
    ]
    nouns = nouns_of(" ".join(sentences))
    ranked = sorted(sentences, key=lambda sentence: -_weight(sentence, nouns))[: outline.count or 3]
    kept = [sentence for sentence in sentences if sentence in ranked]
    if not kept or len(nouns) < 2:
        return essay(outline, chance)
    lead = chance.choice(("**In short:** the text is about", "**Summary:** the text deals with"))
    points = "\n".join(f"- {capital(sentence.rstrip('.'))}." for sentence in kept)
    ending = chance.choice(
        (
            "Everything else in it supports these points or gives examples for them.",
            "The rest is detail that can be left out without changing the conclusion.",
        )
    )
    return f"{lead} “{nouns[0]}” and “{nouns[1]}”, in that order of weight.\n\n{points}\n\n{ending}"


def review(outline: Outline, chance: random.Random) -> str:
    """A review in three parts."""
    one, two = (*outline.nouns, "the argument", "the pace")[:2]
    works = (
        f"The passages about “{one}” are concrete, and the reader is trusted to draw the conclusion.",
        f"It knows what it is about: “{one}” is there from the first lines and is never explained away.",
    )
    weak = (
        f"The link between “{one}” and “{two}” is asserted but never shown; one example would do more.",
        f"After the middle, “{two}” disappears for too long, and its return feels like an accident.",
    )
    advice = (
        "Cut the first two sentences and see whether anybody misses them. Then read it aloud once, slowly.",
        f"Give “{two}” a moment of its own, early and short, so that the ending has something to answer.",
    )
    labels = [field.label for field in outline.wanted][:3]
    labels += ["What works", "What could be stronger", "One suggestion"][len(labels) :]
    texts = (chance.choice(works), chance.choice(weak), chance.choice(advice))
    return "\n\n".join(f"**{label}:** {text}" for label, text in zip(labels, texts, strict=True))


def ideas(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    """A numbered list of ideas: stories where the prompt is about them, otherwise variations on its nouns."""
    count = outline.count or 5
    found = _stories(chance, words) if _FICTION.search(outline.text) else _variations(outline, chance)
    return "\n".join(f"{number + 1}. {found[number % len(found)]}" for number in range(count))


def _stories(chance: random.Random, words: Lexicon) -> list[str]:
    things = chance.sample(words.things, len(words.things))
    found: list[str] = []
    for number in range(6):
        thing, trouble = things[number % len(things)], words.troubles[number % len(words.troubles)]
        who, where = article(chance.choice(words.occupations)), chance.choice(words.places)
        title = " ".join(capital(word) for word in thing.split())
        found.append(
            f"**{title}.** {capital(who)} in {where} goes looking for its owner and finds {trouble}."
        )
    return found


def _variations(outline: Outline, chance: random.Random) -> list[str]:
    one, two, three = (*outline.nouns, *SPARE)[:3]
    found = [
        f"**Make “{one}” visible.** Show it where people already look, before anyone has to ask.",
        f"**Turn “{one}” around.** Begin with the result and let people find the way back.",
        f"**A week of “{two}”.** One small thing every day, the last one made by the audience.",
        f"**“{capital(two)}”, but smaller.** Take away everything except the part that people remember.",
        f"**Pair “{one}” with “{three}”.** Two familiar things that are rarely seen together.",
        "**The quiet version.** No announcement at all; let the first ten people tell the next hundred.",
    ]
    chance.shuffle(found)
    return found


def _weight(sentence: str, nouns: tuple[str, ...]) -> float:
    found = sum(len(nouns) - index for index, noun in enumerate(nouns) if noun.lower() in sentence.lower())
    return found / (8 + len(sentence.split()))
