"""The settings that concern no single provider: pure, from what is in force and where that is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

from tui.action_table import ACTIONS, PLACES, default_keys
from tui.actions import key_label
from tui.core.providers.base import DEFAULT_TIMEOUTS
from tui.core.quota.server_url import is_server_url, without_password
from tui.core.settings import NoticeKind
from tui.widgets.settings.setting import Group, Setting
from tui.widgets.title_bar import home_relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tui.action_table import Action
    from tui.core.settings import Settings
    from tui.core.workspace import Workspace
    from tui.widgets.settings.setting import Sources

CLOCKS = {
    "connect": ("connect_s", "Seconds until a connection must stand."),
    "bytes": ("read_s", "Seconds between any two bytes of an answer."),
    "content": (
        "content_s",
        "Seconds between two pieces of text or reasoning; some models think for long.",
    ),
    "total": ("total_s", "Seconds for all of an answer."),
}
"""The four timeouts, by their names in the settings: the names in the program, and what they bound."""
RETRIES = "How often a call that failed is made again at most."


def general(settings: Settings, sources: Sources, themes: Iterable[str]) -> Group:
    """Return what holds for all of Penstock."""
    found = (*_looks(settings, themes), *_calls(settings), *_timeouts(settings))
    return Group("General", sources.traced(found), open=True)


def _looks(settings: Settings, themes: Iterable[str]) -> Iterator[Setting]:
    about = "The colours; any theme of Textual is there too."
    offered = tuple(sorted(themes))
    yield Setting(("theme",), "theme", settings.theme, about, "choice", settings.theme, offered, at_once=True)
    about = "Whether the editor pane begins in a mode that moves like vim."
    yield Setting(("vim",), "vim", yes(settings.vim), about, "switch", at_once=True)
    about = "When the last run ends while you are in another window: the bell; desktop: a notice as well."
    how = settings.notice
    yield Setting(("notice",), "notice", how, about, "choice", how, get_args(NoticeKind), at_once=True)


def _calls(settings: Settings) -> Iterator[Setting]:
    provider, names = settings.provider or "", ("", *settings.providers)
    about = "Where runs go first."
    yield Setting(
        ("provider",), "first provider", provider or "as it was left", about, "choice", provider, names
    )
    about = "Whether to look for Ollama and the like on the usual ports of this machine."
    yield Setting(("discover",), "look for servers", yes(settings.discover), about, "switch")
    about = "shared: with all programs on this machine; memory: with none; or the URL of a server."
    ledger = Setting(("ledger",), "quota ledger", without_password(settings.ledger), about, "fixed")
    ours = settings.ledger, ("shared", "memory")
    yield (
        ledger
        if is_server_url(settings.ledger)
        else replace(ledger, kind="choice", typed=ours[0], choices=ours[1])
    )
    about = "Among how many a server's quota is divided while it was never reached."
    count = settings.ledger_processes
    yield Setting(("ledger_processes",), "processes assumed", f"{count:,}", about, "figure", str(count))
    own = "" if settings.retries is None else str(settings.retries)
    yield Setting(("retries",), "retries", own or "2, or the preset's", RETRIES, "figure", own, at_once=True)


def _timeouts(settings: Settings) -> Iterator[Setting]:
    for name, (field, about) in CLOCKS.items():
        own = getattr(settings.timeouts, name)
        seconds = own if own is not None else getattr(DEFAULT_TIMEOUTS, field)
        typed = "" if own is None else f"{own:g}"
        keys = ("timeouts", name)
        yield Setting(keys, f"timeout, {name}", f"{seconds:g} s", about, "figure", typed, at_once=True)


def prices(settings: Settings, sources: Sources) -> Group | None:
    """Return the prices that the user states; None if there are none."""
    found = []
    for name, price in settings.prices.items():
        cached = f", {price.cached_input} cached" if price.cached_input is not None else ""
        value = f"${price.input} in{cached}, ${price.output} out"
        about = "USD per million tokens; it wins over published prices."
        found.append(Setting(("prices", name), name, value, about, "fixed", at_once=True))
    return Group("Prices", sources.traced(found), "USD per million tokens") if found else None


def places(workspace: Workspace, settings: Settings, sources: Sources) -> Group:
    """Return where things are."""

    def at(label: str, path: Path, about: str) -> Setting:
        return Setting((), label, home_relative(path), about, "fixed")

    prompts = Setting(
        ("prompts",),
        "prompts",
        home_relative(workspace.prompts),
        "The folder that opens when --prompts and PENSTOCK_PROMPTS name none.",
        "text",
        "" if settings.prompts is None else str(settings.prompts),
    )
    database = "Every revision, run and draft of this prompts folder: plain tables for sqlite3."
    return Group(
        "Paths",
        (
            *sources.traced([prompts]),
            at("settings", workspace.settings, "This file; PENSTOCK_SETTINGS or --settings names another."),
            at("database", workspace.database, database),
            at("data folder", workspace.data_dir, "PENSTOCK_DATA_DIR or --data-dir names another."),
            at("state folder", workspace.state_dir, "The quotas that all Penstocks on this machine share."),
        ),
        open=True,
    )


def keys(settings: Settings, sources: Sources) -> Sequence[Group]:
    """Return the keys of all actions, by the place where they count."""
    groups = []
    for place, heading in PLACES.items():
        found = sources.traced(_key(action, settings.keys) for action in ACTIONS if action.place == place)
        changed = sum(one.origin.line is not None or bool(one.origin.variable) for one in found)
        gist = ("1 action" if len(found) == 1 else f"{len(found)} actions") + (
            f", {changed} with keys of yours" if changed else ""
        )
        short = heading.partition(":")[0].partition(" (")[0]
        groups.append(Group(f"Keys {short[:1].lower()}{short[1:]}", found, gist))
    return groups


def _key(action: Action, own: Mapping[str, tuple[str, ...]]) -> Setting:
    names = own.get(action.id) or default_keys(action)
    shown = " ".join(key_label(key) for key in names) or "only in the palette"
    about = f"{action.title}. {action.help}".removesuffix(". ")
    return Setting(("keys", action.id), action.id, shown, about, "keys", " ".join(names), at_once=True)


def yes(value: bool) -> str:
    """Return a switch's value in a word."""
    return "yes" if value else "no"
