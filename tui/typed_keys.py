"""Reading what comes from the terminal: esc and what is typed right behind it, and pastes with esc in them.

Fast hands and slow lines send esc and the next key in one piece, which is also what terminals send for alt
and that key. Textual's parser takes what follows esc within 100 ms for the rest of a sequence: it holds it
back, tells alt only of letters and figures, and after 32 keys, or with the next esc, makes a `^` of it. And
what follows an esc in a paste it tells as keys, so that a pasted text can press them (`_xterm_parser.py` of
8.2.8). Here esc and a key that begins no sequence are alt and the key at once, which the app takes for esc
and the key where alt means nothing; and a paste is a paste up to its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser

if TYPE_CHECKING:
    from collections.abc import Container, Generator, Iterable

    from textual.message import Message

ESC = "\x1b"
_LONGER = frozenset("[O]\\" + ESC)
"""What may go on behind an esc: CSI, SS3, OSC and its end. Textual waits for those."""


def apart(event: events.Key, bound: Container[str]) -> tuple[events.Key, ...]:
    """Return esc and the key that were typed behind each other; none for a key that is `bound`, or no alt."""
    key, character = event.key.removeprefix("alt+"), event.character
    if key == event.key or not character or event.key in bound:
        return ()
    return events.Key("escape", ESC), events.Key(character if character.isalnum() else key, character)


def unseen(character: str) -> bool:
    """Whether a text may have a character that Textual does not take for one of a key.

    Spaces of other kinds than the usual one, joiners of scripts and emoji, soft hyphens, private ones, and
    those that came into Unicode after this Python; not what steers a terminal or ends a line.
    """
    return (
        len(character) == 1
        and not character.isprintable()
        and category(character) in ("Zs", "Cf", "Co", "Cn")
    )


_END_PIECES = len(BRACKETED_PASTE_END)
"""A paste's end may be cut into as many pieces."""


class TypedKeys(XTermParser):
    """Not public what it is made from; the version of Textual is pinned, and a test types ahead."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._recent = ""
        self._pasted: list[str] | None = None
        """What has come of a paste; None while there is none."""

    def feed(self, data: str) -> Iterable[Message]:
        """Return what the characters mean; none says that there will be no more."""
        if not data:
            yield from super().feed(data)
        while data:
            data = yield from self._keys(data) if self._pasted is None else self._paste(self._pasted, data)

    def _paste(self, pasted: list[str], data: str) -> Generator[Message, None, str]:
        """Take in what is pasted; return what comes behind its end."""
        tail = "".join(pasted[-_END_PIECES:])
        pasted.append(data)
        at = (tail + data).find(BRACKETED_PASTE_END)
        if at < 0:
            return ""
        rest = (tail + data)[at + len(BRACKETED_PASTE_END) :]
        text = "".join(pasted).removesuffix(rest).removesuffix(BRACKETED_PASTE_END)
        self._pasted, self._recent = None, ""
        for _ in super().feed(BRACKETED_PASTE_END):
            pass  # an empty paste, since the parser had nothing of it
        if text := text.replace("\x00", ""):
            yield events.Paste(text)
        return rest

    def _keys(self, data: str) -> Generator[Message, None, str]:
        """Tell the keys and all else; return what comes behind the beginning of a paste."""
        begin = 0
        for number, character in enumerate(data):
            self._recent = (self._recent + character)[-len(BRACKETED_PASTE_START) :]
            if self._recent == BRACKETED_PASTE_START:
                yield from super().feed(data[begin : number + 1])
                self._pasted = []
                return data[number + 1 :]
            pair = self._recent[-2:]
            if pair[:1] != ESC or pair[1:] in _LONGER or pair in _KNOWN:
                continue
            if number - 1 > begin:
                yield from super().feed(data[begin : number - 1])
            yield from self._settle()
            if number > 0:  # else the esc came, and went, before, and this is a key
                yield from self._sequence_to_key_events(character, alt=True)
                begin = number + 1
        if begin < len(data):
            yield from super().feed(data[begin:])
        return ""

    def _settle(self) -> Iterable[Message]:
        """Have what is waited with told: nothing follows that belongs to it."""
        if self._timeout_time is not None:
            self._timeout_time = 0.0
            yield from self.tick()

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        for event in super()._sequence_to_key_events(sequence, alt):
            named = alt and not event.key.startswith("alt+")
            yield events.Key(f"alt+{event.key}", event.character) if named else event


_KNOWN = frozenset(sequence for sequence in ANSI_SEQUENCES_KEYS if len(sequence) == 2)
"""Pairs that are keys of their own, as alt and backspace."""
