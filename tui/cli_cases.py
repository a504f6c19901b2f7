"""The commands of `penstock` about cases and other programs' prompts; nothing in here is slow to import."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tui.cli_endings import no_verdict
from tui.cli_options import FILE, FOLDER, workspace_options

if TYPE_CHECKING:
    from tui.core.workspace import Options

TEST_HELP = """
\b
Exit codes: 0 when all passed, 1 for failures, 2 for a wrong call, 3 when a
key is missing, 5 when some could not be tested (trouble with a provider, or
the cost allowed is spent), 130 after Ctrl+C. With --baseline, failures that
are there in REV too do not count.
"""


@click.command("test", epilog=TEST_HELP)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--version",
    "versions",
    multiple=True,
    metavar="VERSION",
    help="2, all, 2@HEAD, or 2@ and how a revision's hash begins; else what is served. May be repeated.",
)
@click.option(
    "--provider",
    "-p",
    "providers",
    multiple=True,
    help="The provider, or all; else the prompt's own, else the first with a key. May be repeated.",
)
@click.option("--model", "-m", help="The model; else the prompt's own, else the provider's default.")
@click.option(
    "--repeat", type=click.IntRange(1, 1000), default=1, show_default=True, help="Ask each so often."
)
@click.option("--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS", help="Send nothing beyond that.")
@click.option(
    "--max-wait",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Send nothing where a call would wait longer for its quota.",
)
@click.option("--reuse", is_flag=True, help="Take answers that earlier tests got to the same request.")
@click.option("--fresh", is_flag=True, help="Begin anew, even if the same test was left unfinished.")
@click.option(
    "--baseline", default="", metavar="REV", help="Test that revision of git too, and tell what is worse now."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--junit", type=FILE, metavar="FILE", help="Write JUnit's XML too.")
@click.option("--markdown", type=FILE, metavar="FILE", help="Write Markdown too.")
@workspace_options
def test(options: Options, **arguments: Any) -> None:
    """Test the prompts NAME, or all that have cases: send every case, and make its checks.

    Progress goes to stderr, the result to stdout. A test that was stopped, or whose machine died, is gone on
    with by the same command: what was answered is not paid for twice.
    """
    from tui.commands.testing import run_tests

    with no_verdict():
        sys.exit(run_tests(options, **arguments))


FORMATS = ("promptfoo", "llm", "dotprompt", "langfuse-json", "markdown")


@click.command()
@click.argument("format", type=click.Choice(FORMATS))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--version", "version", type=int, help="Only this version; else all of them.")
@click.option("--to", "folder", type=FOLDER, required=True, help="The folder to write new files into.")
@workspace_options
def export(options: Options, **arguments: Any) -> None:
    """Write the prompts NAME, or all, with their cases in the format of another program.

    What that format has no place for is listed on stderr. A file that is there already is not written over.
    """
    from tui.commands.exporting import export as write

    write(options, **arguments)


@click.command("import")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH..."
)
@click.option("--to", "folder", type=FOLDER, help="Write there; else into the prompts folder.")
@workspace_options
def bring_in(options: Options, paths: tuple[Path, ...], folder: Path | None) -> None:
    """Make prompts, cases and checks of other programs' files.

    PATH is a .prompt (dotprompt, litellm), a .prompty, a promptfooconfig.yaml, a
    .prompt.md, a command, a SKILL.md, a system.md of fabric, a CSV with the
    columns act and prompt, or a folder of such files. What has no meaning here
    is listed on stderr. A file that is there already is not written over.
    """
    from tui.commands.importing import bring_in as write

    write(options, paths, folder)
