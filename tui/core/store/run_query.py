"""The line that says which runs are wanted: filters and words, as a person types them.

`prompt:noir version:2 outcome:bad since:7d mara "just these words"`: a filter is a name, a colon and a value,
which stands in quotes where it has spaces; everything else is looked for in the texts (see search_terms).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, get_args

from tui.core.store.days import aware, day_start
from tui.core.store.runs import Outcome, Status
from tui.core.store.search import RunFilter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

FILTERS: Mapping[str, str] = {
    "prompt": "a name",
    "version": "a number, such as 2 or v2",
    "provider": "a name",
    "model": "a name",
    "outcome": "good, bad, excluded or unrated",
    "status": "done, failed, cancelled, interrupted, running or filtered",
    "since": "a day (2026-11-20, today, yesterday), a time (2026-11-20T14:30), or 7d, 12h, 30m ago",
    "until": "a day, which is included, or a time, as since does",
}
"""The filters, with what each takes."""

OUTCOMES: Mapping[str, str] = {"good": "success", "bad": "failure"} | {
    name: name for name in (*get_args(Outcome), "unrated")
}
STATUSES: tuple[str, ...] = (*get_args(Status), "filtered")

_TERM = re.compile(
    r"""(?P<key>[A-Za-z]+):(?!//)      # an address of the web is words
        (?P<value>"(?:[^"]|"")*"?|\S*)
    |   "[^"]*"? | \S+""",
    re.VERBOSE,
)
_AGO = re.compile(r"(\d{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class QueryError(ValueError):
    """What was typed is no filter; the message is a sentence that says how it should be."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is, and where: days begin at midnight in `zone`, that of the machine for None."""

    now: datetime
    zone: tzinfo | None = None

    def at(self, naive: datetime) -> datetime:
        """Return a time of the local calendar as an aware one."""
        return aware(naive, self.zone)

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.zone).date()


def parse_query(text: str, clock: Clock) -> RunFilter:
    """Return what is wanted. Raises QueryError for an unknown filter, a wrong value, or one given twice."""
    given: dict[str, Any] = {}
    words: list[str] = []
    for term in _TERM.finditer(text):
        key, value = term["key"], term["value"]
        if key is None:
            words.append(term[0])
            continue
        name = _known(key)
        if name in given:
            raise QueryError(f"{name}: is given twice; a run has only one.")
        given[name] = _read(name, _unquoted(value), clock)
    if "prompt" in given:
        given["name"] = given.pop("prompt")
    found = replace(RunFilter(" ".join(words)), **given)
    if found.since is not None and found.until is not None and found.since >= found.until:
        raise QueryError("No run can be both since and until these times: the second is the earlier one.")
    return found


def filter_term(key: str, value: str) -> str:
    """Return the filter that parse_query reads as `key` being `value`, in quotes where it needs them."""
    plain = value and not value.startswith(('"', "//")) and not re.search(r"\s", value)
    return f"{key}:{value}" if plain else '{}:"{}"'.format(key, value.replace('"', '""'))


def complete_query(text: str, values: Mapping[str, tuple[str, ...]]) -> str:
    """Return `text` with its last term completed, or itself; `values` are those known of a filter.

    What is returned begins with `text`.
    """
    start = 1 + max(text.rfind(" "), text.rfind("\t"))
    last = text[start:]
    key, colon, begun = last.partition(":")
    if not last or text[:start].count('"') % 2:
        return text
    if not colon:
        return text[:start] + next((f"{name}:" for name in FILTERS if name.startswith(last)), last)
    offered = (filter_term(key, value) for value in (*values.get(key, ()), *_OFFERED.get(key, ())))
    return text[:start] + next((term for term in offered if begun and term.startswith(last)), last)


_OFFERED: Mapping[str, tuple[str, ...]] = {
    "outcome": ("good", "bad", "excluded", "unrated"),
    "status": STATUSES,
    "since": ("today", "yesterday"),
    "until": ("today", "yesterday"),
}


def _known(key: str) -> str:
    name = key.lower()
    if name in FILTERS:
        return name
    close = get_close_matches(name, FILTERS, 1, 0.6)
    hint = f"did you mean {close[0]}:?" if close else f"There is {', '.join(FILTERS)}."
    raise QueryError(f"There is no filter {key}: {hint} In quotes it is text.")


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    closed = len(value) > 1 and value.endswith('"')
    return value[1 : -1 if closed else None].replace('""', '"')


def _read(name: str, value: str, clock: Clock) -> object:
    try:
        found = _READERS[name](value, clock) if value else None
        if isinstance(found, datetime):
            found = found.astimezone(UTC)  # at the ends of the calendar there is no such time
    except (ValueError, OverflowError):
        found = None
    if found is None:
        told = f" cannot be {value!r}; it" if value else ""
        raise QueryError(f"{name}:{told} takes {FILTERS[name]}.")
    return found


def _version(value: str, _: Clock) -> int | None:
    number = re.fullmatch(r"v?(\d{1,9})", value, re.IGNORECASE | re.ASCII)
    return int(number[1]) if number else None


def _moment(value: str, clock: Clock) -> datetime | date:
    """Return a day as a date, everything else as a time."""
    days = {"today": 0, "yesterday": 1}
    if value.lower() in days:
        return clock.today - timedelta(days=days[value.lower()])
    if ago := _AGO.fullmatch(value.lower()):
        return clock.now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    if len(value) <= len("2026-11-20"):
        return date.fromisoformat(value)
    time = datetime.fromisoformat(value)
    return clock.at(time) if time.tzinfo is None else time


def _since(value: str, clock: Clock) -> datetime:
    moment = _moment(value, clock)
    return moment if isinstance(moment, datetime) else day_start(moment, clock.zone)


def _until(value: str, clock: Clock) -> datetime:
    moment = _moment(value, clock)
    return moment if isinstance(moment, datetime) else day_start(moment + timedelta(days=1), clock.zone)


_READERS: Mapping[str, Callable[[str, Clock], object]] = {
    "prompt": lambda value, _: value,
    "version": _version,
    "provider": lambda value, _: value,
    "model": lambda value, _: value,
    "outcome": lambda value, _: OUTCOMES.get(value.lower()),
    "status": lambda value, _: value.lower() if value.lower() in STATUSES else None,
    "since": _since,
    "until": _until,
}
