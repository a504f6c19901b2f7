"""What is chosen on the board of scenarios, and how that looks: pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tui.widgets.ink import Word, clip, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EVERYONE = "*"
"""In place of a provider's name: each of them."""
TIMES: tuple[tuple[int | None, str], ...] = (
    (1, "the next call"),
    (3, "the next 3 calls"),
    (None, "every call"),
)
FLAG = "⚑"
_LABEL = 6
_NAME = 18
_CHOICES = 3
"""Lines above the list: provider, how often, an empty one."""
_BELOW = 2
"""Lines below the list: an empty one, what is set now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The choices: which scenario, for which provider, for how many calls; and what is set already."""

    scenarios: Mapping[str, str]
    """Every scenario with its description."""
    active: Mapping[str, str]
    """What each provider meets now, by provider; empty: nothing unusual."""
    row: int = 0
    target: int = 0
    often: int = 0

    @property
    def targets(self) -> tuple[str, ...]:
        """The providers, and everyone."""
        return (*self.active, EVERYONE)

    @property
    def wanted(self) -> tuple[str, str, int | None]:
        """Provider, scenario and number of calls, as chosen."""
        return self.targets[self.target], list(self.scenarios)[self.row], TIMES[self.often][0]

    def moved(self, rows: int = 0, targets: int = 0, often: int = 0) -> Plan:
        """Return the plan with other choices; rows stop at the ends, the rest goes round."""
        return replace(
            self,
            row=min(max(0, self.row + rows), len(self.scenarios) - 1),
            target=(self.target + targets) % len(self.targets),
            often=(self.often + often) % len(TIMES),
        )


def height_of(plan: Plan) -> int:
    """Return the lines that the whole board takes."""
    return _CHOICES + len(plan.scenarios) + _BELOW


def first_row(plan: Plan, height: int) -> int:
    """Return the first scenario in sight, so that the chosen one is among `height` lines of board."""
    room = max(1, height - _CHOICES - _BELOW)
    return max(0, min(plan.row - room // 2, len(plan.scenarios) - room))


def board(plan: Plan, width: int, height: int) -> list[list[Word]]:
    """Return the lines of the board."""
    first = first_row(plan, height)
    names = list(plan.scenarios)[first : first + max(1, height - _CHOICES - _BELOW)]
    rows = [_row(plan, name, width, chosen=number == plan.row) for number, name in enumerate(names, first)]
    return [*(_choice_line(words, width) for words in choices(plan)), [], *rows, [], _set_now(plan, width)]


def choices(plan: Plan) -> tuple[list[Word], list[Word]]:
    """Return the words of the two lines on which something is chosen, each choice one word."""
    targets: list[Word] = [(f"{'to':<{_LABEL}}", "muted")]
    for number, name in enumerate(plan.targets):
        flag = f" {FLAG}" if plan.active.get(name) else ""
        shown = "every provider" if name == EVERYONE else name
        targets.append((shown + flag, _ink(number == plan.target, bool(flag))))
    often: list[Word] = [(f"{'for':<{_LABEL}}", "muted")]
    often += [(words, _ink(number == plan.often, False)) for number, (_, words) in enumerate(TIMES)]
    return targets, often


def choice_at(words: Sequence[Word], x: int) -> int | None:
    """Return which choice of a line is at column `x`, counted from 0; None for none."""
    position = len(words[0][0])
    for number, (text, _) in enumerate(words[1:]):
        if position <= x < position + len(text):
            return number
        position += len(text) + 2
    return None


def row_at(plan: Plan, y: int, height: int) -> int | None:
    """Return which scenario is on line `y` of the board; None for none."""
    row = y - _CHOICES + first_row(plan, height)
    return row if _CHOICES <= y < height - _BELOW and row < len(plan.scenarios) else None


def _ink(chosen: bool, flagged: bool) -> str:
    return "tab" if chosen else "warning" if flagged else "muted"


def _choice_line(words: Sequence[Word], width: int) -> list[Word]:
    line: list[Word] = [words[0]]
    for word in words[1:]:
        line += [word, ("  ", "")]
    return fit(line[:-1], [], width)


def _row(plan: Plan, name: str, width: int, *, chosen: bool) -> list[Word]:
    met_by = [
        provider + scenario.removeprefix(name).replace(" ", "")
        for provider, scenario in plan.active.items()
        if scenario.split(" ")[0].split("=")[0] == name
    ]
    mark: Word = ("▸ ", "accent") if chosen else ("  ", "")
    label: Word = (f"{name:<{_NAME}}", "strong" if chosen else "text")
    right: list[Word] = [(f"{FLAG} {', '.join(met_by)}", "warning")] if met_by else []
    return fit([mark, label, (plan.scenarios[name], "muted")], right, width)


def _set_now(plan: Plan, width: int) -> list[Word]:
    now = [f"{provider} {scenario}" for provider, scenario in plan.active.items() if scenario]
    if not now:
        return [(clip("Nothing is set: every call is answered as usual.", width), "muted")]
    return [(clip(f"{FLAG} {' · '.join(now)}", width), "warning")]
