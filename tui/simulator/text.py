"""Writes the answers: plausible English that depends on the prompt, on the provider and on nothing else.

The prompt is read for its title, its labels and the format it asks for; the kind of text it wants decides
which form is filled. The same provider, model, prompt and seed always give the same text.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Final

from tui.simulator import tokens
from tui.simulator.settings import PROVIDERS
from tui.simulator.writing import character, dialogue, essay, scene, world
from tui.simulator.writing.cast import article, joined, named
from tui.simulator.writing.lexicon import lexicon
from tui.simulator.writing.outline import Outline, read

if TYPE_CHECKING:
    from tui.simulator.writing.lexicon import Lexicon

LONG: Final = 60  # texts in a very long answer
NOUN: Final = {
    "character": "character description",
    "dialogue": "dialogue",
    "world": "description of a place",
    "scene": "scene",
    "plot": "plot outline",
    "summary": "summary",
    "review": "review",
    "ideas": "list of ideas",
    "essay": "explanation",
    "greeting": "word of welcome",
}
FENCE: Final = "```"
# What each provider tends to put before and after an answer.
HABITS: Final = {
    "openai": ("", "If you like, I can also make it shorter, darker or funnier."),
    "anthropic": ("", ""),
    "google": ("Here is the {}:", ""),
    "deepseek": ("", "*Say which part should change, and the rest will stay as it is.*"),
    "yandex": ("The {} you asked for:", ""),
}


def write(provider: str, model: str, prompt: str, seed: int) -> str:
    """An answer of roughly 80 to 350 tokens; no two providers give the same."""
    outline = read(prompt)
    if outline.kind == "greeting":
        return essay.GREETINGS[PROVIDERS.index(provider)]
    chance = random.Random(f"{seed}/{provider}/{model}/{prompt}")
    words = lexicon(outline.genre, prompt)
    text = _body(provider, outline, chance, words)
    if outline.bare or outline.kind in ("scene", "dialogue") or text.startswith(FENCE):
        return text
    before, after = HABITS[provider]
    return "\n\n".join(filter(None, (before.format(NOUN[outline.kind]), text, after)))


def _body(provider: str, outline: Outline, chance: random.Random, words: Lexicon) -> str:
    if outline.kind == "character":
        return _labelled(provider, outline, character.describe(outline, chance, words))
    if outline.kind == "plot":
        return _labelled(provider, outline, scene.plot(outline, chance, words))
    if outline.kind == "world":
        return _place(outline, chance, words)
    if outline.kind == "scene":
        return scene.chapter(outline, chance, words)
    if outline.kind == "dialogue":
        return dialogue.write(outline, chance, words)
    if outline.kind == "ideas":
        return essay.ideas(outline, chance, words)
    if outline.kind == "summary":
        return essay.summary(outline, chance)
    return essay.review(outline, chance) if outline.kind == "review" else essay.essay(outline, chance)


def write_at_length(provider: str, model: str, prompt: str, seed: int) -> str:
    """A very long answer, of some ten thousand tokens."""
    parts = (write(provider, model, prompt, seed + 1000 + part) for part in range(LONG))
    return "\n\n---\n\n".join(parts)


def think(prompt: str, amount: int, seed: int) -> str:
    """What a model says to itself before it answers: exactly so many tokens."""
    outline = read(prompt)
    chance = random.Random(f"{seed}/thoughts/{prompt}")
    people, labels = joined(named(outline)), joined(tuple(field.label for field in outline.wanted))
    thoughts = [f"The user wants {article(NOUN[outline.kind])}."]
    if labels:
        thoughts.append(f"The format is fixed: {labels}. I will keep these labels and their order.")
    if people:
        thoughts.append(f"{people} already exist, so I must not repeat those names or contradict them.")
    thoughts += [
        f"“{label}” is given as “{value}”; that sets the tone." for label, value in outline.given.items()
    ]
    if outline.nouns:
        thoughts.append(f"The words that matter most here seem to be {joined(outline.nouns[:4])}.")
    more = [
        "Concrete details will do more than adjectives.",
        "I should avoid the first idea that comes to mind, since it is everybody's first idea.",
        "Length: a few short paragraphs at most.",
        "Let me check that nothing contradicts the requirements.",
        "One unexpected detail, then stop.",
    ]
    chance.shuffle(more)
    found = " ".join((*thoughts, *more))
    while tokens.count(found) < amount:
        found = f"{found} {chance.choice(more)}"
    return "".join(tokens.tokenize(found)[:amount])


def _labelled(provider: str, outline: Outline, parts: list[tuple[str, str]]) -> str:
    """Labels with their texts, laid out in the provider's habit; as JSON where the prompt asks for it."""
    if outline.json:
        value = {
            label.lower().replace(" ", "_"): int(text) if text.isdecimal() else text for label, text in parts
        }
        return f"{FENCE}json\n{json.dumps(value, ensure_ascii=False, indent=2)}\n{FENCE}"
    if outline.bare:
        return "\n".join(f"{label}: {text}" for label, text in parts)
    if provider == "google":
        return "\n".join(f"*   **{label}:** {text}" for label, text in parts)
    if provider == "deepseek":
        return "\n".join(f"- **{label}:** {text}" for label, text in parts)
    if provider == "anthropic" and outline.kind == "character":
        return f"# {parts[0][1]}\n\n" + _bold(parts)
    return _bold(parts)


def _bold(parts: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"**{label}:** {text}" for label, text in parts)


def _place(outline: Outline, chance: random.Random, words: Lexicon) -> str:
    name = world.title(outline, chance, words)
    sections = [f"## {label}\n\n{text}" for label, text in world.describe(outline, chance, words, name)]
    return "\n\n".join(sections if outline.value("premise|difference") else [f"# {name}", *sections])
