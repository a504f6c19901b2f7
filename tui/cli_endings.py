"""How the `penstock` command ends: with one sentence on stderr and a code for scripts, or without a word."""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import click

from tui.core.text import printable
from tui.nowhere import let_go

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_FAULT = 70
"""There is no verdict, by a fault of the program or its surroundings (EX_SOFTWARE of sysexits.h)."""
EXIT_PIPE = 141
"""Nobody reads on: as a shell says of a program that SIGPIPE has ended (128 + 13)."""


class Fault(click.ClickException):
    """There is no verdict, though nobody called it wrongly; the message says why."""

    exit_code: ClassVar[int] = EXIT_FAULT


class SentenceGroup(click.Group):
    """Bad usage ends with one sentence and exit code 2, without the usage text."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and exit with the code that the outcome asks for."""
        kwargs["standalone_mode"] = False
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # a letter it lacks must not cost the answer
        try:
            code = super().main(*args, **kwargs)
        except click.exceptions.Exit as error:
            code = error.exit_code
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message())
            code = 0
        except click.UsageError as error:
            hint = f" Try `{error.ctx.command_path} --help`." if error.ctx else ""
            fail(_sentence(error.format_message()) + hint, EXIT_USAGE)
        except click.ClickException as error:
            fail(error.format_message(), error.exit_code)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out a command; when its reader has had enough it ends without a word."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            let_go(sys.stdout)
            ctx.exit(EXIT_PIPE)


@contextlib.contextmanager
def no_verdict() -> Iterator[None]:
    """Where code 1 says that something was tested and failed, nothing else ends with it."""
    try:
        yield
    except click.ClickException as error:
        if error.exit_code == EXIT_FAILED:
            raise Fault(error.format_message()) from error
        raise
    except (click.exceptions.Exit, click.Abort, BrokenPipeError):
        raise
    except Exception:  # noqa: BLE001 - any other would end the process with code 1
        traceback.print_exc()
        sys.exit(EXIT_FAULT)


def fail(message: str, code: int) -> NoReturn:
    """End the process with a sentence on stderr."""
    click.echo(f"penstock: {printable(_sentence(message))}", err=True)
    sys.exit(code)


def _sentence(message: str) -> str:
    line = " ".join(part.strip() for part in message.splitlines())
    return line if line.endswith((".", "?")) else f"{line}."
