"""The `penstock` command: what it is called with, and nothing that is slow to import."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.cli_cases import bring_in, export, test
from tui.cli_endings import SentenceGroup
from tui.cli_experiments import ab, promote_version, split_traffic
from tui.cli_options import FILE as _FILE
from tui.cli_options import FOLDER as _FOLDER
from tui.cli_options import workspace_options as _workspace_options
from tui.version import VERSION

if TYPE_CHECKING:
    from tui.core.workspace import Options

F = TypeVar("F", bound=Callable[..., Any])


@click.group(
    cls=SentenceGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(VERSION, "-V", "--version", prog_name="penstock", message="%(prog)s %(version)s")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal, for its own selection.")
@_workspace_options
@click.pass_context
def main(context: click.Context, options: Options, no_mouse: bool) -> None:
    """A workbench for LLM prompts: live quota gauges, hot-reloaded markdown prompts, streamed answers.

    Without a command it opens the full-screen program.
    """
    if context.invoked_subcommand is None:
        from tui.commands.screen import show

        show(options, mouse=not no_mouse)


@main.command("ls")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_workspace_options
def list_prompts(options: Options, as_json: bool) -> None:
    """List the prompts and their versions."""
    from tui.commands.ls import show

    show(options, as_json=as_json)


@main.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--fix", is_flag=True, help="Mend what can be mended for sure: show the difference, and ask.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@_workspace_options
def check(options: Options, path: Path | None, as_json: bool, fix: bool, yes: bool) -> None:
    """Say what is wrong with the prompt files, or with the one at PATH; exit 1 when there are errors.

    --fix puts quotes around values that need them in YAML, and declares a variable that the cases or another
    version know. The body of a prompt stays as it is, byte for byte.
    """
    from tui.commands.check import show

    sys.exit(show(options, path, as_json=as_json, fix=fix, yes=yes))


EXIT_HELP = """
\b
Exit codes: 0 for an answer, 2 for a wrong call, 3 when a key or credit is
missing or was refused, 4 when a limit would have to be waited for longer, 5
for other trouble with the provider or the network, 6 for an answer that was
filtered or cut short, 130 after Ctrl+C, 141 when nobody reads on.
"""


def _answer_options(function: F) -> F:
    """Give a command the options of those that bring an answer."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON at the end."),
        click.option(
            "--max-wait",
            type=click.FloatRange(min=0),
            metavar="SECONDS",
            help="Give up, with exit code 4, rather than wait longer for the quota.",
        ),
        click.option("--model", "-m", help="The model; else the prompt's own, else the provider's default."),
        click.option(
            "--provider", "-p", help="The provider; else the prompt's own, else the first with a key."
        ),
    ):
        function = option(function)
    return function


@main.command(epilog=EXIT_HELP)
@click.argument("name")
@click.option("--version", "version", type=int, help="The version; else the active one.")
@_answer_options
@click.option(
    "--var",
    "-v",
    "variables",
    multiple=True,
    metavar="NAME=VALUE",
    help="A value; @FILE takes it from a file, @- from stdin, @@ begins a text with an @. May be repeated.",
)
@click.option(
    "--vars", "files", multiple=True, metavar="FILE", help="Values from a JSON or YAML map; - is stdin."
)
@click.option(
    "--case", metavar="NAME", help="The values of a case, from cases/NAME.yaml in the prompts folder."
)
@_workspace_options
def run(options: Options, **arguments: Any) -> None:
    """Run the prompt NAME; the answer goes to stdout as it streams, everything else to stderr."""
    from tui.commands.run import run_prompt

    sys.exit(run_prompt(options, **arguments))


@main.command(epilog=EXIT_HELP)
@click.argument("text", required=False)
@_answer_options
@click.option("--system", default="", metavar="TEXT", help="What the model is told beforehand.")
@_workspace_options
def ask(options: Options, **arguments: Any) -> None:
    """Ask TEXT, or what stdin says; the answer goes to stdout as it streams, everything else to stderr.

    It counts against the same quota and is recorded like a run, without a prompt's name.
    """
    from tui.commands.ask import ask as ask_it

    sys.exit(ask_it(options, **arguments))


