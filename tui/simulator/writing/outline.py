"""Reads a prompt: its title, the values it gives, the parts it asks for, and what kind of text it wants."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal[
    "character", "dialogue", "world", "scene", "plot", "summary", "review", "ideas", "essay", "greeting"
]

_HEADING: Final = re.compile(r"#{1,6}\s+(.+?)\s*#*\s*$")
_LABEL: Final = re.compile(r"(?:[-*+]\s+)?\*\*([^*\n]{1,60}?):?\*\*\s*:?\s*(.*)$")
_PLAIN_LABEL: Final = re.compile(r"([A-Z][\w'’ /-]{1,30}):\s*(.*)$")
_TAG: Final = re.compile(r"<(/?)([A-Za-z]\w*)>$")
_ITEM: Final = re.compile(r"\s*(?:[-*+]|\d{1,2}[.)])\s+(.+)$")
_ASKS: Final = re.compile(
    r"\b(output|format|respond|return|structure|sections|include the following|answer (?:with|in))\b", re.I
)
_HINT: Final = re.compile(r"\s*[(\[](.*?)[)\]]\s*$")
_NUMBERS: Final = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "2": 2,
    "3": 3,
    "4": 4,
    "5": 5,
    "6": 6,
}
_COUNT: Final = re.compile(
    r"\b(two|three|four|five|six|[2-6])\s+(?:\w+\s+){0,2}?"
    r"(options?|alternatives?|suggestions?|variants?|versions?|ideas?|titles?|names?|hooks?|points?|bullets?|lines?)\b",
    re.I,
)
_KINDS: Final[tuple[tuple[Kind, str], ...]] = (
    ("dialogue", r"dialogues?|conversations?|banter|exchange between"),
    ("summary", r"summar\w+|tl;?dr|condense|digest"),
    ("review", r"review|critique|feedback|proofread|editor"),
    ("character", r"characters?|personas?|protagonists?|villains?|antagonists?"),
    ("world", r"world\w*|settings?|locations?|kingdoms?|cit(?:y|ies)|cultures?"),
    ("plot", r"plots?|outlines?|synops\w+|story beats?"),
    ("scene", r"chapters?|scenes?|stor(?:y|ies)|prose|novels?|narrat\w+|opening"),
    ("ideas", r"brainstorm\w*|ideas?|list|titles?|names?|taglines?|slogans?"),
)
_WORD: Final = re.compile(
    r"(?:\b(the|an?|of|in|about|this|these|its|their|for|and|how|on)\s+)?(?<![-\w])([^\W\d_]{4,})(?![-\w])",
    re.I,
)
_PERSONAL: Final = frozenset(("age", "occupation", "personality", "backstory", "want", "voice"))
_COMMON: Final = frozenset(
    """
    about above after again against all also always and any are around as ask assistant at avoid
    based be because been before being below between both brainstorm bullet but by came can clear
    clearly close come consistent could create describe detail details did do does each else english
    ensure every example existing explain explanation few find first five following for format four
    from full generate get give given good had has have helpful her here his how ideas if in include
    including into is it its just keep kind least less let like limit list long look made make many
    may me more most much must name names need new no none not now of off on once one only options
    or other our out output over own paragraph paragraphs plain please points prompt provide put
    question rate read requirements respond response return review same say section sections
    sentence sentences seven she short should show so some specific style such summarise summarize
    summary system take tell text than that the their them then there these they this those three
    through title titles to tone too two under unique up us use user using very want was way we well
    went were what when where which while who why will with within without word words work works
    would write written yet you your
    """.split()  # noqa: SIM905 (a list of quoted words would be four times as long and no clearer)
)


@dataclass(frozen=True, slots=True)
class Field:
    """A part that the answer is to have: its label, and what the prompt says about it in brackets."""

    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """What was read.

    `given` are the prompt's labels with their values, `nouns` its own words by weight. `bare` means that
    nothing may stand before or after the answer, and no markup around its labels.
    """

    kind: Kind
    title: str
    topic: str
    given: dict[str, str]
    wanted: tuple[Field, ...]
    nouns: tuple[str, ...]
    count: int
    json: bool
    bare: bool
    text: str

    @property
    def genre(self) -> str:
        """The genre: the value of that label, or what stands before `story` or a like word."""
        found = re.search(
            r"\b(?:an?|of|the)\s+([\w -]{3,40}?)\s+(?:story|novel|tale|setting)\b", self.text, re.I
        )
        return self.value("genre|style|theme") or (found[1] if found else "")

    def value(self, pattern: str) -> str:
        """The value of the first label that matches a pattern, "" when there is none."""
        for label, value in self.given.items():
            if re.search(pattern, label, re.I):
                return value
        return ""


def read(prompt: str) -> Outline:
    """Read a prompt; any text will do."""
    lines = [line.strip() for line in prompt.splitlines() if line.strip()]
    title = next((found[1] for line in lines if (found := _HEADING.match(line))), "")
    given, wanted = _labels(lines)
    plain = [line for line in lines if not _HEADING.match(line) and not _ITEM.match(line)]
    sentence = re.split(r"(?<=[.!?])\s", plain[0], maxsplit=1)[0] if plain else title
    count = _COUNT.search(prompt)
    nouns = nouns_of(" ".join(given.values()), prompt)
    return Outline(
        kind=_kind(wanted, title, sentence, prompt) if nouns and len(prompt.split()) > 2 else "greeting",
        title=re.sub(r"\s*prompt$", "", title, flags=re.I),
        topic=_topic(sentence),
        given=given,
        wanted=wanted,
        nouns=nouns,
        count=_NUMBERS[count[1].lower()] if count else 0,
        json=bool(re.search(r"\bjson\b", prompt, re.I)),
        bare=bool(re.search(r"nothing (?:else|before|after)|exactly these|no remarks", prompt, re.I)),
        text=prompt,
    )


def _labels(lines: list[str]) -> tuple[dict[str, str], tuple[Field, ...]]:
    """The labels with their values, and the parts below a heading, label or sentence that asks for a format.

    A value is what follows the label on its line, or else the plain lines below it, or what an XML tag holds.
    """
    given: dict[str, str] = {}
    wanted: list[Field] = []
    asking = sections = False
    open_label = ""
    for line in lines:
        heading, tag, item = _HEADING.match(line), _TAG.match(line), _ITEM.match(line)
        label = _LABEL.match(line) or _PLAIN_LABEL.match(line)
        if heading and sections:
            wanted.append(Field(heading[1]))
        elif heading:
            asking, open_label = bool(_ASKS.search(heading[1])), ""
        elif tag:
            open_label = "" if tag[1] else tag[2].replace("_", " ")
        elif sections and wanted:
            wanted[-1] = Field(wanted[-1].label, f"{wanted[-1].hint} {line}".strip())
        elif asking and (item or label):
            field = _field(item[1] if item else line)
            wanted += [field] if field else []
        elif label:
            asking = not label[2] and bool(_ASKS.search(label[1]))
            open_label = "" if label[2] else label[1].strip()
            if label[2]:
                given.setdefault(label[1].strip(), label[2].strip())
        elif open_label and not asking:
            given[open_label] = f"{given.get(open_label, '')} {line}".strip()
        elif not item:
            asking = line.endswith(":") and bool(_ASKS.search(line))
            sections = asking and "sections" in line
    return given, tuple(wanted)


def _field(item: str) -> Field | None:
    """A label out of a list item, None when the item is a sentence rather than a label."""
    bare = item.replace("**", "").replace("`", "").strip()
    label, colon, rest = bare.partition(":")
    hint = rest.strip() if colon else ""
    if found := _HINT.search(label):
        label, hint = label[: found.start()], found[1]
    label = label.strip().rstrip(".")
    return Field(label, hint) if label and len(label.split()) <= 4 else None


def _kind(wanted: tuple[Field, ...], title: str, sentence: str, prompt: str) -> Kind:
    """A sheet about a person is known by its labels; else the title decides, the first sentence, the rest.

    Within one of them it is the earliest word that counts.
    """
    labels = {field.label.lower() for field in wanted}
    if "name" in labels and labels & _PERSONAL:
        return "character"
    for text in (title, sentence, prompt):
        found = [
            (match.start(), kind)
            for kind, words in _KINDS
            if (match := re.search(rf"\b(?:{words})\b", text, re.I))
        ]
        if found:
            return min(found)[1]
    return "essay"


def _topic(sentence: str) -> str:
    """What the first sentence is about: what follows its verb."""
    bare = sentence.strip().rstrip(".!?:")
    about = re.search(r"\b(?:about|on the topic of|regarding)\s+(.+)$", bare, re.I)
    if about:
        return about[1]
    bare = re.sub(r"\s+(?:to|for) (?:an?|my|the) [\w-]+$", "", bare)
    asked = re.match(
        r"(?:please\s+)?(?:explain|describe|discuss|define|compare|consider)\s+(.+)$", bare, re.I
    )
    if asked:
        return asked[1]
    question = re.match(r"(?:what|who)\s+(?:is|are|was|were)\s+(.+)$", bare, re.I)
    return question[1] if question else ""


def nouns_of(*texts: str) -> tuple[str, ...]:
    """The content words of some texts, the heaviest first.

    A word after an article or a preposition counts twice, and a word of the first text three times.
    """
    counts: Counter[str] = Counter()
    for weight, text in zip((3, 1), texts, strict=False):
        for found in _WORD.finditer(text):
            word = found[2]
            if word.lower() not in _COMMON and not word.lower().endswith(("ly", "ing")):
                counts[word if word.isupper() else word.lower()] += weight * (2 if found[1] else 1)
    return tuple(word for word, _ in counts.most_common(12))
