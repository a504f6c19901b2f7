"""Turns: a body divided into the messages of a conversation, before any value is filled in.

A role marker is an HTML comment of one word, alone on its line and from the first column: `<!-- user -->`.
Markdown renders it as nothing, editors grey it out, and nobody writes one by accident, as happens with a
line `user:` (142 of 10,942 bodies in public repositories hold one that is text). A body is divided only if
the first thing in it is a marker; any other is one turn of the user, whatever is in it, and an indented
marker is text. Values are filled in afterwards, turn by turn, so that none of them can forge a role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from tui.core.prompts.problems import Problem, Severity, position, quoted
from tui.core.prompts.template import nearest, render_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tui.core.prompts.variables import Variable

Role: TypeAlias = Literal["system", "user", "assistant"]

ROLES: tuple[Role, ...] = get_args(Role)

_MARKER = re.compile(r"^<!--[ \t]*([A-Za-z]+)[ \t]*-->[ \t]*$", re.MULTILINE)
_OTHER_NAMES: Mapping[str, Role] = {
    "developer": "system",
    "human": "user",
    "ai": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
"""What other formats and vendors call the roles, for a hint."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: who speaks, and its text without the empty lines around it.

    `start` is where the text begins in the template, `marker` where the marker before it does.
    """

    role: Role
    text: str
    start: int = 0
    marker: int = 0


def split_turns(template: str) -> tuple[Turn, ...]:
    """Return the turns of a template; without a marker at its head it is one turn of the user.

    A marker of an unknown role, which `turn_problems` reports, is text of the turn that it stands in.
    """
    if not _is_divided(template):
        return (Turn("user", template),)
    borders = [match for match in _MARKER.finditer(template) if _role(match)]
    ends = [match.start() for match in borders[1:]] + [len(template)]
    return tuple(_turn(template, border, end) for border, end in zip(borders, ends, strict=True))


def markers(template: str) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of the role word of every marker that divides the template."""
    if not _is_divided(template):
        return ()
    return tuple(match.span(1) for match in _MARKER.finditer(template) if _role(match))


def conversation(
    system: str, template: str, variables: Sequence[Variable], values: Mapping[str, str]
) -> tuple[Turn, ...]:
    """Return what is to be sent: the turns with their values filled in, the system message first.

    `system` is that of the front matter. Number and roles of the turns depend on the template alone. Raises
    MissingValue or UnknownValue.
    """
    turns = ((Turn("system", system),) if system else ()) + split_turns(template)
    texts = render_all([turn.text for turn in turns], variables, values)
    return tuple(Turn(turn.role, text) for turn, text in zip(turns, texts, strict=True))


def as_text(turns: Iterable[Turn]) -> str:
    """Return turns as one text: a single one of the user as it is, others each below its marker.

    A line of a turn that looks like a marker is indented by a blank, so that none can be mistaken for one.
    """
    turns = tuple(turns)
    if [turn.role for turn in turns] == ["user"]:
        return turns[0].text
    parts = ((_written(turn.role), _MARKER.sub(r" \g<0>", turn.text)) for turn in turns)
    return "\n\n".join(part for pair in parts for part in pair)


def turn_problems(template: str, first_line: int, *, system: bool) -> Iterator[Problem]:
    """Yield what is wrong with the turns of a template, which begins at line `first_line` of its file.

    `system` says whether the front matter has a system message.
    """

    def problem(severity: Severity, code: str, message: str, offset: int, fix: str) -> Problem:
        line, column = position(template, offset)
        return Problem(severity, code, message, line + first_line - 1, column, fix)

    found = list(_MARKER.finditer(template))
    if not _is_divided(template):
        if stray := next(filter(_role, found), None):
            message = f"{quoted(stray[0])} stays as it is, because the template does not begin with a marker."
            fix = "Begin with one, such as `<!-- user -->`, to divide it into turns; or indent this line."
            yield problem("warning", "stray-marker", message, stray.start(), fix)
        return
    for match in found:
        if not _role(match):
            message = f"There is no role {quoted(match[1])}."
            yield problem("error", "unknown-role", message, match.start(), _about_role(match[1]))
    turns = split_turns(template)
    for number, turn in enumerate(turns):
        if not turn.text.strip():
            message = f"The {turn.role} turn that begins here is empty."
            fix = "Write its text below the marker, or remove the marker."
            yield problem("error", "empty-turn", message, turn.marker, fix)
        if turn.role == "system" and (number or system):
            where = "already stands in the front matter" if system else "must come first, and only once"
            fix = "Keep one of them." if system else "Move its text up, or make it a turn of another role."
            yield problem("error", "system-turn", f"The system message {where}.", turn.marker, fix)
    if all(map(_role, found)):  # else who speaks first and last is not known yet
        yield from (problem(*finding) for finding in _order_problems(turns))


_Finding: TypeAlias = tuple[Severity, str, str, int, str]


def _order_problems(turns: Sequence[Turn]) -> Iterator[_Finding]:
    """Yield what is wrong with who speaks first and last."""
    spoken = [turn for turn in turns if turn.role != "system"]
    if not any(turn.role == "user" for turn in spoken):
        message, fix = "No turn is the user's, so there is nothing to answer.", "Add a line `<!-- user -->`."
        yield "error", "no-user-turn", message, turns[0].marker, fix
        return
    if spoken[0].role == "assistant":
        message = "The assistant speaks first, which most providers refuse."
        fix = "Put a user turn before it."
        yield "warning", "assistant-first", message, spoken[0].marker, fix
    if spoken[-1].role == "assistant":
        # A prefill, in the words of Anthropic, whose documentation says that it is a 400 for newer models.
        message = "The assistant speaks last; models of Anthropic refuse to go on from there."
        fix = "End with a user turn, unless your provider takes a prefill."
        yield "warning", "assistant-last", message, spoken[-1].marker, fix


def _is_divided(template: str) -> bool:
    first = _MARKER.search(template)
    if first is None or template[: first.start()].strip():
        return False
    return any(map(_role, _MARKER.finditer(template)))


def _turn(template: str, border: re.Match[str], end: int) -> Turn:
    start = border.end()
    text = template[start:end]
    start += len(text) - len(text.lstrip("\n"))
    return Turn(cast("Role", border[1].lower()), text.strip("\n"), start, border.start())


def _role(match: re.Match[str]) -> bool:
    return match[1].lower() in ROLES


def _written(role: str) -> str:
    return f"<!-- {role} -->"


def _about_role(word: str) -> str:
    meant = _OTHER_NAMES.get(word.lower()) or nearest(word.lower(), ROLES)
    if meant:
        return f"Write it as: {_written(meant)}"
    return "The roles are system, user and assistant; indent the line if it is a comment."
