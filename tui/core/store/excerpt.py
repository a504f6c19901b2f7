"""The passage of a text in which a search was met."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.core.store.search_terms import SearchTerms, Words

MATCH_START, MATCH_END = "\x02", "\x03"
"""What surrounds the words found in an excerpt; a text's own are taken out."""

_LENGTH = 160
_BEFORE = 40
_MARKS = str.maketrans("", "", MATCH_START + MATCH_END)


def excerpt(texts: Iterable[str], terms: SearchTerms, instead: str = "") -> str:
    """Return a passage of the first of `texts` that has a term, with its terms marked.

    Where none has one, it is the beginning of `instead`.
    """
    pattern = _pattern(terms)
    for text in (text.translate(_MARKS) for text in texts):
        folded = _folded(text)
        if first := pattern.search(folded):
            begin = max(0, first.start() - _BEFORE)
            found = [match.span() for match in pattern.finditer(folded, begin, begin + _LENGTH)]
            return _marked(text, begin, found)
    return instead.translate(_MARKS).strip()[:_LENGTH]


def _marked(text: str, begin: int, found: Iterable[tuple[int, int]]) -> str:
    pieces = ["…" if begin else ""]
    at = begin
    for start, end in found:
        pieces += [text[at:start], MATCH_START, text[start:end], MATCH_END]
        at = end
    end = max(at, begin + _LENGTH)
    return "".join([*pieces, text[at:end], "…" if end < len(text) else ""])


@lru_cache(maxsize=16)
def _pattern(terms: SearchTerms) -> re.Pattern[str]:
    either = [pattern for words in terms.words if (pattern := _words_pattern(words))]
    either += [re.escape(_folded(fragment)) for fragment in terms.fragments]
    return re.compile("|".join(either) or "(?!)")


def _words_pattern(words: Words) -> str:
    found = r"\W+".join(map(re.escape, re.findall(r"[^\W_]+", _folded(words.text))))
    ending = r"\w*" if words.prefix else ""
    return rf"\b{found}{ending}\b" if found else ""


def _folded(text: str) -> str:
    """Return small letters without accents, as many as `text` has, so that places are the same in both."""
    if text.isascii():
        return text.lower()
    return "".join(map(_fold, text))


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0].lower()[0]
