"""What a report of a fault needs to say of this Penstock and where it runs; there is no key in it."""

from __future__ import annotations

import platform
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, TypeAlias

from tui.core.quota.server_url import without_password
from tui.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tui.core.settings import Settings
    from tui.core.workspace import Workspace

Facts: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""A title, and below it what is so: names and values."""

_PACKAGES = ("textual", "httpx", "python-frontmatter", "sqlmodel", "watchfiles", "asyncpg", "genai-prices")
_TERMINAL = ("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "NO_COLOR")
_USER = ("LANG", "LC_ALL", "LC_CTYPE", "VISUAL", "EDITOR", "PAGER", "SHELL")
_NAMED = ("TMUX", "STY", "SSH_CONNECTION", "WSL_DISTRO_NAME")
"""Variables that are only said to be there: they name machines, or may hold a password."""


def about(workspace: Workspace, settings: Settings, environ: Mapping[str, str]) -> list[Facts]:
    """Return versions, places and what the environment says of the terminal; touches no file's content."""
    return [
        ("Versions", tuple(_versions())),
        ("Places", tuple(_places(workspace, settings))),
        ("Environment", tuple(_environment(environ))),
    ]


def as_text(facts: Iterable[Facts]) -> str:
    """Return the facts as plain lines, the values in a column."""
    found = list(facts)
    width = max((len(name) for _, pairs in found for name, _ in pairs), default=0)
    parts = [
        "\n".join([title, *(f"  {name:<{width}}  {value}".rstrip() for name, value in pairs)])
        for title, pairs in found
    ]
    return "\n\n".join(parts) + "\n"


def _versions() -> Iterable[tuple[str, str]]:
    yield "penstock", VERSION
    yield "python", f"{platform.python_implementation()} {platform.python_version()}"
    yield "system", platform.platform()
    yield "sqlite", sqlite3.sqlite_version
    for package in _PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, "not installed"


def _places(workspace: Workspace, settings: Settings) -> Iterable[tuple[str, str]]:
    yield "program", sys.prefix
    yield "prompts", _path(workspace.prompts)
    yield "settings", _path(workspace.settings)
    yield "database", _path(workspace.database)
    yield "quotas", f"{_path(workspace.state_dir)}, ledger {without_password(settings.ledger)}"
    yield "demo", "yes" if workspace.demo else "no"


def _path(path: Path) -> str:
    try:
        size = f" ({path.stat().st_size:,} bytes)" if path.is_file() else ""
        return f"{path}{size}" if path.exists() else f"{path} (not there)"
    except OSError as error:
        return f"{path} ({error.strerror})"


def _environment(environ: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for name in (*_TERMINAL, *_USER):
        if name in environ:
            yield name, environ[name] or '""'
    for name in sorted(environ):
        if name.startswith("TEXTUAL"):
            yield name, environ[name]
        elif name in _NAMED or name.startswith("PENSTOCK_"):
            yield name, "set"
