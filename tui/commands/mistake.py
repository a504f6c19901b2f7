"""What a user asked for cannot be: one sentence and exit code 2."""

from __future__ import annotations

from typing import ClassVar

import click


class Mistake(click.ClickException):
    """Like click's own usage errors, without the hint to the help, which would not help."""

    exit_code: ClassVar[int] = 2
