"""What a person types into the search of runs, taken apart into what the database can look for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TERM = re.compile(r'"([^"]*)"?|(\S+)')

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff]"
)
"""Thai, Lao, Burmese, Khmer, kana and Chinese characters: scripts that put no space between words."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words one after the other; with `prefix`, the last may be the beginning of a word."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """All of these have to be found; `fragments` anywhere, also within a word."""

    words: tuple[Words, ...] = ()
    fragments: tuple[str, ...] = ()

    @property
    def match(self) -> str:
        """The words as a query for FTS5; empty: there are none."""
        quoted = ('"' + word.text.replace('"', '""') + '"' + "*" * word.prefix for word in self.words)
        return " AND ".join(quoted)


def parse_search(text: str) -> SearchTerms:
    """Read a search; nothing that can be typed is a mistake.

    `gene` finds words that begin so, `"noir hero"` just these words one after the other, `*tion` a fragment
    anywhere. What the index of words cannot know is looked for as a fragment by itself: scripts without
    spaces, and signs such as `{{` or `->`.
    """
    words: list[Words] = []
    fragments: list[str] = []
    for phrase, word in _TERM.findall(text.replace("\0", " ")):
        term = phrase or word.strip("*")
        if not term.strip():
            continue
        if word.startswith("*") or _UNSPACED.search(term) or not any(map(str.isalnum, term)):
            fragments.append(term)
        else:
            # Every word that begins with one certain letter is no answer to anything, and slow to list.
            words.append(Words(term, prefix=not phrase and len(term) > 1))
    return SearchTerms(tuple(words), tuple(fragments))