@main.command()
@click.argument("query", nargs=-1, metavar="[FILTER]...")
@click.option("--search", default="", metavar="WORDS", help="Only runs with these words in their texts.")
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, help="Print no more than this."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line.")
@click.option("--export", type=_FILE, help="Write all of them to a new file: .jsonl, .csv or .md.")
@_workspace_options
def runs(
    options: Options, query: tuple[str, ...], search: str, limit: int, as_json: bool, export: Path | None
) -> None:
    """List earlier runs, the newest first.

    FILTER is a word, or one of prompt:NAME version:N provider:NAME model:NAME
    outcome:good|bad|excluded|unrated
    status:done|failed|cancelled|interrupted|running|filtered
    since:WHEN until:WHEN, where WHEN is a day (2026-11-20, today, yesterday),
    a time (2026-11-20T14:30), or 7d, 12h, 30m ago.
    """
    from tui.commands.runs import show

    show(options, query, search, limit=limit, as_json=as_json, export=export)


@main.command()
@click.argument("provider")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_workspace_options
def models(options: Options, provider: str, as_json: bool) -> None:
    """List the models that PROVIDER offers, with its default and the ends that are announced."""
    from tui.commands.models import show

    sys.exit(show(options, provider, as_json=as_json))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--add", "name", metavar="NAME", help="Put a server that answers on this machine into the settings."
)
@_workspace_options
def providers(options: Options, as_json: bool, name: str | None) -> None:
    """Show each provider: its key (found or not), endpoint, model, limits, holds and last error."""
    from tui.commands.providers import add, show

    if name:
        add(options, name)
    else:
        show(options, as_json=as_json)


@main.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default="a free one")
def simulator(port: int) -> None:
    """Serve simulated providers on this machine, for any client to be tried on."""
    from tui.commands.simulator import serve

    serve(port)


@main.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON; with --watch, an object a line.")
@click.option("--watch", is_flag=True, help="Go on, printing each line again when it changes.")
@_workspace_options
@click.pass_context
def quota(context: click.Context, options: Options, as_json: bool, watch: bool) -> None:
    """Show what is left at each provider, for all programs of yours that share its key."""
    if context.invoked_subcommand is None:
        from tui.commands.quota import show

        show(options, as_json=as_json, watch=watch)


@quota.command("hold")
@click.argument("provider")
@click.option("--for", "seconds", type=float, default=3600.0, show_default=True, metavar="SECONDS")
@click.option("--reason", default="held by hand", help="What is shown meanwhile.")
@_workspace_options
def quota_hold(options: Options, provider: str, seconds: float, reason: str) -> None:
    """Let none of your programs call PROVIDER for a while."""
    from tui.commands.quota import hold

    hold(options, provider, seconds, reason)


@quota.command("resume")
@click.argument("provider")
@_workspace_options
def quota_resume(options: Options, provider: str) -> None:
    """Let your programs call PROVIDER again."""
    from tui.commands.quota import resume

    resume(options, provider)


@main.command()
@click.option(
    "--days", type=click.IntRange(1, 3660), default=7, show_default=True, help="Today and the days before."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_workspace_options
def costs(options: Options, days: int, as_json: bool) -> None:
    """Show what calls with the prompts of this folder have cost, by day and provider.

    N/A counts calls whose price is unknown, which is not 0: state it in the settings.
    """
    from tui.commands.costs import show

    show(options, days=days, as_json=as_json)


@main.command()
@click.argument("folder", type=_FOLDER)
@_workspace_options
def init(options: Options, folder: Path) -> None:
    """Copy the starter prompts into FOLDER; a file that is there already is left alone."""
    from tui.commands.init import copy

    copy(folder)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that lets SHELL complete commands and options.

    For bash, put it into ~/.bashrc: eval "$(penstock completion bash)"
    """
    from tui.commands.completion import print_script

    print_script(main, shell)


@main.command()
@_workspace_options
def about(options: Options) -> None:
    """Print what a report of a fault needs to say: versions, places, the terminal; no key."""
    from tui.commands.about import show

    show(options)


@main.group()
def config() -> None:
    """Show the settings, and where things are kept."""


@config.command("path")
@click.argument("what", default="settings", type=click.Choice(["settings", "database", "prompts"]))
@_workspace_options
def config_path(options: Options, what: str) -> None:
    """Print the path of the settings, the database or the prompts."""
    from tui.commands.config import print_path

    print_path(options, what)


@config.command("keys")
@_workspace_options
def config_keys(options: Options) -> None:
    """Print the keys of every action, as a settings file would say them."""
    from tui.commands.config import print_keys

    print_keys(options)


@config.command("show")
@_workspace_options
def config_show(options: Options) -> None:
    """Print the settings in force, as a settings file would say them."""
    from tui.commands.config import print_settings

    print_settings(options)


for _command in (ab, promote_version, split_traffic, test, export, bring_in):
    main.add_command(_command)
