"""Handing the terminal to a program of the user's choice (editor, pager) and taking it back."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from textual.app import App, SuspendNotSupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class NoProgram(Exception):
    """There is no such program, or its variable is no command; the message is a sentence."""


def chosen(
    kind: str, variables: Sequence[str], usual: Sequence[str], environ: Mapping[str, str]
) -> list[str]:
    """Return the command in the first of `variables` that is set, else the first of `usual` that is there.

    `kind` names the program in messages. Raises NoProgram.
    """
    for variable in variables:
        if named := environ.get(variable, "").strip():
            try:
                return shlex.split(named)
            except ValueError as error:
                raise NoProgram(f"${variable} cannot be read as a command ({error}).") from error
    for name in usual:
        if shutil.which(name, path=environ.get("PATH")):
            return [name]
    raise NoProgram(f"No {kind} was found: set ${variables[-1]} to the command of yours.")


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Leave ctrl+c to the program that has the terminal; the kernel sends it to both."""
    # A handler, not SIG_IGN, which the program would inherit.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def hand_over(
    app: App[object], command: Sequence[str], text: str | None = None, *, set_by: str
) -> str | None:
    """Run `command` on the terminal, with `text` on its input if given, and wait until it ends.

    `set_by` says what chooses the command. Returns None, or one sentence on what went wrong. Only the screen
    waits: the engine has its own thread.
    """
    source = None if text is None else text.encode("utf-8", "replace")
    name = command[0]
    try:
        with app.suspend(), _interrupts_ignored():
            # Not awaited on purpose: timers that go on while the terminal is away have been seen to deadlock.
            try:
                code = subprocess.run(command, input=source, check=False).returncode
            except OSError as error:  # here: suspend gives the screen back only where nothing is raised
                return f"{name} could not be started ({error.strerror}): set {set_by} to another command."
    except SuspendNotSupported:
        return f"This terminal cannot be handed to {name}; use another window."
    return None if code == 0 else f"{name} ended with exit code {code}."
