"""What is asked for together: versions, providers and sets of values, each of them chosen or not. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeAlias

from tui.actions import key_of
from tui.core.engine.request import RunRequest
from tui.core.prices.dollars import dollars
from tui.widgets.ink import Word, fit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.core.engine.planning import Forecast
    from tui.core.prompts.snapshot import VersionRow

Kind: TypeAlias = Literal["version", "provider", "values"]
Key: TypeAlias = tuple[Kind, str]
"""What a row stands for: its kind, and the number of the version, the provider or the set of values."""

TITLES: dict[Kind, str] = {"version": "Versions", "provider": "Providers", "values": "Values"}
_ROOMY = 84
_FIGURES = ((_ROOMY, (10, 13, 17, 8)), (66, (9, 13, 15, 7)), (0, (9, 0, 15, 7)))
"""From which width on the columns of calls, tokens, cost and wait have how many cells; 0: none."""


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Values under a name."""

    name: str
    """Empty: those that are typed at the moment."""
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One row that can be chosen, unless something keeps it from that."""

    key: Key
    label: str
    about: str = ""
    obstacle: str = ""
    """Why it cannot be chosen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What could be asked for, what is chosen of it, and what that will take."""

    items: tuple[Item, ...]
    chosen: frozenset[Key]
    at: int = 0
    """The row that the cursor is on."""
    forecasts: Mapping[str, Forecast] | None = None
    """By provider; None while nobody has said."""

    def moved(self, rows: int) -> Choice:
        """Return it with the cursor elsewhere."""
        return replace(self, at=max(0, min(len(self.items) - 1, self.at + rows)))

    def toggled(self, at: int) -> Choice:
        """Return it with a row chosen or not any more; one that has an obstacle stays as it is."""
        item = self.items[at]
        return replace(self, at=at, chosen=self.chosen if item.obstacle else self.chosen ^ {item.key})

    def all_toggled(self) -> Choice:
        """Return it with all rows of the kind at the cursor chosen, or none if all of them are."""
        kind = self.items[self.at].key[0]
        keys = {item.key for item in self.items if item.key[0] == kind and not item.obstacle}
        return replace(self, chosen=self.chosen - keys if keys <= self.chosen else self.chosen | keys)

    def names(self, kind: Kind) -> list[str]:
        """Return what is chosen of a kind, in the order it is listed."""
        return [item.key[1] for item in self.items if item.key[0] == kind and item.key in self.chosen]


def requests(choice: Choice, rows: Sequence[VersionRow], sets: Sequence[ValueSet]) -> list[RunRequest]:
    """Return the runs that are chosen: each version with each set of values on each provider.

    A version gets those of the values that it declares; the others are not its own.
    """
    versions, providers = choice.names("version"), choice.names("provider")
    named = choice.names("values") if len(sets) > 1 else [sets[0].name]
    return [
        request_for(row, provider, values)
        for row in rows
        if str(row.version) in versions
        for values in sets
        if values.name in named and not missing(row, values)
        for provider in providers
    ]


def request_for(row: VersionRow, provider: str, values: ValueSet) -> RunRequest:
    """Return the run of a version with those of the values that it declares."""
    declared = {variable.name for variable in row.variables}
    given = {name: text for name, text in values.values.items() if name in declared}
    return RunRequest(row, provider, given, case=values.name)


def left_out(choice: Choice, rows: Sequence[VersionRow], sets: Sequence[ValueSet]) -> str:
    """Say what is chosen and cannot be run, as a sentence; "" if nothing."""
    versions, named = choice.names("version"), choice.names("values") if len(sets) > 1 else [sets[0].name]
    lacking = [
        (row, values, names)
        for row in rows
        if str(row.version) in versions
        for values in sets
        if values.name in named and (names := missing(row, values))
    ]
    if not lacking:
        return ""
    row, values, names = lacking[0]
    given = f"the case {values.name}" if values.name else "what is typed"
    more = f", and {len(lacking) - 1} more" if len(lacking) > 1 else ""
    return f"Left out: v{row.version} with {given}, which has no value for {', '.join(names)}{more}."


def missing(row: VersionRow, values: ValueSet) -> list[str]:
    """Return the variables of a version that have neither a value nor a default."""
    return [v.name for v in row.variables if v.required and v.name not in values.values]


# ---------------------------------------------------------------- as it is shown


def board(choice: Choice, width: int) -> list[tuple[int | None, list[Word]]]:
    """Return the lines of the plan, each with the number of its row, None for what is no row."""
    lines: list[tuple[int | None, list[Word]]] = []
    kind: Kind | None = None
    for number, item in enumerate(choice.items):
        if item.key[0] != kind:
            lines += [(None, [])] if kind else []
            kind = item.key[0]
            lines.append((None, [(TITLES[kind], "muted")]))
        lines.append((number, _row(choice, item, width, here=number == choice.at)))
    return [*lines, (None, []), (None, _total(choice, width))]


def span(seconds: float) -> str:
    """Return a wait as people say it: `now`, `12 s`, `4 min`, `2 h`; never less than it takes."""
    if seconds < 0.5:
        return "now"
    for size, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if seconds <= 99 * size or unit == "h":
            return f"{-(-seconds // size):.0f} {unit}"
    raise AssertionError("an hour is the largest unit")


def _row(choice: Choice, item: Item, width: int, *, here: bool) -> list[Word]:
    is_chosen = item.key in choice.chosen
    mark: Word = ("✓ ", "success") if is_chosen else ("  ", "")
    ink = "strong" if here else "text" if is_chosen else "muted"
    left: list[Word] = [
        ("▸ " if here else "  ", "accent"),
        mark,
        (f"{item.label:<{_label_width(choice, item.key[0], width)}}", ink),
    ]
    left.append((item.obstacle or item.about, "warning" if item.obstacle else "muted"))
    known = choice.forecasts or {}
    forecast = known.get(item.key[1]) if item.key[0] == "provider" and is_chosen else None
    return fit(left, _figures([forecast], width) if forecast else [], width)


def _label_width(choice: Choice, kind: Kind, width: int) -> int:
    """Return the width of the first column: where there is little room, each kind has one of its own."""
    return max(len(item.label) for item in choice.items if width >= _ROOMY or item.key[0] == kind) + 2


def _total(choice: Choice, width: int) -> list[Word]:
    if choice.forecasts is None:
        return [("    …", "muted")]
    forecasts = list(choice.forecasts.values())
    if not forecasts:
        return fit([(_nothing(choice), "warning")], [], width)
    return fit([("    ", ""), ("all", "muted")], _figures(forecasts, width), width)


def _nothing(choice: Choice) -> str:
    offered = {item.key[0] for item in choice.items}
    lacking = [TITLES[kind].lower() for kind in TITLES if kind in offered and not choice.names(kind)]
    if not lacking:
        return "Nothing is chosen that could be run."
    return f"Nothing is chosen of the {lacking[0]}: {key_of('plan-pick')} takes one in."


def _figures(forecasts: Sequence[Forecast], width: int) -> list[Word]:
    calls = sum(each.calls for each in forecasts)
    tokens = sum(each.tokens_in + each.tokens_out for each in forecasts)
    known = [each.usd for each in forecasts if each.usd is not None]
    usd = dollars(sum(known, Decimal(0)), estimated=True)
    cost = usd if len(known) == len(forecasts) else f"{usd} + n/a" if known else "$ n/a"
    places = next(places for least, places in _FIGURES if width >= least)
    figures: list[Word] = [
        (f"{calls:,} {'call' if calls == 1 else 'calls'}", "text"),
        (f"~{tokens:,} tok", "muted"),
        (cost, "muted"),
        _when(forecasts),
    ]
    return [(text.rjust(cells), ink) for (text, ink), cells in zip(figures, places, strict=True) if cells]


def _when(forecasts: Sequence[Forecast]) -> Word:
    """Return when the last of the calls goes; of those that have to wait for a place, how many go now."""
    wait = max(each.wait_s for each in forecasts)
    said = span(wait)
    limited = any(each.places is not None for each in forecasts)
    if limited and wait >= 0.5:
        said = f"≥ {said}"
    elif limited:
        now = sum(each.calls if each.places is None else each.places for each in forecasts)
        said = f"{now:,} now" if now else "queued"
    return said, "success" if wait < 0.5 and not limited else "warning"
